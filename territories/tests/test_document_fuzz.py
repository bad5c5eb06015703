"""Documents with anything anywhere: faults or a plan that holds, never an exception."""

import random
from copy import deepcopy
from typing import Any

import pytest

from territories.document import (
    SECTIONS,
    dump_document,
    export_document,
    parse_document,
    plan,
)
from territories.tests.documents import RICH, applied

pytestmark = pytest.mark.django_db

ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 2**31, 2**63, 2**70, 0.5, -0.0, 1e300, 5.0, float("inf")),
    *(float("nan"), "", " ", "ana", "maria", "no", "\x00", "\ud800", "x" * 400, "2026-01-01"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "24:00-00:00", "DE", "*", "a..b"),
    *([], [[]], [None], {}, {"": {}}, {"pool": "dach-sdr"}, {"rep": []}, {"list": "emea"}),
    *({"field": "country", "op": "in", "value": {"list": "emea"}}, {"all": []}, [1, 2], ["ana"]),
    *({"not": {"not": {"field": "score", "op": "is_blank"}}}, {"backup": True}, b"bytes", (1,)),
]


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    found: list[tuple[Any, Any]] = []
    if isinstance(node, dict | list):
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            found.append((node, key))
            found.extend(places(node[key]))
    return found


def mutate(document: dict[str, Any], source: random.Random) -> None:
    """Replace, remove, rename or exchange something."""
    container, key = source.choice(places(document))
    match source.randrange(5):
        case 0 if isinstance(container, dict):
            del container[key]
        case 1 if isinstance(container, dict):
            container[source.choice(["kye", 5, "name", "active", "value"])] = container.pop(key)
        case 2:
            other, place = source.choice(places(document))
            container[key] = deepcopy(other[place])
        case _:
            container[key] = deepcopy(source.choice(ODD))


@pytest.mark.parametrize("seed", range(30))
def test_any_document_is_faults_or_a_plan_that_holds(seed: int) -> None:
    source = random.Random(seed)  # noqa: S311
    base = parse_document(RICH)
    if seed % 2:
        applied(base)
    for _ in range(4):
        document = deepcopy(base)
        for _ in range(source.choice([1, 1, 1, 4])):
            mutate(document, source)
        prune = source.random() < 0.5
        planned = plan(document, prune=prune)
        assert all(str(fault).isprintable() for fault in planned.faults)
        if not planned.faults:
            assert applied(document, prune=prune) == planned
            assert plan(document, prune=prune).changes == []
            exported = export_document(SECTIONS)
            assert parse_document(dump_document(exported)) == exported
