"""Web and worker processes are killed in the middle of the load; nothing is lost or done twice."""

import json
import random
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from leads.tests.company import company

from .instance import AWAY, Client, Instance, instance, postgresql_database

LEADS, CLIENTS, KILLS = 2000, 12, 4
LINES = 2500


@dataclass(slots=True)
class Load:
    """What the clients have sent and heard; kills come when this many leads were answered."""

    answered: dict[str, Any] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    broken: int = 0
    grown: threading.Condition = field(default_factory=threading.Condition)
    finished: bool = False

    def note(self, name: str, answer: Any) -> None:
        with self.grown:
            self.answered[name] = answer
            self.grown.notify_all()

    def wait_for(self, count: int) -> None:
        with self.grown:
            self.grown.wait_for(lambda: self.finished or len(self.answered) >= count, timeout=60)


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)], scope="module"
)
def product(request: Any, tmp_path_factory: Any) -> Iterator[Instance]:
    folder: Path = tmp_path_factory.mktemp("product")
    if request.param == "sqlite":
        with instance(f"sqlite:///{folder}/db.sqlite3", folder, "--workers", "2") as made:
            yield made
    else:
        with (
            postgresql_database() as database,
            instance(database, folder, "--workers", "2") as made,
        ):
            yield made


def body_of(number: int) -> dict[str, Any]:
    return {
        "external_id": f"load-{number}",
        "source": "faults",
        "email": f"person{number}@firm{number}.example",
        "country": "DE" if number % 4 else "FR",
    }


def send(product: Instance, load: Load, numbers: list[int]) -> None:
    """One client: every third lead is given up when its call breaks, others are sent again, half
    of these with an idempotency key."""
    with Client(product) as client:
        for number in numbers:
            if not send_one(client, load, number):
                load.unknown.add(f"load-{number}")


def send_one(client: Client, load: Load, number: int) -> bool:
    """Whether the lead was answered, sooner or later."""
    name = f"load-{number}"
    headers = {"Idempotency_Key": name} if number % 2 else {}
    while True:
        try:
            status, answer = client.call("POST", "leads/", body_of(number), **headers)
        except ConnectionRefusedError:
            pass  # nothing was sent
        except AWAY:
            load.broken += 1
            if number % 3 == 0:
                return False
        else:
            assert status in (200, 201, 503), answer
            if status != 503:
                load.note(name, answer)
                return True
        client.pause()


