"""What runs with Django on a database: called by name in a process of its own (`children`)."""

import gc
import io
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from leads import snapshot
from leads.models import ApiKey
from leads.services.intake import receive_leads
from territories import document as documents
from territories.names import match_name
from territories.revisions import Actor, revision

from . import world
from .clock import interleaved, processor_seconds

ACTOR = Actor(kind="command", name="bench")
BATCH = 500


def prepare(sizes: dict[str, int]) -> str:
    """Migrate, apply a configuration of these sizes and make a key; return the key."""
    call_command("migrate", interactive=False, verbosity=0)
    with revision(actor=ACTOR, reason="bench"):
        documents.apply(world.document(**sizes))
    _, key = ApiKey.objects.issue(name="bench", scopes=["leads:write", "leads:read"])
    return key


def load_accounts(count: int) -> None:
    """COPY accounts with a domain each into the database, past history: they are only read."""
    columns = (
        "key, name, match_name, country, tier, industry, active, owner_rep_id, parent_id,"
        " owner_pool_id, employees, reviewed_on"
    )
    with connection.cursor() as cursor:
        with cursor.cursor.copy(f"COPY territories_account ({columns}) FROM STDIN") as rows:
            for number in range(count):
                name = f"Account {number}"
                owned = (f"rep-{number % 20}", None, None, None, None)
                rows.write_row(
                    (f"account{number}", name, match_name(name), "US", "", "", True, *owned)
                )
        identifiers = "account_id, kind, value, match_value"
        with cursor.cursor.copy(
            f"COPY territories_accountidentifier ({identifiers}) FROM STDIN"
        ) as rows:
            for number in range(count):
                domain = f"account{number}.com"
                rows.write_row((f"account{number}", "domain", domain, domain))
        cursor.execute("ANALYZE territories_account")
        cursor.execute("ANALYZE territories_accountidentifier")


def configuration(repeats: int) -> dict[str, float]:
    """Milliseconds to read the configuration's rows and to make it ready, both and apart."""
    reading, making, whole = [], [], []
    for _ in range(repeats):
        gc.collect()
        started = time.process_time(), time.perf_counter()
        document = documents.export_document()
        read = time.process_time()
        snapshot.Router(snapshot.config_from_document(document, 1))
        made = time.process_time()
        reading.append(read - started[0])
        making.append(made - read)
        whole.append(time.perf_counter() - started[1])
    named = {"reading": reading, "making": making, "whole": whole}
    return {name: median(values) * 1000 for name, values in named.items()}


def bulk(leads: int, rules: int, repeats: int) -> dict[str, float]:
    """Leads a second by `receive_leads` in batches, and rows of the same tables by COPY alone."""
    taken = iter(range(10**9))

    def route() -> float:
        seed = next(taken)
        bodies = [world.lead(number, rules=rules, seed=seed) for number in range(leads)]
        started = time.perf_counter()
        for first in range(0, leads, BATCH):
            receive_leads(bodies=bodies[first : first + BATCH], actor=ACTOR, now=timezone.now())
        return leads / (time.perf_counter() - started)

    route()
    kept = {table: _copied_out(table, leads) for table in COPIED}
    return interleaved({"route": route, "copy": partial(_copy_in, kept, leads)}, repeats=repeats)


#: Written per routed lead, in the order of their references.
COPIED = (
    "leads_lead",
    "leads_submission",
    "leads_assignment",
    "leads_slaclock",
    "leads_outboxevent",
)


def _copied_out(table: str, count: int) -> bytes:
    order = "assignment_id" if table == "leads_slaclock" else "id"
    rows = f"SELECT * FROM {table} ORDER BY {order} DESC LIMIT {count}"  # noqa: S608 - our names
    sql = f"COPY ({rows}) TO STDOUT"
    kept = io.BytesIO()
    with connection.cursor() as cursor, cursor.cursor.copy(sql) as out:
        for data in out:
            kept.write(data)
    return kept.getvalue()


def _copy_in(kept: dict[str, bytes], leads: int) -> float:
    """Leads a second of COPY of the same rows into the same tables, in batches, emptied before."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(COPIED)} CASCADE")
    batches = {table: _split(data) for table, data in kept.items()}
    started = time.perf_counter()
    for number in range(len(batches["leads_lead"])):
        _copy_batch({table: parts[number] for table, parts in batches.items()})
    return leads / (time.perf_counter() - started)


def _split(data: bytes) -> list[bytes]:
    lines = data.splitlines(keepends=True)
    return [b"".join(lines[first : first + BATCH]) for first in range(0, len(lines), BATCH)]


def _copy_batch(batch: dict[str, bytes]) -> None:
    """One transaction."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        for table, data in batch.items():
            with cursor.cursor.copy(f"COPY {table} FROM STDIN") as rows:
                rows.write(data)
        cursor.execute("COMMIT")


def processor_per_lead(leads: int, rules: int) -> float:
    """Microseconds of this process a lead in batches: what is ours of the bulk path."""
    bodies = [world.lead(number, rules=rules, seed=10**6) for number in range(leads)]
    work: Callable[[], Any] = partial(receive_leads, bodies=bodies, actor=ACTOR, now=timezone.now())
    return processor_seconds(work) / leads * 1e6
