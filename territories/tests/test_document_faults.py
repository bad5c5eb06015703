"""Faults: all of them at once, each with the place where it lies and, if near, a proposal."""

from typing import Any

import pytest

from territories.document import InvalidDocument, export_document, parse_document, plan
from territories.revisions import current_revision
from territories.tests.documents import RICH, applied

pytestmark = pytest.mark.django_db


def rich(**sections: Any) -> dict[str, Any]:
    return {**parse_document(RICH), **sections}


def faults_of(document: Any, *, prune: bool = False) -> list[str]:
    return [str(fault) for fault in plan(document, prune=prune).faults]


def rule(**keys: Any) -> dict[str, Any]:
    made = {"key": "r", "name": "R", "priority": 1, "route_to": {"rep": "ana"}}
    return {**made, "fallback": [{"backup": True}], **keys}


def test_faults_of_the_whole_document_are_listed_with_their_paths() -> None:
    document = rich()
    document["rules"][0]["conditions"]["all"][0]["op"] = "like"
    document["rules"][1]["route_to"] = {"pool": "dach-sdrr"}
    document["reps"][2]["emial"] = "x@example.com"
    document["ruels"] = []

    assert faults_of(document) == [
        'ruels: unknown key; did you mean "rules"?',
        'reps[2].emial: unknown key; did you mean "email"?',
        'rules[0].conditions.all[0].op: unknown operator "like"; did you mean "contains"?',
        'rules[1].route_to.pool: no pool "dach-sdrr"; did you mean "dach-sdr"?',
    ]


def test_a_fault_has_a_json_pointer_and_a_code() -> None:
    document = rich()
    document["rules"][0]["conditions"]["all"][0]["op"] = "like"
    document["rules"][1]["a/b~c"] = 1

    first, second = plan(document).faults

    assert (first.pointer, first.code) == ("/rules/0/conditions/all/0/op", "unknown_op")
    assert (second.pointer, second.path) == ("/rules/1/a~1b~0c", 'rules[1]["a/b~c"]')


