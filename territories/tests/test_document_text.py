"""The text of documents: what is read, what is refused, and what other readers make of it."""

import json
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from territories.document import (
    InvalidDocument,
    dump_document,
    export_document,
    parse_document,
    plan,
)
from territories.tests.documents import RICH, applied

NAUGHTY = Path(__file__).parents[3] / "shared" / "data" / "bad_input" / "blns.json"
HARD = [
    *("NO", "no", "y", "N", "on", "Off", "true", "null", "~", "", "1e3", "0o17", "0x1F", "1_000"),
    *("09:00", "12:30:45", "2026-01-01", "2026-01-01T00:00:00Z", ".5", "-1.", "+1", ".inf", ".NaN"),
    *("=", "<<", "-", "?", ":", "- a", "a: b", "a #b", "#a", "&a", "*a", "!a", "%a", "@a", "`a"),
    *("'", '"', "|", ">", "{", "[", "]", ",", " a", "a ", "a\tb", "a\nb", "\n", "\u2028", "\x85"),
    *("\ufeffa", "🦊", "é", "\x07", "\x7f", "---", "...", "--- a", "1,000", "0", "007", "Infinity"),
]


def fault_of(text: str | bytes, media: str = "yaml") -> str:
    with pytest.raises(InvalidDocument) as caught:
        parse_document(text, media)
    assert len(caught.value.faults) == 1
    return str(caught.value.faults[0])


def test_plain_words_are_read_by_the_core_schema() -> None:
    text = "a: [NO, on, yes, 09:00, 010, 0x1F, 2026-01-01, 1_000, .nan, '5', 5, -1.5, 1e3, true, ~]"

    assert parse_document(text)["a"] == [
        *("NO", "on", "yes", "09:00", "010", "0x1F", "2026-01-01", "1_000", ".nan", "5"),
        *(5, -1.5, 1000.0, True, None),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3", 'line 3, column 1: the key "a" stands twice'),
        ("a: &x 1\nb: *x", "line 1, column 4: anchors and aliases (& and *) are not allowed"),
        ("a: !!python/object:os.system 1", "line 1, column 4: tags (!) are not allowed"),
        ("a: [1", "not YAML: line 2, column 1: "),
        ("a: 1\n---\nb: 2", "line 2, column 1: only one document may be given"),
        ("[1]: 2", "line 1, column 1: a key must be a word"),
        ("- 1", "the document must be a mapping"),
        ("", "the document must be a mapping"),
        ("a: " + "[" * 100, "nested deeper than 64 levels"),
        ("[" * 200_000, "nested deeper than 64 levels"),
        ("a: \x00", "not YAML: "),
        ("\ud800: 1", "not UTF-8 text"),
        (b"a: \xff", "not UTF-8 text: byte 3 is not valid"),
        (b" " * (32 * 1024 * 1024 + 1), "the document is larger than 32 MiB"),
    ],
)
def test_broken_yaml_is_one_fault_that_says_where(text: str | bytes, words: str) -> None:
    assert words in fault_of(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 2}', 'the key "a" stands twice in one object'),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": 1e999}', '"1e999" is too large a number'),
        ('{"a": ' + "9" * 5000 + "}", "is too large a number"),
        ('{"a": ' * 100 + "1" + "}" * 100, "nested deeper than 64 levels"),
        ("[" * 200_000, "nested deeper than 64 levels"),
        ('{"a": ', "not JSON: line 1, column 7: "),
        ("[]", "the document must be a mapping"),
    ],
)
def test_broken_json_is_one_fault(text: str, words: str) -> None:
    assert words in fault_of(text, "application/json")


def check_round_trip(value: str) -> None:
    document: dict[str, Any] = {"text": value, "list": [value], "map": {value: {value: 1}}}
    text = dump_document(document)

    assert parse_document(text) == document
    assert yaml.safe_load(text) == document  # a YAML 1.1 reader
    assert parse_document(dump_document(document, "json"), "json") == document


@pytest.mark.parametrize("value", HARD)
def test_hard_text_is_the_same_to_every_reader(value: str) -> None:
    check_round_trip(value)


def test_random_text_is_the_same_to_every_reader() -> None:
    source = random.Random(1)  # noqa: S311
    letters = "aNO1:-#&*!|>'\"%@` \n\t,[]{}?.0eE+_\x85\u2028\ufeff🦊é\x07\\~=<"
    for _ in range(2000):
        check_round_trip("".join(source.choices(letters, k=source.randrange(9))))


