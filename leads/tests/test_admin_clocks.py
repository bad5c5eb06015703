"""The page of what is due now."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from leads.services import intake
from leads.tests.company import TESTER, configure

pytestmark = pytest.mark.django_db
URL = "/leads/slaclock/"


@pytest.fixture
def waiting():
    configure()
    now = timezone.now()
    for number, before in enumerate((timedelta(days=2), timedelta())):
        body = {"email": f"p{number}@firm{number}.example", "country": "DE"}
        intake.receive_lead(body=body, actor=TESTER, now=now - before)


def test_what_waits_is_listed_with_the_late_ones_first(admin_client: Client, waiting):
    page = admin_client.get(URL).content.decode()
    assert page.index("p0@firm0.example") < page.index("p1@firm1.example")
    assert "late by 24 h" in page


def test_the_list_costs_the_same_for_any_number_of_rows(
    admin_client: Client, waiting, django_assert_max_num_queries
):
    bodies = [{"email": f"q{n}@firm{n}.example", "country": "DE"} for n in range(20)]
    intake.receive_leads(bodies=bodies, actor=TESTER, now=timezone.now())
    with django_assert_max_num_queries(14):
        assert admin_client.get(URL).status_code == 200


def test_nothing_due_says_so(admin_client: Client):
    configure()
    assert "Nothing is due" in admin_client.get(URL).content.decode()


def test_who_may_not_see_it_is_turned_away(client: Client, django_user_model):
    client.force_login(
        django_user_model.objects.create_user("eve", is_staff=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert client.get(URL).status_code == 403
