"""The steps of a pick: every member of the pool, with its turns or why it was ruled out."""

from .config import Target
from .decision import TraceStep
from .explanations import EXCLUSION_WORDS, REASON_WORDS, away_words, local_day, pool_name, rep_name
from .pools import Needs, Pick
from .run import Miss, Outcome, Run
from .state import NO_TURN, S, Turn
from .vocabulary import Exclusion, Reason, Result, Step


def outcome_steps(
    run: Run, outcome: Outcome, target: Target, needs: Needs | None
) -> list[TraceStep]:
    """What a rule's target came to: its pool's members, or the named rep."""
    if target.pool is not None:
        steps = [] if outcome.pick is None else pool_steps(run, outcome.pick)
        return [*_skill_steps(target.pool, needs), *steps]
    if isinstance(outcome, Miss):
        return [_rep_step(run, target.rep or "", outcome.reason)]
    return []


def pool_steps(run: Run, pick: Pick) -> list[TraceStep]:
    """Every member in the pool's order; a pool without members is one step."""
    pool = pick.pool
    if pick.bench is None:
        return [_empty(run, pool)]
    out = dict(pick.bench.out) | dict(pick.out)
    turns = pick.state.turns if pick.state is not None else {}
    steps: list[TraceStep] = []
    for seat in run.compiled.roster.seats(pool):
        turn = turns.get(seat.rep, NO_TURN)
        data: dict[str, object] = {"pool": pool, "weight": seat.weight}
        if pick.state is not None:
            data |= _turn_data(turn)
        why = out.get(seat)
        if why is not None:
            steps.append(_excluded(run, seat.rep, why, data))
        elif seat.rep == pick.rep:
            steps.append(_picked(run, pick, turn, data))
        else:
            steps.append(_waits(run, pick, seat.rep, turn, data))
    return steps


def _turn_data(turn: Turn) -> dict[str, object]:
    return {"owed": turn.owed, "owed_leads": round(turn.owed / S, 3), "last_pick": turn.last_pick}


def _empty(run: Run, pool: str) -> TraceStep:
    return TraceStep(
        step=Step.POOL,
        subject=pool,
        result=Result.FAILED,
        reason=Reason.POOL_EMPTY.value,
        data={"pool": pool},
        text=f"Pool {pool_name(run.compiled.config, pool)} has no members or is inactive.",
    )


def _excluded(run: Run, rep: str, why: Exclusion, data: dict[str, object]) -> TraceStep:
    config = run.compiled.config
    ruled = run.compiled.roster.ruled(rep, why, run.at)
    words = away_words(ruled, config)
    back = run.compiled.roster.back_at(rep, run.at, why)
    if back is not None:
        data["until"] = back.isoformat()
        if why is Exclusion.OFF_HOURS:
            words += f" until {local_day(back, config)}, {back:%H:%M} UTC"
    return TraceStep(
        step=Step.POOL,
        subject=rep,
        result=Result.EXCLUDED,
        reason=why.value,
        data=data,
        text=f"{rep_name(config, rep)} {words}.",
    )


def _picked(run: Run, pick: Pick, turn: Turn, data: dict[str, object]) -> TraceStep:
    name = rep_name(run.compiled.config, pick.rep)
    why = "was next"
    if pick.company is not None:
        why = "already has a lead of the same company"
        data["company"] = True
    return TraceStep(
        step=Step.POOL,
        subject=pick.rep,
        result=Result.PICKED,
        data=data,
        text=f"{name} {why} ({_owed_words(turn)}).",
    )


def _waits(run: Run, pick: Pick, rep: str, turn: Turn, data: dict[str, object]) -> TraceStep:
    name = rep_name(run.compiled.config, rep)
    return TraceStep(
        step=Step.POOL,
        subject=rep,
        result=Result.PASSED,
        data=data,
        text=f"{name} is available and comes later ({_owed_words(turn)}).",
    )


def _owed_words(turn: Turn) -> str:
    leads = turn.owed / S
    if turn.owed == 0:
        return "owed nothing"
    return f"owed {leads:.2f} leads" if leads > 0 else f"{-leads:.2f} leads ahead"


def _rep_step(run: Run, rep: str, reason: Reason) -> TraceStep:
    config = run.compiled.config
    ruled = next((one for one in reversed(run.ruled) if one.rep == rep), None)
    words = away_words(ruled, config) if ruled is not None else f"is out: {REASON_WORDS[reason]}"
    why = ruled.reason if ruled is not None else reason.value
    data: dict[str, object] = {}
    if ruled is not None and ruled.until is not None:
        data["until"] = ruled.until.isoformat()
    known = why if why in EXCLUSION_WORDS or why == Exclusion.ABSENT.value else reason.value
    return TraceStep(
        step=Step.POOL,
        subject=rep,
        result=Result.EXCLUDED,
        reason=known,
        data=data,
        text=f"{rep_name(config, rep)} {words}.",
    )


def _skill_steps(pool: str, needs: Needs | None) -> list[TraceStep]:
    """What the lead calls for, and values that name no skill."""
    if needs is None:
        return []
    called = [sorted(group) for group in needs.groups]
    names = ", ".join(" or ".join(group) for group in called) or "no skill"
    text = f"The lead calls for {names}."
    if needs.unknown:
        text += f" {', '.join(needs.unknown)} names no skill and calls for nothing."
    return [
        TraceStep(
            step=Step.POOL,
            subject=pool,
            result=Result.PASSED,
            data={"skills": called, "unknown": list(needs.unknown), "any": needs.any_of},
            text=text,
        )
    ]
