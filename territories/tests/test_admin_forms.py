"""The forms of configuration: one revision a save, nothing lost, nobody types JSON."""

import pytest
from django.urls import reverse

from territories import models
from territories.models import Pool, Rep, Revision, Rule
from territories.revisions import current_revision

from .factories import (
    AccountFactory,
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
from .pages import form_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(admin_client):
    """A signed-in client that says what a page says when a save is refused."""
    return admin_client


def address(instance, page="change"):
    opts = instance._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=[instance.pk])


def list_address(model, page="changelist"):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


def send(browser, url, data, **changes):
    """Send a page's form with some values changed; a list is sent as several values."""
    return browser.post(url, {**data, **changes}, follow=True)


def faults(response):
    """Return every error the page shows."""
    context = response.context
    found = [str(e) for e in context["errors"]] if context and context.get("errors") else []
    return " ".join(found)


KINDS = [
    CalendarFactory,
    SkillFactory,
    TeamFactory,
    RepFactory,
    PoolFactory,
    TerritoryFactory,
    AccountFactory,
    SlaPolicyFactory,
    DefinitionFactory,
    ValueListFactory,
    RuleFactory,
]


@pytest.mark.parametrize("factory", KINDS, ids=lambda f: f._meta.model.__name__)
def test_saving_a_form_unchanged_makes_no_revision(browser, factory):
    instance = factory()
    before = current_revision()

    page = browser.get(address(instance))
    response = send(browser, address(instance), form_of(page))

    assert response.redirect_chain, faults(response)
    assert current_revision() == before


@pytest.mark.parametrize("factory", KINDS, ids=lambda f: f._meta.model.__name__)
def test_saving_a_form_makes_one_revision_with_person_and_reason(browser, factory):
    instance = factory()
    before = current_revision()

    page = browser.get(address(instance))
    response = send(
        browser, address(instance), form_of(page), name="Other", change_reason="Q1 plan"
    )

    assert response.redirect_chain, faults(response)
    assert current_revision() == before + 1
    made = Revision.objects.get(number=before + 1)
    assert (made.actor, made.actor_kind, made.reason) == ("admin", "user", "Q1 plan")
    instance.refresh_from_db()
    assert instance.name == "Other"


@pytest.mark.parametrize("factory", KINDS, ids=lambda f: f._meta.model.__name__)
def test_adding_an_object_that_is_wrong_names_the_fault_and_saves_nothing(browser, factory):
    url = list_address(factory._meta.model, "add")

    response = send(browser, url, form_of(browser.get(url)), key="two words", name="")

    assert response.status_code == 200
    assert not response.redirect_chain
    assert "required" in faults(response)
    assert current_revision() == 0


def test_the_settings_are_one_form(browser):
    pool, rep = PoolFactory(key="all"), RepFactory(key="maria")
    before = current_revision()

    first = browser.get(list_address(models.RoutingSettings), follow=True)
    url = first.redirect_chain[-1][0]
    response = send(browser, url, form_of(first), fallback_pool=pool.pk, exceptions_owner=rep.pk)

    assert response.redirect_chain, faults(response)
    assert models.RoutingSettings.load().fallback_pool == pool
    assert current_revision() == before + 1
    again = browser.get(list_address(models.RoutingSettings), follow=True)
    assert again.redirect_chain[-1][0].endswith("/1/change/")


def test_members_are_saved_in_the_same_revision_as_their_pool(browser):
    pool, ben = PoolFactory(key="p"), RepFactory(key="ben")
    ana = PoolMemberFactory(pool=pool, rep=RepFactory(key="ana"))
    before = current_revision()

    data = form_of(browser.get(address(pool)))
    data |= {
        "name": "Inbound",
        "members-TOTAL_FORMS": "2",
        "members-0-weight": "3",
        "members-1-pool": "p",
        "members-1-rep": ben.pk,
        "members-1-weight": "1",
        "members-1-position": "0",
    }
    response = send(browser, address(pool), data)

    assert response.redirect_chain, faults(response)
    assert current_revision() == before + 1
    ana.refresh_from_db()
    assert list(pool.members.values_list("rep_id", "weight", "position")) == [
        ("ana", 3, 0),
        ("ben", 1, 1),
    ]
    rows = models.PoolMember.history.filter(revision_id=before + 1)
    assert sorted(rows.values_list("history_type", flat=True)) == ["+", "~"]


def test_a_member_is_removed_with_history(browser):
    member = PoolMemberFactory()
    data = form_of(browser.get(address(member.pool)))

    response = send(browser, address(member.pool), data, **{"members-0-DELETE": "on"})

    assert response.redirect_chain, faults(response)
    assert not models.PoolMember.objects.exists()
    assert models.PoolMember.history.first().history_type == "-"


