"""Requests to typed addresses reach no private network, whatever name it goes by."""

import ipaddress
import socket
import threading
from contextlib import closing

import pytest
import requests

from leads.outgoing import PrivateAddress, allowed_address, guarded, is_allowed


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",  # noqa: S104
        "100.64.0.1", "224.0.0.1", "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::",
    ],
)  # fmt: skip
def test_private_loopback_and_link_local_addresses_are_refused(address):
    assert not is_allowed(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_allowed(address):
    assert is_allowed(address)


def test_the_operator_may_allow_a_network(settings):
    settings.ALLOWED_PRIVATE_NETWORKS = [ipaddress.ip_network("10.0.0.0/8")]
    assert is_allowed("10.1.2.3")
    assert not is_allowed("192.168.1.1")


def test_a_host_with_one_private_address_is_refused(monkeypatch):
    found = [(2, 1, 6, "", (address, 443)) for address in ("93.184.215.14", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    with pytest.raises(PrivateAddress):
        allowed_address("two.example", 443)


@pytest.fixture
def local_server():
    """A server that answers one request."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def answer():
            with closing(server.accept()[0]) as caller:
                caller.recv(4096)
                caller.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://localhost:{server.getsockname()[1]}/"
        with closing(socket.create_connection(server.getsockname())) as last:
            last.sendall(b"x")
        thread.join(5)


def test_a_guarded_request_to_this_machine_never_connects(local_server):
    with guarded() as refused, pytest.raises(requests.ConnectionError):
        requests.get(local_server, timeout=5)
    assert refused == ["localhost"]


def test_a_guarded_request_to_an_allowed_network_passes(local_server, settings):
    settings.ALLOWED_PRIVATE_NETWORKS = [
        ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"),
    ]  # fmt: skip
    with guarded() as refused:
        assert requests.get(local_server, timeout=5).status_code == 204
    assert refused == []


def test_what_is_not_guarded_is_left_alone(local_server):
    assert requests.get(local_server, timeout=5).status_code == 204
