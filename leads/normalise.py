"""A lead's body in one form: what is stored, what routing reads, what was odd (semantics 2).

Nothing here refuses: `leads.body.check_lead` has passed the shape, and a value that is merely
dirty is kept as it came, listed in the warnings, and left out where it would mislead. What
normalising changed is kept beside. Normalising what was normalised changes nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import phonenumbers

from leads.body import MAX_IDENTITY, NUMBER_FIELDS, TEXT_FIELDS
from leads.engine.config import Scalar, Value
from leads.mail_domains import is_disposable, is_free
from territories.names import (
    ascii_host,
    candidate_domains,
    clean_domain,
    match_name,
    registrable_domain,
)
from territories.places import country_code, postal_key, subdivision_code, subdivisions_anywhere
from territories.postal import fits_country, without_country
from territories.text import clean_text

#: `Ana Ruiz <ana@example.com>`, `<mailto:ana@example.com>`; the last pair of brackets counts.
_DISPLAY_FORM = re.compile(r'[^<>]*<\s*(?:mailto:)?([^<>\s]+)\s*>[\s"]*')
_LOCAL_PART = re.compile(r'[^\s@<>()\[\],;:\\"]{1,64}|"[^"\\]{1,62}"')
#: RFC 3339, its letters in either case, a space for the T as its section 5.6 allows.
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?([Zz]|[+-]\d\d:\d\d)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedLead:
    """One lead, normalised.

    `fields` are the standard fields as stored (text "" when blank, numbers None, `received_at`
    aware in UTC); `facts` what the engine reads, blank ones left out; `original` the values that
    normalising changed, as they came; `warnings` dicts of `field`, `code` and `detail`. `domain`
    is the e-mail's registrable domain and `email_domains` the domains that may name an account,
    the longest first: both empty for free and disposable providers, as is `website_domain`.
    `company_match` is the company as names are compared."""

    fields: dict[str, object]
    facts: dict[str, Value]
    original: dict[str, object]
    warnings: list[dict[str, str]]
    domain: str = ""
    website_domain: str = ""
    email_domains: tuple[str, ...] = ()
    company_match: str = ""


def normalise_lead(body: Mapping[str, object]) -> NormalisedLead:
    """The lead that `body` describes; never raises for a body that `check_lead` passes."""
    draft = _Draft(body)
    country = _take_country(draft)
    _take_state(draft, country)
    _take_postal_code(draft, country)
    _take_phone(draft, country)
    email_domain = _take_email(draft)
    _take_numbers(draft)
    _take_received_at(draft)
    _take_lists(draft)
    host_and_parents = (candidate_domains(email_domain) or (email_domain,)) if email_domain else ()
    free, disposable = is_free(host_and_parents), is_disposable(host_and_parents)
    if email_domain:
        draft.facts |= {
            "email_domain": email_domain,
            "email_is_free": free,
            "email_is_disposable": disposable,
        }
    corporate = registrable_domain(email_domain) if not free and not disposable else None
    company = draft.fields["company"]
    return NormalisedLead(
        fields=draft.fields,
        facts=draft.facts,
        original=draft.original,
        warnings=draft.warnings,
        domain=corporate or "",
        website_domain=_website_domain(draft),
        email_domains=host_and_parents if corporate else (),
        company_match=match_name(str(company)) if company else "",
    )


@dataclass(slots=True)
class _Draft:
    """A lead in the making: texts are cleaned at once, each special field has its turn after."""

    body: Mapping[str, object]
    fields: dict[str, object] = field(default_factory=dict)
    facts: dict[str, Value] = field(default_factory=dict)
    original: dict[str, object] = field(default_factory=dict)
    warnings: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in TEXT_FIELDS:
            value = self.body.get(name)
            text = clean_text(value) if isinstance(value, str) else ""
            self.fields[name] = text
            if text:
                self.facts[name] = text
            if value is not None and text != value:
                self.original[name] = value

    def text(self, name: str) -> str:
        """The cleaned text of a field, "" when blank."""
        return str(self.fields[name])

    def put(self, name: str, text: str) -> None:
        """Store `text` in place of what came."""
        if text != self.fields[name]:
            self.fields[name] = self.facts[name] = text
            self.original.setdefault(name, self.body[name])

    def warn(self, name: str, code: str, detail: str) -> None:
        """Note something odd about a field."""
        self.warnings.append({"field": name, "code": code, "detail": detail})


def _quoted(text: str) -> str:
    return f'"{text}"' if len(text) <= 60 else f'"{text[:60]}…"'


def _take_country(draft: _Draft) -> str | None:
    """Put the country's alpha-2 code; an unknown country is no fact."""
    text = draft.text("country")
    if not text:
        return None
    code = country_code(text)
    if code is None:
        del draft.facts["country"]
        detail = f"{_quoted(text)} is no country that is known here; routed without a country"
        draft.warn("country", "unrecognised", detail)
    else:
        draft.put("country", code)
    return code


def _take_state(draft: _Draft, country: str | None) -> None:
    """Put the ISO 3166-2 code where the country is known. Without a country the stored text
    stays; routing reads the code where only one can be meant, as the values of rules do."""
    text = draft.text("state")
    if not text:
        return
    if country is None:
        codes = subdivisions_anywhere(text)
        draft.facts["state"] = codes[0] if len(codes) == 1 else text
        return
    code = subdivision_code(country, text)
    if code is None:
        draft.warn("state", "unrecognised", f"{_quoted(text)} is no state known in {country}")
    else:
        draft.put("state", code)


