"""Exceptions that no single decision opens, and merged accounts."""

import pytest
from django.core.management import CommandError, call_command

from leads.models import Lead, RoutingException
from leads.services import exceptions, intake, ledger
from leads.services.merging import merge_accounts
from leads.tests.company import NOON, TESTER, company, configure
from territories.models import Account
from territories.revisions import current_revision, revision

pytestmark = pytest.mark.django_db


def test_a_rep_who_left_with_open_leads_is_one_exception_until_they_are_gone():
    configure()
    body = {"email": "a@x.example", "country": "DE"}
    lead = intake.receive_lead(body=body, actor=TESTER, now=NOON).lead
    assert exceptions.note_inactive_owners(now=NOON) == 0
    made = company()
    made["reps"][1] |= {"active": False}
    configure(made)
    assert exceptions.note_inactive_owners(now=NOON) == 1
    assert exceptions.note_inactive_owners(now=NOON) == 0
    opened = RoutingException.objects.get()
    assert (opened.reason, opened.rep_id, opened.owner_id) == ("rep_inactive", "ana", "maria")
    ledger.reassign(lead_id=lead.pk, to={"rep": "ben"}, reason="rep_left", actor=TESTER, now=NOON)
    exceptions.note_inactive_owners(now=NOON)
    assert RoutingException.objects.get().resolved_at == NOON


def test_merging_accounts_moves_their_leads_and_keeps_the_old_key():
    twin = {"key": "acme-old", "name": "Old Acme", "domains": ["old.example"]}
    configure(company(accounts=[*company()["accounts"], twin]))
    old = intake.receive_lead(body={"email": "a@old.example"}, actor=TESTER, now=NOON).lead
    assert old.account_id == "acme-old"
    with revision(actor=TESTER, reason="same company"):
        moved = merge_accounts(
            source=Account.objects.get(pk="acme-old"), target=Account.objects.get(pk="acme")
        )
    assert moved == 1
    assert Lead.objects.get().account_id == "acme"
    for body in ({"email": "b@old.example"}, {"phone": "1", "account": "acme-old"}):
        answer = intake.receive_lead(body=body, actor=TESTER, now=NOON).answer
        assert answer["assignment"]["account"] == "acme"


def test_an_unknown_account_is_a_warning():
    configure()
    body = {"email": "a@acme.example", "account": "nothing"}
    answer = intake.receive_lead(body=body, actor=TESTER, now=NOON).answer
    assert answer["assignment"]["account"] == "acme"
    assert [warning["field"] for warning in answer["warnings"]] == ["account"]


def test_the_command_merges_in_one_revision(capsys):
    twin = {"key": "acme-old", "name": "Old Acme"}
    configure(company(accounts=[*company()["accounts"], twin]))
    before = current_revision()
    call_command("merge_accounts", "acme-old", "acme", reason="same company")
    assert capsys.readouterr().out == "acme-old is acme now; 0 leads moved.\n"
    assert current_revision() == before + 1
    assert not Account.objects.get(pk="acme-old").active
    for wrong in (("acme", "acme"), ("none", "acme")):
        with pytest.raises(CommandError):
            call_command("merge_accounts", *wrong, reason="x")