def test_boundaries_are_typed_as_names_and_lines(browser):
    territory = TerritoryFactory(key="west")
    data = form_of(browser.get(address(territory)))
    data |= {
        "boundaries-TOTAL_FORMS": "1",
        "boundaries-0-territory": "west",
        "boundaries-0-country": "United Kingdom",
        "boundaries-0-subdivision": "",
        "boundaries-0-postal": "sw1*\nEC2A\n\n",
        "boundaries-0-position": "0",
    }

    response = send(browser, address(territory), data)

    assert response.redirect_chain, faults(response)
    boundary = territory.boundaries.get()
    assert (boundary.country, boundary.postal) == ("GB", ["SW1*", "EC2A"])


# ---- conditions ---------------------------------------------------------------------------


def rows(*tests):
    """Return posted rows of (field, name, op, value)."""
    columns = zip(*tests, strict=True)
    names = ("field", "name", "op", "value")
    return {f"conditions-{n}": list(c) for n, c in zip(names, columns, strict=True)}


def test_conditions_are_chosen_in_rows(browser):
    rule = RuleFactory()
    ValueListFactory(key="emea", kind="region", values=["DE"])
    data = form_of(browser.get(address(rule)))
    typed = rows(
        ("country", "", "in", 'Germany, "Korea, Republic of"'),
        ("score", "", "gte", "50"),
        ("email_is_free", "", "eq", "no"),
        ("custom", "plan", "eq", "gold"),
        ("country", "", "in:list", "emea"),
        ("phone", "", "is_blank", ""),
        ("employees", "", "between", "10, 200"),
        ("", "", "", ""),
    )

    response = send(browser, address(rule), data, **typed, **{"conditions-combine": "any"})

    assert response.redirect_chain, faults(response)
    rule.refresh_from_db()
    assert rule.conditions == {
        "any": [
            {"field": "country", "op": "in", "value": ["DE", "KR"]},
            {"field": "score", "op": "gte", "value": 50},
            {"field": "email_is_free", "op": "eq", "value": False},
            {"field": "custom.plan", "op": "eq", "value": "gold"},
            {"field": "country", "op": "in", "value": {"list": "emea"}},
            {"field": "phone", "op": "is_blank"},
            {"field": "employees", "op": "between", "value": [10, 200]},
        ]
    }


ODD_TREES = [
    {"field": "score", "op": "gte", "value": 50},
    {"any": [{"field": "custom.x", "op": "eq", "value": 1}]},
    {"all": [{"field": "company", "op": "in", "value": ['Acme, "Inc."', "B"]}]},
    {"all": [{"field": "custom.x", "op": "in", "value": [True, 1.5, "1"]}]},
    {"not": {"field": "country", "op": "eq", "value": "DE"}},
    {
        "all": [
            {"field": "score", "op": "gt", "value": 1},
            {"any": [{"field": "country", "op": "eq", "value": "DE"}]},
        ]
    },
]


@pytest.mark.parametrize("tree", ODD_TREES)
def test_a_tree_is_not_changed_by_saving_its_form(browser, tree):
    rule = RuleFactory(conditions=tree)
    stored = Rule.objects.get().conditions

    data = form_of(browser.get(address(rule)))
    response = send(browser, address(rule), data, name="Other")

    assert response.redirect_chain, faults(response)
    assert Rule.objects.get().conditions == stored


def test_a_nested_tree_is_shown_and_replaced_only_when_asked(browser):
    rule = RuleFactory(conditions=ODD_TREES[-1])
    page = browser.get(address(rule))
    typed = rows(("score", "", "gte", "50"))

    assert "any of:" in page.content.decode()
    refused = send(browser, address(rule), form_of(page), **typed)
    assert "replace" in faults(refused)

    response = send(browser, address(rule), form_of(page), **typed, **{"conditions-replace": "on"})
    assert response.redirect_chain, faults(response)
    rule.refresh_from_db()
    assert rule.conditions == {"all": [{"field": "score", "op": "gte", "value": 50}]}


def test_rows_that_are_wrong_come_back_as_they_were_typed(browser):
    rule = RuleFactory()
    data = form_of(browser.get(address(rule)))

    response = send(browser, address(rule), data, **rows(("country", "", "eq", "Atlantis")))

    assert "Atlantis" in faults(response)
    assert 'value="Atlantis"' in response.content.decode()
    half = send(browser, address(rule), data, **rows(("country", "", "", "DE")))
    assert "Row 1" in faults(half)


