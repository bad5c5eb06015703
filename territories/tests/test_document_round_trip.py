"""Export, apply and history: a document says what is, and says it again."""

import pytest

from territories import models
from territories.document import (
    SECTIONS,
    document_at,
    dump_document,
    export_document,
    parse_document,
    plan,
)
from territories.revisions import current_revision
from territories.tests.documents import RICH, Random, applied

pytestmark = pytest.mark.django_db


def empty_the_database() -> None:
    """Remove all configuration as if the database were new (tests only: history goes too)."""
    from django.apps import apps
    from django.db import connection

    tables = [model._meta.db_table for model in apps.get_app_config("territories").get_models()]
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608


def test_fresh_database_exports_a_document_that_changes_nothing() -> None:
    exported = export_document()

    assert list(exported) == [
        "version",
        *(s for s in SECTIONS if s not in ("settings", "accounts")),
    ]
    assert plan(exported).changes == []
    assert plan(exported, prune=True) == plan(exported)


def test_rich_document_applies_on_an_empty_database_as_one_revision() -> None:
    plan_before = plan(parse_document(RICH))

    made = applied(parse_document(RICH))

    assert made == plan_before
    assert current_revision() == 1
    assert models.Revision.objects.get().reason == "test"
    assert models.Team.objects.get(pk="emea").manager_id == "maria"
    assert [m.rep_id for m in models.PoolMember.objects.filter(pool="dach-sdr")] == ["ben", "ana"]


@pytest.mark.parametrize("media", ["yaml", "json"])
def test_applying_the_same_document_again_makes_no_revision(media: str) -> None:
    applied(parse_document(RICH))
    exported = parse_document(dump_document(export_document(SECTIONS), media), media)

    for document in (parse_document(RICH), exported):
        assert plan(document, prune=True).changes == []
        applied(document, prune=True)

    assert current_revision() == 1


def test_values_are_stored_in_one_form() -> None:
    applied(parse_document(RICH))
    document = export_document(SECTIONS)

    assert document["value_lists"][0]["values"] == ["DE", "AT", "NO"]
    assert document["calendars"][0]["hours"] == {
        "mon": ["09:00-12:30", "13:30-18:00"],
        "tue": ["09:00-18:00"],
    }
    assert document["territories"][0]["boundaries"][1]["subdivision"] == "US-CA"
    assert document["territories"][0]["boundaries"][3]["postal"] == ["10000..14999", "01067"]
    assert document["accounts"][0]["domains"] == ["acme.com", "acme.de"]
    assert document["accounts"][0]["country"] == "NO"
    assert document["absences"][0]["start"] == "2026-12-19T23:00:00Z"
    assert document["rules"][0]["conditions"]["all"][1]["any"][0]["value"] == "DE"


def test_accounts_are_left_out_unless_asked_for() -> None:
    applied(parse_document(RICH))

    assert "accounts" not in export_document()
    assert list(export_document(["rules", "accounts"])) == ["version", "accounts", "rules"]


@pytest.mark.parametrize("seed", range(12))
def test_export_applied_on_an_empty_database_exports_the_same(seed: int) -> None:
    applied(Random(seed).document())
    exported = export_document(SECTIONS)
    text = dump_document(exported)

    empty_the_database()
    applied(parse_document(text))

    assert export_document(SECTIONS) == exported
    assert dump_document(export_document(SECTIONS)) == text


@pytest.mark.parametrize("seed", range(4))
def test_document_at_each_revision_is_what_export_gave_then(seed: int) -> None:
    source = Random(seed)
    exported = {0: export_document(SECTIONS)}
    for step in range(6):
        document = source.document()
        planned = plan(document, prune=step % 2 == 1)
        made = applied(document, prune=step % 2 == 1)
        assert made == planned
        assert plan(document, prune=step % 2 == 1).changes == []
        exported[current_revision()] = export_document(SECTIONS)

    assert len(exported) == 7
    for number, document in exported.items():
        assert document_at(number, SECTIONS) == document
