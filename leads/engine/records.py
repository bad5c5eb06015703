"""A recorded state as JSON, so that an assignment can keep what its decision read."""

from collections.abc import Mapping, Sequence
from datetime import date

from .config import Target
from .errors import BrokenRecord
from .state import AccountHit, Load, PoolState, RecordedState, Turn

Json = Mapping[str, object]


def to_record(state: RecordedState) -> dict[str, object]:
    """The state as JSON-able data; whole numbers stay whole (what is owed passes 2**53)."""
    return {
        "accounts": [_hit_record(hit) for hit in state.accounts],
        "ruled_out": dict(state.ruled_out),
        "owner": state.owner,
        "was_qualified": state.was_qualified,
        "pools": {
            key: {"picks": pool.picks, "turns": {rep: list(t) for rep, t in pool.turns.items()}}
            for key, pool in state.pool_states.items()
        },
        "loads": {rep: [load.open, load.today] for rep, load in state.rep_loads.items()},
        "companies": {key: list(owners) for key, owners in state.companies.items()},
    }


def from_record(record: Json) -> RecordedState:
    """The state that `to_record` wrote. Raises BrokenRecord when it is none."""
    try:
        return RecordedState(
            accounts=tuple(_hit(_mapping(hit)) for hit in _sequence(record["accounts"])),
            ruled_out={rep: _text(why) for rep, why in _mapping(record["ruled_out"]).items()},
            owner=_optional(record["owner"]),
            was_qualified=record["was_qualified"] is True,
            pool_states={
                key: _pool(_mapping(pool)) for key, pool in _mapping(record["pools"]).items()
            },
            rep_loads={rep: _load(load) for rep, load in _mapping(record["loads"]).items()},
            companies={
                key: tuple(_text(owner) for owner in _sequence(owners))
                for key, owners in _mapping(record["companies"]).items()
            },
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise BrokenRecord(f"not a recorded state: {fault!r}") from fault


def _hit_record(hit: AccountHit) -> dict[str, object]:
    return {
        "key": hit.key,
        "name": hit.name,
        "step": hit.step,
        "matched_on": hit.matched_on,
        "owner": _target_record(hit.owner),
        "owner_active": hit.owner_active,
        "inherited_from": hit.inherited_from,
        "roles": {role: _target_record(target) for role, target in hit.roles.items()},
        "country": hit.country,
        "tier": hit.tier,
        "industry": hit.industry,
        "reviewed_on": hit.reviewed_on.isoformat() if hit.reviewed_on else None,
    }


def _hit(record: Json) -> AccountHit:
    reviewed_on = _optional(record["reviewed_on"])
    return AccountHit(
        key=_text(record["key"]),
        name=_text(record["name"]),
        step=_whole(record["step"]),
        matched_on=_text(record["matched_on"]),
        owner=_target(record["owner"]),
        owner_active=record["owner_active"] is True,
        inherited_from=_optional(record["inherited_from"]),
        roles={
            role: target
            for role, value in _mapping(record["roles"]).items()
            if (target := _target(value)) is not None
        },
        country=_optional(record["country"]),
        tier=_text(record["tier"]),
        industry=_text(record["industry"]),
        reviewed_on=date.fromisoformat(reviewed_on) if reviewed_on else None,
    )


def _target_record(target: Target | None) -> dict[str, str | None] | None:
    return None if target is None else {"rep": target.rep, "pool": target.pool}


def _target(value: object) -> Target | None:
    if value is None:
        return None
    record = _mapping(value)
    return Target(rep=_optional(record["rep"]), pool=_optional(record["pool"]))


def _pool(record: Json) -> PoolState:
    turns = {rep: _turn(_sequence(turn)) for rep, turn in _mapping(record["turns"]).items()}
    return PoolState(picks=_whole(record["picks"]), turns=turns)


def _turn(record: Sequence[object]) -> Turn:
    owed, last_pick = record
    return Turn(_whole(owed), _whole(last_pick))


def _load(value: object) -> Load:
    open_leads, today = _sequence(value)
    return Load(open=_whole(open_leads), today=_whole(today))


def _mapping(value: object) -> Json:
    if not isinstance(value, Mapping):
        raise TypeError(f"{value!r} is no object")
    return value


def _sequence(value: object) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise TypeError(f"{value!r} is no list")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value
