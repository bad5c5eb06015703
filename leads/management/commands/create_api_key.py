"""`create_api_key NAME --scope …`: make a key for the HTTP API and print it once."""

from argparse import ArgumentParser
from datetime import UTC, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date, parse_datetime

from leads.models import ApiKey
from leads.models.api_key import Scope


class Command(BaseCommand):
    """Prints the key alone on standard output; everything else goes to standard error."""

    help = "Make an API key. The key is printed once; only its digest is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        scopes = ", ".join(Scope.values)
        parser.add_argument("name", help="who uses the key, such as 'Website forms'")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            metavar="SCOPE",
            help=f"what the key may do, once or more: {scopes}",
        )
        parser.add_argument("--expires", metavar="DATE", help="day or RFC 3339 time of its end")
        parser.add_argument(
            "--network",
            action="append",
            default=[],
            metavar="CIDR",
            help="network that may use the key, once or more (any, unless given)",
        )
        parser.add_argument("--rate-limit", type=int, metavar="N", help="requests a minute")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the key and print it."""
        scopes = list(dict.fromkeys(part for text in options["scope"] for part in text.split(",")))
        try:
            row, key = ApiKey.objects.issue(
                name=options["name"],
                scopes=scopes,
                created_by="create_api_key",
                expires_at=_instant(options["expires"]),
                allowed_networks=options["network"],
                rate_limit=options["rate_limit"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stderr.write(f"Key {row.name!r} may: {', '.join(row.scopes)}. It is shown only now:")
        self.stdout.write(key)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        day = parse_date(text)
        instant = datetime.combine(day, time(), UTC) if day else parse_datetime(text)
    except ValueError:
        instant = None
    if instant is None:
        raise CommandError(f"{text!r} is neither a day such as 2027-01-01 nor an RFC 3339 time.")
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
