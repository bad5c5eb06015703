"""A hold as a lead's row and a ledger line keep it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from leads.engine.decision import Hold
from leads.engine.vocabulary import Reason


def hold_to_json(hold: Hold) -> dict[str, object]:
    """What a held lead waits for, as its row keeps it."""
    return {
        "rule": hold.rule,
        "pool": hold.pool,
        "rep": hold.rep,
        "until": hold.until.isoformat(),
        "next_step": hold.next_step,
        "reason": hold.reason.value,
        "rule_digest": hold.rule_digest,
        "after_next_rule": hold.after_next_rule,
    }


def hold_from_json(kept: Mapping[str, Any]) -> Hold:
    """The hold that `hold_to_json` wrote."""
    return Hold(
        rule=kept["rule"],
        pool=kept["pool"],
        rep=kept["rep"],
        until=datetime.fromisoformat(kept["until"]),
        next_step=kept["next_step"],
        reason=Reason(kept["reason"]),
        rule_digest=kept["rule_digest"],
        after_next_rule=kept["after_next_rule"],
    )
