from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import reverse

from routing_admin.navigation import GROUPS, navigation


@pytest.mark.parametrize("entry", [entry for group in GROUPS.values() for entry in group])
def test_every_entry_of_the_side_bar_leads_to_a_page(entry: tuple[str, str, str, str]) -> None:
    assert reverse(entry[2]).startswith("/")


@pytest.mark.django_db
def test_a_person_sees_what_the_person_may_see(django_user_model: Any) -> None:
    request = RequestFactory().get("/")

    request.user = django_user_model.objects.create_superuser("admin")
    everything = [item["title"] for group in navigation(request) for item in group["items"]]
    request.user = django_user_model.objects.create_user("nobody")
    little = [item["title"] for group in navigation(request) for item in group["items"]]

    assert len(everything) == sum(len(group) for group in GROUPS.values())
    assert little == ["API documentation"]
