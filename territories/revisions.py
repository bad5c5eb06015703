"""Revisions: every change of the configuration is numbered and attributed (semantics 11).

Theory of operation
-------------------
`revision(actor=…)` opens a change for the code inside it. Nothing is written yet. The first
configuration write calls `require_revision()`, which, inside the outermost transaction,

1. takes the row lock of the one counter row by adding one to it; the lock is held until that
   transaction ends, so numbers are given in commit order;
2. inserts the Revision with that number.

A rollback takes both back, so there are no gaps. The change remembers its Revision for later
writes of the same transaction. It is still good exactly as long as the hook it left with
`transaction.on_commit` waits on the connection: Django drops the hook when the transaction ends
and when the savepoint it was made in is rolled back. The next outermost transaction of the same
change makes a new Revision.

Writers call `lock_configuration()` before they read what they compare and validate, so no two
of them decide on the same old state (two people giving two rules one priority, two parents
making a cycle), and none waits for the counter while another waits for its row.

Without an open change a configuration write is refused with UnauditedWrite.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from .errors import UnauditedWrite
from .models.revision import ActorKind, Revision, RevisionCounter

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
COUNTER_ID = 1
STAMP_SQL = "SELECT number, epoch FROM territories_revisioncounter WHERE id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who changes something: `kind` is one of ActorKind's values, `id` theirs, `name` is shown."""

    kind: str
    id: str = ""
    name: str = ""


@dataclass(slots=True, kw_only=True)
class _Change:
    """An open change; `actor` and `reason` may be read late, when the first write comes."""

    actor: Actor | Callable[[], Actor]
    reason: str | Callable[[], str]
    source: str
    at: datetime | None = None
    revision: Revision | None = None
    mark: "_Uncommitted | None" = None

    def who(self) -> Actor:
        return self.actor() if callable(self.actor) else self.actor

    def why(self) -> str:
        return self.reason() if callable(self.reason) else self.reason


_open_change: ContextVar[_Change | None] = ContextVar("open_change", default=None)


@contextmanager
def revision(
    *,
    actor: Actor | Callable[[], Actor],
    reason: str | Callable[[], str] = "",
    source: str = "",
    at: datetime | None = None,
) -> Iterator[None]:
    """Open a change by `actor`. Inside another one the outer's actor and Revision are kept; an
    inner reason or source fills one that the outer left empty. `at` is the instant to record in
    place of the present one, for a history that is told afterwards (the demo's)."""
    outer = _open_change.get()
    if outer is not None:
        if outer.revision is None and reason and not outer.why():
            outer.reason = reason
        outer.source = outer.source or source
        yield
        return
    token = _open_change.set(_Change(actor=actor, reason=reason, source=source, at=at))
    try:
        yield
    finally:
        _open_change.reset(token)


def require_open_change() -> "_Change":
    """Return the open change; raise UnauditedWrite when there is none."""
    change = _open_change.get()
    if change is None:
        raise UnauditedWrite(
            "Configuration is changed inside `with territories.revisions.revision(actor=…)` only."
        )
    return change


def lock_configuration() -> int:
    """Lock the configuration against other writers until the transaction ends; return the
    newest revision's number. On SQLite the transaction itself is that lock."""
    numbers = RevisionCounter.objects.select_for_update().filter(pk=COUNTER_ID)
    number = numbers.values_list("number", flat=True).first()
    if number is None:
        RevisionCounter.objects.bulk_create([RevisionCounter(id=COUNTER_ID)], ignore_conflicts=True)
        number = numbers.values_list("number", flat=True).get()
    return number


def require_revision() -> Revision:
    """Return the open change's Revision in this transaction, made when it is the first write.

    Raises UnauditedWrite outside a change or outside a transaction."""
    change = require_open_change()
    if not connection.in_atomic_block:
        raise UnauditedWrite("Configuration is changed inside a transaction only.")
    if change.revision is None or not _still_waits(change.mark):
        change.revision = _make(change)
        change.mark = _Uncommitted()
        transaction.on_commit(change.mark)
    return change.revision


