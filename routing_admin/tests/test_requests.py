"""What every request passes: proxies, ids, logs, content policy, error answers, metrics."""

import ipaddress
import logging
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from structlog.testing import capture_logs

from routing_admin import errors, logs
from routing_admin.middleware import ProxyMiddleware, RequestMiddleware


def passed(headers: dict[str, str], trusted: str, remote: str = "10.0.0.5") -> HttpRequest:
    """The request as a view behind ProxyMiddleware sees it."""
    seen: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    networks = [ipaddress.ip_network(word) for word in trusted.split(",") if word]
    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)
    with override_settings(TRUSTED_PROXIES=networks):
        ProxyMiddleware(view)(request)
    return seen[0]


def test_a_trusted_proxy_names_the_caller_and_the_scheme() -> None:
    request = passed({"X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "https"}, "10.0.0.0/8")

    assert request.META["REMOTE_ADDR"] == "8.8.8.8"
    assert request.is_secure()


def test_what_the_caller_itself_wrote_before_the_proxies_is_not_believed() -> None:
    request = passed({"X-Forwarded-For": "1.1.1.1, 8.8.8.8, 10.0.0.9"}, "10.0.0.0/8")

    assert request.META["REMOTE_ADDR"] == "8.8.8.8"


def test_a_stranger_is_not_believed_at_all() -> None:
    request = passed({"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}, "10.9.0.0/16")

    assert request.META["REMOTE_ADDR"] == "10.0.0.5"
    assert not request.is_secure()


def test_an_unreadable_address_leaves_the_last_known_one() -> None:
    request = passed({"X-Forwarded-For": "8.8.8.8, unknown, 10.0.0.9"}, "10.0.0.0/8")

    assert request.META["REMOTE_ADDR"] == "10.0.0.9"


def test_an_ipv4_address_in_ipv6_clothes_is_the_ipv4_one() -> None:
    request = passed({"X-Forwarded-For": "8.8.8.8"}, "10.0.0.0/8", remote="::ffff:10.0.0.5")

    assert request.META["REMOTE_ADDR"] == "8.8.8.8"


@pytest.mark.parametrize("given", ["abc-123.X_y:z", "0" * 128])
def test_a_sane_request_id_is_kept(client: Client, given: str) -> None:
    response = client.get("/nowhere-at-all.txt", headers={"X-Request-ID": given})

    assert response["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "0" * 129, "a b", 'x"}', "a@example.com"])
def test_another_request_id_is_replaced(given: str) -> None:
    request = RequestFactory().get("/", headers={"X-Request-ID": given})

    response = RequestMiddleware(lambda _: HttpResponse())(request)

    assert response["X-Request-ID"] != given
    assert response["X-Request-ID"] == request.id  # type: ignore[attr-defined]
    assert len(response["X-Request-ID"]) == 32


def test_the_log_of_a_request_holds_its_route_and_neither_path_nor_query() -> None:
    request = RequestFactory().get("/people/ana@example.com/?phone=123")
    with capture_logs() as lines:
        RequestMiddleware(lambda _: HttpResponse(status=204))(request)

    assert lines[0]["status"] == 204
    assert "ana" not in str(lines)
    assert "123" not in str(lines[0].get("route"))


def test_addresses_of_people_are_masked_in_the_log() -> None:
    try:
        raise ValueError("Key (email)=(ana.ruiz@example.com) already exists")
    except ValueError as fault:
        record = logging.getLogger("x").makeRecord(
            "x", 40, __file__, 1, "to %s", ("Ben <ben@example.org>",), (type(fault), fault, None)
        )
    line = formatted(record)

    assert "ana.ruiz" not in line
    assert "ben@" not in line
    assert "already exists" in line


def formatted(record: logging.LogRecord) -> str:
    config: dict[str, Any] = logs.logging_config("INFO", "json")["formatters"]["line"]
    return str(config.pop("()")(**config).format(record))


@pytest.mark.django_db
def test_pages_of_the_admin_may_evaluate_but_run_no_script_of_others(client: Client) -> None:
    policy = client.get("/login/")["Content-Security-Policy"]

    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["script-src"] == "'self' 'unsafe-eval'"
    assert directives["default-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"


def test_the_api_may_evaluate_nothing(client: Client) -> None:
    policy = client.get("/api/v1/no-such-thing/")["Content-Security-Policy"]

    assert "unsafe" not in policy


def test_an_unknown_address_of_the_api_is_answered_with_a_problem_document(client: Client) -> None:
    response = client.get("/api/none", headers={"X-Request-ID": "mine"})

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "request_id": "mine",
        "errors": [],
    }


@pytest.mark.parametrize(
    ("path", "kind"), [("/api/v1/x", "application/problem+json"), ("/x", "text/html")]
)
def test_every_fault_has_an_answer_of_the_right_kind(path: str, kind: str) -> None:
    request = RequestFactory().get(path)

    answers = [
        errors.bad_request(request, Exception()),
        errors.bad_request(request, RequestDataTooBig()),
        errors.permission_denied(request, Exception()),
        errors.csrf_failure(request),
        errors.not_found(request, Exception()),
        errors.locked_out(request, {}),
        errors.server_error(request),
    ]

    assert [answer.status_code for answer in answers] == [400, 413, 403, 403, 404, 429, 500]
    assert all(answer["Content-Type"].startswith(kind) for answer in answers)


def test_a_wrong_host_is_a_bad_request_and_no_error_of_ours(client: Client) -> None:
    response = client.get("/api/v1/none", headers={"Host": "evil.example"})

    assert response.status_code in (400, 404)


def test_figures_are_shown_on_this_machine(client: Client) -> None:
    response = client.get("/metrics")

    assert response.status_code == 200
    assert b"django_http_requests" in response.content


@override_settings(BASE_URL="https://desk.example.com")
def test_figures_of_a_public_site_need_the_token(client: Client) -> None:
    assert client.get("/metrics").status_code == 404

    with override_settings(METRICS_TOKEN="open"):
        wrong = client.get("/metrics", headers={"Authorization": "Bearer shut"})
        right = client.get("/metrics", headers={"Authorization": "Bearer open"})

    assert (wrong.status_code, right.status_code) == (404, 200)


@pytest.mark.django_db
def test_ten_wrong_passwords_lock_the_name_from_this_address(
    client: Client, django_user_model: Any
) -> None:
    django_user_model.objects.create_superuser("ops", password="right-password")

    def sign_in(password: str, address: str = "10.1.1.1") -> int:
        form = {"username": "ops", "password": password}
        return client.post("/login/", form, REMOTE_ADDR=address).status_code

    statuses = [sign_in("wrong") for _ in range(10)]

    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert sign_in("right-password") == 429
    assert sign_in("right-password", address="10.1.1.2") == 302
