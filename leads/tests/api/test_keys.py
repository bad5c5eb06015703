"""API keys: made once, stored as digests, refused when they should be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from leads.models import ApiKey
from leads.models.api_key import Scope

from .conftest import Caller, assert_problem

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("create_api_key", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_command_prints_the_key_alone() -> None:
    printed = run("Website", "--scope", "leads:write", "--scope", "leads:read")

    key = ApiKey.objects.find(printed.strip())
    assert printed.count("\n") == 1
    assert key is not None
    assert key.scopes == ["leads:write", "leads:read"]


def test_command_takes_expiry_network_and_limit() -> None:
    run(
        "HR",
        "--scope=config:write",
        "--expires=2027-01-01",
        "--network=10.0.0.0/8",
        "--rate-limit=600",
    )

    key = ApiKey.objects.get(name="HR")
    assert key.expires_at is not None
    assert key.expires_at.isoformat() == "2027-01-01T00:00:00+00:00"
    assert key.allowed_networks == ["10.0.0.0/8"]
    assert key.rate_limit == 600


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--scope=leads:wirte"], "leads:write"),
        ([], "at least one scope"),
        (["--scope=leads:read", "--expires=soon"], "soon"),
        (["--scope=leads:read", "--network=10.0.0.0/40"], "10.0.0.0/40"),
    ],
)
def test_command_says_what_is_wrong(arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        run("Website", *arguments)
    assert not ApiKey.objects.exists()


def test_a_name_in_use_is_refused_until_its_key_is_revoked() -> None:
    first, _ = ApiKey.objects.issue(name="CRM", scopes=[Scope.LEADS_READ])
    with pytest.raises(ValidationError, match="in use"):
        ApiKey.objects.issue(name="CRM", scopes=[Scope.LEADS_READ])

    ApiKey.objects.filter(pk=first.pk).update(revoked_at=timezone.now())

    ApiKey.objects.issue(name="CRM", scopes=[Scope.LEADS_READ])


def test_the_key_itself_is_not_stored() -> None:
    _, key = ApiKey.objects.issue(name="CRM", scopes=[Scope.LEADS_READ])
    secret = key.rpartition("_")[2]

    stored = ApiKey.objects.values().get()
    assert secret not in repr(stored)


@pytest.mark.parametrize("change", ["x", "_", "\0", "é", "rak_"])
def test_a_changed_key_is_unknown(change: str) -> None:
    _, key = ApiKey.objects.issue(name="CRM", scopes=[Scope.LEADS_READ])

    assert ApiKey.objects.find(key) is not None
    assert ApiKey.objects.find(key[:-1] + change) is None
    assert ApiKey.objects.find(change + key) is None


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer \xff", "x"])
def test_no_valid_key_is_401_with_a_challenge(header: str) -> None:
    caller = Caller(None)

    response = caller.get("leads/", headers={"Authorization": header} if header else {})

    assert_problem(response, 401)
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_expired_revoked_and_foreign_keys_are_401(make_caller: Callable[..., Caller]) -> None:
    past = timezone.now() - timedelta(seconds=1)
    expired = make_caller(name="expired", expires_at=past)
    foreign = make_caller(name="foreign", allowed_networks=["10.0.0.0/8"])
    revoked = make_caller(name="revoked")
    ApiKey.objects.filter(name="revoked").update(revoked_at=past)

    for caller in (expired, foreign, revoked):
        assert_problem(caller.get("leads/"), 401)


def test_a_key_works_inside_its_network(make_caller: Callable[..., Caller]) -> None:
    caller = make_caller(allowed_networks=["127.0.0.0/8", "::1/128"])

    assert caller.get("leads/").status_code == 200


def test_a_missing_scope_is_403_and_named(make_caller: Callable[..., Caller]) -> None:
    caller = make_caller(Scope.LEADS_READ)

    problem = assert_problem(caller.post("leads/", {"email": "a@example.com"}), 403)

    assert "leads:write" in problem["detail"]


def test_use_is_noted_at_most_once_an_hour(make_caller: Callable[..., Caller]) -> None:
    caller = make_caller()
    caller.get("leads/")
    first = ApiKey.objects.get().last_used_at

    caller.get("leads/")

    assert first is not None
    assert ApiKey.objects.get().last_used_at == first


class TestSessions:
    """Admin users call with their session."""

    def caller(self, user: User) -> Caller:
        caller = Caller(None, enforce_csrf_checks=True)
        caller.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return caller

    def test_a_superuser_may_read_and_needs_a_token_to_write(self) -> None:
        caller = self.caller(User.objects.create_superuser("root"))

        assert caller.get("leads/").status_code == 200
        refused = caller.post("leads/", {"email": "a@example.com"})

        assert "CSRF" in assert_problem(refused, 403)["detail"]

    def test_a_token_lets_a_write_through(self) -> None:
        caller = self.caller(User.objects.create_superuser("root"))
        caller.client.cookies["csrftoken"] = "a" * 32

        response = caller.post(
            "leads/", {"email": "a@example.com"}, headers={"X-CSRFToken": "a" * 32}
        )

        assert response.status_code == 201

    def test_permissions_stand_for_scopes(self) -> None:
        user = User.objects.create_user("reader")
        user.user_permissions.add(Permission.objects.get(codename="view_lead"))
        caller = self.caller(user)

        assert caller.get("leads/").status_code == 200
        assert_problem(caller.get("config/"), 403)