def kill_now_and_then(product: Instance, load: Load, chance: random.Random) -> list[str]:
    """Kill a web process, one of its children or the worker when some more leads were answered."""
    killed = []
    for threshold in sorted(chance.sample(range(LEADS // 20, LEADS * 3 // 4), KILLS)):
        load.wait_for(threshold)
        name = chance.choice(["web", "web", "web", "worker"])
        if product.kill(name, chance.randrange(3)):
            killed.append(name)
    return killed


def run_load(product: Instance, load: Load, chance: random.Random) -> list[str]:
    shares = [list(range(LEADS))[client::CLIENTS] for client in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS + 1) as threads:
        killer = threads.submit(kill_now_and_then, product, load, chance)
        clients = [threads.submit(send, product, load, share) for share in shares]
        try:
            for client in clients:
                client.result()
        finally:
            load.finished = True
            with load.grown:
                load.grown.notify_all()
        return killer.result()


def test_every_lead_that_was_answered_is_stored_once_whatever_is_killed(
    product: Instance, capsys: pytest.CaptureFixture[str]
) -> None:
    seed, load = secrets.randbelow(10**6), Load()
    killed = run_load(product, load, random.Random(seed))  # noqa: S311 - moments, not secrets
    with capsys.disabled():
        print(
            f"\n  {len(load.answered)} leads answered, {len(load.unknown)} given up,"
            f" {load.broken} calls broken by {len(killed)} kills (seed {seed})"
        )
    assert len(killed) >= KILLS // 2
    assert len(load.answered) + len(load.unknown) == LEADS
    assert_stored_once(product, load)
    assert_books_agree(product)


def assert_stored_once(product: Instance, load: Load) -> None:
    """Each answered lead is there, as it was answered; one that was given up is there or not."""
    rows = product.rows(
        "SELECT l.external_id, l.id, l.owner_id, a.id, a.owner_id,"
        " (SELECT count(*) FROM leads_assignment x WHERE x.lead_id = l.id),"
        " (SELECT count(*) FROM leads_submission s WHERE s.lead_id = l.id), l.submissions_count"
        " FROM leads_lead l JOIN leads_assignment a"
        " ON a.id = l.assignment_id AND a.lead_id = l.id WHERE l.source = 'faults'"
    )
    stored = {row[0]: row for row in rows}
    assert (
        len(stored)
        == len(rows)
        == product.rows("SELECT count(*) FROM leads_lead WHERE source = 'faults'")[0][0]
    )
    assert set(load.answered) <= set(stored) <= set(load.answered) | load.unknown
    for name, (_, lead, owner, _, line_owner, lines, arrivals, counted) in stored.items():
        assert (owner, lines, arrivals) == (line_owner, 1, counted)
        assert owner is not None
        if name in load.answered:
            answer = load.answered[name]
            assert answer["id"].replace("-", "") == str(lead).replace("-", "")
            assert answer["owner"]["key"] == owner
            # With an idempotency key the first answer is given again, without one it says "known".
            first = int(name.removeprefix("load-")) % 2
            assert answer["created"] or not first


def assert_books_agree(product: Instance) -> None:
    """Pools have moved once per pick; each line has its event and its clock."""
    picks = product.rows("SELECT pool_id, picks FROM leads_poolstate ORDER BY pool_id")
    lines = product.rows(
        "SELECT picked_from, count(*) FROM leads_assignment WHERE picked_from <> ''"
        " GROUP BY picked_from ORDER BY picked_from"
    )
    assert picks == lines
    shares = product.rows(
        "SELECT count(*) FROM leads_assignment WHERE picked_from = 'dach' GROUP BY owner_id"
    )
    assert abs(shares[0][0] - shares[-1][0]) <= 1
    ((leads, lines, clocks, events),) = product.rows(
        "SELECT (SELECT count(*) FROM leads_lead), (SELECT count(*) FROM leads_assignment),"
        " (SELECT count(*) FROM leads_slaclock),"
        " (SELECT count(*) FROM leads_outboxevent WHERE event = 'lead.assigned')"
    )
    assert leads == lines == clocks == events


def read_job(client: Client, job: dict[str, Any]) -> dict[str, Any]:
    """The job as it stands now; as it was known where a web process that an earlier kill met goes
    away with the connection."""
    try:
        status, answer = client.call("GET", f"jobs/{job['id']}/")
    except AWAY:
        return job
    return answer if status == 200 else job


def test_a_job_whose_worker_is_killed_does_each_line_once(product: Instance) -> None:
    lines = b"\n".join(
        json.dumps({"external_id": f"line-{n}", "source": "job", "country": "DE"}).encode()
        for n in range(1, LINES + 1)
    )
    status, job = product.call("POST", "leads/bulk/", lines, Content_Type="application/x-ndjson")
    assert status == 202, job
    kills = 0
    with Client(product) as client:
        while job["state"] in ("queued", "running"):
            if kills < 2 and job["done"] > kills * 500:
                kills += product.kill("worker")
            client.pause()
            job = read_job(client, job)
    assert (job["state"], job["done"], job["failed"], kills) == ("done", LINES, 0, 2)
    _, results = product.call("GET", f"jobs/{job['id']}/results/")
    assert [(line["line"], line["status"]) for line in results] == [
        (n, 201) for n in range(1, LINES + 1)
    ]
    assert product.rows(
        "SELECT count(*), count(DISTINCT external_id) FROM leads_lead WHERE source = 'job'"
    ) == [(LINES, LINES)]
    assert_books_agree(product)


def test_a_saved_change_governs_the_very_next_lead_of_every_process(product: Instance) -> None:
    made = company()
    for rule in made["rules"]:
        rule["active"] = False
    for index in range(4):
        made["rules"][1] |= {"active": index % 2 == 1, "name": f"Edition {index}"}
        status, answer = product.call(
            "POST", "config/apply/", {"document": made, "reason": f"edition {index}"}
        )
        assert status == 200
        for n in range(12):
            # A new connection each: the kernel deals them out to the processes.
            body = {"email": f"p{n}@edition{index}.example", "country": "DE"}
            _, lead = product.call("POST", "leads/", body)
            assert lead["assignment"]["revision"] == answer["revision"]
            rule = lead["assignment"]["rule"]
            assert rule is None if index % 2 == 0 else rule["name"] == f"Edition {index}"
