"""Bodies of leads that tests share."""

from hypothesis import strategies as st

FULL_BODY: dict[str, object] = {
    "external_id": "crm-1", "source": "website", "lead_type": "demo_request",
    "email": "Ana Ruiz <Ana.Ruiz@UK.Acme.example>", "first_name": "Ana", "last_name": "Ruiz",
    "phone": "030 12345678", "title": "CTO", "company": "ACME, Inc.",
    "website": "https://www.acme.example/about", "country": "Germany", "state": "Bavaria",
    "city": "München", "postal_code": "D-80331", "industry": "Manufacturing", "employees": 500,
    "annual_revenue": 1.5e6, "product_interest": ["Routing", "Reports"], "language": "de",
    "score": 70, "campaign": "autumn", "account": "acme", "owner": "ana",
    "crm_ids": {"salesforce": "00Q1"}, "received_at": "2026-11-22T10:00:00+01:00",
    "custom": {"plan": "pro", "seats": 3, "trial": True, "tags": ["a", "b"]},
}  # fmt: skip

#: Text with lone surrogates, control characters and everything else that JSON can carry.
ANY_TEXT = st.text(st.characters(), max_size=40)
_INTEGERS = st.integers(min_value=-(2**63), max_value=2**63 - 1)
ANY_SCALAR = (
    st.none()
    | st.booleans()
    | _INTEGERS
    | st.floats(allow_nan=False, allow_infinity=False)
    | ANY_TEXT
)
ANY_JSON = st.recursive(
    ANY_SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=8,
)
