"""What a decision reads beside the configuration: the accounts a lead may match, what pool
members are owed, how loaded reps are, and what happened to this lead before.

`State` is what the engine asks; a service answers with rows, locked when they are asked for.
The engine asks late and little: loads only of capped reps and of `least_loaded` pools, always
before the state of the same pool, and a pool's state only when somebody may be picked from it.
`Recorder` notes what was asked, `RecordedState` answers from such notes: replay, dry run, tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, Protocol

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


class Turn(NamedTuple):
    """One member's standing in a pool: units owed; the pool's count at its last pick, 0 = never.

    A named tuple, not a dataclass: every pick makes one a member, and a tuple is made five times
    as fast."""

    owed: int = 0
    last_pick: int = 0


NO_TURN = Turn()


@dataclass(slots=True, kw_only=True)
class PoolState:
    """How often a pool has picked and where each rep that was ever a member stands.

    Not to be changed; like the other states that every decision makes, it is not frozen, since
    that triples the cost of making one."""

    picks: int = 0
    turns: Mapping[str, Turn] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A rep's leads assigned and not closed; those assigned since midnight in the rep's zone."""

    open: int = 0
    today: int = 0


NO_LOAD = Load()


class State(Protocol):
    """What the engine asks of the caller; see the fields of `RecordedState` for the meaning."""

    @property
    def accounts(self) -> Sequence[AccountHit]: ...

    @property
    def ruled_out(self) -> Mapping[str, str]: ...

    @property
    def owner(self) -> str | None: ...

    @property
    def was_qualified(self) -> bool: ...

    def pool(self, key: str) -> PoolState:
        """The state of one pool; a pool that never picked gives `PoolState()`."""
        ...

    def loads(self, reps: Sequence[str]) -> Mapping[str, Load]:
        """The loads of these reps, all at once so that they can be locked in key order.

        A rep that is missing from the answer has no load."""
        ...

    def company_owners(self, pool: str) -> Sequence[str]:
        """Owners of open leads of the lead's registrable, non-free domain within the pool's
        `keep_company_together_days`, newest first."""
        ...


@dataclass(slots=True, kw_only=True)
class RecordedState:
    """A state held in memory. Not to be changed.

    `ruled_out`: reps who declined ("declined") or breached ("breached") this lead, by key.
    `owner`: the lead's present or window owner. `was_qualified`: the lead was qualified before,
    so that a definition's trigger does not matter any more (routed anew, re-engaged).
    `pool_states` by pool, `rep_loads` by rep, `companies` by pool; missing stands for zero."""

    accounts: Sequence[AccountHit] = ()
    ruled_out: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    was_qualified: bool = False
    pool_states: Mapping[str, PoolState] = field(default_factory=dict)
    rep_loads: Mapping[str, Load] = field(default_factory=dict)
    companies: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def pool(self, key: str) -> PoolState:
        return self.pool_states.get(key) or PoolState()

    def loads(self, reps: Sequence[str]) -> Mapping[str, Load]:
        return self.rep_loads

    def company_owners(self, pool: str) -> Sequence[str]:
        return self.companies.get(pool, ())


class Recorder:
    """A state that passes every question on and keeps the answers; `record()` gives them."""

    __slots__ = ("_companies", "_loads", "_pools", "_state", "accounts", "owner", "ruled_out",
                 "was_qualified")  # fmt: skip

    def __init__(self, state: State) -> None:
        self._state = state
        self.accounts = state.accounts
        self.ruled_out = state.ruled_out
        self.owner = state.owner
        self.was_qualified = state.was_qualified
        self._pools: dict[str, PoolState] = {}
        self._loads: dict[str, Load] = {}
        self._companies: dict[str, Sequence[str]] = {}

    def pool(self, key: str) -> PoolState:
        answer = self._pools[key] = self._state.pool(key)
        return answer

    def loads(self, reps: Sequence[str]) -> Mapping[str, Load]:
        answer = self._state.loads(reps)
        self._loads.update({rep: answer.get(rep, NO_LOAD) for rep in reps})
        return answer

    def company_owners(self, pool: str) -> Sequence[str]:
        answer = self._companies[pool] = self._state.company_owners(pool)
        return answer

    def record(self) -> RecordedState:
        """What was asked, with the answers; the recorder is not asked again after it."""
        return RecordedState(
            accounts=self.accounts,
            ruled_out=self.ruled_out,
            owner=self.owner,
            was_qualified=self.was_qualified,
            pool_states=self._pools,
            rep_loads=self._loads,
            companies=self._companies,
        )
