"""`explain LEAD`: who owns a lead, by which steps, and everybody who had it before."""

import json
import textwrap
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from leads.models import Lead
from leads.services.answers import ledger, stored_answer
from leads.services.explain import trace

WIDTH = 98


class Command(BaseCommand):
    """Prints the ownership ledger and the trace of the latest decision."""

    help = "Explain why a lead is where it is: its ledger and the trace of its latest decision."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "lead", metavar="LEAD_ID", help="id, or an e-mail or external id that one lead has"
        )
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the explanation; exit 1 where no lead, or more than one, is meant."""
        lead = _find(options["lead"].strip())
        told = {"lead": stored_answer(lead), "assignments": ledger(lead), "trace": trace(lead)}
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        for line in _lines(lead, told):
            self.stdout.write(line)


def _find(named: str) -> Lead:
    """The one lead that is meant. Raises CommandError."""
    try:
        found = list(Lead.objects.filter(pk=UUID(named)))
    except ValueError:
        found = list(Lead.objects.filter(external_id=named)[:3]) if named else []
        found = found or list(Lead.objects.filter(email=named.lower()).exclude(email="")[:3])
    if not found:
        raise CommandError(f"There is no lead {named!r} (by id, external id or e-mail).")
    if len(found) > 1:
        ids = ", ".join(str(lead.pk) for lead in found)
        raise CommandError(f"{named!r} names more than one lead: {ids}; give one of the ids.")
    return found[0]


def _lines(lead: Lead, told: Mapping[str, Any]) -> Iterator[str]:
    answer = told["lead"]
    yield f"Lead {lead.pk}"
    yield f"  {_who(answer['lead'])}"
    owner = answer["owner"]
    yield f"  {answer['status']}, owner {_named(owner) if owner else 'nobody'}"
    if answer["explanation"]:
        yield from _wrapped(answer["explanation"], "  ")
    for warning in answer["warnings"]:
        yield from _wrapped(f"{warning['field']}: {warning['detail']}", "  ! ")
    yield ""
    yield f"Ledger ({len(told['assignments'])})"
    for line in told["assignments"]:
        yield from _ledger_lines(line)
    yield ""
    yield "Trace of the latest decision"
    for step in told["trace"]:
        yield from _step_lines(step)


def _who(fields: Mapping[str, Any]) -> str:
    names = ("first_name", "last_name", "email", "company", "country", "source", "external_id")
    return " · ".join(str(fields[name]) for name in names if fields[name])


def _named(owner: Mapping[str, Any]) -> str:
    return f"{owner['name']} ({owner['key']})"


def _ledger_lines(line: Mapping[str, Any]) -> Iterator[str]:
    owner = _named(line["owner"]) if line["owner"] else "nobody"
    rule = f"rule {line['rule']['key']}" if line["rule"] else "no rule"
    how = [line["kind"], rule, line["model"] or "no model", f"revision {line['revision']}"]
    if line["fallback_reason"]:
        how.append(f"because of {line['fallback_reason']}")
    if line["reason"]:
        how.append(f"reason {line['reason']}")
    if line["shadow"]:
        how.append("in shadow")
    yield f"  {line['at']}  {owner}"
    yield f"    {', '.join(how)}; by {line['by']['name'] or line['by']['kind']}"
    if line["sla"]:
        yield f"    respond by {line['sla']['due_at']} ({line['sla']['policy']})"
    if line["note"]:
        yield from _wrapped(line["note"], "    note: ")


def _step_lines(step: Mapping[str, Any]) -> Iterator[str]:
    reason = f" ({step['reason']})" if step["reason"] else ""
    subject = f" {step['subject']}" if step["subject"] else ""
    yield f"  {step['step']:<14}{step['result']}{subject}{reason}"
    if step["text"]:
        yield from _wrapped(step["text"], " " * 16)


def _wrapped(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent)
    )
