"""What a condition means, and what is refused when a rule is saved (semantics 3)."""

from typing import Any

import pytest

from leads.engine.conditions import check, compile_tree
from leads.engine.config import ValueList
from leads.engine.descriptions import describe, first_failure
from leads.engine.errors import BrokenCondition
from leads.engine.facts import Lead

LISTS = {
    "emea": ValueList(key="emea", name="EMEA", kind="region", values=("DE", "FR")),
    "old": ValueList(key="old", name="Old", values=("DE",), active=False),
}
FACTS: dict[str, Any] = {
    "country": "DE",
    "title": "Straßenbau VP",
    "employees": 200,
    "product_interest": ("CRM", "ERP"),
    "received_at": "2026-11-23T10:00:00Z",
    "email_is_free": False,
    "city": "  ",
    "custom.seats": "12",
    "custom.vip": True,
    "custom.tags": ("Red", "Blue"),
    "score": 0,
}


def lead(**facts: Any) -> Lead:
    return Lead(FACTS | facts, regions={"de": ("emea", "EMEA")})


def holds(field: str, op: str, *value: Any) -> bool:
    tree = {"field": field, "op": op} | ({"value": value[0]} if value else {})
    return compile_tree(tree, LISTS).test(lead())


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("country", "eq", "de"),
        ("country", "in", ["FR", "DE"]),
        ("country", "in", {"list": "emea"}),
        ("country", "not_in", {"list": "old"}),
        ("country", "ne", "FR"),
        ("title", "contains", "STRASSE"),
        ("title", "contains", ["xyz", "vp"]),
        ("title", "not_contains", ["xyz", "abc"]),
        ("title", "starts_with", "STRASS"),
        ("title", "not_starts_with", "vp"),
        ("title", "ends_with", ["chief", "vp"]),
        ("employees", "gte", 200),
        ("employees", "between", [200, 300]),
        ("employees", "between", [100, 200]),
        ("employees", "eq", 200.0),
        ("score", "eq", 0),
        ("score", "is_not_blank", None),
        ("custom.seats", "gt", 11),
        ("custom.seats", "eq", 12),
        ("custom.vip", "eq", True),
        ("custom.tags", "includes", "red"),
        ("custom.tags", "contains", "lu"),
        ("product_interest", "eq", "crm"),
        ("product_interest", "in", ["erp", "bi"]),
        ("product_interest", "not_in", ["bi"]),
        ("product_interest", "includes_all", ["crm", "erp"]),
        ("product_interest", "excludes", ["bi", "hr"]),
        ("received_at", "gte", "2026-11-23"),
        ("received_at", "lte", "2026-11-23"),
        ("received_at", "between", ["2026-11-01", "2026-11-23"]),
        ("received_at", "gt", "2026-11-23T11:59:59+02:00"),
        ("received_at", "eq", "2026-11-23"),
        ("email_is_free", "eq", False),
        ("region", "eq", "emea"),
        ("region", "includes", "EMEA"),
        ("account.matched", "eq", False),
    ],
)
def test_a_test_holds(field: str, op: str, value: Any) -> None:
    assert holds(field, op, value)


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("country", "in", {"list": "old"}),
        ("country", "ne", "DE"),
        ("country", "not_in", ["DE", "FR"]),
        ("employees", "gt", 200),
        ("employees", "between", [201, 300]),
        ("title", "gt", 5),
        ("title", "lt", 5),
        ("custom.vip", "eq", 1),
        ("custom.vip", "gt", 0),
        ("product_interest", "ne", "crm"),
        ("product_interest", "not_in", ["bi", "erp"]),
        ("product_interest", "includes_all", ["crm", "bi"]),
        ("product_interest", "excludes", ["bi", "erp"]),
        ("received_at", "gt", "2026-11-23"),
        ("received_at", "lt", "2026-11-23T10:00:00Z"),
        ("region", "ne", "EMEA"),
        ("score", "is_blank", None),
    ],
)
def test_a_test_does_not_hold(field: str, op: str, value: Any) -> None:
    assert not holds(field, op, value)


BLANKS = ["city", "language", "custom.none", "account.tier", "territory.key"]


@pytest.mark.parametrize("field", BLANKS)
@pytest.mark.parametrize(
    ("op", "value"),
    [
        ("is_blank", None),
        ("ne", "x"),
        ("not_in", ["x"]),
        ("not_contains", "x"),
        ("not_starts_with", "x"),
        ("excludes", ["x"]),
    ],
)
def test_blank_passes_negative_tests(field: str, op: str, value: Any) -> None:
    assert holds(field, op, value)


@pytest.mark.parametrize("field", BLANKS)
@pytest.mark.parametrize(
    ("op", "value"),
    [
        ("is_not_blank", None),
        ("eq", "x"),
        ("in", ["x"]),
        ("contains", "x"),
        ("starts_with", "x"),
        ("ends_with", "x"),
        ("gt", 0),
        ("lt", "2030-01-01"),
        ("between", [0, 9]),
        ("includes", ["x"]),
        ("includes_all", ["x"]),
    ],
)
def test_blank_fails_positive_tests(field: str, op: str, value: Any) -> None:
    assert not holds(field, op, value)


def test_trees_combine_and_no_condition_matches_every_lead() -> None:
    yes = {"field": "country", "op": "eq", "value": "DE"}
    no = {"field": "country", "op": "eq", "value": "FR"}
    assert compile_tree({"all": [yes, {"not": no}]}, LISTS).test(lead())
    assert compile_tree({"any": [no, no, yes]}, LISTS).test(lead())
    assert not compile_tree({"all": [yes, yes, no]}, LISTS).test(lead())
    assert compile_tree(None, LISTS).test(lead())


