"""Answering a repeated POST with its first answer (`Idempotency-Key`).

The claim of a key, the work and the stored answer are one transaction: a killed process leaves
all of them or none. A second request with the same key waits for the first at the claim. An error
rolls the work back, and is then stored in a transaction of its own: it changed nothing, so there is
nothing it must be atomic with. Answers that say "try again" (429 and 5xx) are never stored, and
neither are 401 and 403, which are given before the key is looked at.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leads.models import ApiKey, IdempotencyRecord
from leads.models.idempotency import IdempotencyClaim

from .problems import Problem

HEADER = "HTTP_IDEMPOTENCY_KEY"
REPLAYED = "Idempotent-Replay"
STORED_HEADERS = ("Content-Type", "Location")
# Visible ASCII and inner spaces, as an HTTP field may carry them.
KEY = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?\Z")
PATH_LIMIT = 500


def claim_of(request: HttpRequest, caller: object, body: bytes) -> IdempotencyClaim:
    """Return what a request with the header claims; a 400 Problem where its key is malformed.

    `caller` is the ApiKey or the user; the claim's scope is the caller, never the key's text alone.
    """
    key = request.META[HEADER]
    if not KEY.match(key):
        raise Problem(400, "Idempotency-Key takes 1 to 255 visible ASCII characters.")
    kind = ApiKey.actor_kind if isinstance(caller, ApiKey) else "user"
    # The query changes what a request means as much as its body does.
    digest = hashlib.sha256(request.META.get("QUERY_STRING", "").encode() + b"\0" + body)
    return IdempotencyClaim(
        scope=f"{kind}:{getattr(caller, 'pk', '')}",
        path=request.path[:PATH_LIMIT],
        key=key,
        body_digest=digest.hexdigest(),
    )


def answer_once(
    claim: IdempotencyClaim,
    work: Callable[[], HttpResponse],
    on_error: Callable[[Exception], HttpResponse],
) -> HttpResponse:
    """Return the stored first answer, else the answer of `work`, stored together with it."""
    try:
        with transaction.atomic():
            record_id = IdempotencyRecord.objects.claim(claim, now=timezone.now())
            if record_id is not None:
                response = work()
                _store(record_id, response)
                return response
            record = IdempotencyRecord.objects.stored(claim)
    except Exception as error:
        return _store_error(claim, on_error(error))
    return _replay(claim, record)


def _store_error(claim: IdempotencyClaim, response: HttpResponse) -> HttpResponse:
    if response.status_code == 429 or response.status_code >= 500:
        return response
    with transaction.atomic():
        record_id = IdempotencyRecord.objects.claim(claim, now=timezone.now())
        if record_id is not None:
            _store(record_id, response)
    return response


def _store(record_id: int, response: HttpResponse) -> None:
    IdempotencyRecord.objects.filter(pk=record_id).update(
        status=response.status_code,
        headers={name: response[name] for name in STORED_HEADERS if name in response},
        body=response.content.decode(),
    )


def _replay(claim: IdempotencyClaim, record: IdempotencyRecord) -> HttpResponse:
    if record.body_digest != claim.body_digest:
        raise Problem(422, "This Idempotency-Key was used with another body.")
    return HttpResponse(
        record.body,
        status=record.status,
        headers={**record.headers, REPLAYED: "true"},
    )
