"""Which of several accounts is the lead's (semantics 4)."""

from datetime import date
from typing import Any

from leads.engine.accounts import choose, ranked
from leads.engine.config import Target
from leads.engine.facts import Lead
from leads.engine.state import AccountHit

LEAD = Lead({"country": "DE"}, regions={})


def hit(key: str, step: int = 3, **values: Any) -> AccountHit:
    return AccountHit(key=key, name=key.title(), step=step, matched_on="acme.example", **values)


def best(*hits: AccountHit) -> str | None:
    found = choose(hits, LEAD)
    return None if found is None else found.key


def test_the_earliest_step_wins() -> None:
    assert best(hit("name", 5, country="DE"), hit("domain", 3), hit("site", 4)) == "domain"
    assert best() is None


def test_country_then_owner_then_tier_then_review_then_key_decide() -> None:
    owned = {"owner": Target(rep="ana"), "owner_active": True}
    assert best(hit("a", **owned, tier="strategic"), hit("b", country="DE")) == "b"
    assert best(hit("a", tier="strategic"), hit("b", **owned)) == "b"
    assert best(hit("a", tier="key"), hit("b", tier="Strategic")) == "b"
    assert best(hit("a", tier=""), hit("b", tier="zebra")) == "b"
    assert best(hit("a", tier="gold"), hit("b", tier="key")) == "b"
    assert (
        best(hit("a", reviewed_on=date(2026, 1, 1)), hit("b", reviewed_on=date(2026, 2, 1))) == "b"
    )
    assert best(hit("a"), hit("b", reviewed_on=date(2020, 1, 1))) == "b"
    assert best(hit("b"), hit("a")) == "a"


def test_all_hits_of_the_step_are_ranked_each_once() -> None:
    hits = [hit("b"), hit("c", 5), hit("a"), hit("b")]
    assert [one.key for one in ranked(hits, LEAD)] == ["a", "b"]
