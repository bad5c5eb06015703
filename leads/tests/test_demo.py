"""The demo: a company that is whole, doors that open on this machine only."""

from datetime import UTC, datetime
from random import Random

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from leads.demo import access, company
from leads.models import ApiKey
from leads.tests.company import configure
from territories import document
from territories.places import country_code

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def made(seed):
    return company.document(Random(seed), NOW)  # noqa: S311 - a story, no secret


def test_the_company_has_the_promised_size_and_all_five_models():
    whole = made(7)
    assert (len(whole["reps"]), len(whole["teams"]), len(whole["accounts"])) == (30, 6, 300)
    assert all(rep["calendar"] for rep in whole["reps"])
    ways = {next(iter(rule["route_to"])) for rule in whole["rules"]}
    assert {"account_owner", "territory", "pool", "skills", "rep"} <= ways


def test_one_seed_makes_one_company_and_another_seed_another():
    assert made(7) == made(7)
    assert made(7) != made(8)


def test_territories_stand_on_real_countries():
    for territory in made(7)["territories"]:
        for boundary in territory["boundaries"]:
            assert country_code(boundary["country"]) == boundary["country"]


@pytest.mark.django_db
def test_the_document_is_valid_and_applies_again_without_a_change():
    whole = made(7)
    configure(whole)
    assert document.plan(whole).changes == []


@pytest.mark.django_db
def test_no_well_known_password_is_made_for_the_world(capsys, settings):
    settings.IS_LOCAL = settings.DEBUG = False
    call_command("demo", "--leads", "0", "--days", "1")
    assert "no sign-in and no key were made" in capsys.readouterr().out
    assert not get_user_model().objects.exists()
    assert not ApiKey.objects.exists()


@pytest.mark.django_db
def test_doors_that_are_there_are_left_alone():
    assert access.make_user()
    assert not access.make_user()


@pytest.mark.django_db
@pytest.mark.parametrize("option", [("--leads", "-1"), ("--days", "0"), ("--days", "400")])
def test_numbers_that_make_no_story_are_refused(option):
    with pytest.raises(CommandError, match="--leads goes up to"):
        call_command("demo", *option)
