"""Many clients at the same instant: turns, caps, identities and revisions stay exact."""

from collections import Counter
from functools import partial
from itertools import pairwise

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from leads.models import Assignment, Lead, PoolState, Submission
from leads.services import intake, ledger
from leads.services.desk import Desk
from leads.tests.company import NOON, TESTER, company, configure
from leads.tests.crowd import all_at_once, elsewhere
from territories.models import Revision, Rule
from territories.revisions import current_revision, revision

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

CLIENTS = 16


def receive(now=NOON, **body):
    return intake.receive_lead(body=body, actor=TESTER, now=now)


def receive_many(bodies, now=NOON):
    return intake.receive_leads(bodies=bodies, actor=TESTER, now=now)


def reps(count, **limits):
    return [
        {"key": f"rep{n}", "name": f"Rep {n}", "email": f"rep{n}@desk.example", **limits}
        for n in range(count)
    ]


def pool(key, members, **options):
    return {"key": key, "name": key, "members": [{"rep": f"rep{n}"} for n in members], **options}


def rule(key, priority, kind=None, fallback=None):
    conditions = {"field": "lead_type", "op": "eq", "value": kind} if kind else None
    return {
        "key": key,
        "name": key,
        "priority": priority,
        "conditions": conditions,
        "route_to": {"pool": key},
        "fallback": fallback or [{"manager": True}],
    }


def desk_with(people, pools, rules):
    made = company(definitions=[])
    configure(
        made | {"reps": made["reps"] + people, "pools": made["pools"] + pools, "rules": rules}
    )


def posts(client, count, **fields):
    """A client that posts `count` leads of its own, one after the other."""

    def work():
        return [
            receive(email=f"c{client}-{n}@firm{client}-{n}.example", **fields) for n in range(count)
        ]

    return work


def counts_of(**wanted):
    return Counter(Assignment.objects.filter(**wanted).values_list("owner_id", flat=True))


def test_sixteen_clients_take_turns_in_one_pool():
    desk_with(reps(5), [pool("crowd", range(5))], [rule("crowd", 1)])
    all_at_once([posts(client, 6) for client in range(CLIENTS)])
    counts = counts_of(picked_from="crowd")
    assert sum(counts.values()) == PoolState.objects.get(pool="crowd").picks == CLIENTS * 6
    assert max(counts.values()) - min(counts.values()) <= 1
    assert not Lead.objects.filter(owner=None).exists()


