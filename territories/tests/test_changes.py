"""What one revision changed, before and after, and in words."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from territories import models
from territories.changes import changes_of
from territories.document import parse_document
from territories.revisions import current_revision, revision
from territories.tests.documents import RICH, TESTER, applied

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _configured() -> None:
    applied(parse_document(RICH))


def change(key: str, values: dict[str, Any], model: Any) -> Callable[[], None]:
    def run() -> None:
        row = model.objects.get(pk=key)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()

    return run


def words_of(*writes: Callable[[], Any]) -> list[str]:
    with revision(actor=TESTER):
        from django.db import transaction

        with transaction.atomic():
            for write in writes:
                write()
    return [made.text for made in changes_of(current_revision())]


@pytest.mark.parametrize(
    ("key", "values", "model", "text"),
    [
        ("named", {"priority": 40}, models.Rule, "Rule 'Named accounts': priority 10 → 40"),
        (
            "named",
            {"sla_id": None, "respect_caps": True},
            models.Rule,
            "Rule 'Named accounts': respect caps no → yes, sla demo → none",
        ),
        ("named", {"active": False}, models.Rule, "Rule 'Named accounts' switched off"),
        (
            "old",
            {"active": True, "priority": 3},
            models.Rule,
            "Rule 'Old': priority 10 → 3, switched on",
        ),
        ("named", {"conditions": None}, models.Rule, "Rule 'Named accounts': conditions changed"),
        (
            "named",
            {"fallback": [{"manager": True}]},
            models.Rule,
            "Rule 'Named accounts': fallback backup, hold minutes 30, pool dach-sdr removed",
        ),
        (
            "dach",
            {"assign_pool_id": None, "assign_rep_id": "ana"},
            models.Territory,
            "Territory 'DACH': assign to pool dach-sdr → rep ana",
        ),
        (
            "acme",
            {"owner_rep_id": None, "name": "Acme"},
            models.Account,
            "Account 'Acme': name Acme GmbH → Acme, owner ana → none",
        ),
        (
            "emea",
            {"values": ["AT", "DE", "FR"]},
            models.ValueList,
            "Value list 'EMEA': values FR added, values NO removed",
        ),
        (1, {"mode": "paused"}, models.RoutingSettings, "Settings: mode live → paused"),
    ],
)
def test_a_changed_object_is_one_sentence(
    key: Any, values: dict[str, Any], model: Any, text: str
) -> None:
    assert words_of(change(key, values, model)) == [text]


def test_rows_of_an_object_are_part_of_its_change() -> None:
    ana = models.PoolMember.objects.get(pool="dach-sdr", rep="ana")

    def reweigh() -> None:
        ana.weight = 5
        ana.save()

    assert words_of(
        models.PoolMember(pool_id="dach-sdr", rep_id="maria", position=9).save,
        models.PoolMember.objects.get(pool="dach-sdr", rep="ben").delete,
        reweigh,
        models.AccountIdentifier(account_id="acme", kind="domain", value="acme.fr").save,
        models.AccountRole.objects.get(role="sdr").delete,
        models.RepSkill(rep_id="ben", skill_id="german").save,
        models.Boundary.objects.filter(subdivision="US-CA").get().delete,
    ) == [
        "Rep 'Ben': skills german added",
        (
            "Pool 'DACH SDRs': member Ana Ruiz weight 2 → 5, member María 🦊 added (weight 1),"
            " member Ben removed"
        ),
        "Territory 'DACH': boundaries US US-CA removed",
        "Account 'Acme GmbH': domains acme.fr added, roles changed",
    ]


def test_absences_are_named_by_rep_and_time() -> None:
    start = datetime(2026, 1, 1, 9, tzinfo=UTC)

    assert words_of(
        models.Absence(rep_id="ana", start=start).save,
        models.Absence.objects.get(rep="ben").delete,
    ) == [
        "Absence of Ana Ruiz from 2026-01-01 09:00 UTC until further notice added",
        "Absence of Ben from 2026-12-20 00:00 UTC until further notice removed",
    ]


def test_fields_give_before_and_after_in_the_documents_form() -> None:
    words_of(change("named", {"priority": 40}, models.Rule))
    (made,) = changes_of(models.Revision.objects.get(number=2))

    assert (made.kind, made.key, made.op) == ("rules", "named", "update")
    assert made.fields == {"priority": [10, 40]}


def test_the_first_revision_added_everything() -> None:
    made = changes_of(1)

    assert {change.op for change in made} == {"create"}
    assert [change.text for change in made if change.kind == "rules"] == [
        "Rule 'Named accounts' added",
        "Rule 'Old' added",
        "Rule 'Place' added",
        "Rule 'Skilled' added",
    ]
    assert changes_of(99) == []


def test_what_a_revision_did_and_undid_is_no_change() -> None:
    changed = change("named", {"priority": 40}, models.Rule)
    back = change("named", {"priority": 10}, models.Rule)

    assert words_of(changed, back) == []
