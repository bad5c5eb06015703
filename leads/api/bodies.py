"""Reading request bodies: the media type, the size and the bytes, before anything is parsed."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.http import HttpRequest

from .problems import Problem

JSON = "application/json"
NDJSON = "application/x-ndjson"
KIB = 1024
MIB = 1024 * KIB
READ_BYTES = 64 * KIB
# A refused body is read to its end up to here, so that the caller, who is still sending, gets to
# read the answer instead of a reset connection.
DRAIN_LIMIT_BYTES = 64 * MIB


def require_media_type(request: HttpRequest, allowed: Collection[str]) -> str:
    """Return the request's media type; raise a 415 Problem unless it is allowed and UTF-8.

    A body without a `Content-Type` is taken as JSON (RFC 9110, 8.3 lets the recipient decide).
    """
    media_type = (request.content_type or JSON).lower()
    charset = (request.content_params or {}).get("charset", "utf-8").strip("\"'").lower()
    if media_type not in allowed:
        raise Problem(415, f"Send {' or '.join(sorted(allowed))}, not {media_type[:100]!r}.")
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise Problem(415, f"Send UTF-8, not {charset[:100]!r}.")
    return media_type


def read_body(request: HttpRequest, *, limit: int) -> bytes:
    """Return the body's bytes; raise a Problem: 413 above `limit` bytes, 400 if it is cut short."""
    declared = _declared_length(request)
    read = _reader(request)
    body = bytearray()
    while len(body) <= limit and (piece := read(READ_BYTES)):
        body += piece
    if len(body) > limit or (declared or 0) > limit:
        _drain(read, DRAIN_LIMIT_BYTES - len(body))
        raise Problem(413, f"The body is larger than {limit // KIB} KiB.")
    if declared is not None and len(body) < declared:
        raise Problem(400, "The body is shorter than its Content-Length.")
    return bytes(body)


def _declared_length(request: HttpRequest) -> int | None:
    text = request.META.get("CONTENT_LENGTH") or ""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise Problem(400, "Content-Length is not a number.")
    return int(text[:18])


def _reader(request: HttpRequest) -> Callable[[int], bytes]:
    """Return what reads the body: Django reads nothing where no length is declared (chunked)."""
    chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    if chunked and request.META.get("wsgi.input_terminated"):
        read: Callable[[int], bytes] = request.META["wsgi.input"].read
        return read
    return request.read


def _drain(read: Callable[[int], bytes], limit: int) -> None:
    while limit > 0 and (piece := read(READ_BYTES)):
        limit -= len(piece)
