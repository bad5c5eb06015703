"""What a document changes: by key, with and without prune, and in which order it is written."""

from datetime import UTC, datetime
from typing import Any

import pytest

from territories.document import Change, Plan, export_document, parse_document, plan
from territories.errors import UnauditedWrite
from territories.models import Absence, PoolMember, Rep, Rule, Team, Territory
from territories.revisions import current_revision, revision
from territories.tests.documents import RICH, TESTER, applied

pytestmark = pytest.mark.django_db


@pytest.fixture
def rich() -> dict[str, Any]:
    """The rich document, applied."""
    applied(parse_document(RICH))
    return parse_document(RICH)


def only(section: str, *entries: dict[str, Any], prune: bool = False) -> Plan:
    """Apply one section; the plan must have said the same before."""
    planned = plan({section: list(entries)}, prune=prune)
    made = applied({section: list(entries)}, prune=prune)
    assert planned == made
    return made


def pool(**keys: Any) -> dict[str, Any]:
    made = {"key": "dach-sdr", "name": "DACH SDRs", "working_hours_only": True}
    return {**made, "make_up_limit": 2, "keep_company_together_days": 30, **keys}


def members() -> list[tuple[str, int]]:
    rows = PoolMember.objects.filter(pool="dach-sdr").order_by("position")
    return [(row.rep_id, row.weight) for row in rows]


def test_a_change_shows_each_key_before_and_after(rich: dict[str, Any]) -> None:
    rule = {**rich["rules"][1], "priority": 15, "effective_to": None}

    assert only("rules", rule).changes == [
        Change(
            op="update",
            kind="rules",
            key="place",
            fields={"priority": [20, 15], "effective_to": ["2030-01-01", None]},
        )
    ]


def test_an_omitted_key_takes_its_default(rich: dict[str, Any]) -> None:
    (change,) = only("reps", {"key": "ana", "name": "Ana Ruiz"}).changes

    assert change.fields == {
        "email": ["ana@example.com", None],
        "external_id": ["0055g", None],
        "team": ["emea", None],
        "calendar": ["eu", None],
        "backup": ["ben", None],
        "max_open": [50, None],
        "max_per_day": [10, None],
        "skills": [["german"], []],
    }


def test_a_section_that_is_absent_is_untouched(rich: dict[str, Any]) -> None:
    before = export_document()
    only("skills", {"key": "french", "name": "French"}, prune=True)

    after = export_document()
    assert [made["active"] for made in after["skills"]] == [True, False]
    assert {**after, "skills": before["skills"]} == before


def test_what_is_not_listed_is_left_alone_or_deactivated_with_prune(rich: dict[str, Any]) -> None:
    rule = rich["rules"][0]
    assert only("rules", rule).changes == []

    changes = only("rules", rule, prune=True).changes

    assert changes == [
        Change(op="deactivate", kind="rules", key=key, fields={"active": [True, False]})
        for key in ("place", "skilled")  # "old" is inactive already
    ]


def test_adding_an_inactive_object_again_reactivates_it(rich: dict[str, Any]) -> None:
    only("rules", rich["rules"][0], prune=True)

    (change,) = only("rules", {**rich["rules"][2], "priority": 99}).changes

    assert (change.op, change.fields["active"]) == ("update", [False, True])


def test_absences_are_matched_by_rep_start_and_end(rich: dict[str, Any]) -> None:
    same_time = {**rich["absences"][0], "start": "2026-12-19T23:00:00Z", "reason": "parental"}
    other = {"rep": "ben", "start": "2026-12-20T00:00:00Z", "end": "2026-12-21T00:00:00Z"}

    assert [(c.op, c.key) for c in only("absences", same_time, other).changes] == [
        ("update", "ana/2026-12-19T23:00:00Z/2027-01-02T23:00:00Z"),
        ("create", "ben/2026-12-20T00:00:00Z/2026-12-21T00:00:00Z"),
    ]
    assert Absence.objects.count() == 3
    assert only("absences", other, prune=True).changes == [
        Change(
            op="delete",
            kind="absences",
            key="ana/2026-12-19T23:00:00Z/2027-01-02T23:00:00Z",
            fields={
                "rep": ["ana", None],
                "start": ["2026-12-19T23:00:00Z", None],
                "end": ["2027-01-02T23:00:00Z", None],
                "reason": ["parental", None],
            },
        ),
        Change(
            op="delete",
            kind="absences",
            key="ben/2026-12-20T00:00:00Z/None",
            fields={"rep": ["ben", None], "start": ["2026-12-20T00:00:00Z", None]},
        ),
    ]
    assert Absence.objects.get().rep_id == "ben"


def test_an_absence_entered_twice_stands_once_and_is_removed_whole(rich: dict[str, Any]) -> None:
    with revision(actor=TESTER):
        for _ in range(2):
            Absence(rep_id="ben", start=datetime(2026, 1, 1, tzinfo=UTC)).save()

    document = export_document(["absences"])

    assert len(document["absences"]) == 3
    assert plan(document, prune=True).changes == []
    assert len(only("absences", *rich["absences"], prune=True).changes) == 1
    assert Absence.objects.count() == 2


