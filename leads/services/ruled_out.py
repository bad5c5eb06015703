"""Who had a lead and is not asked again: those who declined it and those who missed its time
(semantics 7). Read off the ledger."""

from leads.engine.vocabulary import AssignmentKind, Exclusion
from leads.models import Lead

#: The kind of actor under which a rep hands a lead back by the link of an alert.
LINK = "link"


def ruled_out(lead: Lead) -> dict[str, str]:
    """Reps by key, with `declined` or `breached`; the later word stands."""
    lines = lead.assignments.exclude(previous_owner="").order_by("id")
    found: dict[str, str] = {}
    for kind, actor_kind, before in lines.values_list("kind", "actor_kind", "previous_owner"):
        if kind == AssignmentKind.SLA_REASSIGNED.value:
            found[before] = Exclusion.BREACHED.value
        elif kind == AssignmentKind.REASSIGNED.value and actor_kind == LINK:
            found[before] = Exclusion.DECLINED.value
    return found