def current_revision() -> int:
    """Return the newest revision's number as this transaction sees it, 0 when there is none."""
    number = RevisionCounter.objects.filter(pk=COUNTER_ID).values_list("number", flat=True).first()
    return number or 0


@dataclass(frozen=True, slots=True)
class ConfigurationStamp:
    """Which configuration a transaction sees: equal stamps are equal configurations, unless
    `uncommitted`: changed in the open transaction, which may still be rolled back."""

    number: int
    epoch: str
    uncommitted: bool = field(default=False, compare=False)


def configuration_stamp() -> ConfigurationStamp:
    """Return the stamp of the newest revision as this transaction sees it: one cheap read."""
    with connection.cursor() as cursor:  # the ORM would cost ten times the read
        cursor.execute(STAMP_SQL, [COUNTER_ID])
        row = cursor.fetchone()
    number, epoch = row or (0, "")
    return ConfigurationStamp(number, epoch, has_uncommitted_revision())


def has_uncommitted_revision() -> bool:
    """Return whether the open transaction made a revision that is not committed yet."""
    return any(isinstance(hook, _Uncommitted) for hook in _waiting_hooks())


class _Uncommitted:
    """The on-commit hook of a Revision: only its presence on the connection matters."""

    def __call__(self) -> None:
        """Do nothing."""


def _still_waits(mark: _Uncommitted | None) -> bool:
    return any(hook is mark for hook in _waiting_hooks())


def _waiting_hooks() -> Iterator[object]:
    """What waits for the commit of this connection's open transaction."""
    entries: list[Any] = connection.run_on_commit
    return (hook for _, hook, _ in entries)


def _make(change: _Change) -> Revision:
    actor = change.who()
    lock_configuration()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE territories_revisioncounter SET number = number + 1, epoch = %s"
            " WHERE id = %s RETURNING number",
            [uuid4().hex, COUNTER_ID],
        )
        (number,) = cursor.fetchone()
    return Revision.objects.create(
        number=number,
        at=change.at or timezone.now(),
        actor=_one_line(actor.name)[:200],
        actor_kind=actor.kind,
        actor_id=_one_line(actor.id)[:64],
        reason=_clean_reason(change.why()),
        source=change.source[:100],
    )


def _one_line(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


def _clean_reason(text: str) -> str:
    """Return the reason without control characters (PostgreSQL refuses NUL), at most 2,000
    characters."""
    kept = "".join(c for c in text if c == "\n" or c.isprintable())
    return kept.strip()[:2000]


class RevisionMiddleware:
    """Opens a change for each unsafe request. Stands after authentication; the actor is read at
    the first write, since the API sets its user and key late."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in UNSAFE_METHODS:
            return self.get_response(request)
        source = "api" if request.path_info.startswith("/api/") else "admin"
        with revision(
            actor=partial(actor_of, request), reason=partial(reason_of, request), source=source
        ):
            return self.get_response(request)


def actor_of(request: HttpRequest) -> Actor:
    """Return who sent the request: the API key it came with, else the person signed in.

    Raises UnauditedWrite when it is nobody."""
    key: Any = getattr(request, "auth", None)
    if getattr(key, "actor_id", None) is not None:
        return Actor(kind=ActorKind.API_KEY, id=str(key.actor_id), name=str(key.name))
    user: AbstractBaseUser | None = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        raise UnauditedWrite("Nobody is signed in: a change needs a person or a key.")
    return Actor(kind=ActorKind.USER, id=str(user.pk), name=user.get_username())


def reason_of(request: HttpRequest) -> str:
    """Return why the request was sent: the form's `change_reason`, else X-Change-Reason."""
    return request.POST.get("change_reason") or request.headers.get("X-Change-Reason") or ""
