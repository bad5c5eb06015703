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
from .pages import address, faults, form_of, list_address, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(admin_client):
    """A client that is signed in."""
    return admin_client


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
