"""What a decision reads beside the configuration: the accounts a lead may match, what pool
members are owed, how loaded reps are, and what happened to this lead before.

The mappings may be lazy: a service hands in one that locks and reads a pool's row the first
time the engine asks for it. What was read is recorded with the assignment, and replay hands
in the record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from .config import Target

#: One lead in units of what a member is owed: lcm(1..40), see semantics 8.
S = 5_342_931_457_063_200


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHit:
    """An active account that one of the lead's identifiers names.

    `step` is the step of semantics 4 (1 caller's key, 2 known email, 3 email domain,
    4 website domain, 5 name, 6 fuzzy name); `matched_on` the identifier; `owner` its own or
    the nearest ancestor's; `owner_active` whether it has an active owner."""

    key: str
    name: str
    step: int
    matched_on: str
    owner: Target | None = None
    owner_active: bool = False
    inherited_from: str | None = None
    roles: Mapping[str, Target] = field(default_factory=dict)
    country: str | None = None
    tier: str = ""
    industry: str = ""
    reviewed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One member's standing in a pool: units owed, and the pool's count at its last pick (0 = never)."""

    owed: int = 0
    last_pick: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolState:
    """How often a pool has picked and where each rep that was ever a member stands."""

    picks: int = 0
    turns: Mapping[str, Turn] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A rep's leads assigned and not closed, and those assigned since midnight in the rep's zone."""

    open: int = 0
    today: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`pools` by pool key and `loads` by rep key: a key that is missing stands for zero.

    `ruled_out`: reps who declined ("declined") or breached ("breached") this lead.
    `owner`: the lead's present or window owner. `company_owners`: by pool key, owners of open
    leads of the lead's registrable, non-free domain within that pool's days, newest first.
    `known_lead`: the lead is stored already. `explicit_owner`: rep named by the submission,
    by key, e-mail or external id as resolved by the caller."""

    accounts: Sequence[AccountHit] = ()
    pools: Mapping[str, PoolState] = field(default_factory=dict)
    loads: Mapping[str, Load] = field(default_factory=dict)
    ruled_out: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    company_owners: Mapping[str, Sequence[str]] = field(default_factory=dict)
    known_lead: bool = False
    received_at: datetime | None = None
