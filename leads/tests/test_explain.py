"""`explain LEAD_ID`: a lead's ledger and trace, as text and as JSON."""

import json

import pytest
from django.core.management import CommandError, call_command

from leads.services import intake, ledger
from leads.tests.company import NOON, TESTER, configure

pytestmark = pytest.mark.django_db


def receive(**body):
    return intake.receive_lead(body=body, actor=TESTER, now=NOON).lead


def explained(capsys, *arguments):
    call_command("explain", *arguments)
    return capsys.readouterr().out


def test_the_explanation_names_owner_rule_and_every_step(capsys):
    configure()
    lead = receive(email="x@other.example", country="Germany", employees=-1)
    text = explained(capsys, str(lead.pk))
    assert "assigned, owner Ana Ruiz (ana)" in text
    assert "routed, rule places, territory, revision 1; by tester" in text
    assert "respond by 2026-06-11T12:00:00Z (day)" in text
    assert "! employees: fewer than none" in text
    for step in ("normalise", "deduplicate", "match_account", "territory", "rule", "pool"):
        assert f"\n  {step} " in text


def test_the_ledger_tells_who_had_the_lead_and_why(capsys):
    configure()
    lead = receive(email="x@other.example", country="DE")
    ledger.reassign(
        lead_id=lead.pk,
        to={"rep": "cat"},
        reason="wrong_skill",
        note="speaks no German",
        actor=TESTER,
        now=NOON,
    )
    text = explained(capsys, str(lead.pk))
    assert "Ledger (2)" in text
    assert text.index("Ana Ruiz (ana)") < text.index("  Cat Wu (cat)\n    reassigned")
    assert "reason wrong_skill" in text
    assert "note: speaks no German" in text


def test_json_holds_the_answer_the_ledger_and_the_trace(capsys):
    configure()
    lead = receive(email="x@other.example", country="DE")
    told = json.loads(explained(capsys, str(lead.pk), "--json"))
    assert told["lead"]["owner"]["key"] == "ana"
    assert [line["kind"] for line in told["assignments"]] == ["routed"]
    assert told["trace"][-1]["step"] == "assign"


def test_an_email_or_external_id_that_one_lead_has_will_do(capsys):
    lead = receive(email="x@other.example", external_id="E-1", source="crm")
    for named in ("X@Other.example", "E-1"):
        assert f"Lead {lead.pk}" in explained(capsys, named)


def test_a_name_that_two_leads_have_is_refused_with_their_ids():
    one = receive(external_id="E-1", source="crm")
    other = receive(external_id="E-1", source="web")
    with pytest.raises(CommandError) as error:
        call_command("explain", "E-1")
    assert str(one.pk) in str(error.value)
    assert str(other.pk) in str(error.value)


@pytest.mark.parametrize("named", ["0197c6c1-0000-7000-8000-000000000000", "nobody@x.example", " "])
def test_an_unknown_lead_is_an_error(named):
    receive(phone="+49 30 1234567")
    with pytest.raises(CommandError, match="There is no lead"):
        call_command("explain", named)
