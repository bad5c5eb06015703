"""Lists and forms of configuration: what they show, and that no row costs a query."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from territories import models
from territories.models import Rep, Rule

from .factories import (
    AccountFactory,
    BoundaryFactory,
    CalendarFactory,
    DefinitionFactory,
    PoolFactory,
    PoolMemberFactory,
    RepFactory,
    RoutingSettingsFactory,
    RuleFactory,
    SkillFactory,
    SlaPolicyFactory,
    TeamFactory,
    TerritoryFactory,
    ValueListFactory,
    changing,
)

pytestmark = pytest.mark.django_db


def list_address(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def form_address(instance):
    opts = instance._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[instance.pk])


def queries(client, url):
    """Return how many queries a page takes once caches are warm."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def rep_with_everything():
    rep = RepFactory(team=TeamFactory(manager=RepFactory()), calendar=CalendarFactory())
    with changing():
        rep.backup = RepFactory()
        rep.save()
        rep.rep_skills.create(skill=SkillFactory())
    return rep


def account_with_everything():
    account = AccountFactory(parent=AccountFactory(), owner_rep=RepFactory())
    with changing():
        account.identifiers.create(kind="domain", value=f"{account.key}.com")
        account.roles.create(role="sdr", rep=RepFactory())
    return account


def territory_with_everything():
    territory = TerritoryFactory(parent=TerritoryFactory(), assign_pool=PoolFactory())
    BoundaryFactory(territory=territory, postal=["10*"])
    return territory


LISTS = {
    models.Rule: lambda: RuleFactory(sla=SlaPolicyFactory()),
    models.Pool: lambda: PoolMemberFactory().pool,
    models.Rep: rep_with_everything,
    models.Team: lambda: TeamFactory(manager=RepFactory()),
    models.Skill: SkillFactory,
    models.Calendar: CalendarFactory,
    models.Territory: territory_with_everything,
    models.Account: account_with_everything,
    models.ValueList: ValueListFactory,
    models.SlaPolicy: SlaPolicyFactory,
    models.Definition: lambda: DefinitionFactory(window_owner_rep=RepFactory()),
    models.Revision: SkillFactory,
}


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
def test_a_list_takes_the_same_queries_for_two_rows_and_for_ten(admin_client, model):
    for _ in range(2):
        LISTS[model]()
    few = queries(admin_client, list_address(model))
    for _ in range(8):
        LISTS[model]()

    assert queries(admin_client, list_address(model)) == few


@pytest.mark.parametrize(
    ("make", "grow"),
    [
        (PoolFactory, lambda pool: PoolMemberFactory(pool=pool)),
        (TerritoryFactory, lambda territory: BoundaryFactory(territory=territory)),
        (RepFactory, lambda rep: rep.rep_skills.create(skill=SkillFactory())),
        (
            AccountFactory,
            lambda account: account.roles.create(
                role=f"r{account.roles.count()}", rep=RepFactory()
            ),
        ),
    ],
)
def test_a_form_takes_the_same_queries_for_two_rows_and_for_ten(admin_client, make, grow):
    instance = make()
    with changing():
        for _ in range(2):
            grow(instance)
    few = queries(admin_client, form_address(instance))
    with changing():
        for _ in range(8):
            grow(instance)

    assert queries(admin_client, form_address(instance)) == few


def test_a_history_takes_the_same_queries_for_two_changes_and_for_ten(admin_client):
    rule = RuleFactory()

    def change(times):
        for _ in range(times):
            with changing():
                rule.name += "x"
                rule.save()

    url = reverse("admin:territories_rule_history", args=[rule.pk])
    change(2)
    few = queries(admin_client, url)
    change(8)

    assert queries(admin_client, url) == few


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
def test_every_list_searches_and_filters(admin_client, model):
    LISTS[model]()
    field = "actor_kind__exact=command" if model is models.Revision else "active__exact=1"

    assert admin_client.get(f"{list_address(model)}?q=x&{field}").status_code == 200


def test_the_rules_say_in_order_what_they_do(admin_client):
    PoolFactory(key="dach-sdr")
    RuleFactory(priority=20, name="Second")
    RuleFactory(
        priority=10,
        name="First",
        conditions={"field": "country", "op": "eq", "value": "DE"},
        route_to={"pool": "dach-sdr"},
        fallback=[{"hold_minutes": 30}, {"next_rule": True}],
    )

    text = re.sub(r"\s+", " ", admin_client.get(list_address(Rule)).content.decode())

    assert text.index("First") < text.index("Second")
    assert "country is DE → pool dach-sdr" in text
    assert "hold 30 minutes, then the next rule" in text


