"""What is a lead's body and what is not; every fault at once."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.body import FIELDS, MAX_ITEMS, check_lead, parse_json
from leads.errors import InvalidLead
from leads.tests.bodies import ANY_JSON, FULL_BODY

unhurried = settings(deadline=None, max_examples=200)


def faults_of(body: object) -> dict[str, str]:
    """Pointer → code."""
    return {fault.pointer: fault.code for fault in check_lead(body)}


def test_a_full_body_has_no_fault_and_names_every_member() -> None:
    assert check_lead(FULL_BODY) == []
    assert set(FULL_BODY) == set(FIELDS)


@pytest.mark.parametrize("name", ["email", "phone", "company", "external_id"])
def test_one_identifying_member_is_enough(name: str) -> None:
    assert check_lead({name: "x"}) == []


@pytest.mark.parametrize(
    "body",
    [{}, {"first_name": "Ana"}, {"email": None}, {"email": " \t"}, {"company": "\x00\u200b\ufeff"}],
)
def test_a_body_that_names_nobody_is_refused(body: dict[str, object]) -> None:
    assert faults_of(body) == {"": "names_nobody"}


def test_a_change_of_fields_need_not_name_anybody() -> None:
    assert check_lead({"score": 5, "email": None}, partial=True) == []


@pytest.mark.parametrize("body", [None, 5, "x", [], True, [{"email": "a@b.example"}]])
def test_what_is_no_object_is_no_lead(body: object) -> None:
    assert faults_of(body) == {"": "invalid_type"}


def test_null_stands_for_absent_everywhere() -> None:
    body = dict.fromkeys(FIELDS) | {"phone": "1", "custom": {"a": None, "b": [None, "x"]}}
    assert check_lead(body | {"crm_ids": {"sf": None}, "product_interest": [None]}) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", 5), ("company", ["Acme"]), ("country", {"code": "DE"}), ("phone", 4930123),
        ("source", True), ("employees", True), ("employees", 5.0), ("employees", "5"),
        ("annual_revenue", "1e6"), ("annual_revenue", False), ("score", [1]),
        ("product_interest", "A"), ("product_interest", {"a": 1}), ("custom", []),
        ("custom", "x"), ("crm_ids", [["sf", "1"]]), ("received_at", 1700000000),
    ],
)  # fmt: skip
def test_a_wrong_type_is_refused_at_its_place(name: str, value: object) -> None:
    assert faults_of({"external_id": "1", name: value}) == {f"/{name}": "invalid_type"}


def test_all_faults_are_given_at_once_with_pointers() -> None:
    body = {
        "email": 5,
        "emial": "x",
        "a/b~c": 1,
        "employees": 2**63,
        "annual_revenue": 1e16,
        "score": math.nan,
        "product_interest": ["A", 5],
        "custom": {"a/b": {"c": 1}, "tags": ["x", 5], "id": 2**63, "": "x", "k" * 101: 1},
        "crm_ids": {"sf": 5},
        "city": "x" * 10_001,
        "external_id": "é" * 321,
    }
    assert faults_of(body) == {
        "/email": "invalid_type",
        "/emial": "unknown_member",
        "/a~1b~0c": "unknown_member",
        "/employees": "too_large",
        "/annual_revenue": "too_large",
        "/score": "not_finite",
        "/product_interest/1": "invalid_type",
        "/custom/a~1b": "invalid_type",
        "/custom/tags/1": "invalid_type",
        "/custom/id": "too_large",
        "/custom/": "invalid",
        "/custom/" + "k" * 101: "too_long",
        "/crm_ids/sf": "invalid_type",
        "/city": "too_long",
        "/external_id": "too_long",
    }


def test_a_place_in_a_larger_body_comes_before_every_pointer() -> None:
    faults = check_lead({"email": 5, "x": 1}, pointer="/leads/3")
    assert [fault.pointer for fault in faults] == ["/leads/3/email", "/leads/3/x"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("emial", "email"), ("Email", "email"), ("e-mail", "email"), ("zip", "postal_code"),
        ("postalcode", "postal_code"), ("organization", "company"), ("lastname", "last_name"),
        ("contry", "country"), ("Lead Type", "lead_type"),
    ],
)  # fmt: skip
def test_an_unknown_member_proposes_the_nearest_field(name: str, nearest: str) -> None:
    (fault,) = check_lead({"phone": "1", name: "x"})
    assert fault.detail == f'unknown member "{name}"; did you mean "{nearest}"?'


def test_an_unknown_member_like_nothing_is_pointed_to_custom() -> None:
    (fault,) = check_lead({"phone": "1", "qqqq": "x"})
    assert fault.detail == 'unknown member "qqqq"; fields of your own go into "custom"'


def test_lists_and_objects_are_bounded() -> None:
    many = [str(number) for number in range(MAX_ITEMS + 1)]
    body = {"phone": "1", "product_interest": many, "custom": dict.fromkeys(many, 1)}
    assert faults_of(body) == {"/product_interest": "too_long", "/custom": "too_large"}


@unhurried
@given(st.dictionaries(st.sampled_from([*FIELDS, "x", "\ud800"]), ANY_JSON))
def test_any_json_object_is_answered_with_faults_that_can_be_sent(body: dict[str, object]) -> None:
    for fault in check_lead(body):
        assert not fault.pointer or fault.pointer.encode().startswith(b"/")
        assert fault.detail.encode()


@unhurried
@given(ANY_JSON)
def test_what_json_writes_is_read_back(value: object) -> None:
    assert parse_json(json.dumps(value).encode()) == value


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parse_json(b'\xef\xbb\xbf{"phone": "1"}') == {"phone": "1"}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not_json"), (b"{", "not_json"), (b"{}x", "not_json"), (b"{'a': 1}", "not_json"),
        (b'{"a": "\xff"}', "not_json"), ("{}".encode("utf-16"), "not_json"),
        (b"[NaN]", "not_finite"), (b"[-Infinity]", "not_finite"), (b"[1e999]", "not_finite"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "duplicate_key"),
        (b"[9223372036854775808]", "too_large"),
        (b"9" * 100_000, "too_large"), (b"[" * 33 + b"]" * 33, "too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, "too_deep"), (b'{"a":' * 50_000, "too_deep"),
    ],
)  # fmt: skip
def test_what_is_no_sound_json_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(InvalidLead) as refusal:
        parse_json(raw)
    (fault,) = refusal.value.faults
    assert (fault.pointer, fault.code) == ("", code)


def test_depth_and_size_are_allowed_up_to_their_bounds() -> None:
    raw = b"[" * 32 + b"]" * 32
    assert parse_json(raw, max_bytes=64)
    with pytest.raises(InvalidLead, match="larger than 63 bytes"):
        parse_json(raw, max_bytes=63)


def test_brackets_within_text_are_not_depth() -> None:
    assert parse_json(b'["' + b"[" * 100 + b'"]') == ["[" * 100]
