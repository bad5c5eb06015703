"""What holds for every configuration: the index equals a plain search, explaining changes nothing,
a recorded state gives the same decision again, nobody unavailable is picked."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from leads.engine.conditions import compile_tree
from leads.engine.config import (
    Absence,
    Boundary,
    Config,
    FallbackStep,
    RouteTo,
    Rule,
    Skill,
    Target,
    Territory,
    ValueList,
)
from leads.engine.facts import Lead
from leads.engine.records import from_record, to_record
from leads.engine.router import Router
from leads.engine.rules import RuleIndex
from leads.engine.state import AccountHit, Load, PoolState, RecordedState, Recorder, S, Turn
from leads.engine.trace import explanation
from leads.engine.vocabulary import Distribution, LeadStatus, RoutingModel, Step

from .build import NOW, config, pool, rep, rule, to_pool, to_rep

COUNTRIES = ["DE", "AT", "FR", "US"]
TYPES = ["demo", "content", "event"]
PRODUCTS = ["crm", "erp", "bi"]
REPS = ["ana", "ben", "cy", "dee"]
LISTS = {
    "dach": ValueList(key="dach", name="DACH", kind="region", values=("DE", "AT")),
    "off": ValueList(key="off", name="Off", values=("DE",), active=False),
}


def leaf(field: str, op: str, *value: Any) -> dict[str, Any]:
    return {"field": field, "op": op} | ({"value": value[0]} if value else {})


def leaves(field: str, ops: list[str], *values: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Tests of one field with any of the operators and any of the values."""
    return st.builds(leaf, st.just(field), st.sampled_from(ops), *values)


LEAVES = st.one_of(
    leaves("country", ["eq", "ne", "starts_with"], st.sampled_from(COUNTRIES)),
    leaves("country", ["in", "not_in"], st.sampled_from([["DE", "FR"], {"list": "dach"}])),
    leaves("country", ["in", "not_in"], st.sampled_from([["US"], {"list": "off"}])),
    leaves(
        "product_interest",
        ["in", "includes", "includes_all", "excludes", "not_in"],
        st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=2),
    ),
    leaves("employees", ["gt", "gte", "lt", "lte", "eq"], st.integers(0, 5)),
    leaves("lead_type", ["eq"], st.sampled_from(TYPES)),
    leaves("lead_type", ["is_blank", "is_not_blank"]),
    leaves("region", ["eq", "ne"], st.sampled_from(["dach", "DACH"])),
    leaves("account.tier", ["eq"], st.sampled_from(["key", "none"])),
    leaves("territory.key", ["eq"], st.sampled_from(["t0", "t1"])),
)
TREES = st.one_of(
    st.none(),
    st.recursive(
        LEAVES,
        lambda inner: st.one_of(
            st.builds(lambda kids: {"all": kids}, st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda kids: {"any": kids}, st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda kid: {"not": kid}, inner),
        ),
        max_leaves=6,
    ),
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "country": st.sampled_from([*COUNTRIES, "JP"]),
        "lead_type": st.sampled_from([*TYPES, "Demo"]),
        "product_interest": st.lists(st.sampled_from(PRODUCTS), max_size=3).map(tuple),
        "employees": st.one_of(st.integers(0, 6), st.sampled_from(["3", "many"])),
        "postal_code": st.sampled_from(["10115", "80331", "1010"]),
    },
)
WAYS = st.one_of(
    st.sampled_from(["p0", "p1", "p2"]).map(to_pool),
    st.sampled_from(REPS).map(to_rep),
    st.builds(
        lambda key, any_of: RouteTo(
            model=RoutingModel.SKILLS, pool=key, match=("product_interest",), match_any=any_of
        ),
        st.sampled_from(["p0", "p1"]),
        st.booleans(),
    ),
    st.sampled_from(
        [
            RouteTo(model=RoutingModel.ACCOUNT_OWNER),
            RouteTo(model=RoutingModel.ACCOUNT_OWNER, role="sdr"),
            RouteTo(model=RoutingModel.TERRITORY),
            RouteTo(model=None, keep_owner=True),
            RouteTo(model=None, nurture=True),
        ]
    ),
)
STEPS = st.sampled_from(
    [
        FallbackStep(backup=True),
        FallbackStep(manager=True),
        FallbackStep(pool="p1"),
        FallbackStep(rep="dee"),
        FallbackStep(hold_minutes=5),
        FallbackStep(next_rule=True),
    ]
)
TARGETS = st.sampled_from([Target(rep="ana"), Target(rep="ben"), Target(pool="p0"), None])


@st.composite
def rule_sets(draw: st.DrawFn) -> tuple[Rule, ...]:
    count = draw(st.integers(1, 8))
    return tuple(
        rule(
            number + 1,
            draw(WAYS),
            draw(TREES),
            fallback=tuple(draw(st.lists(STEPS, min_size=1, max_size=3))),
            working_hours_only=draw(st.booleans()),
            respect_caps=draw(st.booleans()),
            active=draw(st.integers(0, 5)) > 0,
        )
        for number in range(count)
    )


