"""People at the admin, and leads for them to look at."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client

from leads.models import Lead
from leads.services import intake
from leads.tests.company import NOON, TESTER


def sign_in(*permissions: str) -> Client:
    """A client signed in as a superuser, or as staff with just these permissions of leads."""
    name = "-".join(permissions) or "boss"
    user = User.objects.create_user(
        name[:100], password=None, is_staff=True, is_superuser=not permissions
    )
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="leads", codename__in=permissions)
    )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def receive(at: datetime = NOON, **body: Any) -> Lead:
    """A lead that came in at noon of the test's day, or at another time."""
    return intake.receive_lead(body=body, actor=TESTER, now=at).lead


def text_of(response: Any) -> str:
    """The page's text with its white space folded."""
    return " ".join(response.content.decode().split())
