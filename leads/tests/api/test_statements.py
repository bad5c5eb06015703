"""What `POST leads/` costs the database: few statements, however much there is."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import ApiKey
from leads.services import intake
from leads.tests.api.conftest import DOCUMENT, Caller, configure
from leads.tests.company import NOON, TESTER

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

#: All of them: the key, BEGIN and COMMIT too.
MOST = 10


def crowded(count: int) -> dict[str, Any]:
    """The small document with `count` more rules, pools and accounts."""
    rules = [
        {
            "key": f"more-{n}",
            "name": f"More {n}",
            "priority": 100 + n,
            "conditions": {"field": "industry", "op": "eq", "value": f"trade {n}"},
            "route_to": {"pool": f"more-{n}"},
            "fallback": [{"manager": True}],
        }
        for n in range(count)
    ]
    pools = [
        {"key": f"more-{n}", "name": f"More {n}", "members": [{"rep": "ana"}, {"rep": "ben"}]}
        for n in range(count)
    ]
    accounts = [
        {"key": f"firm-{n}", "name": f"Firm {n}", "domains": [f"firm{n}.com"], "owner": "ana"}
        for n in range(count)
    ]
    return DOCUMENT | {
        "rules": DOCUMENT["rules"] + rules,
        "pools": DOCUMENT["pools"] + pools,
        "accounts": accounts,
    }


def statements(caller: Caller, body: dict[str, Any], status: int) -> list[str]:
    """What one POST sends to the database."""
    with CaptureQueriesContext(connection) as seen:
        assert caller.post("leads/", body).status_code == status
    return [query["sql"] for query in seen.captured_queries]


def caller_of(document: dict[str, Any]) -> Caller:
    """A caller on a configuration; one lead has warmed everything up."""
    configure(document)
    caller = Caller(ApiKey.objects.issue(name="statements", scopes=["leads:write"])[1])
    caller.post("leads/", {"email": "warm@up.example", "country": "DE"})
    return caller


def test_a_new_lead_costs_at_most_ten_statements() -> None:
    sent = statements(caller_of(DOCUMENT), {"email": "a@b.example", "country": "DE"}, 201)
    assert len(sent) <= MOST, sent


def test_a_lead_of_a_known_account_costs_at_most_ten_statements() -> None:
    sent = statements(caller_of(crowded(3)), {"email": "a@firm1.com", "country": "DE"}, 201)
    assert len(sent) <= MOST, sent


def test_a_known_lead_costs_at_most_ten_statements() -> None:
    caller = caller_of(DOCUMENT)
    sent = statements(caller, {"email": "warm@up.example", "city": "Bonn"}, 200)
    assert len(sent) <= MOST, sent


def test_the_statements_are_as_many_whatever_there_is() -> None:
    body = {"email": "a@b.example", "country": "DE"}
    caller = caller_of(DOCUMENT)
    before = len(statements(caller, body, 201))
    configure(crowded(40))
    bodies = [{"email": f"p{n}@other{n}.example", "country": "DE"} for n in range(300)]
    intake.receive_leads(bodies=bodies, actor=TESTER, now=NOON)
    caller.post("leads/", {"email": "warm@again.example", "country": "DE"})
    assert len(statements(caller, body | {"email": "b@c.example"}, 201)) == before
