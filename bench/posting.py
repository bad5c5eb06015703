"""`POST leads/` over HTTP on PostgreSQL, with the web server of `manage.py up`."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from itertools import count
from typing import Any

from . import bare, world
from .children import in_child
from .clock import interleaved
from .databases import database, run_sql, server_url
from .load import post_all
from .report import Row, at_least, at_most, missing, shown
from .servers import memory_mib, server

BENCH = "http"
SIZES = {"rules": 1_000, "boundaries": 10_000, "reps": 500, "pools": 200}
QUICK_SIZES = {"rules": 20, "boundaries": 50, "reps": 20, "pools": 10}
LEADS = "/api/v1/leads/"


class Poster:
    """Posts new leads to a server, some at each call; returns what the clients saw."""

    def __init__(
        self, port: int, key: str, requests: int, *, first_seed: int = 1, **shape: Any
    ) -> None:
        self.port, self.key, self.requests, self.shape = port, key, requests, shape
        self._seeds = count(first_seed)

    def __call__(self, connections: int = 16) -> float:
        """Requests a second."""
        seed = next(self._seeds)
        bodies = [world.lead(n, seed=seed, **self.shape) for n in range(self.requests)]
        report = post_all(self.port, LEADS, bodies, key=self.key, connections=connections)
        return self.requests / report["seconds"]


def run(*, quick: bool) -> list[Row]:
    """Share of a bare view, and what one web process takes of memory."""
    url = server_url()
    if url is None:
        return [missing(BENCH, "POST leads/", "no PostgreSQL")]
    sizes = QUICK_SIZES if quick else SIZES
    requests, repeats = (20, 1) if quick else (1_000, 7)
    with ExitStack() as stack:
        base = stack.enter_context(database(url, "http"))
        key = in_child("prepare", base, sizes=sizes)
        run_sql(base, bare.TABLE)
        product = stack.enter_context(server(base))
        works: dict[str, Callable[[], float]] = {
            "POST leads/": Poster(product, key, requests, rules=sizes["rules"])
        }
        for name in ("bare", "dressed"):
            settings = f"bench.{name}_settings"
            port = stack.enter_context(server(base, DJANGO_SETTINGS_MODULE=settings))
            works[name] = partial(_bare_rate, port, requests)
        rates = interleaved(works, repeats=repeats)
        memory = memory_mib(product)
    return [
        shown(BENCH, "POST leads/", rates["POST leads/"], "requests/s", "16 connections"),
        shown(BENCH, "bare view, no middleware", rates["bare"], "requests/s"),
        shown(BENCH, "bare view, our middleware", rates["dressed"], "requests/s"),
        at_least(
            BENCH, "of the bare view, no middleware", rates["POST leads/"] / rates["bare"], "×", 0.5
        ),
        at_least(
            BENCH,
            "of the bare view, our middleware",
            rates["POST leads/"] / rates["dressed"],
            "×",
            0.5,
        ),
        at_most(
            "memory",
            "a web process",
            memory,
            "MiB",
            200,
            f"{sizes['rules']} rules, {sizes['boundaries']} boundaries, at its highest",
        ),
    ]


def _bare_rate(port: int, requests: int) -> float:
    bodies = [world.lead(number, rules=1_000) for number in range(requests)]
    return requests / post_all(port, "/bare/", bodies)["seconds"]


def accounts(*, quick: bool) -> list[Row]:
    """The time of a POST with a million accounts, in that with a thousand."""
    url = server_url()
    if url is None:
        return [missing("accounts", "POST leads/", "no PostgreSQL")]
    few, many = (10, 100) if quick else (1_000, 1_000_000)
    requests, repeats = (20, 1) if quick else (400, 7)
    with ExitStack() as stack:
        works: dict[str, Callable[[], float]] = {}
        for size in (few, many):
            base = stack.enter_context(database(url, f"accounts_{size}"))
            key = in_child("prepare", base, sizes=QUICK_SIZES)
            in_child("load_accounts", base, count=size)
            port = stack.enter_context(server(base))
            poster = Poster(port, key, requests, rules=20, accounts=size)
            # One connection: the time of a POST, not of a queue.
            works[f"{size:,} accounts"] = partial(_milliseconds, poster)
        times = interleaved(works, repeats=repeats)
    rows = [shown("accounts", name, value, "ms a POST") for name, value in times.items()]
    few_ms, many_ms = times.values()
    return [*rows, at_most("accounts", f"{many:,} : {few:,}", many_ms / few_ms, "×", 1.2)]


def _milliseconds(poster: Poster) -> float:
    return 1000 / poster(connections=1)


def pools(*, quick: bool) -> list[Row]:
    """Sixteen clients on one pool, in sixteen clients on sixteen pools."""
    url = server_url()
    if url is None:
        return [missing("pools", "16 clients", "no PostgreSQL")]
    requests, repeats = (32, 1) if quick else (1_000, 7)
    with ExitStack() as stack:
        works: dict[str, Callable[[], float]] = {}
        for pool_count in (1, 16):
            sizes = {"rules": 160, "boundaries": 50, "reps": 160, "pools": pool_count}
            base = stack.enter_context(database(url, f"pools_{pool_count}"))
            key = in_child("prepare", base, sizes=sizes)
            port = stack.enter_context(server(base, workers=2))
            works[f"{pool_count} pools"] = Poster(port, key, requests, rules=160)
        rates = interleaved(works, repeats=repeats)
    one, sixteen = rates.values()
    return [
        *(shown("pools", name, rate, "requests/s", "2 processes") for name, rate in rates.items()),
        at_least("pools", "1 pool : 16 pools", one / sixteen, "×", 0.5),
    ]


def processes(*, quick: bool) -> list[Row]:
    """Growth from one to four web processes on one database."""
    url = server_url()
    if url is None:
        return [missing("processes", "growth", "no PostgreSQL")]
    sizes = QUICK_SIZES if quick else SIZES
    requests, repeats = (20, 1) if quick else (1_000, 5)
    with ExitStack() as stack:
        base = stack.enter_context(database(url, "processes"))
        key = in_child("prepare", base, sizes=sizes)
        works: dict[str, Callable[[], float]] = {}
        for workers in (1, 2, 4):
            port = stack.enter_context(server(base, workers=workers))
            works[f"{workers} web processes"] = Poster(
                port, key, requests, rules=sizes["rules"], first_seed=workers * 10**6
            )
        rates = interleaved(works, repeats=repeats)
    return [shown("processes", name, rate, "requests/s") for name, rate in rates.items()]