def test_text_compares_after_compatibility_folding() -> None:
    wide = compile_tree({"field": "company", "op": "eq", "value": "ＡＣＭＥ  gmbh"}, {})
    assert wide.test(lead(company="Acme GmbH"))


def problems(tree: Any, **options: Any) -> dict[str, str]:
    options = {"normalise": lambda field, value: value, "lists": {"emea"}} | options
    return {one.path: one.detail for one in check(tree, **options)[1]}


def test_all_faults_are_named_with_their_places_and_proposals() -> None:
    tree = {
        "all": [
            {"field": "country", "op": "like", "value": "D"},
            {"field": "contry", "op": "eq", "value": "DE"},
            {"any": [{"field": "employees", "op": "gte", "value": "many"}]},
            {"not": {"field": "country", "op": "in", "value": {"list": "emae"}}},
            {"field": "country", "op": "eq", "value": ["DE"]},
            {"field": "country", "op": "in", "value": "DE"},
            {"field": "is_update", "op": "eq", "value": "yes"},
            {"field": "title", "op": "is_blank", "value": "x"},
            {"field": "title", "op": "eq", "value": "x", "valeu": 1},
        ]
    }
    assert problems(tree) == {
        "all[0].op": 'unknown operator "like"; did you mean "contains"?',
        "all[1].field": 'unknown field "contry"; did you mean "country"?',
        "all[2].any[0].value": "must be a number",
        "all[3].not.value.list": 'unknown value list "emae"; did you mean "emea"?',
        "all[4].value": '"eq" needs one value, not a list',
        "all[5].value": '"in" needs a list, or {"list": key}',
        "all[6].value": "must be true or false",
        "all[7].value": '"is_blank" takes no value',
        "all[8].valeu": 'unknown member "valeu"; did you mean "value"?',
    }


@pytest.mark.parametrize(
    ("word", "meant"), [("equals", "eq"), ("=", "eq"), (">=", "gte"), ("is empty", "is_blank"),
                        ("startswith", "starts_with"), ("contain", "contains"), ("IN", "in")]
)  # fmt: skip
def test_other_words_for_an_operator_are_understood_and_refused(word: str, meant: str) -> None:
    found = problems({"field": "title", "op": word, "value": "x"})
    assert found["op"] == f'unknown operator "{word}"; did you mean "{meant}"?'


@pytest.mark.parametrize(
    "tree",
    [3, [], {}, "x", {"all": []}, {"any": {}}, {"all": [], "any": []}, {"op": "eq"},
     {"field": "country"}, {"field": "country", "op": "eq"}, {"field": 3, "op": "eq", "value": 1},
     {"field": "custom.", "op": "is_blank"}, {"field": "employees", "op": "between", "value": [1]},
     {"field": "employees", "op": "between", "value": [2, 1]},
     {"field": "employees", "op": "gt", "value": True},
     {"field": "received_at", "op": "gt", "value": 5},
     {"field": "received_at", "op": "gt", "value": "2026-02-30"},
     {"field": "title", "op": "eq", "value": None}, {"field": "title", "op": "eq", "value": " "},
     {"field": "title", "op": "eq", "value": "a\x00"},
     {"field": "employees", "op": "gt", "value": float("nan")},
     {"field": "employees", "op": "gt", "value": 2**64}],
)  # fmt: skip
def test_what_cannot_be_run_is_refused(tree: Any) -> None:
    assert problems(tree)


def test_deep_and_large_trees_are_refused() -> None:
    deep: Any = {"field": "title", "op": "is_blank"}
    for _ in range(100):
        deep = {"not": deep}
    assert any("deeper" in detail for detail in problems(deep).values())
    large = {"any": [{"field": "title", "op": "is_blank"}] * 2_000}
    assert list(problems(large).values()) == ["more than 1000 conditions in one tree"]


def test_values_are_normalised_like_the_field_and_bad_ones_named() -> None:
    def normalise(field: str, value: object) -> object:
        if value == "Narnia":
            raise ValueError("is no country")
        return "DE" if value == "Germany" else value

    tree = {"field": "country", "op": "in", "value": ["Germany", "FR"]}
    fixed, faults = check(tree, normalise=normalise, lists=())
    assert (fixed, faults) == ({"field": "country", "op": "in", "value": ["DE", "FR"]}, [])
    tree = {"field": "country", "op": "eq", "value": "Narnia"}
    assert problems(tree, normalise=normalise) == {"value": "is no country"}


def test_fields_can_be_limited() -> None:
    tree = {"field": "territory.key", "op": "eq", "value": "dach"}
    assert problems(tree, allow={"country"}) == {
        "field": 'field "territory.key" cannot be used here'
    }


def test_a_tree_that_was_never_checked_is_an_error() -> None:
    for tree in ({"x": 1}, {"all": [3]}, {"field": "a", "op": "like", "value": 1}):
        with pytest.raises(BrokenCondition):
            compile_tree(tree, {})


def test_conditions_and_failures_read_as_english() -> None:
    large = {"field": "employees", "op": "gte", "value": 500}
    nowhere = {"field": "city", "op": "is_blank"}
    place = {"field": "country", "op": "in", "value": ["DE", "AT"]}
    tree = {"all": [place, {"any": [large, nowhere]}]}
    node = compile_tree(tree, LISTS)
    assert describe(node) == (
        "country is one of DE, AT and (employees is at least 500 or city is blank)"
    )
    failure = first_failure(node, lead(city="Bonn"))
    assert failure is not None
    assert (failure.field, failure.op, failure.value, failure.actual) == (
        "employees", "gte", 500, 200,
    )  # fmt: skip
    assert failure.text.endswith("employees is 200 and city is Bonn")
    assert first_failure(node, lead(employees=900)) is None