# ---- where to, fallback, hours ------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "route"),
    [
        ({"way": "account_owner"}, {"account_owner": True}),
        ({"way": "account_owner", "role": "sdr"}, {"account_owner": {"role": "sdr"}}),
        ({"way": "territory"}, {"territory": True}),
        ({"way": "territory", "match": "language"}, {"territory": {"match": ["language"]}}),
        ({"way": "pool", "pool": "p", "rep": "ana"}, {"pool": "p"}),
        (
            {"way": "skills", "pool": "p", "match": "language, custom.x", "match_mode": "any"},
            {"skills": {"pool": "p", "match": ["language", "custom.x"], "match_mode": "any"}},
        ),
        ({"way": "rep", "rep": "ana"}, {"rep": "ana"}),
        ({"way": "keep_owner"}, {"keep_owner": True}),
        ({"way": "nurture"}, {"nurture": True}),
    ],
)
def test_each_way_to_route_is_chosen_and_kept(browser, typed, route):
    rule = RuleFactory(route_to={"keep_owner": True})
    PoolFactory(key="p"), RepFactory(key="ana")
    data = form_of(browser.get(address(rule)))

    response = send(
        browser, address(rule), data, **{f"route_to-{part}": v for part, v in typed.items()}
    )
    assert response.redirect_chain, faults(response)
    send(browser, address(rule), form_of(browser.get(address(rule))), name="Again")

    rule.refresh_from_db()
    assert (rule.name, rule.route_to) == ("Again", route)


def test_a_pool_that_is_not_chosen_is_asked_for(browser):
    rule = RuleFactory()
    data = form_of(browser.get(address(rule)))

    response = send(browser, address(rule), data, **{"route_to-way": "pool"})

    assert "Choose a pool" in faults(response)


def test_the_fallback_is_chosen_step_by_step(browser):
    rule = RuleFactory(fallback=[{"backup": True}])
    PoolFactory(key="p"), RepFactory(key="ana", active=False)
    data = form_of(browser.get(address(rule)))
    steps = {
        "fallback-step": ["manager", "hold_minutes", "pool", "next_rule", ""],
        "fallback-pool": ["", "", "p", "", ""],
        "fallback-rep": ["", "", "", "", ""],
        "fallback-minutes": ["", "30", "", "", ""],
    }

    response = send(browser, address(rule), data, **steps)

    assert response.redirect_chain, faults(response)
    rule.refresh_from_db()
    assert rule.fallback == [
        {"manager": True},
        {"hold_minutes": 30},
        {"pool": "p"},
        {"next_rule": True},
    ]


def test_an_empty_fallback_is_refused(browser):
    rule = RuleFactory()
    data = form_of(browser.get(address(rule)))

    response = send(browser, address(rule), data, **{"fallback-step": ["", "", "", ""]})

    assert "may not be empty" in faults(response)


def test_hours_and_holidays_are_typed_as_text(browser):
    calendar = CalendarFactory()
    data = form_of(browser.get(address(calendar)))
    typed = {
        "hours-mon": "9:00-12:30, 13:30-18:00",
        "hours-tue": "",
        "holidays-country": "Germany",
        "holidays-subdivision": "Berlin",
        "holidays-dates": "2026-12-24\n2026-12-31",
    }

    response = send(browser, address(calendar), data, **typed)

    assert response.redirect_chain, faults(response)
    calendar.refresh_from_db()
    assert calendar.hours["mon"] == ["09:00-12:30", "13:30-18:00"]
    assert "tue" not in calendar.hours
    assert calendar.holidays["dates"] == ["2026-12-24", "2026-12-31"]
    wrong = send(browser, address(calendar), data, **{"hours-mon": "nine to five"})
    assert "nine to five" in faults(wrong)
    assert 'value="nine to five"' in wrong.content.decode()


# ---- two editors --------------------------------------------------------------------------


def test_the_second_editor_is_shown_both_values_and_nothing_is_lost(browser):
    rule = RuleFactory(name="Inbound", priority=10)
    data = form_of(browser.get(address(rule)))
    with changing():
        rule.priority = 30
        rule.save()

    response = send(browser, address(rule), data, priority="40")

    assert not response.redirect_chain
    text = faults(response)
    assert "while you were editing" in text
    assert "Priority: 10 → 30" in text
    assert "yours: 40" in text
    assert Rule.objects.get().priority == 30
    again = send(browser, address(rule), form_of(response))
    assert again.redirect_chain, faults(again)
    assert Rule.objects.get().priority == 40


def test_a_row_changed_meanwhile_is_a_conflict_too(browser):
    member = PoolMemberFactory(weight=1)
    data = form_of(browser.get(address(member.pool)))
    with changing():
        member.weight = 7
        member.save()

    response = send(browser, address(member.pool), data, name="Other")

    assert "7" in faults(response)
    assert Pool.objects.get().name != "Other"


