"""What the configuration refuses, naming the field, and the form in which it stores the rest."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from territories import models
from territories.models import Rep

from .factories import (
    CalendarFactory,
    PoolFactory,
    PoolMemberFactory,
    RepFactory,
    RoutingSettingsFactory,
    SlaPolicyFactory,
    TeamFactory,
    ValueListFactory,
    changing,
)
from .refusals import refused

pytestmark = pytest.mark.django_db


# ---- keys, names, text --------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "two words", "ümlaut", "a/b", "x" * 101])
def test_a_key_is_a_slug(key):
    assert refused("key", RepFactory, key=key, name="N", email="")


def test_a_key_names_the_same_object_for_ever():
    rep = RepFactory(key="ana")
    rep.key = "ben"

    with changing():
        assert "stays ana" in refused("key", rep.save)
    assert set(Rep.objects.values_list("pk", flat=True)) == {"ana"}


def test_taking_another_objects_key_does_not_overwrite_it():
    RepFactory(key="ana", name="Ana")
    ben = RepFactory(key="ben", name="Ben")
    ben.key = "ana"

    with changing():
        refused("key", ben.save)
    assert Rep.objects.get(key="ana").name == "Ana"


def test_a_key_is_unique():
    RepFactory(key="ana")

    assert "already exists" in refused("key", RepFactory, key="ana")


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "a\nb", "\ud800"])
def test_control_characters_are_refused(text):
    assert "ontrol characters" in refused("name", TeamFactory, name=text)


def test_control_characters_inside_lists_are_refused():
    assert refused("values", ValueListFactory, values=["a\x00b"])


@pytest.mark.parametrize("number", [-1, 2**31, 2**63, "many"])
def test_numbers_are_whole_and_fit_both_databases(number):
    assert refused("max_open", RepFactory, max_open=number)


def test_an_object_that_is_gone_is_not_saved_again():
    member = PoolMemberFactory()
    again = models.PoolMember.objects.get()

    with changing():
        member.delete()
        again.weight = 5
        with pytest.raises(ValidationError, match="no longer stored"):
            again.save()


# ---- calendars ----------------------------------------------------------------------------


def test_a_time_zone_is_one_of_ianas():
    text = refused("timezone", CalendarFactory, timezone="Europe/Berln")

    assert "Europe/Berlin" in text


@pytest.mark.parametrize(
    ("hours", "word"),
    [
        ({}, "blank"),
        ({"mon": []}, "open"),
        ({"monday": ["09:00-17:00"]}, "mon"),
        ({"mon": ["9 to 5"]}, "interval"),
        ({"mon": ["17:00-09:00"]}, "after it starts"),
        ({"mon": ["09:00-24:01"]}, "within a day"),
        ({"mon": ["09:60-10:00"]}, "within a day"),
        ({"mon": ["09:00-12:00", "11:59-13:00"]}, "overlap"),
        ({"mon": "09:00-12:00"}, "list"),
        (["09:00-12:00"], "by day"),
    ],
)
def test_hours_that_are_none_are_refused(hours, word):
    assert word in refused("hours", CalendarFactory, hours=hours)


def test_hours_are_stored_sorted_and_without_closed_days():
    hours = {"tue": [], "mon": ["13:30-24:00", "9:00 – 12:30"]}

    assert CalendarFactory(hours=hours).hours == {"mon": ["09:00-12:30", "13:30-24:00"]}


@pytest.mark.parametrize(
    ("holidays", "word"),
    [
        ({"country": "Atlantis"}, "not a country"),
        ({"country": "DE", "subdivision": "XX"}, "Germany"),
        ({"subdivision": "BE"}, "needs a country"),
        ({"dates": ["24.12.2026"]}, "not a date"),
        ({"dates": "2026-12-24"}, "list"),
        ({"date": []}, "dates"),
    ],
)
def test_holidays_that_are_none_are_refused(holidays, word):
    assert word in refused("holidays", CalendarFactory, holidays=holidays)


def test_holidays_are_stored_as_codes_and_sorted_dates():
    calendar = CalendarFactory(
        holidays={
            "country": "Germany",
            "subdivision": "DE-BE",
            "dates": ["2026-12-31", "2026-12-24"],
        }
    )

    assert calendar.holidays == {
        "country": "DE",
        "subdivision": "BE",
        "dates": ["2026-12-24", "2026-12-31"],
    }


def test_a_calendar_that_never_opens_within_a_year_is_refused():
    today = datetime.now(UTC).date().toordinal()
    closed = [date.fromordinal(day).isoformat() for day in range(today - 3, today + 400)]

    assert "never opens" in refused("holidays", CalendarFactory, holidays={"dates": closed})


# ---- reps, pools, SLA ---------------------------------------------------------------------


def test_a_rep_is_not_its_own_backup():
    rep = RepFactory()
    rep.backup = rep

    with changing():
        assert refused("backup", rep.save)


def test_an_e_mail_address_is_one():
    assert refused("email", RepFactory, email="ana at example")


def test_an_absence_ends_after_it_starts():
    start = datetime(2026, 12, 20, tzinfo=UTC)

    with changing():
        assert refused("end", RepFactory().absences.create, start=start, end=start)


@pytest.mark.parametrize("weight", [-1, 1001])
def test_a_weight_is_from_0_to_1000(weight):
    assert refused("weight", PoolMemberFactory, weight=weight)


def test_a_rep_is_a_member_of_a_pool_once():
    member = PoolMemberFactory()

    with changing(), pytest.raises(ValidationError, match="member of this pool already"):
        models.PoolMember.objects.create(pool=member.pool, rep=member.rep)


def test_what_runs_on_breach_is_known():
    text = refused("on_breach", SlaPolicyFactory, on_breach=["notify_boss"])

    assert "notify_owner" in text


def test_an_sla_takes_at_least_a_minute():
    assert refused("respond_within_minutes", SlaPolicyFactory, respond_within_minutes=0)


# ---- settings -----------------------------------------------------------------------------


def test_the_fallback_is_exactly_one():
    assert refused("fallback_pool", RoutingSettingsFactory, fallback_pool=None)
    assert refused("fallback_rep", RoutingSettingsFactory, fallback_rep=RepFactory())


def test_there_is_one_row_of_settings():
    RoutingSettingsFactory()

    assert refused("id", RoutingSettingsFactory)
    with pytest.raises(IntegrityError), transaction.atomic(), changing():
        models.RoutingSettings(
            id=2, exceptions_owner=RepFactory(), fallback_rep=RepFactory()
        ).save_base(force_insert=True)


def test_the_exceptions_owner_is_active():
    assert refused(
        "exceptions_owner", RoutingSettingsFactory, exceptions_owner=RepFactory(active=False)
    )


def test_what_the_settings_need_is_not_switched_off():
    settings = RoutingSettingsFactory()
    for instance, word in (
        (settings.exceptions_owner, "exceptions owner"),
        (settings.fallback_pool, "fallback pool"),
    ):
        instance.active = False
        with changing():
            assert word in refused("active", instance.save)


def test_other_reps_and_pools_may_be_switched_off():
    RoutingSettingsFactory()

    assert not RepFactory(active=False).active
    assert not PoolFactory(active=False).active
