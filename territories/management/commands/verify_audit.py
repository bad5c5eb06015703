"""verify_audit: compares the live configuration with its history."""

from typing import Any

from django.core.management.base import BaseCommand

from territories.audit import configuration_models, findings
from territories.models import Revision


class Command(BaseCommand):
    """Exit code 0 where history accounts for every row; 1 with one line for each that it does
    not."""

    help = "Compares every configuration row with its newest history row and names differences."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings."""
        count = 0
        for text in findings():
            count += 1
            self.stdout.write(text)
        if count:
            self.stderr.write(f"{count} finding{'s' if count > 1 else ''}: see above.")
            raise SystemExit(1)
        rows = sum(model.objects.count() for model in configuration_models())
        self.stdout.write(
            f"History accounts for all {rows} rows of configuration in"
            f" {Revision.objects.count()} revisions."
        )
