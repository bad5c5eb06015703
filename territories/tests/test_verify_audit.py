"""What was changed behind the application's back is found and named."""

import pytest
from django.db import connection

from territories.audit import configuration_models, findings
from territories.models import (
    AccountIdentifier,
    Pool,
    Revision,
    Team,
)
from territories.revisions import current_revision

from .factories import (
    AccountFactory,
    PoolFactory,
    PoolMemberFactory,
    RepFactory,
    RuleFactory,
    SkillFactory,
    TeamFactory,
    changing,
)
from .verification import verify

pytestmark = pytest.mark.django_db


def run_sql(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def test_verify_audit_is_content_with_an_audited_configuration():
    RuleFactory(), PoolMemberFactory(), AccountFactory()

    code, text = verify()

    assert code == 0
    assert "History accounts for all" in text


def test_a_changed_row_is_found_and_named():
    RepFactory(key="ana", name="Ana")
    run_sql("UPDATE territories_rep SET name = 'Eve' WHERE key = 'ana'")

    code, text = verify()

    assert code == 1
    assert text.splitlines() == ["rep ana: name is 'Eve', but revision 1 left it 'Ana'"]


def test_an_inserted_row_is_found():
    run_sql(
        "INSERT INTO territories_skill (key, name, kind, active) VALUES ('x', 'X', 'other', true)"
    )

    assert list(findings()) == ["skill x: has no history"]


def test_a_removed_row_is_found():
    SkillFactory(key="x")
    run_sql("DELETE FROM territories_skill WHERE key = 'x'")

    assert list(findings()) == ["skill x: is gone, but revision 1 left it in place"]


def test_a_row_that_comes_back_after_its_removal_is_found():
    member = PoolMemberFactory()
    number = member.pk
    with changing():
        member.delete()
    run_sql(
        "INSERT INTO territories_poolmember (id, pool_id, rep_id, weight, position)"
        " VALUES (%s, %s, %s, 1, 0)",
        number,
        member.pool_id,
        member.rep_id,
    )

    assert list(findings()) == [
        f"member of a pool {number}: exists, but history says it was removed"
    ]


def test_a_missing_revision_and_history_without_one_are_found():
    SkillFactory(key="x"), SkillFactory(key="y")
    run_sql("DELETE FROM territories_revision WHERE number = 1")

    found = list(findings())
    run_sql(
        "INSERT INTO territories_revision (number, at, actor, actor_kind, actor_id, reason, source)"
        " VALUES (1, '2026-01-01 00:00:00+00:00', '', '', '', '', '')"
    )

    assert "revision 1: missing" in found
    assert any("belongs to revision 1, which does not exist" in text for text in found)


def test_a_revision_without_history_is_found():
    SkillFactory(key="x")
    run_sql("DELETE FROM territories_historicalskill")

    assert "revision 1: no object's history tells what it changed" in list(findings())


def test_a_counter_that_was_turned_back_is_found():
    SkillFactory(key="x")
    run_sql("UPDATE territories_revisioncounter SET number = 0")

    assert "revision counter: stands at 0, the newest revision is 1" in list(findings())


def test_a_stale_derived_column_is_found():
    account = AccountFactory(key="acme", name="Acme GmbH")
    with changing():
        AccountIdentifier.objects.create(account=account, kind="alias", value="ACME Inc.")
    run_sql("UPDATE territories_account SET match_name = 'x'")
    run_sql("UPDATE territories_historicalaccount SET match_name = 'x'")
    run_sql("UPDATE territories_accountidentifier SET match_value = 'y'")

    found = list(findings())

    assert "account acme: match_name is 'x', but follows as 'acme'" in found
    assert any("match_value is 'y', but follows as 'acme'" in text for text in found)


def test_every_kind_of_configuration_is_verified():
    names = {model.__name__ for model in configuration_models()}

    assert {"Rule", "Boundary", "Absence", "RoutingSettings", "AccountRole", "RepSkill"} <= names
    assert len(names) == 18


def test_no_change_makes_no_history_and_no_revision():
    pool = PoolFactory()
    before = current_revision()

    with changing():
        Pool.objects.get(pk=pool.pk).save()

    assert (current_revision(), Pool.history.count()) == (before, 1)


def test_teams_and_revisions_of_the_whole_file_stay_consistent():
    team = TeamFactory()
    with changing():
        team.manager = RepFactory(team=team)
        team.save()

    assert Team.history.count() == 2
    assert Revision.objects.count() == current_revision()
    assert verify()[0] == 0
