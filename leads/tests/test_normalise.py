"""Bodies become leads: one form, the facts of routing, warnings for what is dirty."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings as project
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.body import FIELDS, NUMBER_FIELDS, TEXT_FIELDS, check_lead
from leads.engine.vocabulary import FIELDS as VOCABULARY
from leads.normalise import NormalisedLead, normalise_lead
from leads.tests.bodies import ANY_JSON, ANY_SCALAR, ANY_TEXT, FULL_BODY
from territories.values import normalise_value

BLNS = Path(project.BASE_DIR).parent / "shared" / "data" / "bad_input" / "blns.json"
unhurried = settings(deadline=None, max_examples=300)


def lead_of(**body: object) -> NormalisedLead:
    return normalise_lead(body)


def codes_of(lead: NormalisedLead) -> list[tuple[str, str]]:
    return [(warning["field"], warning["code"]) for warning in lead.warnings]


def test_a_full_body_is_normalised_without_warnings() -> None:
    lead = normalise_lead(FULL_BODY)
    assert lead.warnings == []
    assert set(lead.fields) == set(FIELDS)
    assert lead.fields["email"] == "ana.ruiz@uk.acme.example"
    assert lead.fields["phone"] == "+493012345678"
    assert (lead.fields["country"], lead.fields["state"]) == ("DE", "DE-BY")
    assert lead.fields["postal_code"] == "80331"
    assert lead.fields["received_at"] == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert lead.original == {
        name: FULL_BODY[name] for name in ("email", "phone", "country", "state", "postal_code")
    }


def test_facts_are_fields_of_the_vocabulary_with_derived_ones() -> None:
    facts = normalise_lead(FULL_BODY).facts
    custom = {name: facts[name] for name in facts if name.startswith("custom.")}
    assert set(facts) - set(custom) <= set(VOCABULARY)
    assert custom == {
        "custom.plan": "pro", "custom.seats": 3, "custom.trial": True, "custom.tags": ("a", "b"),
    }  # fmt: skip
    assert facts["product_interest"] == ("Routing", "Reports")
    assert facts["received_at"] == "2026-11-22T09:00:00Z"
    assert facts["email_domain"] == "uk.acme.example"
    assert (facts["email_is_free"], facts["email_is_disposable"]) == (False, False)


def test_blank_members_are_no_facts_and_have_empty_fields() -> None:
    lead = lead_of(phone="1", city=" ", score=None, custom={"a": "", "b": None}, title="\x00")
    assert set(lead.facts) == {"phone"}
    assert (lead.fields["city"], lead.fields["score"], lead.fields["custom"]) == ("", None, {})
    assert all(lead.fields[name] == "" for name in TEXT_FIELDS if name != "phone")
    assert all(lead.fields[name] is None for name in NUMBER_FIELDS)


def test_text_is_composed_stripped_folded_and_free_of_controls() -> None:
    lead = lead_of(company=" Cafe\u0301\u00a0\t Noir\x00\x1b ", city="ﬁ\ud800")
    assert (lead.fields["company"], lead.fields["city"]) == ("Café Noir", "fi\ufffd")
    assert lead.original == {"company": " Cafe\u0301\u00a0\t Noir\x00\x1b ", "city": "ﬁ\ud800"}


def test_an_unknown_country_is_kept_warned_of_and_no_fact() -> None:
    lead = lead_of(phone="+4930123456", country=" Atlantis ", state="Bayern", postal_code="1 a")
    assert lead.fields["country"] == "Atlantis"
    assert "country" not in lead.facts
    assert codes_of(lead) == [("country", "unrecognised")]
    assert "Atlantis" in lead.warnings[0]["detail"]


@pytest.mark.parametrize("value", ["US-CA", "us-ca", "California"])
def test_a_state_meets_the_value_of_a_rule(value: str) -> None:
    rule_says = normalise_value("state", "California")
    assert lead_of(country="usa", state=value).fields["state"] == "US-CA"
    assert lead_of(country="US", state=value).facts["state"] == rule_says
    without_country = lead_of(state=value)
    assert without_country.facts["state"] == rule_says
    assert without_country.fields["state"] == value
    assert "country" not in without_country.facts


def test_a_local_code_of_a_state_is_read_within_its_country() -> None:
    assert lead_of(country="US", state="CA").facts["state"] == normalise_value("state", "CA")
    assert lead_of(country="AU", state="WA").facts["state"] == "AU-WA"
    assert lead_of(state="WA").facts["state"] == "WA"


def test_a_state_of_another_country_is_kept_and_warned_of() -> None:
    lead = lead_of(country="US", state="Bayern")
    assert (lead.fields["state"], codes_of(lead)) == ("Bayern", [("state", "unrecognised")])


def test_a_postal_code_is_upper_cased_without_spaces_and_matched_without_hyphens() -> None:
    lead = lead_of(country="GB", postal_code="sw1a 1aa")
    assert lead.fields["postal_code"] == lead.facts["postal_code"] == "SW1A1AA"
    zip_plus_4 = lead_of(country="US", postal_code="94105-1234")
    assert zip_plus_4.fields["postal_code"] == "94105-1234"
    assert zip_plus_4.facts["postal_code"] == normalise_value("postal_code", "94105 1234")


def test_a_postal_code_of_another_country_is_kept_and_warned_of() -> None:
    lead = lead_of(country="DE", postal_code="SW1A 1AA")
    assert lead.fields["postal_code"] == "SW1A1AA"
    assert codes_of(lead) == [("postal_code", "mismatched")]


@pytest.mark.parametrize(
    ("country", "text", "number"),
    [
        (None, "+49 30 12345678", "+493012345678"), (None, "0049 (30) 12345678", "+493012345678"),
        ("Germany", "030/12345678", "+493012345678"), ("US", "(415) 555-2671", "+14155552671"),
        ("DE", "+1 415 555 2671", "+14155552671"), ("DE", "0049 30 12345678", "+493012345678"),
        ("GB", "020 7946 0958 ext. 5", "+442079460958"),
    ],
)  # fmt: skip
def test_a_phone_becomes_e164(country: str | None, text: str, number: str) -> None:
    lead = lead_of(country=country, phone=text)
    assert (lead.fields["phone"], lead.facts["phone"]) == (number, number)
    assert (lead.original["phone"], lead.warnings) == (text, [])


@pytest.mark.parametrize("text", ["call me", "030 12345678", "+999 1", "+" * 300, "12"])
def test_a_phone_that_cannot_be_read_is_kept_and_warned_of(text: str) -> None:
    lead = lead_of(phone=text)
    assert (lead.fields["phone"], codes_of(lead)) == (text, [("phone", "unparsable")])


@pytest.mark.parametrize(
    ("text", "email", "domain"),
    [
        ("ana@acme.example", "ana@acme.example", "acme.example"),
        ("Ana Ruiz <ANA@Acme.Example>", "ana@acme.example", "acme.example"),
        ('"Ruiz, Ana" <ana@acme.example>', "ana@acme.example", "acme.example"),
        ("<ana@acme.example>", "ana@acme.example", "acme.example"),
        ("mailto:ana@acme.example", "ana@acme.example", "acme.example"),
        ("ana+x@münchen.de", "ana+x@münchen.de", "xn--mnchen-3ya.de"),
        ("ana＠acme.example", "ana@acme.example", "acme.example"),
        ("ana@acme.example.", "ana@acme.example", "acme.example"),
    ],
)
def test_an_email_is_split_from_its_display_form(text: str, email: str, domain: str) -> None:
    lead = lead_of(email=text)
    assert (lead.fields["email"], lead.facts["email_domain"]) == (email, domain)
    assert lead.warnings == []


@pytest.mark.parametrize(
    "text",
    ["n/a", "ana@", "@acme.example", "ana@localhost", "a b@c.example", "ana@127.0.0.1", "a@b@c"],
)
def test_what_is_no_email_is_kept_warned_of_and_has_no_domain(text: str) -> None:
    lead = lead_of(email=text)
    assert (lead.fields["email"], codes_of(lead)) == (text, [("email", "unparsable")])
    assert not {"email_domain", "email_is_free", "email_is_disposable"} & set(lead.facts)
    assert (lead.domain, lead.email_domains) == ("", ())


def test_an_endless_email_is_cut_to_what_an_index_holds_and_kept_whole_beside() -> None:
    text = "x" * 5000 + "@acme.example"
    lead = lead_of(email=text)
    assert lead.fields["email"] == "x" * 320
    assert lead.original["email"] == text
    assert codes_of(lead) == [("email", "unparsable"), ("email", "truncated")]


def test_domains_that_may_name_an_account_come_longest_first() -> None:
    lead = lead_of(email="ana@mail.uk.acme.com", website="www.acme.de/x", company="The ACME, Inc.")
    assert lead.email_domains == ("mail.uk.acme.com", "uk.acme.com", "acme.com")
    assert (lead.domain, lead.website_domain, lead.company_match) == ("acme.com", "acme.de", "acme")


@pytest.mark.parametrize(
    ("email", "free", "disposable"),
    [
        ("ana@gmail.com", True, False), ("ana@gmx.de", True, False), ("ana@web.de", True, False),
        ("ana@proton.me", True, False), ("ana@icloud.com", True, False),
        ("ana@tutanota.com", True, False), ("x@tempmail.com", False, True),
    ],
)  # fmt: skip
def test_free_and_disposable_domains_name_no_company(
    email: str, free: bool, disposable: bool
) -> None:
    lead = lead_of(email=email, website=f"https://{email.partition('@')[2]}")
    assert lead.facts["email_is_free"] is free
    assert lead.facts["email_is_disposable"] is disposable
    assert (lead.domain, lead.email_domains, lead.website_domain) == ("", (), "")


def test_a_host_below_a_disposable_domain_is_disposable() -> None:
    assert lead_of(email="x@a.mailinator.com").facts["email_is_disposable"] is True


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22T10:00:00+01:00", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("2026-11-22t09:00:00.5z", datetime(2026, 11, 22, 9, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-22 09:00:00.123456789Z", datetime(2026, 11, 22, 9, 0, 0, 123_456, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_with_its_zone(text: str, instant: datetime) -> None:
    assert lead_of(received_at=text).fields["received_at"] == instant


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-11-22", "2026-11-22T10:00:00", "2026-02-30T10:00:00Z", "20261122T100000Z",
     "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-22T10:00:00+25:00"],
)  # fmt: skip
def test_text_that_is_no_instant_is_left_out_and_warned_of(text: str) -> None:
    lead = lead_of(received_at=text)
    assert lead.fields["received_at"] is None
    assert "received_at" not in lead.facts
    assert (codes_of(lead), lead.original) == (
        [("received_at", "unparsable")],
        {"received_at": text},
    )


def test_fewer_employees_than_none_are_kept_but_route_nothing() -> None:
    lead = lead_of(employees=-5, annual_revenue=-1.5)
    assert (lead.fields["employees"], codes_of(lead)) == (-5, [("employees", "implausible")])
    assert lead.facts == {"annual_revenue": -1.5}


def test_names_of_custom_fields_are_cleaned_and_the_first_of_two_counts() -> None:
    lead = lead_of(custom={"plan ": "a", "plan\x00": "b", "tags": [" x ", "", None]})
    assert lead.fields["custom"] == {"plan": "a", "tags": ["x"]}
    assert codes_of(lead) == [("custom.plan", "duplicate")]


BODIES = st.fixed_dictionaries(
    {},
    optional={
        **{name: ANY_TEXT | st.none() for name in (*TEXT_FIELDS, "received_at")},
        **dict.fromkeys(NUMBER_FIELDS, ANY_SCALAR),
        "product_interest": st.lists(ANY_TEXT | st.none(), max_size=3),
        "crm_ids": st.dictionaries(ANY_TEXT, ANY_TEXT | st.none(), max_size=3),
        "custom": st.dictionaries(ANY_TEXT, ANY_JSON, max_size=3),
        "country": st.sampled_from(["DE", "Germany", "USA", "uk", "Atlantis"]) | ANY_TEXT,
        "email": st.emails() | ANY_TEXT,
    },
)


@unhurried
@given(BODIES)
def test_every_body_that_passes_the_check_is_normalised_once_and_for_all(
    body: dict[str, object],
) -> None:
    if check_lead(body, partial=True):
        return
    lead = normalise_lead(body)
    again = normalise_lead(lead.fields)
    assert again.fields == lead.fields
    assert again.facts == lead.facts
    assert "\x00" not in json.dumps(lead.fields | {"received_at": None}, ensure_ascii=False)
    assert json.dumps(lead.warnings, ensure_ascii=False).encode()


def test_naughty_strings_pass_in_every_field() -> None:
    if not BLNS.exists():
        pytest.skip(f"not run: {BLNS.name} is not beside the project")
    for text in json.loads(BLNS.read_text()):
        body: dict[str, object] = dict.fromkeys((*TEXT_FIELDS, "received_at"), text)
        body |= {"product_interest": [text], "custom": {text[:100]: text, "x": text}}
        assert {fault.code for fault in check_lead(body)} <= {"names_nobody", "invalid"}
        lead = normalise_lead(body)
        assert normalise_lead(lead.fields).fields == lead.fields
        assert json.dumps(lead.fields | {"received_at": None}, ensure_ascii=False).encode()
