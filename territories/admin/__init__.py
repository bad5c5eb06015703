"""The pages of what people configure, one noun a file."""

from .accounts import AccountAdmin
from .calendars import CalendarAdmin
from .definitions import DefinitionAdmin
from .pools import PoolAdmin
from .reps import RepAdmin, SkillAdmin, TeamAdmin
from .revisions import RevisionAdmin
from .rules import RuleAdmin
from .settings import RoutingSettingsAdmin
from .sla_policies import SlaPolicyAdmin
from .territories import TerritoryAdmin
from .value_lists import ValueListAdmin

__all__ = [
    "AccountAdmin",
    "CalendarAdmin",
    "DefinitionAdmin",
    "PoolAdmin",
    "RepAdmin",
    "RevisionAdmin",
    "RoutingSettingsAdmin",
    "RuleAdmin",
    "SkillAdmin",
    "SlaPolicyAdmin",
    "TeamAdmin",
    "TerritoryAdmin",
    "ValueListAdmin",
]
