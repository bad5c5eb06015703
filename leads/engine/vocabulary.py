"""The words of routing (semantics section 1), as enumerations and the table of lead fields.

Validators, the admin, the API and the engine read the same tables, so a rule that saves is a
rule that runs.
"""

from enum import StrEnum


class Mode(StrEnum):
    """What the desk does with a decision (semantics 2)."""

    LIVE = "live"
    SHADOW = "shadow"
    PAUSED = "paused"


class RoutingModel(StrEnum):
    """The way a rule finds an owner."""

    ACCOUNT_OWNER = "account_owner"
    TERRITORY = "territory"
    ROUND_ROBIN = "round_robin"
    SKILLS = "skills"
    DIRECT = "direct"


class Distribution(StrEnum):
    """How a pool picks among its available and suitable members (semantics 8)."""

    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"


class LeadStatus(StrEnum):
    """Where a lead stands."""

    ASSIGNED = "assigned"
    HELD = "held"
    NURTURE = "nurture"
    CLOSED = "closed"


class AssignmentKind(StrEnum):
    """Why a line was written into the ledger."""

    ROUTED = "routed"
    FALLBACK = "fallback"
    HELD = "held"
    EXPLICIT = "explicit"
    REASSIGNED = "reassigned"
    SLA_REASSIGNED = "sla_reassigned"
    RELEASED = "released"


class Reason(StrEnum):
    """Why a fallback was needed; each opens an exception (semantics 6)."""

    REP_INACTIVE = "rep_inactive"
    REP_ABSENT = "rep_absent"
    REP_OFF_HOURS = "rep_off_hours"
    REP_AT_CAPACITY = "rep_at_capacity"
    POOL_EMPTY = "pool_empty"
    NO_SKILL_MATCH = "no_skill_match"
    TERRITORY_UNCOVERED = "territory_uncovered"
    ACCOUNT_UNOWNED = "account_unowned"
    NO_RULE_MATCHED = "no_rule_matched"
    HOLD_EXPIRED = "hold_expired"
    NOBODY_AVAILABLE = "nobody_available"


class Exclusion(StrEnum):
    """Why a rep was ruled out of one pick (semantics 7)."""

    INACTIVE = "rep_inactive"
    ABSENT = "rep_absent"
    OFF_HOURS = "rep_off_hours"
    AT_CAPACITY = "rep_at_capacity"
    PAUSED = "paused"
    DECLINED = "declined"
    BREACHED = "breached"
    NO_SKILL = "no_skill_match"


class Clock(StrEnum):
    """Which minutes an SLA counts."""

    ALWAYS = "always"
    BUSINESS = "business"


class Trigger(StrEnum):
    """When a definition looks at a lead."""

    CREATE = "create"
    CREATE_OR_UPDATE = "create_or_update"


class ReassignReason(StrEnum):
    """Why a lead changed hands (semantics 10)."""

    WRONG_TERRITORY = "wrong_territory"
    WRONG_ACCOUNT = "wrong_account"
    WRONG_SKILL = "wrong_skill"
    WRONG_SEGMENT = "wrong_segment"
    DUPLICATE = "duplicate"
    SPAM = "spam"
    NOT_A_LEAD = "not_a_lead"
    WORKLOAD = "workload"
    ABSENCE = "absence"
    REP_LEFT = "rep_left"
    SLA_BREACH = "sla_breach"
    CONFIG_FIXED = "config_fixed"
    OTHER = "other"


CREDITED_REASONS = frozenset(
    {ReassignReason.DUPLICATE, ReassignReason.SPAM, ReassignReason.NOT_A_LEAD}
)


class OutcomeStatus(StrEnum):
    """What became of a lead; the last three close it."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CONVERTED = "converted"
    LOST = "lost"


class Step(StrEnum):
    """The kinds of trace step (api.md)."""

    NORMALISE = "normalise"
    DEDUPLICATE = "deduplicate"
    MATCH_ACCOUNT = "match_account"
    QUALIFY = "qualify"
    TERRITORY = "territory"
    RULE = "rule"
    POOL = "pool"
    FALLBACK = "fallback"
    ASSIGN = "assign"


class Result(StrEnum):
    """What a trace step came to (api.md)."""

    PASSED = "passed"
    SKIPPED = "skipped"
    MATCHED = "matched"
    NOT_MATCHED = "not_matched"
    PICKED = "picked"
    EXCLUDED = "excluded"
    FAILED = "failed"


class FieldKind(StrEnum):
    """What a field holds; decides operators, normalisation and the admin's input."""

    TEXT = "text"
    COUNTRY = "country"
    STATE = "state"
    POSTAL = "postal"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"
    MULTI = "multi"
    CUSTOM = "custom"


#: Every field a condition may test, beside `custom.<name>`.
FIELDS: dict[str, FieldKind] = {
    "external_id": FieldKind.TEXT,
    "source": FieldKind.TEXT,
    "lead_type": FieldKind.TEXT,
    "email": FieldKind.TEXT,
    "first_name": FieldKind.TEXT,
    "last_name": FieldKind.TEXT,
    "phone": FieldKind.TEXT,
    "title": FieldKind.TEXT,
    "company": FieldKind.TEXT,
    "website": FieldKind.TEXT,
    "country": FieldKind.COUNTRY,
    "state": FieldKind.STATE,
    "city": FieldKind.TEXT,
    "postal_code": FieldKind.POSTAL,
    "industry": FieldKind.TEXT,
    "employees": FieldKind.NUMBER,
    "annual_revenue": FieldKind.NUMBER,
    "product_interest": FieldKind.MULTI,
    "language": FieldKind.TEXT,
    "score": FieldKind.NUMBER,
    "campaign": FieldKind.TEXT,
    "account": FieldKind.TEXT,
    "owner": FieldKind.TEXT,
    "received_at": FieldKind.DATE,
    "email_domain": FieldKind.TEXT,
    "email_is_free": FieldKind.FLAG,
    "email_is_disposable": FieldKind.FLAG,
    "region": FieldKind.MULTI,
    "is_update": FieldKind.FLAG,
    "age_days": FieldKind.NUMBER,
    "account.matched": FieldKind.FLAG,
    "account.tier": FieldKind.TEXT,
    "account.industry": FieldKind.TEXT,
    "account.owner": FieldKind.TEXT,
    "account.key": FieldKind.TEXT,
    "territory.key": FieldKind.MULTI,
}


class Op(StrEnum):
    """The operators of a test (semantics 3)."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    STARTS_WITH = "starts_with"
    NOT_STARTS_WITH = "not_starts_with"
    ENDS_WITH = "ends_with"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    BETWEEN = "between"
    INCLUDES = "includes"
    INCLUDES_ALL = "includes_all"
    EXCLUDES = "excludes"
    IS_BLANK = "is_blank"
    IS_NOT_BLANK = "is_not_blank"
