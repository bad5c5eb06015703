"""Requests to addresses that people typed: they never reach private networks.

A check of the name before the request would not hold: the name may mean another address a moment
later, and an answer may redirect. So each connection that urllib3 opens inside `guarded()` is
resolved here, and goes to the very address that was judged. Outside of it nothing changes.
"""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from urllib3.util import connection as urllib3_connection

_guard: ContextVar[list[str] | None] = ContextVar("outgoing_guard", default=None)
_create_connection = urllib3_connection.create_connection


class PrivateAddress(OSError):
    """The host is at an address that outgoing requests may not reach."""


def is_allowed(address: str) -> bool:
    """Whether outgoing requests may reach an IP address: a global one, or one of a network that
    ALLOWED_PRIVATE_NETWORKS names."""
    found = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    if any(found in network for network in settings.ALLOWED_PRIVATE_NETWORKS):
        return True
    return found.is_global and not found.is_multicast


def allowed_address(host: str, port: int) -> str:
    """An address of the host that may be reached. Raises PrivateAddress where one of them may
    not be, and OSError where there is none."""
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not all(is_allowed(address) for address in addresses):
        raise PrivateAddress(f"{host} is at a private address")
    return addresses[0]


@contextmanager
def guarded() -> Iterator[list[str]]:
    """Requests inside reach public addresses only; gives the hosts that were refused."""
    refused: list[str] = []
    token = _guard.set(refused)
    try:
        yield refused
    finally:
        _guard.reset(token)


def _connect(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
    refused = _guard.get()
    if refused is None:
        return _create_connection(address, *args, **kwargs)
    host, port = address
    try:
        return _create_connection((allowed_address(host, port), port), *args, **kwargs)
    except PrivateAddress:
        refused.append(host)
        raise


# urllib3 looks the function up in its module for each connection; it has no hook for it.
urllib3_connection.create_connection = _connect
