"""One decision in two or three sentences, for the answer and the notification.

Made from the decision and its configuration alone, so that the text can be written without the
full trace and says the same when it is read later.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .conditions import compile_tree
from .config import Config, Rule
from .decision import Decision, Ruled
from .descriptions import describe
from .vocabulary import Exclusion, LeadStatus, Reason, RoutingModel

#: Of those ruled out this many are named.
NAMED = 3
#: Longer conditions are not spelled out.
LONGEST_CONDITION = 160

REASON_WORDS = {
    Reason.REP_INACTIVE: "the rep is inactive",
    Reason.REP_ABSENT: "the reps asked are absent",
    Reason.REP_OFF_HOURS: "it is outside working hours",
    Reason.REP_AT_CAPACITY: "the reps asked have reached their limits",
    Reason.POOL_EMPTY: "the pool has no members",
    Reason.NO_SKILL_MATCH: "nobody has the skills that the lead calls for",
    Reason.TERRITORY_UNCOVERED: "no territory covers the lead",
    Reason.ACCOUNT_UNOWNED: "the account has no owner",
    Reason.NO_RULE_MATCHED: "no rule matched",
    Reason.HOLD_EXPIRED: "nobody became available while the lead was held",
    Reason.NOBODY_AVAILABLE: "nobody asked is available",
}
EXCLUSION_WORDS = {
    Exclusion.INACTIVE.value: "is inactive",
    Exclusion.OFF_HOURS.value: "is outside working hours",
    Exclusion.AT_CAPACITY.value: "has reached the limit of leads",
    Exclusion.PAUSED.value: "is paused",
    Exclusion.DECLINED.value: "declined this lead",
    Exclusion.BREACHED.value: "missed the response time of this lead",
    Exclusion.NO_SKILL.value: "lacks a skill that the lead calls for",
}
VIA_WORDS = {
    "backup": "{name} stands in as backup.",
    "manager": "{name} takes it as the manager.",
    "pool": "{name} was next in {pool}, the fallback.",
    "rep": "{name} takes it as the fallback.",
    "global_fallback": "{name} takes it by the global fallback.",
    "exceptions_owner": "{name} takes it as the owner of exceptions.",
}


def explanation(decision: Decision, config: Config) -> str:
    """Why the lead went where it went, in plain English."""
    if config.settings is None:
        return "There is no configuration yet; the lead is held."
    if decision.status is LeadStatus.NURTURE and decision.rule is None:
        return _not_qualified(decision, config)
    sentences = [_rule_sentence(decision, config), *_way(decision, config)]
    if not decision.is_fallback:
        ruled, next_one = _ruled(decision, config), _next(decision, config)
        sentences.append(f"{ruled}; {next_one}." if ruled and next_one else _end(ruled or next_one))
    else:
        sentences += [_end(_ruled(decision, config)), *_fallback(decision, config)]
    return " ".join(sentence for sentence in sentences if sentence)


def rep_name(config: Config, key: str | None) -> str:
    rep = config.reps.get(key or "")
    return rep.name if rep is not None else key or "nobody"


def pool_name(config: Config, key: str | None) -> str:
    pool = config.pools.get(key or "")
    return pool.name if pool is not None else key or "no pool"


def rule_name(rule: Rule) -> str:
    return f"Rule {rule.priority} '{rule.name}'"


def local_day(instant: datetime, config: Config) -> str:
    """The day in the settings' zone, as "3 Jan"; an end at midnight is that day's start."""
    zone = ZoneInfo(config.settings.timezone if config.settings else "UTC")
    local = instant.astimezone(zone)
    return f"{local.day} {local:%b}"


def away_words(ruled: Ruled, config: Config) -> str:
    """Why a rep was ruled out, as the rest of a sentence that starts with the name."""
    if ruled.reason != Exclusion.ABSENT.value:
        return EXCLUSION_WORDS.get(ruled.reason, "is not available")
    rep = config.reps.get(ruled.rep)
    absences = rep.absences if rep is not None else ()
    note = next((one.reason for one in absences if one.end == ruled.until and one.reason), "")
    words = f"is on {note}" if note.replace(" ", "").isalpha() and len(note) <= 30 else "is absent"
    return f"{words} until {local_day(ruled.until, config)}" if ruled.until else words


def minutes_words(minutes: int) -> str:
    """A span of minutes, in words."""
    span = timedelta(minutes=minutes)
    if minutes >= 120 and minutes % 60 == 0:
        return f"{span // timedelta(hours=1)} hours"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


class _RuleSentences:
    """The sentence of each rule of one configuration, made when first asked for."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._rules = {rule.key: rule for rule in config.rules}
        self._made: dict[str, str] = {}

    def of(self, key: str) -> str | None:
        rule = self._rules.get(key)
        if rule is None:
            return None
        if key not in self._made:
            words = describe(compile_tree(rule.conditions, self.config.value_lists))
            asked = f" ({words})" if len(words) <= LONGEST_CONDITION else ""
            self._made[key] = f"{rule_name(rule)} matched{asked}."
        return self._made[key]


