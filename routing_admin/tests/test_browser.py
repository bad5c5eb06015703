"""The pages in a browser: nothing from another host, nothing refused, no error of a script."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, sync_playwright

from conftest import CHROMIUM_NAMES
from routing_admin.navigation import GROUPS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATHS = ["admin:index", *(entry[2] for group in GROUPS.values() for entry in group)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread; Django would refuse its queries here.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    binary = next(path for name in CHROMIUM_NAMES if (path := shutil.which(name)))
    # Chromium's sandbox refuses root, as which continuous runs work in their container.
    arguments = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=arguments)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


class Visit:
    """A signed-in page at one width, and what went wrong on it."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.faults: list[str] = []
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("console", self._on_console)
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    def _on_console(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text}")

    def _on_request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.faults.append(f"another host: {request.url}")

    def _on_response(self, response: Any) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def sign_in(self, name: str, password: str) -> None:
        self.page.goto(f"{self.base}{reverse('admin:login')}")
        self.page.fill("[name=username]", name)
        self.page.fill("[name=password]", password)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(f"{self.base}{reverse('admin:index')}")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")
        self.page.wait_for_load_state("networkidle")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_page_of_the_side_bar_works_alone(
    live_server: Any, browser: Browser, django_user_model: Any, width: int, scheme: Any
) -> None:
    django_user_model.objects.create_superuser("ops", password="right-password")
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    visit = Visit(page, live_server.url)

    visit.sign_in("ops", "right-password")
    for name in PATHS:
        visit.open(reverse(name))
        assert page.title() != ""
    page.close()

    assert visit.faults == []


def test_one_signs_in_and_out_by_keyboard_alone(
    live_server: Any, browser: Browser, django_user_model: Any
) -> None:
    django_user_model.objects.create_superuser("ops", password="right-password")
    page = browser.new_page()

    page.goto(f"{live_server.url}{reverse('admin:login')}")
    page.focus("[name=username]")
    page.keyboard.type("ops")
    page.keyboard.press("Tab")
    page.keyboard.type("right-password")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}{reverse('admin:index')}")

    assert "Routing desk" in page.title()
    page.close()
