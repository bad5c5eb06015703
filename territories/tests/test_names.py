"""Company names and domains as they are compared."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territories.names import (
    ascii_host,
    candidate_domains,
    clean_domain,
    match_name,
    registrable_domain,
)
from territories.text import clean_text

unhurried = settings(deadline=None, max_examples=300)


@pytest.mark.parametrize(
    "text",
    [
        "acme", "ACME", "ACME, Inc.", "Acme Incorporated", "The Acme", "Acme Corp", "ACME Corp.",
        "Acme Corporation", "Acme Ltd", "Acme Ltd.", "Acme Limited", "Acme, L.L.C.", "Acme LLP",
        "Acme PLC", "Acme Co.", "Acme Company", "Acme Co., Ltd.", "Acme & Co.", "Acme GmbH",
        "Acme GmbH & Co. KG", "ACME AG", "Acme SE", "Acme KG", "Acme UG (haftungsbeschränkt)",
        "Acme S.A.", "Acme S. A.", "Acme SAS", "Acme SARL", "Acme S.à r.l.", "Acme S.p.A.",
        "Acme SpA", "Acme S.r.l.", "Acme B.V.", "Acme N.V.", "Acme AB", "Acme Oy", "Acme A/S",
        "Acme ApS", "Acme Pty Ltd", "Acme (Pty) Ltd.", "Acme Pte. Ltd.", "Acme Pvt. Ltd.",
        "Acme Kft.", "Acme Sp. z o.o.", "Acme Spółka z o.o.", "Acme K.K.", "Acme s.r.o.",
        "Acme spol. s r.o.", "Acme a.s.", "Acme d.o.o.", "Acme S.A. de C.V.", "Acme Ltda.",
        "Acmé", "Acme\u200b Inc", "  acme \t inc ", "ＡＣＭＥ", "Acme!", "ООО Acme", "株式会社Acme",
    ],
)  # fmt: skip
def test_spellings_of_one_company_are_one_name(text: str) -> None:
    assert match_name(text) == "acme"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Johnson & Johnson", "Johnson and Johnson"), ("L'Oréal", "L’OREAL SA"),
        ("J.P. Morgan", "JP Morgan"), ("U.S. Steel Corp", "US Steel"),
        ("Procter & Gamble Company, The", "The Procter and Gamble Co"),
        ("㈱トヨタ", "株式会社トヨタ"),
        ("Société Générale S.A.", "societe generale"), ("삼성전자(주)", "삼성전자"),
    ],
)  # fmt: skip
def test_two_spellings_meet(one: str, other: str) -> None:
    assert match_name(one) == match_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Acme", "Acme Labs"), ("Plan B A/S", "Plan"), ("Vino", "Vinoteca"), ("ハハ", "パパ")],
)
def test_different_companies_stay_apart(one: str, other: str) -> None:
    assert match_name(one) != match_name(other)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Limited", "limited"), ("The Limited", "limited"), ("Company, Inc.", "company"),
        ("The The", "the the"), ("!!!", "!!!"), ("S.p.A.", "spa"), ("株式会社", "株式会社"),
        ("The Co", "co"),
    ],
)  # fmt: skip
def test_a_name_is_never_reduced_to_nothing(text: str, name: str) -> None:
    assert match_name(text) == name


def test_only_a_text_that_shows_nothing_has_no_name() -> None:
    assert match_name("") == match_name(" \x00\u200b ") == ""


@unhurried
@given(st.text(max_size=400))
def test_a_visible_name_is_compared_by_something_stable(text: str) -> None:
    name = match_name(text)
    assert bool(name) == bool(clean_text(text))
    assert match_name(f"  {text}  ") == name


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("acme.com", "acme.com"), ("UK.Acme.COM", "acme.com"), ("acme.com.", "acme.com"),
        ("mail.uk.acme.co.uk", "acme.co.uk"), ("rival.example", "rival.example"),
        ("a.rival.example", "rival.example"), ("münchen.de", "xn--mnchen-3ya.de"),
        ("MÜNCHEN.de", "xn--mnchen-3ya.de"), ("straße.de", "xn--strae-oqa.de"),
        ("ana.github.io", "ana.github.io"), ("github.io", "github.io"),
    ],
)  # fmt: skip
def test_the_registrable_domain_is_suffix_and_one_label(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


@pytest.mark.parametrize(
    "host",
    [
        "com", "co.uk", "gov.uk", "localhost", "127.0.0.1", "::1", "[::1]", "", " ", "a b.com",
        "x..com", "-a.com", ".com", "a_b.com", "\ud800.com", "x" * 64 + ".com", "a." * 200 + "com",
    ],
)  # fmt: skip
def test_suffixes_addresses_and_junk_are_not_registrable(host: str) -> None:
    assert registrable_domain(host) is None
    assert candidate_domains(host) == ()


def test_candidates_are_whole_labels_longest_first() -> None:
    assert candidate_domains("mail.UK.acme.com") == ("mail.uk.acme.com", "uk.acme.com", "acme.com")
    assert candidate_domains("notacme.com") == ("notacme.com",)
    assert candidate_domains("acme.co") == ("acme.co",)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.Acme.COM/x", "acme.com"), ("acme.com", "acme.com"),
        ("//acme.com", "acme.com"),
        ("www.acme.com/path?q=a@b.org#x", "acme.com"), ("http://u:p@acme.com:8080/", "acme.com"),
        ("ana@acme.com", "acme.com"), ("@acme.com", "acme.com"), ("www.com", "www.com"),
        ("uk.acme.com", "uk.acme.com"), ("acme", None), ("co.uk", None), (".acme.com", None),
        ("http://[::1]/", None), ("javascript:alert(1)", None), ("https://", None),
        ("<a href=http://acme.com>", None), ("", None),
    ],
)  # fmt: skip
def test_a_domain_is_read_from_what_people_paste(text: str, domain: str | None) -> None:
    assert clean_domain(text) == domain


@unhurried
@given(st.text(max_size=300))
def test_any_text_has_a_stable_domain_or_none(text: str) -> None:
    host = ascii_host(text)
    assert host is None or ascii_host(host) == host
    domain = clean_domain(text)
    assert domain is None or registrable_domain(domain) in candidate_domains(domain)


@unhurried
@given(st.text(st.characters(), max_size=100))
def test_cleaning_text_twice_changes_nothing(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert cleaned.encode() is not None
    assert cleaned == cleaned.strip()


def test_text_is_composed_folded_and_free_of_controls() -> None:
    assert clean_text("  Ana\u00a0\t\n Ruiz\x00\x1b ") == "Ana Ruiz"
    assert clean_text("e\x00\u0301") == "é"
    assert clean_text("ﬁ ①") == "fi 1"
    assert clean_text("a\ud800b") == "a\ufffdb"
    assert clean_text("\ufeff\u200b\u2028") == ""
    assert clean_text("👩\u200d💻") == "👩\u200d💻"