#: Those of the configuration that was explained last; swapped whole, so threads may share it.
_sentences = _RuleSentences(Config(revision=0))


def _rule_sentence(decision: Decision, config: Config) -> str:
    global _sentences  # noqa: PLW0603 - a cache of one; a wrong guess only makes it anew
    known = _sentences
    if known.config is not config:
        known = _sentences = _RuleSentences(config)
    sentence = known.of(decision.rule) if decision.rule is not None else None
    if sentence is not None:
        return sentence
    return "No rule matched." if decision.reason is Reason.NO_RULE_MATCHED else ""


def _way(decision: Decision, config: Config) -> list[str]:
    """By way of which territory or account; only where the model says so."""
    if decision.model is RoutingModel.TERRITORY and decision.territory is not None:
        territory = config.territories.get(decision.territory)
        name = territory.name if territory is not None else decision.territory
        if decision.pool is not None and decision.fallback_via is None:
            return [f"Territory {name} → pool {pool_name(config, decision.pool)}."]
        return [f"Territory {name}."]
    if decision.model is RoutingModel.ACCOUNT_OWNER and decision.account is not None:
        return [f"The account is {decision.account}."]
    return []


def _ruled(decision: Decision, config: Config) -> str:
    """Those ruled out, without a full stop; "" when nobody was."""
    seen = {ruled.rep: ruled for ruled in decision.ruled if ruled.rep != decision.owner}
    named = list(seen.values())[:NAMED]
    parts = [f"{rep_name(config, one.rep)} {away_words(one, config)}" for one in named]
    more = len(seen) - len(named)
    if more > 0:
        parts.append(f"{more} more {'was' if more == 1 else 'were'} not available")
    return ", ".join(parts)


def _next(decision: Decision, config: Config) -> str:
    if decision.hold is not None or decision.owner is None:
        return ""
    name = rep_name(config, decision.owner)
    if decision.status is LeadStatus.NURTURE:
        return f"{name} has it as nurture"
    if decision.pool is not None:
        return f"{name} was next"
    if decision.model is RoutingModel.ACCOUNT_OWNER:
        return f"{name} owns the account"
    return f"{name} takes it"


def _end(sentence: str) -> str:
    return f"{sentence}." if sentence else ""


def _fallback(decision: Decision, config: Config) -> list[str]:
    reason = decision.reason
    why = REASON_WORDS[reason] if reason is not None else "nobody was found"
    if decision.hold is not None:
        until = decision.hold.until.astimezone(ZoneInfo("UTC"))
        return [f"The lead is held until {until:%H:%M} UTC, since {why}."]
    words = VIA_WORDS.get(decision.fallback_via or "", "{name} takes it.")
    name, pool = rep_name(config, decision.owner), pool_name(config, decision.pool)
    said = [] if reason is Reason.NO_RULE_MATCHED else [f"A fallback was needed, since {why}."]
    return [*said, words.format(name=name, pool=pool)]


def _not_qualified(decision: Decision, config: Config) -> str:
    definition = next((one for one in config.definitions if one.key == decision.definition), None)
    name = definition.name if definition is not None else decision.definition
    text = f"The lead does not qualify under '{name}'; it is kept as nurture"
    return f"{text} with {rep_name(config, decision.owner)}." if decision.owner else f"{text}."
