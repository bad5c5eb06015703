"""What the configuration refuses, naming the field, and the form in which it stores the rest."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from territories import models, services
from territories.models import Rep, Rule
from territories.services import Placement

from .factories import (
    AccountFactory,
    BoundaryFactory,
    CalendarFactory,
    DefinitionFactory,
    PoolFactory,
    PoolMemberFactory,
    RepFactory,
    RoutingSettingsFactory,
    RuleFactory,
    SkillFactory,
    SlaPolicyFactory,
    TeamFactory,
    TerritoryFactory,
    ValueListFactory,
    changing,
)

pytestmark = pytest.mark.django_db


def refused(field, make, **values):
    """Return the messages with which `make(**values)` is refused for `field`, and only it."""
    with pytest.raises(ValidationError) as caught:
        make(**values)
    assert list(caught.value.message_dict) == [field]
    return " ".join(caught.value.message_dict[field])


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


# ---- territories --------------------------------------------------------------------------


def test_parents_of_territories_do_not_run_in_a_circle():
    top = TerritoryFactory(key="top")
    middle = TerritoryFactory(key="middle", parent=top)
    top.parent = TerritoryFactory(key="low", parent=middle)

    with changing():
        assert "top → low → middle → top" in refused("parent", top.save)


def test_parents_in_a_circle_within_one_batch_are_refused():
    batch = [
        models.Account(key="a", name="A", parent_id="b"),
        models.Account(key="b", name="B", parent_id="a"),
    ]

    with changing():
        assert "circle" in refused("parent", models.Account.objects.bulk_create, objs=batch)


def test_a_territory_has_one_assignee():
    refused("assign_rep", TerritoryFactory, assign_pool=PoolFactory(), assign_rep=RepFactory())


def test_the_last_day_is_not_before_the_first():
    values = {"effective_from": date(2026, 2, 1), "effective_to": date(2026, 1, 1)}

    assert refused("effective_to", TerritoryFactory, **values)
    assert refused("effective_to", RuleFactory, **values)


def test_places_are_stored_as_codes():
    boundary = BoundaryFactory(country="United States", subdivision="California")

    assert (boundary.country, boundary.subdivision) == ("US", "US-CA")


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("country", {"country": "Atlantis"}),
        ("subdivision", {"country": "DE", "subdivision": "US-CA"}),
        ("subdivision", {"country": "DE", "subdivision": "Atlantis"}),
        ("postal", {"postal": ["*"]}),
        ("postal", {"postal": ["1*2"]}),
        ("postal", {"postal": ["10..9"]}),
        ("postal", {"postal": ["20000..10000"]}),
        ("postal", {"postal": ["A1..12"]}),
        ("postal", {"postal": ["10000.."]}),
        ("postal", {"postal": [10115]}),
        ("postal", {"postal": "10115"}),
        ("postal", {"postal": ["straße 1!"]}),
    ],
)
def test_places_that_are_none_are_refused(field, values):
    assert refused(field, BoundaryFactory, **values)


def test_postal_patterns_are_stored_upper_cased_and_once():
    boundary = BoundaryFactory(country="GB", postal=["sw1*", "EC2A", "SW1*", "10000 .. 14999"])

    assert boundary.postal == ["SW1*", "EC2A", "10000..14999"]


def test_a_segment_cannot_ask_for_the_territory():
    tree = {"field": "territory.key", "op": "eq", "value": "dach"}

    assert "cannot be used" in refused("segment", TerritoryFactory, segment=tree)


# ---- accounts -----------------------------------------------------------------------------


def test_names_and_identifiers_are_stored_as_they_are_compared_too():
    account = AccountFactory(name="The ACME & Söhne GmbH", country="Germany")
    with changing():
        domain = account.identifiers.create(kind="domain", value="https://www.Bücher.example/x")
        alias = account.identifiers.create(kind="alias", value="Acme, Inc.")

    assert (account.match_name, account.country) == ("acme and sohne", "DE")
    assert (domain.value, domain.match_value) == ("xn--bcher-kva.example",) * 2
    assert (alias.value, alias.match_value) == ("Acme, Inc.", "acme")


@pytest.mark.parametrize("value", ["co.uk", "acme", "10.0.0.1", "acme..com", "-"])
def test_a_domain_is_one_that_a_company_registered(value):
    account = AccountFactory()

    with changing():
        assert refused("value", account.identifiers.create, kind="domain", value=value)


def test_one_domain_may_be_claimed_by_two_accounts():
    with changing():
        for _ in range(2):
            AccountFactory().identifiers.create(kind="domain", value="acme.com")

    assert models.AccountIdentifier.objects.filter(match_value="acme.com").count() == 2


def test_a_role_is_played_by_exactly_one():
    account = AccountFactory()

    with changing():
        refused("rep", account.roles.create, role="sdr")
        refused("pool", account.roles.create, role="sdr", rep=RepFactory(), pool=PoolFactory())
        refused("role", account.roles.create, role="two words", rep=RepFactory())


# ---- value lists and conditions -----------------------------------------------------------


def test_value_lists_are_stored_in_the_form_of_their_kind():
    assert ValueListFactory(kind="region", values=["Germany", "UK", "DE"]).values == ["DE", "GB"]
    assert ValueListFactory(kind="domain", values=["Rival.Example"]).values == ["rival.example"]


@pytest.mark.parametrize(
    ("kind", "values"),
    [("region", ["Atlantis"]), ("domain", ["co.uk"]), ("other", [7]), ("other", [" "])],
)
def test_values_that_are_none_are_refused(kind, values):
    assert refused("values", ValueListFactory, kind=kind, values=values)


def test_conditions_are_stored_normalised_like_their_field():
    rule = RuleFactory(conditions={"field": "country", "op": "in", "value": ["Germany", "fra"]})

    assert rule.conditions == {"field": "country", "op": "in", "value": ["DE", "FR"]}


def test_faults_of_conditions_name_the_place_in_the_tree():
    tree = {"all": [{"field": "score", "op": "like", "value": 5}, {"field": "x", "op": "eq"}]}

    text = refused("conditions", RuleFactory, conditions=tree)

    assert "all[0].op" in text
    assert "all[1].field" in text


def test_a_value_list_in_a_condition_exists():
    tree = {"field": "country", "op": "in", "value": {"list": "emae"}}
    ValueListFactory(key="emea")

    assert "emea" in refused("conditions", RuleFactory, conditions=tree)
    assert refused("conditions", DefinitionFactory, conditions=tree)
    assert refused("segment", TerritoryFactory, segment=tree)


def test_one_is_not_true_when_conditions_are_compared():
    rule = RuleFactory(conditions={"field": "custom.x", "op": "eq", "value": 1})
    rule.conditions = {"field": "custom.x", "op": "eq", "value": True}

    with changing():
        rule.save()

    assert Rule.objects.get().conditions["value"] is True


def test_required_fields_of_a_definition_exist():
    assert "email" in refused("required_fields", DefinitionFactory, required_fields=["emial"])


# ---- rules --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "route",
    [
        None,
        {},
        [],
        "pool",
        {"pool": "a", "rep": "b"},
        {"pol": "a"},
        {"pool": None},
        {"pool": "nowhere"},
        {"rep": "nobody"},
        {"account_owner": False},
        {"account_owner": {"rolle": "sdr"}},
        {"territory": {"match": []}},
        {"territory": {"match": ["language"], "pool": "a"}},
        {"skills": {"pool": "nowhere", "match": ["language"]}},
        {"skills": {"pool": "here", "match": ["languages"]}},
        {"skills": {"pool": "here", "match": ["language"], "match_mode": "some"}},
        {"skills": True},
        {"nurture": 1},
    ],
)
def test_a_way_to_route_is_one_of_seven(route):
    PoolFactory(key="here")

    assert refused("route_to", RuleFactory, route_to=route)


@pytest.mark.parametrize(
    "route",
    [
        {"account_owner": True},
        {"account_owner": {"role": "sdr"}},
        {"territory": True},
        {"territory": {"match": ["language"]}},
        {"pool": "here"},
        {"skills": {"pool": "here", "match": ["language", "custom.x"], "match_mode": "any"}},
        {"rep": "ana"},
        {"keep_owner": True},
        {"nurture": True},
    ],
)
def test_each_way_to_route_is_stored_as_given(route):
    PoolFactory(key="here"), RepFactory(key="ana")

    assert RuleFactory(route_to=route).route_to == route


@pytest.mark.parametrize(
    "fallback",
    [
        [],
        None,
        {},
        [{}],
        [{"backup": True, "manager": True}],
        [{"backup": False}],
        [{"hold_minutes": 0}],
        [{"hold_minutes": 43_201}],
        [{"hold_minutes": "5"}],
        [{"pool": "nowhere"}],
        [{"rep": "nobody"}],
        [{"retry": True}],
    ],
)
def test_a_fallback_may_not_be_empty_and_its_steps_are_known(fallback):
    assert refused("fallback", RuleFactory, fallback=fallback, route_to={"nurture": True})


def test_a_fallback_keeps_its_order():
    PoolFactory(key="here")
    steps = [{"backup": True}, {"hold_minutes": 30}, {"pool": "here"}, {"next_rule": True}]

    assert RuleFactory(fallback=steps).fallback == steps


def test_two_active_rules_do_not_share_a_priority():
    RuleFactory(key="first", name="First", priority=10)

    text = refused("priority", RuleFactory, priority=10)

    assert "First" in text
    assert "first" in text
    assert RuleFactory(priority=10, active=False).pk


def test_a_priority_starts_at_one():
    assert refused("priority", RuleFactory, priority=0)


def test_switching_on_a_rule_whose_priority_is_taken_is_refused():
    RuleFactory(priority=10)
    sleeper = RuleFactory(priority=10, active=False)
    sleeper.active = True

    with changing():
        assert refused("priority", sleeper.save)


# ---- services -----------------------------------------------------------------------------


def test_rules_change_places_in_one_revision():
    RuleFactory(key="a", priority=10), RuleFactory(key="b", priority=20)
    places = {
        "a": Placement(priority=20, active=True),
        "b": Placement(priority=10, active=True),
    }

    with changing():
        services.arrange_rules(placements=places)

    assert list(Rule.objects.values_list("key", "priority")) == [("b", 10), ("a", 20)]
    newest = Rule.history.filter(revision_id=3).values_list("key", "priority")
    assert sorted(newest) == [("a", 20), ("b", 10)]


def test_arranging_rules_as_they_are_makes_no_revision():
    RuleFactory(key="a", priority=10)

    with changing():
        services.arrange_rules(placements={"a": Placement(priority=10, active=True)})

    assert Rule.history.count() == 1


def test_arranging_two_rules_at_one_priority_is_refused_naming_both():
    RuleFactory(key="a", priority=10), RuleFactory(key="b", priority=20)

    with changing(), pytest.raises(ValidationError, match="a and b"):
        services.arrange_rules(placements={"b": Placement(priority=10, active=True)})


def test_a_merged_account_is_known_by_all_its_names():
    source = AccountFactory(key="old", name="Old GmbH")
    target = AccountFactory(key="new", name="New GmbH")
    child, owner = AccountFactory(parent=source), RepFactory()
    with changing():
        source.identifiers.create(kind="domain", value="old.example")
        source.identifiers.create(kind="domain", value="both.example")
        target.identifiers.create(kind="domain", value="both.example")
        source.roles.create(role="sdr", rep=owner)

    with changing():
        services.merge_accounts(source=source, target=target)

    known = set(target.identifiers.values_list("kind", "value"))
    assert known == {
        ("domain", "old.example"),
        ("domain", "both.example"),
        ("alias", "Old GmbH"),
        ("key", "old"),
    }
    child.refresh_from_db(), source.refresh_from_db()
    assert (child.parent_id, source.active) == ("new", False)
    assert target.roles.get().rep == owner


def test_switching_several_off_counts_those_that_were_on():
    on, off = SkillFactory(), SkillFactory(active=False)

    with changing():
        assert services.set_active(objects=[on, off], active=False) == 1

    assert models.Skill.history.filter(key=off.key).count() == 1