class Controls(HTMLParser):
    """Finds controls of the object's form that nothing names: no label, no aria-label."""

    def __init__(self):
        super().__init__()
        self.labels, self.controls = set(), []
        self._in_label, self._in_form = 0, False

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            self._in_form = (found.get("id") or "").endswith("_form")
        elif not self._in_form:
            return
        elif tag == "label":
            self._in_label += 1
            self.labels.add(found.get("for"))
        elif tag in ("input", "select", "textarea") and found.get("type") not in (
            "hidden",
            "submit",
        ):
            name = found.get("name") or ""
            if not self._in_label and "aria-label" not in found and "__prefix__" not in name:
                self.controls.append((name, found.get("id")))

    def handle_endtag(self, tag):
        if tag == "form":
            self._in_form = False
        elif tag == "label" and self._in_form:
            self._in_label -= 1

    @property
    def nameless(self):
        return [name for name, html_id in self.controls if name and html_id not in self.labels]


@pytest.mark.parametrize(
    "make",
    [
        lambda: RuleFactory(conditions={"field": "score", "op": "gt", "value": 1}),
        lambda: PoolMemberFactory().pool,
        rep_with_everything,
        territory_with_everything,
        account_with_everything,
        CalendarFactory,
        DefinitionFactory,
        SlaPolicyFactory,
        ValueListFactory,
        RoutingSettingsFactory,
    ],
)
def test_every_control_of_a_form_has_a_name(admin_client, make):
    controls = Controls()
    controls.feed(admin_client.get(form_address(make())).content.decode())

    assert controls.controls
    assert controls.nameless == []


def test_every_control_of_a_list_row_has_a_name(admin_client):
    RuleFactory(name="Inbound")
    text = admin_client.get(list_address(Rule)).content.decode()

    assert 'aria-label="Priority of Inbound"' in text
    assert 'aria-label="Active of Inbound"' in text


def test_pages_have_no_inline_scripts_of_ours(admin_client):
    text = admin_client.get(form_address(RuleFactory())).content.decode()

    assert "territories/rows.js" in text
    assert not re.search(r'data-row[^>]*\son\w+="', text)


def test_who_may_only_see_changes_nothing(client):
    person = User.objects.create_user("viewer", password="x", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_rep"))
    client.force_login(person)
    rep = RepFactory(name="Ana")

    page = client.get(form_address(rep))
    sent = client.post(form_address(rep), {"name": "Other"})

    assert page.status_code == 200
    assert 'name="name"' not in page.content.decode()
    assert sent.status_code == 403
    assert client.get(list_address(Rule)).status_code == 403
    assert client.get(reverse("admin:territories_rep_history", args=[rep.pk])).status_code == 200
    assert Rep.objects.get().name == "Ana"


def test_a_key_with_an_underscore_has_a_form_and_a_history(admin_client):
    rep = RepFactory(key="ana_ruiz")
    address = f"/territories/rep/{quote(rep.pk)}"

    assert admin_client.get(f"{address}/change/").status_code == 200
    assert admin_client.get(f"{address}/history/").status_code == 200


def test_an_unknown_object_is_not_found(admin_client):
    for page in ("change", "history"):
        url = reverse(f"admin:territories_rule_{page}", args=["nothing"])
        assert admin_client.get(url).status_code in (302, 404)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_rows_are_added_and_removed_in_a_browser(live_server, client, monkeypatch):
    sync_api = pytest.importorskip("playwright.sync_api")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    client.force_login(User.objects.create_superuser("admin"))
    rule = RuleFactory(conditions={"all": [{"field": "score", "op": "gte", "value": 50}]})
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = chromium.new_page()
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page.goto(live_server.url + form_address(rule))
        group = page.get_by_role("group", name="Conditions")
        rows = group.locator("[data-rows-body] > [data-row]")
        assert rows.count() == 1
        group.get_by_role("button", name="Add a row").click()
        rows.nth(1).get_by_label("Field of row 2", exact=True).select_option("country")
        rows.nth(1).get_by_label("Operator of row 2").select_option("in")
        rows.nth(1).get_by_label("Value of row 2").fill("Germany, AT")
        rows.nth(0).get_by_role("button", name="Remove").click()
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url("**/territories/rule/")
        chromium.close()

    rule.refresh_from_db()
    assert rule.conditions == {"all": [{"field": "country", "op": "in", "value": ["DE", "AT"]}]}
