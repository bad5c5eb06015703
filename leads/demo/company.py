"""The demo company as one configuration document."""

from datetime import datetime
from random import Random
from typing import Any

from . import people, places, policies
from .accounts import accounts

DOMAIN = "alderwick.example"
NAME = "Alderwick Instruments"


def document(random: Random, now: datetime) -> dict[str, Any]:
    """The whole configuration of Alderwick Instruments, who make measuring instruments."""
    today = now.date()
    return {
        "version": 1,
        "settings": policies.settings(),
        "value_lists": places.value_lists(),
        "calendars": people.calendars(),
        "skills": people.skills(),
        "teams": people.teams(),
        "reps": people.reps(DOMAIN),
        "absences": people.absences(now),
        "pools": policies.pools(),
        "territories": places.territories(today),
        "accounts": accounts(random, today),
        "sla_policies": policies.sla_policies(),
        "definitions": policies.definitions(today),
        "rules": policies.rules(),
    }
