"""Which account a lead belongs to, through the database (semantics 4)."""

import pytest

from leads.services import intake
from leads.tests.company import NOON, TESTER, company, configure
from territories.models import Account
from territories.revisions import revision

pytestmark = pytest.mark.django_db


def account(key, name, **more):
    return {"key": key, "name": name, **more}


def matched(**body):
    receipt = intake.receive_lead(body=body, actor=TESTER, now=NOON)
    return receipt.answer["assignment"]["account"]


@pytest.fixture
def accounts():
    return [
        account("acme", "Acme GmbH", domains=["acme.com"], owner="ana", external_ids=["001X"]),
        account("acme-uk", "Acme UK", domains=["uk.acme.com"], owner="ben", country="GB"),
        account("acme-it", "Acme Italia", parent="acme", domains=["acme.it"]),
        account("globex", "Globex & Sons, Inc.", aliases=["Globex Trading"], owner="cat"),
        account("twin-a", "Twin", country="DE", owner="ana"),
        account("twin-b", "Twin", country="GB", owner="ben"),
        account("gone", "Gone", domains=["gone.com"], active=False),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"email": "x@acme.com"}, "acme"),
        ({"email": "x@mail.acme.com"}, "acme"),
        ({"email": "x@uk.acme.com"}, "acme-uk"),
        ({"email": "x@shop.uk.acme.com"}, "acme-uk"),
        ({"email": "x@notacme.com"}, None),
        ({"email": "x@acme.co"}, None),
        ({"email": "x@gone.com"}, None),
        ({"email": "x@gmail.com", "website": "https://www.acme.com/jobs"}, "acme"),
        ({"email": "x@other.example", "company": "The Globex and Sons"}, "globex"),
        ({"email": "x@other.example", "company": "globex trading ltd"}, "globex"),
        ({"company": "Twin", "country": "GB"}, "twin-b"),
        ({"company": "Twin"}, "twin-a"),
        ({"email": "x@acme.com", "account": "globex"}, "globex"),
        ({"email": "x@other.example", "account": "001X"}, "acme"),
    ],
)
def test_the_first_step_that_finds_one_wins(accounts, body, expected):
    configure(company(accounts=accounts))
    assert matched(**body) == expected


def test_a_known_contact_ties_later_leads_to_the_account(accounts):
    configure(company(accounts=accounts, settings={"dedupe_window_days": 1}))
    assert matched(email="x@gmail.com", account="globex") == "globex"
    receipt = intake.receive_lead(
        body={"email": "x@gmail.com"}, actor=TESTER, now=NOON.replace(day=20)
    )
    assert receipt.created
    assert receipt.answer["assignment"]["account"] == "globex"


def test_an_account_without_owner_inherits_its_parents(accounts):
    made = company(accounts=accounts)
    made["rules"][0]["conditions"] = {"field": "account.matched", "op": "eq", "value": True}
    configure(made)
    body = {"email": "x@acme.it"}
    answer = intake.receive_lead(body=body, actor=TESTER, now=NOON).answer
    assert (answer["owner"]["key"], answer["assignment"]["account"]) == ("ana", "acme-it")


def test_ignored_domains_name_no_account(accounts):
    ignored = {
        "key": "ignored-domains",
        "name": "Ignored",
        "kind": "domain",
        "values": ["acme.com"],
    }
    configure(company(accounts=accounts, value_lists=[ignored]))
    assert matched(email="x@acme.com") is None


@pytest.mark.parametrize(("name", "expected"), [("Globx & Sons", "globex"), ("Nothing", None)])
def test_a_similar_name_matches_when_switched_on(accounts, name, expected):
    configure(company(accounts=accounts, settings={"fuzzy_match_threshold": 85}))
    assert matched(company=name) == expected


def test_a_match_takes_two_reads_whatever_the_number_of_accounts(
    accounts, django_assert_num_queries
):
    configure(company(accounts=accounts))
    from leads.services.account_lookup import find_accounts

    with django_assert_num_queries(2):
        find_accounts({("domain", "acme.com"), ("alias", "twin"), ("key", "globex")})


def test_renaming_an_account_changes_what_it_is_found_by(accounts):
    configure(company(accounts=accounts))
    globex = Account.objects.get(pk="globex")
    globex.name = "Initech"
    with revision(actor=TESTER):
        globex.save()
    assert matched(company="Initech Inc") == "globex"
