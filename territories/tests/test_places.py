"""Countries, subdivisions and postal codes as people write them."""

import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territories.places import (
    country_code,
    country_name,
    postal_key,
    subdivision_code,
    subdivision_name,
    subdivisions_anywhere,
)
from territories.postal import fits_country, without_country

unhurried = settings(deadline=None, max_examples=200)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"), ("de", "DE"), (" deu ", "DE"), ("DEU", "DE"), ("Germany", "DE"),
        ("GERMANY", "DE"), ("Deutschland", "DE"), ("Federal Republic of Germany", "DE"),
        ("UK", "GB"), ("u.k.", "GB"), ("England", "GB"), ("Scotland", "GB"), ("Wales", "GB"),
        ("Northern Ireland", "GB"), ("Great Britain", "GB"), ("USA", "US"), ("U.S.", "US"),
        ("U. S. A.", "US"), ("America", "US"), ("United States of America", "US"),
        ("the United States", "US"), ("South Korea", "KR"), ("Republic of Korea", "KR"),
        ("North Korea", "KP"), ("Russia", "RU"), ("Russian Federation", "RU"),
        ("Czech Republic", "CZ"), ("Czechia", "CZ"), ("UAE", "AE"), ("Vietnam", "VN"),
        ("Viet Nam", "VN"), ("Ivory Coast", "CI"), ("Côte d'Ivoire", "CI"),
        ("COTE D’IVOIRE", "CI"), ("Burma", "MM"), ("Holland", "NL"), ("The Netherlands", "NL"),
        ("Türkiye", "TR"), ("Turkey", "TR"), ("Turkiye", "TR"), ("Österreich", "AT"),
        ("Oesterreich", "AT"), ("Bahamas", "BS"), ("St. Lucia", "LC"), ("Iran", "IR"),
        ("Trinidad & Tobago", "TT"), ("Democratic Republic of the Congo", "CD"), ("中国", "CN"),
        ("Россия", "RU"), ("Taiwan", "TW"), ("Ireland", "IE"), ("Reunion", "RE"), ("ＤＥ", "DE"),
    ],
)  # fmt: skip
def test_a_country_is_known_by_code_name_and_alias(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize(
    "text", ["", " ", "Atlantis", "XX", "Select", "D", "EU", "&", "x" * 5000, "🦄"]
)
def test_what_names_no_country_has_no_code(text: str) -> None:
    assert country_code(text) is None


def test_every_iso_name_and_code_means_its_own_country() -> None:
    for country in pycountry.countries:
        names = {country.alpha_2, country.alpha_3, country.name, country_name(country.alpha_2)}
        names.add(getattr(country, "official_name", country.name))
        assert {country_code(name) for name in names} == {country.alpha_2}


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("US", "CA", "US-CA"), ("US", "us-ca", "US-CA"), ("US", "California", "US-CA"),
        ("US", "State of California", "US-CA"), ("US", "Calif.", "US-CA"),
        ("US", "New York", "US-NY"), ("US", "Washington, D.C.", "US-DC"), ("DE", "BY", "DE-BY"),
        ("DE", "Bavaria", "DE-BY"), ("DE", "bayern", "DE-BY"), ("DE", "Thuringen", "DE-TH"),
        ("DE", "Thueringen", "DE-TH"), ("DE", "NRW", "DE-NW"), ("GB", "England", "GB-ENG"),
        ("GB", "Scotland", "GB-SCT"), ("GB", "wales", "GB-WLS"), ("GB", "NIR", "GB-NIR"),
        ("CA", "Québec", "CA-QC"), ("CA", "quebec", "CA-QC"), ("CA", "CA-ON", "CA-ON"),
        ("BR", "Sao Paulo", "BR-SP"), ("FR", "ile de france", "FR-IDF"), ("AT", "Wien", "AT-9"),
        ("ES", "Madrid", "ES-MD"), ("SE", "Skane", "SE-M"), ("CN", "Beijing", "CN-BJ"),
        ("JP", "Tokyo Prefecture", "JP-13"), ("IE", "Co. Dublin", "IE-D"),
        ("AU", "NSW", "AU-NSW"), ("CH", "Zurich", "CH-ZH"), ("IN", "Maharashtra", "IN-MH"),
    ],
)  # fmt: skip
def test_a_subdivision_is_known_within_its_country(country: str, text: str, code: str) -> None:
    assert subdivision_code(country, text) == code


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("US", "DE-BY"),
        ("US", "Bayern"),
        ("DE", ""),
        ("XX", "CA"),
        ("US", "x" * 5000),
        ("US", "the"),
    ],
)
def test_what_names_no_subdivision_of_the_country_has_no_code(country: str, text: str) -> None:
    assert subdivision_code(country, text) is None


def test_every_subdivision_code_means_itself() -> None:
    for one in pycountry.subdivisions:
        assert subdivision_code(one.country_code, one.code) == one.code
        assert subdivision_code(one.country_code, one.code[3:].lower()) == one.code


def test_without_a_country_all_meanings_of_a_state_are_given() -> None:
    assert subdivisions_anywhere("us-ca") == ("US-CA",)
    assert subdivisions_anywhere("California") == ("US-CA",)
    assert {"US-CA", "MX-CAM"} & set(subdivisions_anywhere("CA")) == {"US-CA"}
    assert len(subdivisions_anywhere("CA")) > 1
    assert subdivisions_anywhere("Nowhere") == ()


def test_codes_have_names_for_people() -> None:
    assert country_name("KR") == "South Korea"
    assert subdivision_name("US-CA") == "California"
    assert subdivision_name("GB-WLS") == "Wales"
    assert (country_name("ZZ"), subdivision_name("ZZ-1")) == ("ZZ", "ZZ-1")


def test_postal_codes_compare_without_spaces_and_hyphens() -> None:
    assert postal_key("sw1a 1aa") == postal_key("SW1A1AA") == "SW1A1AA"
    assert postal_key("12345-6789") == postal_key("12345 6789") == "123456789"
    assert postal_key("150\u20130001") == "1500001"


@pytest.mark.parametrize(
    ("country", "code", "fits"),
    [
        ("DE", "10115", True), ("DE", "SW1A 1AA", False), ("GB", "sw1a 1aa", True),
        ("GB", "SW1", True), ("GB", "10115", False), ("US", "94105-1234", True),
        ("US", "K1A 0B1", False), ("CA", "K1A 0B1", True), ("NL", "1012 ab", True),
        ("PL", "00-950", True), ("SG", "018956", True), ("VA", "00120", True), ("TV", "x", True),
    ],
)  # fmt: skip
def test_a_postal_code_looks_like_one_of_its_country(country: str, code: str, fits: bool) -> None:
    assert fits_country(country, code) is fits


def test_a_country_in_front_of_a_postal_code_is_taken_off() -> None:
    assert without_country("DE", "D-10115") == "10115"
    assert without_country("SE", "SE-11455") == "11455"
    assert without_country("FI", "FIN-00100") == "00100"
    assert without_country("GB", "GB-??") == "GB-??"


@unhurried
@given(st.text(max_size=120), st.text(max_size=120))
def test_any_text_is_answered(country: str, text: str) -> None:
    code = country_code(country)
    assert code is None or country_code(code) == code
    state = subdivision_code(code or "US", text)
    assert state is None or subdivision_code(code or "US", state) == state
    assert postal_key(postal_key(text)) == postal_key(text)
