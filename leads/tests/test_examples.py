"""The documents and maps of docs/examples on the tables they were written for.

The tables are not ours to copy; where they are absent these tests are not run."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from leads.models import Assignment, Lead, RefusedSubmission
from territories.models import Account

EXAMPLES = Path(settings.BASE_DIR) / "docs" / "examples"
DATA = Path(settings.BASE_DIR).parent / "shared" / "data"
ROWS = 400
AT = "2026-11-20T12:00:00Z"

pytestmark = pytest.mark.django_db


def first_rows(path, folder, count=ROWS):
    """A file with the first rows of a table, for the time of the test."""
    source = DATA / path
    if not source.exists():
        pytest.skip(f"not run: {source} is not here")
    with source.open(encoding="utf-8") as file:
        lines = [line for _, line in zip(range(count + 1), file, strict=False)]
    made = folder / source.name
    made.write_text("".join(lines), encoding="utf-8")
    return made


def apply(name):
    call_command("config", "apply", str(EXAMPLES / name), "--reason", "example")


def route(path, map_name, *options):
    out = io.StringIO()
    call_command(
        "route", str(path), "--map", str(EXAMPLES / map_name), "--at", AT, *options, stdout=out
    )
    return out.getvalue().splitlines()


def assert_everybody_is_somewhere():
    """Only a lead that waits in a queue has nobody."""
    assert not Lead.objects.filter(owner=None).exclude(status="held").exists()


@pytest.mark.parametrize("name", ["maven.yaml", "xeducation.yaml"])
def test_each_example_document_applies_and_then_changes_nothing(name, capsys):
    apply(name)
    capsys.readouterr()
    call_command("config", "plan", str(EXAMPLES / name))


def test_opportunities_of_a_crm_are_routed_and_closed(tmp_path, capsys):
    table = first_rows("maven_crm/sales_pipeline.csv", tmp_path)
    apply("maven.yaml")
    accounts = str(DATA / "maven_crm" / "accounts.csv")
    mapped = ("--map", str(EXAMPLES / "maven-accounts-map.yaml"))
    call_command("import_accounts", accounts, *mapped, "--commit", "--reason", "accounts")
    assert Account.objects.count() == 85
    assert Account.objects.filter(parent__isnull=False).count() == 15
    capsys.readouterr()

    shown = route(table, "maven-map.yaml")
    done = route(table, "maven-map.yaml", "--commit")
    assert shown == done
    assert len(done) == ROWS
    assert Lead.objects.count() == ROWS
    assert_everybody_is_somewhere()
    assert {"account_owner", "territory", "skills"} <= set(
        Lead.objects.values_list("model", flat=True)
    )
    assert Lead.objects.filter(outcome="converted", amount__gt=0).exists()
    assert 'dirty, replaced by the map: product_interest 57 × "GTXPro"' in capsys.readouterr().err

    lines = Assignment.objects.count()
    route(table, "maven-map.yaml", "--commit")
    assert (Lead.objects.count(), Assignment.objects.count()) == (ROWS, lines)


def test_enquiries_for_courses_are_routed(tmp_path, capsys):
    table = first_rows("xeducation/Leads.csv", tmp_path)
    apply("xeducation.yaml")
    route(table, "xeducation-map.yaml", "--commit")
    told = capsys.readouterr().err
    assert "unmapped columns" not in told
    assert Lead.objects.count() == ROWS
    assert_everybody_is_somewhere()
    assert not RefusedSubmission.objects.exists()
    lines = Assignment.objects.count()
    route(table, "xeducation-map.yaml", "--commit")
    assert (Lead.objects.count(), Assignment.objects.count()) == (ROWS, lines)
