"""What a decision read, as JSON and back (semantics 11)."""

import json
from datetime import date
from typing import Any

import pytest

from leads.engine.config import Target
from leads.engine.errors import BrokenRecord
from leads.engine.records import from_record, to_record
from leads.engine.state import AccountHit, Load, PoolState, RecordedState, Recorder, S, Turn

STATE = RecordedState(
    accounts=(
        AccountHit(
            key="acme",
            name="Acme",
            step=3,
            matched_on="acme.example",
            owner=Target(pool="sdr"),
            roles={"sdr": Target(rep="ana")},
            reviewed_on=date(2026, 1, 2),
        ),
    ),
    ruled_out={"ben": "declined"},
    owner="ana",
    was_qualified=True,
    pool_states={"sdr": PoolState(picks=3, turns={"ana": Turn(3 * S, 2)})},
    rep_loads={"ana": Load(open=4, today=1)},
    companies={"sdr": ("ana",)},
)


def test_a_state_comes_back_whole_from_json() -> None:
    assert from_record(json.loads(json.dumps(to_record(STATE)))) == STATE


def test_a_recorder_keeps_only_what_was_asked() -> None:
    recorder = Recorder(STATE)
    recorder.pool("sdr")
    recorder.loads(("ana", "ben"))
    record = recorder.record()
    assert record.pool_states == STATE.pool_states
    assert record.rep_loads == {"ana": Load(open=4, today=1), "ben": Load()}
    assert record.companies == {}
    assert (record.owner, record.accounts) == ("ana", STATE.accounts)


@pytest.mark.parametrize(
    "change",
    [{"pools": 3}, {"owner": 3}, {"accounts": [{}]}, {"loads": {"ana": [1]}}, {"pools": {"p": 1}}],
)
def test_a_broken_record_is_an_error(change: dict[str, Any]) -> None:
    with pytest.raises(BrokenRecord):
        from_record(to_record(STATE) | change)
