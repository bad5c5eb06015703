"""Every way round the audit that Django knows: refused, audited, or found by verify_audit."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import models, transaction
from django.db.models import ProtectedError

from territories.audit import configuration_models
from territories.errors import UnauditedWrite
from territories.models import (
    Account,
    Boundary,
    PoolMember,
    Rep,
    RepSkill,
)
from territories.revisions import current_revision

from .factories import (
    AccountFactory,
    BoundaryFactory,
    PoolMemberFactory,
    RepFactory,
    SkillFactory,
    TeamFactory,
    TerritoryFactory,
    changing,
)
from .verification import verify

pytestmark = pytest.mark.django_db


# ---- update -------------------------------------------------------------------------------


def test_update_is_refused_even_inside_a_change():
    RepFactory(key="ana", name="Ana")

    with changing(), pytest.raises(UnauditedWrite, match="save"):
        Rep.objects.filter(key="ana").update(name="Other")
    assert Rep.objects.get().name == "Ana"


def test_update_through_the_base_manager_and_a_related_manager_is_refused():
    team = TeamFactory()
    RepFactory(team=team)

    with changing():
        for way in (Rep._base_manager, team.reps):
            with pytest.raises(UnauditedWrite):
                way.update(name="Other")


def test_setting_or_clearing_a_reverse_relation_is_refused():
    team, rep = TeamFactory(), RepFactory()

    with changing():
        with pytest.raises(UnauditedWrite):
            team.reps.set([rep])
        with pytest.raises(UnauditedWrite):
            team.reps.clear()


# ---- bulk_create --------------------------------------------------------------------------


def test_bulk_create_is_audited():
    with changing():
        Rep.objects.bulk_create([Rep(key="ana", name="Ana"), Rep(key="ben", name="Ben")])

    rows = Rep.history.order_by("key").values_list("key", "history_type", "revision_id")
    assert list(rows) == [("ana", "+", 1), ("ben", "+", 1)]
    assert verify()[0] == 0


def test_bulk_create_outside_a_change_is_refused():
    with pytest.raises(UnauditedWrite):
        Rep.objects.bulk_create([Rep(key="ana", name="Ana")])
    assert not Rep.objects.exists()


def test_bulk_create_validates():
    with changing(), pytest.raises(ValidationError, match="country"):
        Account.objects.bulk_create([Account(key="a", name="A", country="Atlantis")])
    with changing(), pytest.raises(ValidationError, match="no rep"):
        Account.objects.bulk_create([Account(key="a", name="A", owner_rep_id="nobody")])
    assert not Account.objects.exists()
    assert current_revision() == 0


def test_bulk_create_checks_what_it_names_in_the_same_batch():
    child = Account(key="b", name="B", parent_id="a")

    with changing():
        Account.objects.bulk_create([Account(key="a", name="A"), child])

    assert Account.objects.get(key="b").parent_id == "a"


def test_bulk_create_that_ignores_or_updates_conflicts_is_refused():
    with changing():
        for option in ("ignore_conflicts", "update_conflicts"):
            with pytest.raises(UnauditedWrite):
                Rep.objects.bulk_create([Rep(key="ana", name="Ana")], **{option: True})


def test_bulk_create_takes_a_number_of_queries_that_does_not_grow_by_row(
    django_assert_max_num_queries,
):
    owner = RepFactory()

    with django_assert_max_num_queries(25), changing():
        Account.objects.bulk_create(
            [Account(key=f"a{n}", name=f"A {n}", owner_rep=owner) for n in range(200)]
        )


# ---- bulk_update --------------------------------------------------------------------------


def test_bulk_update_is_audited_and_leaves_alone_what_it_does_not_name():
    RepFactory(key="ana", name="Ana")
    ana = Rep(key="ana", name="Ana Ruiz", email="ignored@example.com")

    with changing():
        assert Rep.objects.bulk_update([ana], ["name"]) == 1

    newest = Rep.history.first()
    assert (newest.history_type, newest.name, newest.email) == ("~", "Ana Ruiz", "ana@example.com")
    assert verify()[0] == 0


def test_bulk_update_computes_derived_columns():
    AccountFactory(key="acme", name="Acme GmbH")

    with changing():
        Account.objects.bulk_update([Account(key="acme", name="Rival Ltd")], ["name"])

    assert Account.objects.get().match_name == "rival"
    assert verify()[0] == 0


def test_bulk_update_without_a_difference_makes_no_revision():
    ana = RepFactory()
    before = current_revision()

    with changing():
        assert Rep.objects.bulk_update([ana], ["name"]) == 0
    assert current_revision() == before


def test_bulk_update_outside_a_change_is_refused():
    ana = RepFactory(name="Ana")
    ana.name = "Other"

    with pytest.raises(UnauditedWrite):
        Rep.objects.bulk_update([ana], ["name"])
    assert Rep.objects.get().name == "Ana"


# ---- many-to-many, SET_NULL, cascade ------------------------------------------------------


def test_no_configuration_has_a_many_to_many_field():
    assert [m for m in configuration_models() if m._meta.many_to_many] == []


def test_every_relation_of_configuration_protects():
    kinds = {
        (model.__name__, field.name): field.remote_field.on_delete
        for model in configuration_models()
        for field in model._meta.concrete_fields
        if field.is_relation
    }

    assert len(kinds) > 20
    assert set(kinds.values()) == {models.PROTECT}


def test_through_rows_are_audited_one_by_one_and_in_bulk():
    rep, skill, other = RepFactory(), SkillFactory(), SkillFactory()

    with changing():
        rep.rep_skills.create(skill=skill)
        RepSkill.objects.bulk_create([RepSkill(rep=rep, skill=other)])
        rep.rep_skills.filter(skill=skill).delete()

    types = RepSkill.history.order_by("history_id").values_list("skill_id", "history_type")
    assert list(types) == [(skill.key, "+"), (other.key, "+"), (skill.key, "-")]
    assert verify()[0] == 0


def test_objects_with_a_key_are_never_deleted():
    rep = RepFactory()

    with changing():
        for delete in (rep.delete, Rep.objects.all().delete, Rep.objects.filter(pk="x").delete):
            with pytest.raises(UnauditedWrite, match="active"):
                delete()
    assert Rep.objects.exists()


def test_a_collector_that_goes_round_delete_is_stopped_by_protection():
    member = PoolMemberFactory()
    collector = models.deletion.Collector(using="default")

    with changing(), pytest.raises(ProtectedError):
        collector.collect([member.rep])


def test_a_raw_delete_is_refused():
    PoolMemberFactory()

    with changing(), pytest.raises(UnauditedWrite):
        PoolMember.objects.all()._raw_delete("default")


def test_deleting_child_rows_outside_a_change_is_refused():
    member = PoolMemberFactory()

    for delete in (member.delete, PoolMember.objects.all().delete):
        with pytest.raises(UnauditedWrite):
            delete()
    assert PoolMember.objects.exists()


def test_deleted_child_rows_keep_their_history():
    territory = TerritoryFactory()
    for country in ("DE", "AT", "CH"):
        BoundaryFactory(territory=territory, country=country)

    with changing():
        territory.boundaries.first().delete()
        assert territory.boundaries.all().delete() == (2, {"territories.Boundary": 2})

    gone = Boundary.history.filter(history_type="-").values_list("country", flat=True)
    assert sorted(gone) == ["AT", "CH", "DE"]
    assert verify()[0] == 0


# ---- loaddata and other ways past save() ---------------------------------------------------


def test_loaddata_is_refused(tmp_path):
    fixture = tmp_path / "rep.json"
    fields = {"name": "Ana", "active": True}
    fixture.write_text(json.dumps([{"model": "territories.rep", "pk": "ana", "fields": fields}]))

    with changing(), pytest.raises(UnauditedWrite, match="config apply"):
        call_command("loaddata", str(fixture), verbosity=0)
    assert not Rep.objects.exists()


def test_save_base_outside_a_change_is_refused():
    with pytest.raises(UnauditedWrite), transaction.atomic():
        Rep(key="ana", name="Ana").save_base()
    assert not Rep.objects.exists()


def test_history_cannot_be_switched_off(settings):
    settings.SIMPLE_HISTORY_ENABLED = False
    rep = Rep(key="ana", name="Ana")
    rep.skip_history_when_saving = True

    with changing():
        rep.save()

    assert Rep.history.count() == 1
    assert not hasattr(rep, "save_without_historical_record")


def test_update_fields_record_what_was_stored_not_what_was_in_memory():
    rep = RepFactory(name="Ana")
    rep.name, rep.email = "Ana Ruiz", "other@example.com"

    with changing():
        rep.save(update_fields=["name"])

    assert Rep.objects.get().email != "other@example.com"
    assert Rep.history.first().email == Rep.objects.get().email


def test_get_or_create_and_update_or_create_are_audited():
    with changing():
        Rep.objects.get_or_create(key="ana", defaults={"name": "Ana"})
        Rep.objects.update_or_create(key="ana", defaults={"name": "Ana Ruiz"})

    assert [row.history_type for row in Rep.history.order_by("history_id")] == ["+", "~"]
