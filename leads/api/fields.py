"""Strict fields for small bodies: a JSON type is never taken for another, a typo is never ignored.

REST framework's own fields are made for forms: `1` is text, "yes" is true, unknown members vanish.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeAlias

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

# Instants outside these years are slips of a clock or a unit, and overflow in other zones.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
# The member under which REST framework files faults of a whole object.
WHOLE = "non_field_errors"
Messages: TypeAlias = dict[str, Any]
KEY_PATTERN = r"^[A-Za-z0-9_-]{1,100}$"


class Text(serializers.CharField):
    """A JSON string."""

    def to_internal_value(self, data: Any) -> str:
        """Return the text; refuse every other type."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Key(serializers.RegexField):
    """The key of a configured object."""

    def __init__(self, **options: Any) -> None:
        messages: Messages = {"invalid": "Must be a key: letters, digits, hyphens and underscores."}
        super().__init__(KEY_PATTERN, error_messages=messages, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the key; refuse every type but strings."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """A JSON true or false."""

    def to_internal_value(self, data: Any) -> bool:
        """Return the flag; refuse words and numbers."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Whole(serializers.IntegerField):
    """A JSON number without a fraction."""

    def to_internal_value(self, data: Any) -> int:
        """Return the number; refuse text and flags."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class Word(serializers.ChoiceField):
    """One word of a list; a wrong one is told the list."""

    def __init__(self, choices: Iterable[str], **options: Any) -> None:
        words = [str(word) for word in choices]
        messages: Messages = {"invalid_choice": f"Must be one of {', '.join(words)}."}
        super().__init__([(word, word) for word in words], error_messages=messages, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the word; refuse every type but strings."""
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return str(super().to_internal_value(data))


class Instant(serializers.DateTimeField):
    """An RFC 3339 time, aware; without an offset it is UTC."""

    default_error_messages = {"range": "Must be between 1970 and 2200."}

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)

    def to_internal_value(self, data: Any) -> datetime:
        """Return the instant; refuse every type but strings."""
        if not isinstance(data, str):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        value = super().to_internal_value(data)
        if not EARLIEST <= value < LATEST:
            self.fail("range")
        return value


class Shape(serializers.Serializer[Any]):
    """An object with known members; every fault is reported, unknown members among them."""

    default_error_messages = {"invalid": "Must be an object."}

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated members; raise ValidationError with every fault."""
        if not isinstance(data, dict):
            message = self.error_messages["invalid"]
            raise ValidationError({WHOLE: [message]}, code="invalid")
        faults: dict[str, Any] = {
            name: [ErrorDetail(self._unknown(name), code="unknown_member")]
            for name in data
            if name not in self.fields
        }
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            found: Any = error.detail
            raise ValidationError({**faults, **found}) from error
        if faults:
            raise ValidationError(faults)
        return value

    def _unknown(self, name: str) -> str:
        near = difflib.get_close_matches(name, self.fields, n=1)
        return f"Unknown member; did you mean {near[0]!r}?" if near else "Unknown member."


TARGET_SCHEMA = {
    "oneOf": [
        {
            "type": "object",
            "properties": {"rep": {"type": "string", "pattern": KEY_PATTERN}},
            "required": ["rep"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"pool": {"type": "string", "pattern": KEY_PATTERN}},
            "required": ["pool"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"rule": {"type": "boolean", "enum": [True]}},
            "required": ["rule"],
            "additionalProperties": False,
        },
    ]
}


class _Target(Shape):
    rep = Key(required=False)
    pool = Key(required=False)
    rule = Flag(required=False)


@extend_schema_field(TARGET_SCHEMA)
class Target(serializers.Field):  # type: ignore[type-arg]
    """Who is to get a lead: `{"rep": key}`, `{"pool": key}` or `{"rule": true}`."""

    default_error_messages = {
        "one": 'Must be exactly one of {"rep": key}, {"pool": key} or {"rule": true}.'
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the target as it was sent."""
        shape = _Target(data=data)
        shape.is_valid(raise_exception=True)
        target: dict[str, Any] = dict(shape.validated_data)
        if len(target) != 1 or target.get("rule") is False:
            raise ValidationError(self.error_messages["one"], code="invalid")
        return target

    def to_representation(self, value: Any) -> Any:
        """Return the target unchanged."""
        return value


def read_shape(shape: type[Shape], data: object, *, partial: bool = False) -> dict[str, Any]:
    """Return the validated members of a body; raise ValidationError with every fault."""
    reader = shape(data=data, partial=partial)
    reader.is_valid(raise_exception=True)
    return dict(reader.validated_data)
