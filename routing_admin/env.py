"""Typed readers of the environment. A wrong value stops the start with its name.

`Env` holds the process's environment over the `.env` file: what the process was started with
wins. An empty value counts as unset, so `NAME=` in `.env` gives the default.
"""

import ipaddress
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingError(Exception):
    """One environment variable is missing or wrong; the text starts with its name.

    No subclass of Django's ImproperlyConfigured: Django keeps that back until a setting is
    read and would run `help` and friends on half a configuration.
    """

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name
        self.problem = problem


class Env:
    """Reads settings by name from a mapping of texts."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    @classmethod
    def load(cls, dotenv: Path | None, environ: Mapping[str, str] = os.environ) -> "Env":
        """The environment over the file `dotenv`, which need not exist."""
        try:
            from_file = dotenv_values(dotenv, interpolate=False) if dotenv else {}
        except (OSError, UnicodeDecodeError) as fault:
            raise SettingError(str(dotenv), f"cannot be read ({fault})") from fault
        return cls({name: text for name, text in from_file.items() if text} | dict(environ))

    def text(self, name: str, default: str = "") -> str:
        """The value without white space around it, or the default."""
        return self._values.get(name, "").strip() or default

    def boolean(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if value in TRUE or value in FALSE:
            return value in TRUE
        if value:
            raise SettingError(name, f"{value!r} is neither true nor false")
        return default

    def integer(self, name: str, default: int, *, low: int, high: int) -> int:
        """A whole number from `low` to `high`, ends included."""
        value = self.text(name)
        if not value:
            return default
        try:
            number = int(value)
        except ValueError:
            raise SettingError(name, f"{value!r} is no whole number") from None
        if not low <= number <= high:
            raise SettingError(name, f"{number} is not between {low} and {high}")
        return number

    def choice(self, name: str, default: str, allowed: Collection[str]) -> str:
        """One of `allowed`, compared without case."""
        value = self.text(name, default)
        by_fold = {option.casefold(): option for option in allowed}
        if value.casefold() not in by_fold:
            raise SettingError(name, f"{value!r} is none of {', '.join(sorted(allowed))}")
        return by_fold[value.casefold()]

    def words(self, name: str, default: Collection[str] = ()) -> list[str]:
        """The values between commas, without empty ones."""
        value = self.text(name)
        if not value:
            return list(default)
        return [word for part in value.split(",") if (word := part.strip())]

    def networks(self, name: str) -> list[Network]:
        """IP networks between commas; a single address is a network of one."""
        found = []
        for word in self.words(name):
            try:
                found.append(ipaddress.ip_network(word))
            except ValueError:
                raise SettingError(name, f"{word!r} is no IP address or network") from None
        return found

    def url(self, name: str, default: str, *, schemes: Collection[str]) -> SplitResult:
        """A URL of one of the schemes, taken apart. Its port is known to be valid."""
        value = self.text(name, default)
        try:
            parts = urlsplit(value)
            parts.port  # noqa: B018 - read for its ValueError: urlsplit checks it late
        except ValueError:
            # The value is not shown: it may hold a password.
            raise SettingError(name, "is no URL") from None
        if parts.scheme not in schemes:
            raise SettingError(name, f"scheme {parts.scheme!r} is none of {', '.join(schemes)}")
        return parts


def is_loopback(host: str) -> bool:
    """Whether the host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