@pytest.mark.parametrize("cap", ["max_open", "max_per_day"])
def test_caps_hold_over_two_pools_that_share_reps(cap):
    desk_with(
        reps(6, **{cap: 5}),
        [pool("left", range(4)), pool("right", range(2, 6))],
        [rule(key, n, key, [{"pool": "catch-all"}]) for n, key in enumerate(("left", "right"), 1)],
    )
    kinds = ("left", "right") * (CLIENTS // 2)
    all_at_once([posts(client, 5, lead_type=kind) for client, kind in enumerate(kinds)])
    counts = counts_of()
    assert {key: count for key, count in counts.items() if key != "cat"} == {
        f"rep{n}": 5 for n in range(6)
    }
    assert counts["cat"] == CLIENTS * 5 - 30


def test_least_loaded_stays_level():
    pools = [pool("level", range(4), distribution="least_loaded")]
    desk_with(reps(4), pools, [rule("level", 1)])
    all_at_once([posts(client, 5) for client in range(CLIENTS)])
    assert set(counts_of().values()) == {CLIENTS * 5 // 4}


@pytest.mark.parametrize(
    "identity",
    [{"email": "ana@firm.example"}, {"external_id": "7", "source": "web", "company": "Firm"}],
    ids=["email", "external_id"],
)
def test_one_person_sixteen_times_at_once_is_one_lead(identity):
    desk_with(reps(2), [pool("crowd", range(2))], [rule("crowd", 1)])
    receipts = all_at_once([partial(receive, **identity) for _ in range(CLIENTS)])
    assert Lead.objects.get().submissions_count == Submission.objects.count() == CLIENTS
    assert Assignment.objects.count() == PoolState.objects.get(pool="crowd").picks == 1
    assert [receipt.created for receipt in receipts].count(True) == 1
    assert len({receipt.answer["owner"]["key"] for receipt in receipts}) == 1


def test_batches_and_single_leads_share_the_turns():
    desk_with(reps(3), [pool("crowd", range(3))], [rule("crowd", 1)])
    batches = [
        partial(receive_many, [{"email": f"b{n}@b{batch}.example"} for n in range(30)])
        for batch in range(4)
    ]
    all_at_once([*batches, *(posts(client, 5) for client in range(12))])
    assert set(counts_of().values()) == {(4 * 30 + 12 * 5) // 3}


def test_batches_of_the_same_people_in_opposite_orders_make_each_lead_once():
    desk_with(reps(2), [pool("crowd", range(2))], [rule("crowd", 1)])
    people = [{"email": f"p{n}@firm{n}.example"} for n in range(30)]
    all_at_once([partial(receive_many, people[:: 1 - 2 * (n % 2)]) for n in range(6)])
    assert Lead.objects.count() == Assignment.objects.count() == 30
    assert PoolState.objects.get(pool="crowd").picks == 30
    assert set(Lead.objects.values_list("submissions_count", flat=True)) == {6}


def test_a_known_lead_is_held_from_reading_to_writing(monkeypatch):
    """Else a reassignment in between would be overwritten."""
    configure()
    lead_id = receive(email="a@x.example", country="DE").lead_id
    held = []

    def is_held():
        try:
            with transaction.atomic():
                Lead.objects.select_for_update(nowait=True).get(pk=lead_id)
        except OperationalError:
            return True
        return False

    known_of = intake.known_of

    def look(desk, items):
        known = known_of(desk, items)
        held.append(elsewhere(is_held))
        return known

    monkeypatch.setattr(intake, "known_of", look)
    receive(email="a@x.example", city="Bonn")
    assert held == [True]


def test_a_lead_that_is_posted_and_reassigned_at_once_keeps_one_history():
    configure()
    lead_id = receive(timezone.now(), email="a@x.example", country="DE").lead_id

    def post(client):
        for n in range(5):
            receive(timezone.now(), email="a@x.example", city=f"City {client}-{n}")

    def reassign(client):
        for n in range(5):
            to = {"rep": ("ana", "ben", "cat")[(client + n) % 3]}
            ledger.reassign(
                lead_id=lead_id, to=to, reason="workload", actor=TESTER, now=timezone.now()
            )

    works = [partial(post, client) for client in range(8)]
    all_at_once([*works, *(partial(reassign, client) for client in range(8))])
    lead, lines = Lead.objects.get(), list(Assignment.objects.order_by("id"))
    assert (lead.assignment_id, lead.owner_id) == (lines[-1].id, lines[-1].owner_id)
    assert [after.previous_owner for after in lines[1:]] == [line.owner_id for line in lines[:-1]]
    assert len(lines) == 41
    assert lead.submissions_count == Submission.objects.count() == 41


def rename(name):
    """One revision; returns its number."""
    with revision(actor=TESTER, reason="renamed"), transaction.atomic():
        changed = Rule.objects.get(pk="crowd")
        changed.name = name
        changed.save()
        return current_revision()


def test_leads_that_arrive_while_people_edit_are_decided_on_what_was_in_force():
    desk_with(reps(3), [pool("crowd", range(3))], [rule("crowd", 1)])
    names = {current_revision(): "crowd"}

    def edit():
        return {rename(f"Edition {n}"): f"Edition {n}" for n in range(15)}

    edited, *_ = all_at_once([edit, *(posts(client, 5) for client in range(12))])
    names |= edited
    lines = Assignment.objects.order_by("id").values_list("revision", "rule_name")
    assert all(names[number] == name for number, name in lines)
    newest = max(Revision.objects.values_list("number", flat=True))
    assert receive(email="last@x.example").answer["assignment"]["revision"] == newest


@pytest.mark.parametrize("count", [1, 40], ids=["one statement", "copy"])
@pytest.mark.parametrize("changes", [1, 3], ids=["once", "at every attempt but the last"])
def test_a_decision_on_a_revision_that_has_passed_is_made_again(monkeypatch, count, changes):
    desk_with(reps(3), [pool("crowd", range(3))], [rule("crowd", 1)])
    save, made = Desk.save, []

    def change_and_save(desk):
        if len(made) < changes:
            made.append(elsewhere(partial(rename, f"Edition {len(made)}")))
        save(desk)

    monkeypatch.setattr(Desk, "save", change_and_save)
    receive_many([{"email": f"p{n}@firm{n}.example"} for n in range(count)])
    assert len(made) == changes
    lines = Assignment.objects.values_list("revision", "rule_name")
    assert set(lines) == {(made[-1], f"Edition {changes - 1}")}
    assert Lead.objects.count() == PoolState.objects.get(pool="crowd").picks == count


def test_the_ledger_of_one_client_is_in_the_order_it_was_written():
    desk_with(reps(2), [pool("crowd", range(2))], [rule("crowd", 1)])
    receipts = receive_many([{"email": f"p{n}@firm{n}.example"} for n in range(1500)])
    ids = [receipt.lead_id for receipt in receipts]
    assert all(before < after for before, after in pairwise(ids))