def test_members_not_listed_stay_behind_the_listed_without_prune(rich: dict[str, Any]) -> None:
    listed = [{"rep": "maria", "weight": 3}, {"rep": "ana"}]
    (change,) = only("pools", pool(members=listed)).changes

    assert members() == [("maria", 3), ("ana", 1), ("ben", 1)]
    assert change.fields == {
        "members": [
            [{"rep": "ben", "weight": 1}, {"rep": "ana", "weight": 2}],
            [
                {"rep": "maria", "weight": 3},
                {"rep": "ana", "weight": 1},
                {"rep": "ben", "weight": 1},
            ],
        ]
    }
    assert only("pools", pool(members=listed)).changes == []


def test_members_not_listed_are_removed_with_prune(rich: dict[str, Any]) -> None:
    catch_all = rich["pools"][0]
    kept = PoolMember.objects.get(pool="dach-sdr", rep="ana").pk

    only("pools", catch_all, pool(members=[{"rep": "ana", "weight": 2}]), prune=True)

    assert members() == [("ana", 2)]
    assert PoolMember.objects.get(pool="dach-sdr").pk == kept


def test_plain_lists_are_replaced(rich: dict[str, Any]) -> None:
    territory = {**rich["territories"][0], "boundaries": [{"country": "AT"}, {"country": "DE"}]}
    account = {**rich["accounts"][0], "domains": ["acme.fr"], "roles": {}}

    applied({"territories": [territory], "accounts": [account]})

    document = export_document(["territories", "accounts"])
    assert [b["country"] for b in document["territories"][0]["boundaries"]] == ["AT", "DE"]
    assert document["accounts"][0]["domains"] == ["acme.fr"]
    assert document["accounts"][0]["roles"] == {}


def test_rules_may_exchange_their_priorities_in_one_document(rich: dict[str, Any]) -> None:
    named, place, skilled, _ = rich["rules"]
    named["priority"], place["priority"], skilled["priority"] = 20, 30, 10

    changes = only("rules", named, place, skilled).changes

    assert [change.fields["priority"] for change in changes] == [[10, 20], [20, 30], [30, 10]]
    assert list(Rule.objects.filter(active=True).values_list("key", "priority")) == [
        *(("skilled", 10), ("named", 20), ("place", 30))
    ]
    history = Rule.history.filter(revision_id=current_revision())
    assert {(row.key, row.priority) for row in history} == {
        *(("skilled", 10), ("named", 20), ("place", 30))
    }


def test_a_new_rule_may_take_the_priority_that_another_gives_up(rich: dict[str, Any]) -> None:
    named, place, _, old = rich["rules"]
    named["active"] = False
    old["active"] = True
    place["priority"] = 7
    new = {**named, "key": "new", "active": True, "priority": 20}

    only("rules", new, old, place, named)

    assert set(Rule.objects.filter(active=True).values_list("key", "priority")) == {
        *(("new", 20), ("old", 10), ("place", 7), ("skilled", 30))
    }


def test_the_exceptions_owner_may_be_replaced_and_switched_off_at_once(
    rich: dict[str, Any],
) -> None:
    rich["settings"] |= {"exceptions_owner": "ben", "fallback": {"rep": "zoe"}}
    rich["reps"][2]["active"] = False
    rich["pools"][0]["active"] = False
    rich["reps"].append({"key": "zoe", "name": "Zoe"})

    applied(rich)

    assert Rep.objects.get(pk="maria").active is False
    assert current_revision() == 2
    applied(parse_document(RICH))
    assert Rep.objects.get(pk="maria").active is True


def test_references_may_point_in_circles_and_forward() -> None:
    applied(
        {
            "teams": [{"key": "t", "name": "T", "manager": "a"}],
            "reps": [
                {"key": "a", "name": "A", "team": "t", "backup": "b"},
                {"key": "b", "name": "B", "team": "t", "backup": "a"},
            ],
            "accounts": [
                {"key": "child", "name": "Child", "parent": "parent"},
                {"key": "parent", "name": "Parent"},
            ],
        }
    )

    assert Team.objects.get(pk="t").manager_id == "a"
    assert Rep.objects.get(pk="a").backup_id == "b"
    applied({"teams": [{"key": "u", "name": "U", "manager": "b"}]})
    assert Team.objects.get(pk="u").manager_id == "b"


def test_a_parent_and_its_child_may_change_places_while_one_is_switched_off(
    rich: dict[str, Any],
) -> None:
    dach, world = rich["territories"]
    dach |= {"parent": None, "active": False}
    world["parent"] = "dach"

    only("territories", dach, world)

    parents = Territory.objects.values_list("key", "parent_id", "active").order_by("key")
    assert list(parents) == [("dach", None, False), ("world", "dach", True)]


def test_apply_outside_a_revision_is_refused(rich: dict[str, Any]) -> None:
    from territories.document import apply

    with pytest.raises(UnauditedWrite):
        apply(rich)


def test_plan_reads_only(
    rich: dict[str, Any], django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(45) as queries:
        plan(rich, prune=True)

    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)


def test_the_number_of_statements_does_not_grow_with_the_objects(
    rich: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    rules = [{**rich["rules"][0], "key": f"r{n}", "priority": 100 + n} for n in range(150)]
    reps = [{"key": f"r{n}", "name": f"R {n}", "skills": ["german"]} for n in range(150)]

    with django_assert_max_num_queries(80):
        applied({"reps": reps, "rules": rules})
    with django_assert_max_num_queries(25):
        export_document()
