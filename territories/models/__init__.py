"""What people configure, one noun a file; every model here keeps history by revision."""

from .account import Account, AccountIdentifier, AccountRole
from .base import Configuration
from .definition import Definition
from .pool import Pool, PoolMember
from .rep import Absence, Calendar, Rep, RepSkill, Skill, Team
from .revision import ActorKind, Revision, RevisionCounter
from .rule import Rule
from .settings import RoutingSettings
from .sla import BreachAction, SlaPolicy
from .territory import Boundary, Territory
from .value_list import ValueList

__all__ = [
    "Absence",
    "Account",
    "AccountIdentifier",
    "AccountRole",
    "ActorKind",
    "Boundary",
    "BreachAction",
    "Calendar",
    "Configuration",
    "Definition",
    "Pool",
    "PoolMember",
    "Rep",
    "RepSkill",
    "Revision",
    "RevisionCounter",
    "RoutingSettings",
    "Rule",
    "Skill",
    "SlaPolicy",
    "Team",
    "Territory",
    "ValueList",
]