@st.composite
def configs(draw: st.DrawFn) -> Config:
    away = (Absence(start=NOW - timedelta(days=1), end=NOW + timedelta(days=2), reason="leave"),)
    reps = [
        rep(
            key,
            active=draw(st.integers(0, 4)) > 0,
            absences=away if draw(st.integers(0, 3)) == 0 else (),
            backup=draw(st.sampled_from([None, *REPS])),
            max_open=draw(st.sampled_from([None, None, 2])),
            skills=frozenset(draw(st.sets(st.sampled_from(PRODUCTS), max_size=3))),
        )
        for key in REPS
    ]
    pools = [
        pool(
            f"p{number}",
            *[(key, draw(st.integers(0, 3))) for key in draw(st.sets(st.sampled_from(REPS)))],
            distribution=draw(st.sampled_from(Distribution)),
            make_up_limit=draw(st.integers(0, 2)),
            keep_company_together_days=draw(st.sampled_from([None, 30])),
        )
        for number in range(3)
    ]
    territories = [
        Territory(
            key=f"t{number}",
            name=f"T{number}",
            parent=draw(st.sampled_from([None, "t0"])),
            assign_to=draw(TARGETS),
            boundaries=draw(
                st.sampled_from(
                    [(), (Boundary(country="DE"),), (Boundary(country="DE", postal=("1*",)),)]
                )
            ),
            segment=draw(st.sampled_from([None, {"field": "employees", "op": "gt", "value": 2}])),
        )
        for number in range(3)
    ]
    return config(
        reps,
        draw(rule_sets()),
        pools=pools,
        territories=territories,
        skills=[Skill(key=key, name=key.title()) for key in PRODUCTS[:2]],
        value_lists=LISTS.values(),
    )


@st.composite
def states(draw: st.DrawFn) -> RecordedState:
    hits = [
        AccountHit(
            key=key,
            name=key,
            step=draw(st.integers(3, 5)),
            matched_on="acme.example",
            owner=draw(TARGETS),
            roles={"sdr": Target(rep="cy")} if draw(st.booleans()) else {},
            tier=draw(st.sampled_from(["", "key"])),
        )
        for key in draw(st.sets(st.sampled_from(["acme", "beta"])))
    ]
    return RecordedState(
        accounts=tuple(hits),
        ruled_out={"ana": "declined"} if draw(st.booleans()) else {},
        owner=draw(st.sampled_from([None, "ana", "ben"])),
        pool_states={
            "p0": PoolState(picks=9, turns={key: Turn(draw(st.integers(-S, S)), 1) for key in REPS})
        },
        rep_loads={key: Load(open=draw(st.integers(0, 3))) for key in REPS},
        companies={"p0": ("ben",)} if draw(st.booleans()) else {},
    )


@given(rule_sets(), FACTS)
@settings(max_examples=100, deadline=None)
def test_the_index_finds_exactly_the_rules_that_a_plain_search_finds(
    rules: tuple[Rule, ...], facts: dict[str, Any]
) -> None:
    index = RuleIndex(rules, LISTS)
    lead = Lead(facts, regions={"de": ("dach", "DACH"), "at": ("dach", "DACH")})
    lead.territory_keys = ("t1", "t0")
    plain = [
        one.key
        for one in sorted(rules, key=lambda one: one.priority)
        if one.active and compile_tree(one.conditions, LISTS).test(lead)
    ]
    assert [one.rule.key for one in index.matching(lead, NOW.date)] == plain


@given(configs(), FACTS, states())
@settings(max_examples=100, deadline=None)
def test_explaining_and_replaying_give_the_same_decision(
    made: Config, facts: dict[str, Any], state: RecordedState
) -> None:
    router = Router(made)
    recorder = Recorder(state)
    decision = router.route(facts, recorder, NOW)
    explained = router.route(facts, state, NOW, explain=True)
    assert replace(explained, trace=decision.trace) == decision
    record = from_record(to_record(recorder.record()))
    assert router.route(facts, record, NOW) == decision
    assert explanation(decision, made) == explanation(explained, made)


@given(configs(), FACTS, states())
@settings(max_examples=100, deadline=None)
def test_routing_never_ends_with_nobody_and_never_picks_from_a_pool_who_is_not_there(
    made: Config, facts: dict[str, Any], state: RecordedState
) -> None:
    decision = Router(made).route(facts, state, NOW, explain=True)
    if decision.status is LeadStatus.ASSIGNED:
        assert decision.owner is not None
    out = {
        (step.data.get("pool"), step.subject)
        for step in decision.trace
        if step.step is Step.POOL and step.result.value == "excluded"
    }
    if decision.picked_from is not None:
        assert made.reps[decision.owner or ""].active
        if decision.fallback_via != "global_fallback":
            assert (decision.picked_from, decision.owner) not in out
    assert decision.is_fallback == (decision.reason is not None)
    if decision.reason is not None:
        assert decision.exceptions[0] is decision.reason
    assert len(set(decision.exceptions)) == len(decision.exceptions)


@given(configs(), FACTS, states())
@settings(max_examples=100, deadline=None)
def test_every_rule_down_to_the_deciding_one_is_in_the_trace(
    made: Config, facts: dict[str, Any], state: RecordedState
) -> None:
    decision = Router(made).route(facts, state, NOW, explain=True)
    told = [step.subject for step in decision.trace if step.step is Step.RULE]
    active = [one for one in sorted(made.rules, key=lambda r: r.priority) if one.active]
    deciding = next((one.priority for one in active if one.key == decision.rule), None)
    for one in active:
        if deciding is not None and one.priority <= deciding:
            assert one.key in told


@given(configs(), FACTS, states())
@settings(max_examples=100, deadline=None)
def test_a_held_lead_is_released_to_a_rep_held_on_or_passed_on(
    made: Config, facts: dict[str, Any], state: RecordedState
) -> None:
    router = Router(made)
    decision = router.route(facts, state, NOW)
    if decision.hold is None:
        return
    early = router.resume(facts, state, NOW + timedelta(minutes=1), decision.hold)
    assert early.hold is not None
    assert early.hold.until == decision.hold.until
    late = router.resume(facts, state, decision.hold.until, decision.hold)
    assert late.hold is None or late.hold.until > decision.hold.until
    explained = router.resume(facts, state, decision.hold.until, decision.hold, explain=True)
    assert replace(explained, trace=late.trace) == late
