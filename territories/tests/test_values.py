"""Values of conditions take the form in which leads hold them."""

import pytest

from territories.values import normalise_value


@pytest.mark.parametrize(
    ("field", "value", "normal"),
    [
        ("country", "Germany", "DE"), ("country", ["uk", "Frankreich"], ["GB", "FR"]),
        ("state", "US-CA", "US-CA"), ("state", "us-ca", "US-CA"), ("state", "California", "US-CA"),
        ("state", "CA", "US-CA"), ("state", "Bayern", "DE-BY"), ("state", "Nowhere", "Nowhere"),
        ("postal_code", "sw1a 1aa", "SW1A1AA"), ("postal_code", "94105-1234", "941051234"),
        ("email", "Ana <ANA@Example.com>", "ana@example.com"),
        ("email", "@Example.com", "@example.com"),
        ("email_domain", "https://www.Acme.com/", "acme.com"),
        ("email_domain", "UK.Acme.com", "uk.acme.com"),
        ("email_domain", "münchen.de", "xn--mnchen-3ya.de"), ("employees", 200, 200),
        ("score", 1.5, 1.5), ("email_is_free", True, True),
        ("title", "  VP\u00a0 Sales ", "VP Sales"),
        ("custom.size", "ＸＬ", "XL"), ("region", "EMEA", "EMEA"),
        ("product_interest", ("A ",), ["A"]),
    ],
)  # fmt: skip
def test_a_value_is_normalised_like_its_field(field: str, value: object, normal: object) -> None:
    assert normalise_value(field, value) == normal


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("country", "Atlantis", 'unknown country "Atlantis"'),
        ("country", "Germny", 'did you mean "Germany"'),
        ("country", ["DE", "Atlantis"], 'unknown country "Atlantis"'),
        ("state", "Limburg", "BE-VLI or NL-LI"),
        ("title", "\x00 ", "no visible text"),
    ],
)
def test_a_value_that_no_lead_can_hold_is_refused_in_words(
    field: str, value: object, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        normalise_value(field, value)
