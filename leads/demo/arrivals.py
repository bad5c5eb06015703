"""The leads of the demo: who comes, from where, when, and how carelessly the form was filled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from . import words
from .sites import SITES, Site, dirty_phone, phone, postal_code

#: Lead type: (weight, source).
TYPES = {
    "content": (30, "website"),
    "demo_request": (21, "website"),
    "webinar": (14, "webinar-platform"),
    "contact_sales": (10, "website"),
    "chat": (11, "website-chat"),
    "trade_show": (7, "badge-scanner"),
    "partner_referral": (4, "partner-portal"),
    "import": (3, "list-import"),
}
KNOWN_ACCOUNT_SHARE, FREE_MAIL_SHARE, DISPOSABLE_SHARE = 0.38, 0.16, 0.012
COMPETITOR_SHARE, STUDENT_SHARE, NAMED_OWNER_SHARE = 0.008, 0.025, 0.012
#: Monday to Sunday, and the local hours from 0 to 23.
WEEKDAY_WEIGHTS = (20, 22, 21, 19, 14, 3, 4)
HOUR_WEIGHTS = (1, 1, 1, 1, 1, 2, 4, 9, 16, 22, 24, 22, 15, 18, 22, 21, 18, 13, 9, 7, 6, 5, 3, 2)
#: What people write for a country, beside its code.
COUNTRY_WORDS = {
    "DE": ("Germany", "Deutschland", "GER"), "GB": ("United Kingdom", "UK", "England"),
    "US": ("United States", "USA", "U.S.A."), "FR": ("France", "france"), "ES": ("Spain", "España"),
    "NL": ("Netherlands", "The Netherlands", "Holland"), "CH": ("Switzerland", "Schweiz"),
    "BR": ("Brazil", "Brasil"), "CA": ("Canada",), "AT": ("Austria", "Österreich"),
    "IT": ("Italy", "Italia"), "SE": ("Sweden",), "MX": ("Mexico", "México"),
}  # fmt: skip
BAD_COUNTRIES = ("Untied States", "Europe", "n/a", "Germny")


@dataclass(slots=True)
class Arrivals:
    """Makes the bodies of leads; remembers who came, so that nobody has another's address."""

    random: Random
    accounts: Sequence[Mapping[str, Any]]
    company_domain: str
    _addresses: set[str] = field(default_factory=set)
    _count: int = 0

    def instants(self, count: int, start: datetime, end: datetime) -> list[tuple[datetime, Site]]:
        """When `count` leads come, and from where: in their own working week, mostly."""
        made: list[tuple[datetime, Site]] = []
        days = max((end - start).days, 1)
        weights = [
            WEEKDAY_WEIGHTS[(start + timedelta(days=day)).weekday()] for day in range(days + 1)
        ]
        while len(made) < count:
            site = self.random.choices(SITES, [site.weight for site in SITES])[0]
            (day,) = self.random.choices(range(days + 1), weights)
            (hour,) = self.random.choices(range(24), HOUR_WEIGHTS)
            second = self.random.randrange(3600)
            midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
            local = midnight + timedelta(days=day, hours=hour, seconds=second)
            instant = local - timedelta(hours=site.utc_offset)
            if start <= instant < end:
                made.append((instant, site))
        return sorted(made, key=lambda pair: pair[0])

    def body(self, site: Site) -> dict[str, Any]:
        """A lead from a place."""
        random, self._count = self.random, self._count + 1
        (kind,) = random.choices(list(TYPES), [weight for weight, _ in TYPES.values()])
        body: dict[str, Any] = {"lead_type": kind, "source": TYPES[kind][1]}
        if body["source"] != "website":
            body["external_id"] = f"{body['source'][:2].upper()}-{100_000 + self._count}"
        self._put_person(body)
        account = self._account_near(site)
        self._put_company(body, account)
        self._put_place(body, site)
        self._put_interest(body)
        if random.random() < NAMED_OWNER_SHARE:
            body["owner"] = random.choice(
                ("anna-mackay", f"erik.solheim@{self.company_domain}", "tom-who-left")
            )
        return body

    def again(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The same person with another form: more interest than before."""
        random = self.random
        same = ("email", "first_name", "last_name", "company", "country", "external_id")
        made = {name: body[name] for name in same if name in body}
        kind = random.choice(("demo_request", "content", "webinar", "contact_sales"))
        made |= {
            "lead_type": kind,
            "source": body["source"] if "external_id" in made else "website",
        }
        made["score"] = min(int(body.get("score", 40)) + random.randrange(5, 45), 100)
        made["campaign"] = random.choice(words.CAMPAIGNS)
        return made

    def refused(self) -> bytes:
        """A body that cannot be taken, as a careless integration sends it."""
        return self.random.choice(REFUSED)

    def _put_person(self, body: dict[str, Any]) -> None:
        random = self.random
        body["first_name"] = random.choice(words.FIRST_NAMES)
        body["last_name"] = random.choice(words.LAST_NAMES)
        body["title"] = random.choice(words.TITLES)
        if random.random() < STUDENT_SHARE:
            body["title"] = random.choice(("Student", "PhD student"))

    def _account_near(self, site: Site) -> Mapping[str, Any] | None:
        if self.random.random() >= KNOWN_ACCOUNT_SHARE:
            return None
        near = [one for one in self.accounts if one["country"] == site.country]
        return self.random.choice(near or self.accounts)

    def _put_company(self, body: dict[str, Any], account: Mapping[str, Any] | None) -> None:
        random = self.random
        if account is not None:
            domain = random.choice(account["domains"])
            body["company"] = random.choice([account["name"], account["name"].split()[0], ""])
            body["employees"] = account["employees"]
        else:
            start = random.choice(words.COMPANY_STARTS)
            trade, body["industry"] = random.choice(words.COMPANY_TRADES)
            body["company"] = f"{start} {trade} {random.randrange(2, 99)}"
            domain = body["company"].lower().replace(" ", "-") + ".example"
            if random.random() < 0.7:
                body["employees"] = int(random.lognormvariate(5.2, 1.6)) + 1
            if random.random() < 0.5:
                body["website"] = f"https://www.{domain}/"
            domain = self._other_domain() or domain
        body["email"] = self._address(body, domain)

    def _other_domain(self) -> str | None:
        draw = self.random.random()
        if draw < FREE_MAIL_SHARE:
            return self.random.choice(words.FREE_MAIL)
        if draw < FREE_MAIL_SHARE + DISPOSABLE_SHARE:
            return self.random.choice(words.DISPOSABLE_MAIL)
        if draw < FREE_MAIL_SHARE + DISPOSABLE_SHARE + COMPETITOR_SHARE:
            return "fluxwell-instruments.example"
        return None

    def _address(self, body: Mapping[str, Any], domain: str) -> str:
        """An address that no other lead has, now and then with a name before it or in capitals."""
        name = f"{body['first_name']}.{body['last_name']}".lower()
        number, local = 1, name
        while f"{local}@{domain}" in self._addresses:
            number += 1
            local = f"{name}{number}"
        self._addresses.add(f"{local}@{domain}")
        draw = self.random.random()
        if draw < 0.04:
            return f"{body['first_name']} {body['last_name']} <{local}@{domain}>"
        return f"{local}@{domain}".upper() if draw < 0.07 else f"{local}@{domain}"

    def _put_place(self, body: dict[str, Any], site: Site) -> None:
        random = self.random
        body["country"] = site.country
        if random.random() < 0.35:
            body["country"] = random.choice(
                COUNTRY_WORDS.get(site.country, (site.country.lower(),))
            )
        body["city"] = site.city
        if site.state and random.random() < 0.9:
            body["state"] = site.state
        if random.random() < 0.8:
            body["postal_code"] = postal_code(random, site)
        if random.random() < 0.55:
            body["phone"] = phone(random, site)
        self._spoil(body)

    def _spoil(self, body: dict[str, Any]) -> None:
        draw = self.random.random()
        if draw < 0.012:
            body["country"] = self.random.choice(BAD_COUNTRIES)
        elif draw < 0.03:
            body["phone"] = dirty_phone(self.random)
        elif draw < 0.045:
            body["postal_code"] = "0000"
        elif draw < 0.06:
            del body["country"]

    def _put_interest(self, body: dict[str, Any]) -> None:
        random = self.random
        body["product_interest"] = random.sample(words.PRODUCTS, random.choice((0, 1, 1, 1, 2)))
        body["score"] = min(max(int(random.gauss(58, 24)), 0), 100)
        if random.random() < 0.6:
            body["campaign"] = random.choice(words.CAMPAIGNS)
        body["custom"] = {"utm_medium": random.choice(("cpc", "email", "organic", "social"))}


REFUSED = (
    b'{"emial": "jana.novak@tidewell-energy.example", "country": "DE"}',
    b'{"first_name": "Ivan", "country": "PL", "score": 61}',
    b'{"email": "mei.tanaka@orlane-glass.example", "score": "high"}',
    b'{"email": "omar.haas@dunmere-paper.example", "employees": 12.5}',
    b'{"email": "ida.holt@redfern-dairy.example", "product_interest": "Flow meters"}',
    b'{"email": "noor.weber@yarrow-steel.example", ',
)