def _take_postal_code(draft: _Draft, country: str | None) -> None:
    """Put the code upper-cased without white space; routing compares it without hyphens too."""
    text = draft.text("postal_code")
    if not text:
        return
    code = clean_text(text.upper().replace(" ", ""))
    if country is not None:
        code = without_country(country, code)
        if not fits_country(country, code):
            detail = f"{_quoted(text)} does not look like a postal code of {country}"
            draft.warn("postal_code", "mismatched", detail)
    draft.put("postal_code", code)
    draft.facts["postal_code"] = postal_key(code) or code


def _take_phone(draft: _Draft, country: str | None) -> None:
    """Put the number in E.164, read with the country where it is not international."""
    text = draft.text("phone")
    if not text:
        return
    international = "+" + text[2:] if text.startswith("00") else text
    try:
        number = phonenumbers.parse(text if country else international, country)
        possible = phonenumbers.is_possible_number(number)
        if not possible and text.startswith("00"):
            number = phonenumbers.parse(international, country)
            possible = phonenumbers.is_possible_number(number)
    except phonenumbers.NumberParseException:
        possible = False
    if possible:
        draft.put("phone", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    else:
        where = f"in {country}" if country else "without a country"
        draft.warn("phone", "unparsable", f"no phone number that can be read {where}; kept as is")


def _take_email(draft: _Draft) -> str:
    """Put the address without a display name, in lower case; return its domain, IDNA-encoded.

    What is no address is kept, has no domain, and is cut where no index could hold it."""
    text = draft.text("email")
    if not text:
        return ""
    display_form = _DISPLAY_FORM.fullmatch(text)
    address = clean_text((display_form[1] if display_form else text).lower())
    local, _, host = address.removeprefix("mailto:").rpartition("@")
    domain = ascii_host(host)
    if domain and len(address) <= MAX_IDENTITY and _LOCAL_PART.fullmatch(local):
        draft.put("email", f"{local}@{host.rstrip('.')}")
        return domain
    draft.warn("email", "unparsable", "no e-mail address that can be read; kept as is")
    if len(text) > MAX_IDENTITY:
        draft.put("email", text[:MAX_IDENTITY].strip())
        draft.warn("email", "truncated", f"cut to {MAX_IDENTITY} characters")
    return ""


def _website_domain(draft: _Draft) -> str:
    """The registrable domain of the website; "" for none and for those of mail providers."""
    text = draft.text("website")
    host = clean_domain(text) if text else None
    if host is None or is_free((host,)) or is_disposable((host,)):
        return ""
    return registrable_domain(host) or ""


def _take_numbers(draft: _Draft) -> None:
    """Put the numbers; one below zero is stored as it came but routes nothing."""
    for name in NUMBER_FIELDS:
        value = draft.body.get(name)
        number = value if isinstance(value, int | float) else None
        draft.fields[name] = number
        if number is None:
            continue
        if number < 0 and name == "employees":
            draft.warn(name, "implausible", "fewer than none; routed without it")
        else:
            draft.facts[name] = number


def _take_received_at(draft: _Draft) -> None:
    """Put the instant in UTC; text that is none is kept beside alone."""
    value = draft.body.get("received_at")
    instant = value if isinstance(value, datetime) else _instant(value)
    draft.fields["received_at"] = instant
    if instant is not None:
        draft.facts["received_at"] = instant.isoformat().replace("+00:00", "Z")
    elif isinstance(value, str) and value:
        draft.original["received_at"] = value
        if clean_text(value):
            draft.warn("received_at", "unparsable", "no RFC 3339 time with a zone; left out")


def _instant(value: object) -> datetime | None:
    """The aware UTC time that an RFC 3339 text spells, or None."""
    found = _INSTANT.fullmatch(clean_text(value)) if isinstance(value, str) else None
    if found is None:
        return None
    day, time, fraction, zone = found.groups()
    # Python has no leap second; RFC 3339 has (23:59:60).
    time = time[:6] + "59" if time.endswith(":60") else time
    text = f"{day}T{time}.{(fraction or '0')[:6].ljust(6, '0')}{zone.upper()}"
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _take_lists(draft: _Draft) -> None:
    """Put the interests, the ids of other systems and the custom fields."""
    interests = _clean_texts(draft.body.get("product_interest"))
    draft.fields["product_interest"] = interests
    if interests:
        draft.facts["product_interest"] = tuple(interests)
    for name in ("crm_ids", "custom"):
        draft.fields[name] = _clean_members(draft, name)
    for key, value in _mapping(draft.fields["custom"]).items():
        if isinstance(value, list):
            draft.facts[f"custom.{key}"] = tuple(value)
        elif isinstance(value, str | int | float):
            draft.facts[f"custom.{key}"] = value
    for name in ("product_interest", "crm_ids", "custom"):
        value = draft.body.get(name)
        if value is not None and value != draft.fields[name]:
            draft.original[name] = value


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _clean_texts(value: object) -> list[str]:
    """The visible texts of a list, cleaned."""
    if not isinstance(value, list | tuple):
        return []
    return [text for one in value if isinstance(one, str) and (text := clean_text(one))]


def _clean_members(draft: _Draft, name: str) -> dict[str, Scalar | list[str]]:
    """The members of an object that hold something, names and texts cleaned; of names that
    become the same the first counts."""
    members: dict[str, Scalar | list[str]] = {}
    for key, value in _mapping(draft.body.get(name)).items():
        cleaned: Scalar | list[str] | None = None
        if isinstance(value, str):
            cleaned = clean_text(value)
        elif isinstance(value, list | tuple):
            cleaned = _clean_texts(value)
        elif isinstance(value, int | float):
            cleaned = value
        if cleaned is None or cleaned == "" or cleaned == []:
            continue
        label = clean_text(key)
        if label in members:
            draft.warn(f"{name}.{label}", "duplicate", "given twice; the first counts")
        else:
            members[label] = cleaned
    return members