@pytest.mark.django_db
def test_export_is_block_style_with_nothing_folded() -> None:
    document = parse_document(RICH)
    document["skills"][0]["name"] = "word " * 39 + "end"
    applied(document)

    text = dump_document(export_document(["skills", "value_lists"]))

    assert text == (
        "version: 1\nvalue_lists:\n"
        "- key: emea\n  name: EMEA\n  kind: region\n"
        "  values:\n  - DE\n  - AT\n  - 'NO'\n  active: true\n"
        "- key: rivals\n  name: Rivals\n  kind: domain\n"
        "  values:\n  - rival.example\n  active: true\n"
        "- key: words\n  name: Words\n  kind: other\n"
        "  values:\n  - 'on'\n  - 'null'\n  - '010'\n  active: true\n"
        f"skills:\n- key: german\n  name: {'word ' * 39}end\n  kind: language\n  active: true\n"
    )


RICH_DATA = parse_document(RICH)
#: Section and path of every kind of text field; `*` stands for a list with the one value.
TEXT_FIELDS = [
    *("value_lists.key", "value_lists.name", "value_lists.kind", "value_lists.values.*"),
    *("calendars.timezone", "calendars.hours.tue.*", "calendars.holidays.country"),
    *("calendars.holidays.subdivision", "calendars.holidays.dates.*", "skills.name"),
    *("teams.manager", "reps.key", "reps.name", "reps.email", "reps.external_id", "reps.team"),
    *("reps.skills.*", "absences.start", "absences.reason", "pools.distribution", "pools.name"),
    *("territories.name", "territories.boundaries.0.country", "territories.effective_from"),
    *("territories.boundaries.1.subdivision", "territories.boundaries.2.postal.*"),
    *("accounts.name", "accounts.aliases.*", "accounts.domains.*", "accounts.external_ids.*"),
    *("accounts.country", "accounts.tier", "accounts.industry", "accounts.owner"),
    *("sla_policies.name", "sla_policies.on_breach.*", "definitions.lead_types.*"),
    *("definitions.required_fields.*", "definitions.agreed_by.*", "rules.name"),
    *("rules.conditions.all.0.field", "rules.conditions.all.0.op", "rules.conditions.all.0.value"),
    *("rules.route_to.account_owner.role", "rules.fallback.0.pool", "rules.sla"),
]


def entry_with(section: str, path: list[str], value: str, number: int) -> dict[str, Any]:
    """An entry of the section as in RICH, with a key of its own and the value at the path."""
    entry: dict[str, Any] = deepcopy(RICH_DATA[section][0])
    if section != "absences":
        entry["key"] = f"k{number}"
    at: Any = entry
    for part in path[:-2] if path[-1] == "*" else path[:-1]:
        at = at[int(part)] if part.isdigit() else at[part]
    last, put = (path[-2], [value]) if path[-1] == "*" else (path[-1], value)
    at[int(last) if last.isdigit() else last] = put
    return entry


def naughty_strings() -> list[str]:
    if not NAUGHTY.exists():
        pytest.skip("the list of naughty strings is not here")
    strings: list[str] = json.loads(NAUGHTY.read_text("utf-8"))
    return [*strings, "\ud800", "\x00", "a\x00b", "x" * 100_000, "\r\n"]


@pytest.mark.django_db
@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_naughty_strings_are_faults_or_changes_in_every_text_field(field: str) -> None:
    applied(parse_document(RICH))
    section, *path = field.split(".")
    entries = [
        entry_with(section, path, string, number) for number, string in enumerate(naughty_strings())
    ]

    found = plan({section: entries}).faults
    faulty = {fault.pointer.split("/")[2] for fault in found}
    sound = [entry for number, entry in enumerate(entries) if str(number) not in faulty]

    assert all(str(fault).isprintable() and len(str(fault)) < 700 for fault in found)
    if section != "rules":  # they would need priorities of their own
        assert plan({section: sound}).faults == []
    if section in ("accounts", "value_lists"):
        applied({section: sound})
        assert plan({section: sound}).changes == []
        exported = export_document([section])
        assert parse_document(dump_document(exported)) == exported


@pytest.mark.django_db
def test_naughty_strings_that_are_taken_are_stored_and_come_back() -> None:
    accounts = {
        f"a{n}": {"key": f"a{n}", "name": string, "aliases": [string]}
        for n, string in enumerate(naughty_strings())
    }
    for fault in plan({"accounts": list(accounts.values())}).faults:
        accounts.pop(f"a{fault.pointer.split('/')[2]}", None)

    applied({"accounts": list(accounts.values())})

    exported = export_document(["accounts"])["accounts"]
    assert len(exported) > 400
    assert {made["key"]: made["name"] for made in exported} == {
        key: made["name"] for key, made in accounts.items()
    }
