"""`demo`: a company that does not exist, with sixty days of leads, on an empty database."""

import time
from argparse import ArgumentParser
from datetime import timedelta
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from leads.demo import access, company
from leads.demo.story import STORY_DAYS, Story, apply_at
from leads.files.progress import Progress
from leads.models import Lead
from territories.revisions import current_revision

MAX_LEADS, MAX_DAYS = 100_000, 365


class Command(BaseCommand):
    """Refuses where there is anything already: the demo is no way to lose work."""

    help = "Fill an empty database with a demo company and its leads of the last sixty days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--seed", type=int, default=7, help="another seed, another story")
        parser.add_argument("--leads", type=int, default=2000, metavar="N")
        parser.add_argument("--days", type=int, default=STORY_DAYS, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the company and play its story."""
        leads, days = options["leads"], options["days"]
        if not (0 <= leads <= MAX_LEADS and 1 <= days <= MAX_DAYS):
            raise CommandError(f"--leads goes up to {MAX_LEADS:,} and --days from 1 to {MAX_DAYS}.")
        _require_empty()
        started = time.monotonic()
        now = timezone.now()
        random = Random(options["seed"])  # noqa: S311 - a story, no secret
        document = company.document(random, now)
        apply_at(
            document,
            by="demo",
            reason=f"The demo company, {company.NAME}",
            at=now - timedelta(days=days + 1),
        )
        # Before the story: one that is interrupted must not leave a desk that nobody can enter.
        self._open_doors()
        story = Story(random, document, company.DOMAIN, now, days)
        progress = Progress(self.stderr)
        story.play(
            leads=leads, said=lambda done: progress.show(done, done / leads if leads else None)
        )
        progress.clear()
        self._tell(story, time.monotonic() - started)

    def _tell(self, story: Story, seconds: float) -> None:
        counts = ", ".join(f"{number:,} {what}" for what, number in story.totals.items())
        self.stdout.write(f"{company.NAME}: {counts}")
        self.stdout.write(f"{current_revision()} revisions; made in {seconds:.0f} seconds")

    def _open_doors(self) -> None:
        if not access.is_local():
            self.stdout.write(
                "no sign-in and no key were made: BASE_URL is not this machine; "
                "use createsuperuser and create_api_key"
            )
            return
        if access.make_user():
            self.stdout.write(f"sign in: user {access.USER}, password {access.PASSWORD}")
        if made := access.make_key():
            key, path = made
            self.stdout.write(f"API key: {key}")
            self.stdout.write(f"API key kept in: {path}")


def _require_empty() -> None:
    if current_revision() > 0:
        raise CommandError(
            "There is a configuration already; the demo is made on an empty database only "
            "(another DATABASE_URL, for example)."
        )
    if Lead.objects.exists():
        raise CommandError("There are leads already; the demo is made on an empty database only.")
