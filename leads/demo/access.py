"""How to get into the demo: a person to sign in as and a key for the API, on this machine alone."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model

from leads.models import ApiKey
from leads.models.api_key import Scope

USER = PASSWORD = "demo"  # noqa: S105 - told to everybody, and made on this machine alone
KEY_NAME = "Demo"
SCOPES = (Scope.LEADS_WRITE, Scope.LEADS_READ, Scope.OUTCOMES_WRITE, Scope.CONFIG_READ)


def is_local() -> bool:
    """Whether a well-known password harms nobody: the instance is for this machine, or for
    trying things out."""
    return bool(settings.IS_LOCAL or settings.DEBUG)


def make_user() -> bool:
    """Make the person to sign in as; False where there is one of that name."""
    users = get_user_model()._default_manager
    if users.filter(username=USER).exists():
        return False
    users.create_superuser(username=USER, email="", password=PASSWORD)  # type: ignore[attr-defined]
    return True


def make_key() -> tuple[str, Path] | None:
    """Make a key and keep it in a file that only this user can read; None where there is one."""
    if ApiKey.objects.filter(name=KEY_NAME, revoked_at=None).exists():
        return None
    _, key = ApiKey.objects.issue(
        name=KEY_NAME, scopes=[scope.value for scope in SCOPES], created_by="demo"
    )
    path = Path(settings.VAR_DIR) / "demo-api-key.txt"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(f"{key}\n")
    return key, path
