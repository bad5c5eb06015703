"""The demo's story: true leads, decided at their time, and something to see on every page.

It is told once for all tests here, committed as in real life, and taken away at the end."""

import io
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from leads.models import (
    ApiKey,
    Assignment,
    Lead,
    Outcome,
    RefusedSubmission,
    RoutingException,
    SlaClock,
)
from leads.services import replay
from territories.models import (
    Absence,
    Account,
    Rep,
    Revision,
    RevisionCounter,
    Rule,
    Team,
    Territory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def story(django_db_setup, django_db_blocker):
    """What the command said."""
    said = io.StringIO()
    with django_db_blocker.unblock():
        call_command("demo", "--leads", "150", "--days", "20", stdout=said)
        yield said.getvalue()
        call_command("flush", interactive=False, verbosity=0)
        RevisionCounter.objects.get_or_create(pk=1)  # a migration made it


def test_leads_are_routed_at_their_time_and_every_decision_can_be_made_again(story):
    now = datetime.now(UTC)
    leads = list(Lead.objects.all())
    assert len(leads) == 150
    assert all(now - timedelta(days=21) < lead.created_at < now for lead in leads)
    assert all(lead.owner_id or lead.status == "held" for lead in leads)
    lines = [line for line in Assignment.objects.all() if replay.is_replayable(line)]
    assert lines
    assert [line.pk for line in lines if not replay.replay(line).same] == []


def test_there_is_something_to_see_on_every_page(story):
    models = set(Lead.objects.values_list("model", flat=True))
    assert {"account_owner", "territory", "skills"} <= models
    assert Lead.objects.filter(status="nurture").exists()
    assert Assignment.objects.filter(is_fallback=True).exists()
    assert Assignment.objects.filter(kind="reassigned").exists()
    assert RoutingException.objects.exists()
    assert SlaClock.objects.filter(responded_at__isnull=False).exists()
    assert Outcome.objects.filter(status="converted", amount__gt=0).exists()
    assert RefusedSubmission.objects.exists()
    assert any(Lead.objects.values_list("warnings", flat=True))


def test_the_configuration_is_whole_and_has_a_history(story):
    counts = [model.objects.count() for model in (Rep, Team, Account)]
    assert counts == [30, 6, 300]
    assert Territory.objects.filter(parent__parent__isnull=False).exists()
    assert Rule.objects.count() >= 8
    assert Absence.objects.count() >= 12
    revisions = list(Revision.objects.order_by("number"))
    assert len(revisions) > 5
    assert [one.at for one in revisions] == sorted(one.at for one in revisions)
    assert all(one.reason for one in revisions)
    assert not Rep.objects.get(key="derek-moss").active


def test_the_doors_are_told_and_open(story):
    assert "sign in: user demo, password demo" in story
    user = get_user_model().objects.get(username="demo")
    assert user.is_superuser
    path = Path(settings.VAR_DIR) / "demo-api-key.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = ApiKey.objects.find(path.read_text().strip())
    assert key is not None
    assert key.has_scope("leads:write")
    assert f"API key: {path.read_text().strip()}" in story


def test_a_second_demo_is_refused(story):
    with pytest.raises(CommandError, match="configuration already"):
        call_command("demo")
