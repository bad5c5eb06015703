"""The alert log and the channels in the admin: secrets are written, never shown."""

from ipaddress import ip_network
from unittest import mock

import pytest
from django.contrib.admin.models import LogEntry

from leads.models import Alert, AlertChannel
from leads.secrets import unseal
from leads.services.alert_ways import NotSent
from leads.tests.admin_desk import sign_in, text_of
from leads.tests.alerting import HOOK, alerted, channel
from leads.tests.company import configure

pytestmark = pytest.mark.django_db

SEND_TO = "leads.admin.alert_channels.send_to"
FORM = {"rep": "ana", "name": "Slack of Ana", "url": HOOK, "active": "on"}


@pytest.fixture
def desk():
    configure()
    return sign_in()


def shown(desk, query=""):
    return len(desk.get(f"/leads/alert/{query}").context["cl"].result_list)


# --- The log ------------------------------------------------------------------------------


def test_the_log_shows_alerts_and_filters_them_by_state(desk):
    alert = alerted()
    assert (shown(desk), shown(desk, "?state=pending"), shown(desk, "?state=dead")) == (1, 1, 0)
    page = text_of(desk.get("/leads/alert/"))
    assert "Ana Ruiz" in page
    assert "e-mail" in page
    assert "Send again" not in text_of(desk.get(f"/leads/alert/{alert.pk}/change/"))


def test_the_list_reads_as_much_for_one_as_for_many(desk, django_assert_max_num_queries):
    first = alerted()
    channels = [channel(name=f"c{number}") for number in range(10)]
    for number, one in enumerate(channels):
        first.pk, first.channel = f"018f0000-0000-7000-8000-{number:012}", one
        first.save(force_insert=True)
    with django_assert_max_num_queries(12):
        assert shown(desk) == 11


def test_dead_alerts_are_sent_again_one_by_one_or_together(desk):
    alert = alerted()
    Alert.objects.update(state="dead", error="SMTP was away")
    url = f"/leads/alert/{alert.pk}/"
    page = text_of(desk.get(f"{url}change/"))
    assert "SMTP was away" in page
    assert "Send again" in page
    desk.post(f"{url}again/")
    assert Alert.objects.get().state == "pending"
    Alert.objects.update(state="failed")
    action = {"action": "send_selected_again", "_selected_action": [str(alert.pk)]}
    desk.post("/leads/alert/", action)
    assert Alert.objects.get().state == "pending"


def test_sending_again_needs_its_permission():
    alert = alerted()
    Alert.objects.update(state="dead")
    reader = sign_in("view_alert")
    assert reader.get("/leads/alert/").status_code == 200
    assert reader.post(f"/leads/alert/{alert.pk}/again/").status_code == 403
    action = {"action": "send_selected_again", "_selected_action": [str(alert.pk)]}
    reader.post("/leads/alert/", action)
    assert Alert.objects.get().state == "dead"
    assert sign_in("view_outcome").get("/leads/alert/").status_code == 403


# --- Channels -----------------------------------------------------------------------------


def test_a_url_is_written_sealed_and_never_shown(desk):
    response = desk.post("/leads/alertchannel/add/", FORM, follow=True)
    row = AlertChannel.objects.get()
    assert (row.rep_id, row.name, unseal(row.sealed_url)) == ("ana", "Slack of Ana", HOOK)
    pages = [text_of(response), str(list(LogEntry.objects.values()))]
    pages += [text_of(desk.get(f"/leads/alertchannel/{url}")) for url in ("", f"{row.pk}/edit/")]
    for page in pages:
        assert "secret-token" not in page
        assert row.sealed_url not in page


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "nope://x"}, "url"),
        ({"url": ""}, "url"),
        ({"rep": ""}, "rep"),
        ({"name": ""}, "name"),
    ],
)
def test_a_channel_that_cannot_work_is_refused(desk, change, field):
    response = desk.post("/leads/alertchannel/add/", FORM | change)
    assert field in response.context["form"].errors
    assert not AlertChannel.objects.exists()


def test_a_channel_keeps_its_url_unless_another_is_written(desk):
    row = channel()
    url = f"/leads/alertchannel/{row.pk}/edit/"
    desk.post(url, {"rep": "ben", "name": "New name", "url": ""})
    row.refresh_from_db()
    assert (row.rep_id, row.name, row.active) == ("ben", "New name", False)
    assert unseal(row.sealed_url) == HOOK
    desk.post(url, FORM | {"url": "ntfys://topic"})
    row.refresh_from_db()
    assert unseal(row.sealed_url) == "ntfys://topic"


def test_the_test_button_says_what_came_of_it(desk):
    row = channel()
    url = f"/leads/alertchannel/{row.pk}/test/"
    with mock.patch(SEND_TO) as sent:
        assert "was sent" in text_of(desk.post(url, follow=True))
        desk.get(url)
    assert sent.call_count == 1
    with mock.patch(SEND_TO, side_effect=NotSent("No answer.")):
        assert "was not sent: No answer." in text_of(desk.post(url, follow=True))


def test_a_test_of_a_private_address_is_refused(desk, settings):
    settings.ALLOWED_PRIVATE_NETWORKS = [ip_network("10.0.0.0/8")]
    desk.post("/leads/alertchannel/add/", FORM | {"url": "json://127.0.0.1:9/"})
    url = f"/leads/alertchannel/{AlertChannel.objects.get().pk}/test/"
    assert "private address" in text_of(desk.post(url, follow=True))


@pytest.mark.parametrize("page", ["edit", "test"])
def test_a_reader_of_channels_changes_and_tests_none(page):
    configure()
    url = f"/leads/alertchannel/{channel().pk}/{page}/"
    reader = sign_in("view_alertchannel")
    assert reader.get(url).status_code == 403
    assert reader.post(url, FORM).status_code == 403
    assert reader.get("/leads/alertchannel/add/").status_code == 403