@pytest.mark.parametrize(
    ("section", "entry", "fault"),
    [
        ("reps", {"name": "X"}, "reps[0].key: required"),
        ("reps", {"key": "a b", "name": "X"}, 'reps[0].key: "a b" is not a key'),
        ("reps", {"key": "x"}, "reps[0].name: required"),
        ("reps", {"key": "x", "name": " "}, "reps[0].name: must not be blank"),
        ("reps", {"key": "x", "name": 1.5}, "reps[0].name: must be text; write it in quotes"),
        ("reps", {"key": "x", "name": "X", "max_open": -1}, "reps[0].max_open: must be from 0"),
        ("reps", {"key": "x", "name": "X", "max_open": True}, "reps[0].max_open: must be a whole"),
        ("reps", {"key": "x", "name": "X", "max_open": 2**40}, "reps[0].max_open: must be from 0"),
        (
            "reps",
            {"key": "x", "name": "X", "active": "on"},
            "reps[0].active: must be true or false",
        ),
        ("reps", {"key": "x", "name": "X", "email": "no"}, "reps[0].email: "),
        ("reps", {"key": "x", "name": "X" * 201}, "reps[0].name: "),
        ("reps", {"key": "x", "name": "X", "backup": "x"}, "reps[0].backup: "),
        ("reps", {"key": "x", "name": "X", "skills": "german"}, "reps[0].skills: must be a list"),
        ("reps", {"key": "x", "name": "X", "team": "emae"}, 'reps[0].team: no team "emae"; did'),
        ("reps", "ana", "reps[0]: must be a mapping"),
        ("absences", {"rep": "ana", "start": "2026-01-01"}, "absences[0].start: "),
        ("absences", {"rep": "ana", "start": "0001-01-01T00:00:00+09:00"}, "absences[0].start: "),
        (
            "absences",
            {"rep": "ana", "start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
            "absences[0].end: ",
        ),
        (
            "pools",
            {"key": "p", "name": "P", "members": [{"rep": "ana", "weight": 1001}]},
            "pools[0].members[0].weight: must be from 0 to 1000",
        ),
        (
            "pools",
            {"key": "p", "name": "P", "members": [{"rep": "ana"}, {"rep": "ana"}]},
            'pools[0].members[1].rep: "ana" is a member already',
        ),
        (
            "pools",
            {"key": "p", "name": "P", "distribution": "robin"},
            'pools[0].distribution: "robin" is not one of round_robin, least_loaded',
        ),
        (
            "territories",
            {"key": "t", "name": "T", "boundaries": [{"country": "DE"}, {"country": "XX"}]},
            "territories[0].boundaries[1].country: ",
        ),
        (
            "territories",
            {"key": "t", "name": "T", "boundaries": [{"country": "US", "subdivision": "Bavaria"}]},
            "territories[0].boundaries[0].subdivision: ",
        ),
        (
            "territories",
            {"key": "t", "name": "T", "boundaries": [{"country": "DE", "postal": ["1..x"]}]},
            "territories[0].boundaries[0].postal: ",
        ),
        (
            "territories",
            {
                "key": "t",
                "name": "T",
                "segment": {"field": "territory.key", "op": "eq", "value": "x"},
            },
            "territories[0].segment.field: ",
        ),
        (
            "territories",
            {"key": "t", "name": "T", "assign_to": {"rep": "ana", "pool": "dach-sdr"}},
            "territories[0].assign_to: only one of pool, rep may be given",
        ),
        (
            "territories",
            {"key": "t", "name": "T", "effective_from": "2026-02-30"},
            "territories[0].effective_from: ",
        ),
        (
            "territories",
            {"key": "t", "name": "T", "effective_from": "2026-02-02", "effective_to": "2026-02-01"},
            "territories[0].effective_to: ",
        ),
        (
            "calendars",
            {
                "key": "c",
                "name": "C",
                "timezone": "Europe/Berln",
                "hours": {"mon": ["09:00-10:00"]},
            },
            "calendars[0].timezone: ",
        ),
        (
            "calendars",
            {"key": "c", "name": "C", "timezone": "UTC", "hours": {"mon": ["9-5"]}},
            "calendars[0].hours: ",
        ),
        (
            "calendars",
            {"key": "c", "name": "C", "timezone": "UTC", "hours": {"mom": []}},
            'calendars[0].hours.mom: unknown key; did you mean "mon"?',
        ),
        (
            "value_lists",
            {"key": "v", "name": "V", "kind": "region", "values": ["XX"]},
            "value_lists[0].values: ",
        ),
        (
            "accounts",
            {"key": "a", "name": "A", "domains": ["no domain"]},
            "accounts[0].domains[0]: ",
        ),
        (
            "accounts",
            {"key": "a", "name": "A", "owner": "anna"},
            'accounts[0].owner: no rep "anna"; did you mean "ana"?',
        ),
        (
            "accounts",
            {"key": "a", "name": "A", "roles": {"s d r": "ana"}},
            'accounts[0].roles["s d r"]: "s d r" is not a key',
        ),
        (
            "accounts",
            {"key": "a", "name": "A", "parent": "b"},
            'accounts[0].parent: no account "b"',
        ),
        (
            "sla_policies",
            {"key": "s", "name": "S", "respond_within_minutes": 0},
            "sla_policies[0].respond_within_minutes: ",
        ),
        (
            "definitions",
            {"key": "d", "name": "D", "required_fields": ["emial"]},
            'definitions[0].required_fields[0]: unknown field "emial"; did you mean "email"?',
        ),
        ("rules", rule(fallback=[]), "rules[0].fallback: must not be empty"),
        ("rules", rule(fallback=[{"backup": False}]), "rules[0].fallback[0].backup: must be true"),
        (
            "rules",
            rule(fallback=[{"hold_minutes": 0}]),
            "rules[0].fallback[0].hold_minutes: must be from 1",
        ),
        (
            "rules",
            rule(fallback=[{"hold_minute": 1}]),
            'rules[0].fallback[0].hold_minute: unknown key; did you mean "hold_minutes"?',
        ),
        ("rules", rule(route_to={}), "rules[0].route_to: needs one of account_owner"),
        (
            "rules",
            rule(route_to={"skills": {"pool": "dach-sdr"}}),
            "rules[0].route_to.skills.match: required",
        ),
        (
            "rules",
            rule(conditions={"field": "country", "op": "in", "value": {"list": "emae"}}),
            'rules[0].conditions.value.list: unknown value list "emae"; did you mean "emea"?',
        ),
        (
            "rules",
            rule(conditions={"field": "score", "op": "gt", "value": float("nan")}),
            "rules[0].conditions.value: ",
        ),
        ("rules", rule(priority=0), "rules[0].priority: "),
    ],
)
def test_a_fault_of_an_object_names_its_place(section: str, entry: Any, fault: str) -> None:
    applied(rich())

    found = faults_of({"version": 1, section: [entry]})

    assert len(found) == 1
    assert found[0].startswith(fault)


def test_every_fault_of_one_object_is_listed() -> None:
    applied(rich())
    rep = {"key": "x", "name": 1.5, "email": "no", "team": "emae", "skills": ["germn"], "foo": 1}

    assert [fault.split(":")[0] for fault in faults_of({"version": 1, "reps": [rep]})] == [
        "reps[0].foo",
        "reps[0].name",
        "reps[0].team",
        "reps[0].skills[0]",
        "reps[0].email",
    ]


def test_a_reference_to_a_faulty_object_is_no_second_fault() -> None:
    document = rich()
    document["reps"][0]["max_open"] = -1

    assert len(faults_of(document)) == 1


def test_an_object_may_stand_once_only() -> None:
    document = rich()
    document["skills"].append({"key": "german", "name": "Deutsch"})
    document["absences"].append({**document["absences"][1], "reason": "again"})

    assert [fault.split(",")[0] for fault in faults_of(document)] == [
        'skills[1].key: the skill "german" is listed already',
        'absences[2]: the absence "ben/2026-12-20T00:00:00Z/None" is listed already',
    ]


def test_priorities_are_unique_among_active_rules_of_the_result() -> None:
    applied(rich())

    assert faults_of({"rules": [rule(priority=20)]}) == [
        'rules[0].priority: 20 is the priority of the active rule "place" too'
    ]
    assert faults_of({"rules": [rule(priority=20, active=False)]}) == []
    assert faults_of({"rules": [rule(priority=5), rule(key="s", priority=5)]}) == [
        'rules[1].priority: 5 is the priority of the active rule "r" too'
    ]
    assert faults_of({"rules": [rule(priority=20)]}, prune=True) == []


def test_parents_may_not_run_in_a_circle() -> None:
    applied(rich())
    circle = [{"key": "world", "name": "World", "parent": "dach"}]
    accounts = [
        {"key": "x", "name": "X", "parent": "y"},
        {"key": "y", "name": "Y", "parent": "x"},
        {"key": "z", "name": "Z", "parent": "x"},
    ]

    assert faults_of({"territories": circle, "accounts": accounts}) == [
        "territories[0].parent: makes a circle of parents: dach → world → dach",
        "accounts[0].parent: makes a circle of parents: x → y → x",
    ]


def test_settings_need_an_active_exceptions_owner_and_fallback() -> None:
    document = rich()
    document["reps"][2]["active"] = False
    document["pools"][0]["active"] = False

    assert faults_of(document) == [
        'settings.exceptions_owner: "maria" is the exceptions owner and must be active',
        'settings.fallback: "catch-all" is the global fallback and must be active',
    ]


def test_who_the_settings_name_cannot_be_switched_off() -> None:
    applied(rich())
    off = [{"key": "maria", "name": "María", "active": False}]
    others = [{"key": "ana", "name": "Ana"}]

    fault = '"maria" is the exceptions owner and must be active'
    assert faults_of({"reps": off}) == [f"reps[0].active: {fault}"]
    assert faults_of({"reps": others}, prune=True) == [f"reps: {fault}"]


def test_first_settings_need_a_fallback_and_an_exceptions_owner() -> None:
    document = {"settings": {"mode": "paused"}}
    assert faults_of(document) == [
        "settings.fallback: required",
        "settings.exceptions_owner: required",
    ]

    applied(rich())
    (change,) = plan(document).changes
    assert change.fields == {
        "timezone": ["Europe/Berlin", "UTC"],
        "mode": ["live", "paused"],
        "default_sla": ["demo", None],
    }


@pytest.mark.parametrize(
    "document",
    [
        *(None, [], "x", 1, {"version": 2}, {"version": True}, {"rules": None}, {"rules": {}}),
        *({"settings": []}, {"settings": None}, {"rules": [None]}, {"rules": [[]]}, {1: 2}),
    ],
)
def test_what_is_no_document_is_a_fault(document: Any) -> None:
    assert len(faults_of(document)) == 1


def test_deep_nesting_is_a_fault() -> None:
    tree: dict[str, Any] = {"field": "score", "op": "gt", "value": 1}
    for _ in range(3000):
        tree = {"not": tree}

    assert "nested deeper than 64 levels" in faults_of({"rules": [rule(conditions=tree)]})[0]


def test_a_document_with_a_fault_changes_nothing() -> None:
    applied(rich())
    before = export_document()
    document = rich(skills=[{"key": "french", "name": "French"}])
    document["rules"][2]["fallback"] = []

    with pytest.raises(InvalidDocument) as caught:
        applied(document)

    assert [fault.path for fault in caught.value.faults] == ["rules[2].fallback"]
    assert export_document() == before
    assert current_revision() == 1