def test_a_list_edited_in_place_does_not_overwrite_what_changed_meanwhile(browser):
    rule = RuleFactory(priority=10)
    url = list_address(Rule)
    data = form_of(browser.get(url)) | {"_save": "Save"}
    with changing():
        rule.priority = 30
        rule.save()

    untouched = send(browser, url, {**data, "form-0-active": []})
    assert Rule.objects.get().priority == 30, faults(untouched)
    assert not Rule.objects.get().active

    touched = send(browser, url, data, **{"form-0-priority": "40"})
    assert "Changed meanwhile" in touched.content.decode()
    assert Rule.objects.get().priority == 30


# ---- lists, actions, history ---------------------------------------------------------------


def test_two_rules_change_places_in_the_list_in_one_revision(browser):
    RuleFactory(key="a", priority=10), RuleFactory(key="b", priority=20)
    before = current_revision()
    url = list_address(Rule)
    data = form_of(browser.get(url)) | {"_save": "Save"}

    send(browser, url, data, **{"form-0-priority": "20", "form-1-priority": "10"})

    assert list(Rule.objects.values_list("key", "priority")) == [("b", 10), ("a", 20)]
    assert current_revision() == before + 1


def test_two_active_rules_at_one_priority_are_refused_in_the_list(browser):
    RuleFactory(key="a", priority=10), RuleFactory(key="b", priority=20)
    url = list_address(Rule)
    data = form_of(browser.get(url)) | {"_save": "Save"}

    response = send(browser, url, data, **{"form-1-priority": "10"})

    assert "a and b" in response.content.decode()
    assert Rule.objects.get(key="b").priority == 20


@pytest.mark.parametrize(("action", "active"), [("deactivate", False), ("activate", True)])
def test_actions_switch_objects_in_one_revision(browser, action, active):
    reps = [RepFactory(active=not active) for _ in range(3)]
    before = current_revision()

    data = {"action": action, "_selected_action": [rep.pk for rep in reps]}
    browser.post(list_address(Rep), data)

    assert current_revision() == before + 1
    assert set(Rep.objects.values_list("active", flat=True)) == {active}
    assert Rep.history.filter(revision_id=before + 1).count() == 3


def test_an_action_that_may_not_be_says_why_and_changes_nothing(browser):
    settings = RoutingSettingsFactory()
    other = RepFactory()
    data = {
        "action": "deactivate",
        "_selected_action": [other.pk, settings.exceptions_owner.pk],
    }

    response = browser.post(list_address(Rep), data, follow=True)

    assert "exceptions owner" in response.content.decode()
    assert not Rep.objects.filter(active=False).exists()


def test_objects_with_a_key_have_no_delete_page(browser):
    rep = RepFactory()

    assert browser.get(address(rep, "delete")).status_code == 403
    assert "delete_selected" not in browser.get(list_address(Rep)).content.decode()


def test_the_history_says_who_when_why_before_and_after(browser):
    pool = PoolFactory(key="p", name="Inbound")
    member = PoolMemberFactory(pool=pool, rep=RepFactory(key="ana"))
    page = form_of(browser.get(address(pool)))
    send(
        browser,
        address(pool),
        page,
        name="Outbound",
        change_reason="renamed",
        **{"members-0-weight": "5"},
    )

    text = browser.get(address(pool, "history")).content.decode()

    assert "renamed" in text
    assert f"Revision {current_revision()}" in text
    for word in ("admin", "Inbound", "Outbound", f"{member.rep_id}, 5"):
        assert word in text


def test_the_change_log_lists_and_shows_revisions(browser):
    rule = RuleFactory(key="dach", name="DACH inbound", priority=40)
    send(
        browser,
        address(rule),
        form_of(browser.get(address(rule))),
        priority="30",
        change_reason="first",
    )
    number = current_revision()

    listed = browser.get(list_address(Revision)).content.decode()
    shown = browser.get(reverse("admin:territories_revision_change", args=[number]))

    assert "1 rule" in listed
    assert "first" in listed
    assert "priority 40 → 30" in shown.content.decode()


def test_nobody_changes_a_revision(browser):
    RuleFactory()
    url = reverse("admin:territories_revision_change", args=[1])

    assert browser.post(url, {"reason": "other"}).status_code == 403
    assert browser.get(list_address(Revision, "add")).status_code == 403


def test_a_choice_offers_what_is_active(browser):
    RepFactory(key="ana", name="Ana")
    RepFactory(key="anton", name="Anton", active=False)
    query = {
        "app_label": "territories",
        "model_name": "team",
        "field_name": "manager",
        "term": "an",
    }

    found = browser.get(reverse("admin:autocomplete"), query).json()["results"]

    assert [row["id"] for row in found] == ["ana"]
