"""Secrets at rest: text sealed with keys made from SECRET_KEY.

New text is sealed with SECRET_KEY; what SECRET_KEY_FALLBACKS sealed still opens, so the key is
rotated by moving the old one there.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

#: Keeps these keys apart from whatever else is derived from SECRET_KEY (RFC 5869, section 3.2).
PURPOSE = b"leads.secrets"


class SecretLost(ValueError):
    """A sealed text that no present key opens."""


def seal(text: str) -> str:
    """The text encrypted and signed, as ASCII."""
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again. Raises SecretLost where it was tampered with or its key is gone."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SecretLost("no present key opens it") from None


def _keys() -> MultiFernet:
    return MultiFernet(
        [Fernet(_derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _derived(secret: str) -> bytes:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(made)
