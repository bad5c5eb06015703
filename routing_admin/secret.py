"""The secret key of an instance that was given none."""

import contextlib
import os
import secrets
from pathlib import Path


def own_secret(path: Path) -> str:
    """The secret kept in the file `path`, made (mode 0600) on the first call.

    Several processes may start at once: each writes its own aside and links it to the name;
    the link fails for all but the first, and all read what the first one wrote.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(64))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(aside, path)
        finally:
            aside.unlink()
    return path.read_text().strip()
