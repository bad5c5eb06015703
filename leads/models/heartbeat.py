"""When each background process was last seen alive."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

# Processes beat about once a minute; two missed beats and some slack mean "away".
AWAY_AFTER = timedelta(seconds=150)


class WorkerHeartbeatManager(models.Manager["WorkerHeartbeat"]):
    """Writes beats and reads whether anybody still beats."""

    def beat(self, *, name: str, now: datetime) -> None:
        """Record that the named process is alive at an instant."""
        self.update_or_create(name=name, defaults={"at": now})

    def is_alive(self, *, name: str, now: datetime) -> bool:
        """Return whether the named process was seen within the last two and a half minutes."""
        return self.filter(name=name, at__gt=now - AWAY_AFTER).exists()


class WorkerHeartbeat(models.Model):
    """The last beat of one named background process (`worker`, `scheduler`)."""

    name = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField()

    objects = WorkerHeartbeatManager()

    class Meta:
        verbose_name = "worker heartbeat"

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%dT%H:%M:%SZ}"
