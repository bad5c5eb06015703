"""The laws of revisions: numbered without gaps, in commit order, made late, attributed."""

import threading

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from territories import revisions
from territories.errors import UnauditedWrite
from territories.models import Rep, Revision
from territories.revisions import Actor, RevisionMiddleware, current_revision, revision

from .factories import TESTER, RepFactory, changing

pytestmark = pytest.mark.django_db


def fail_after(key):
    """Write a rep, then fail."""
    Rep.objects.create(key=key, name=key)
    raise RuntimeError


def test_there_is_no_revision_before_the_first_change():
    assert current_revision() == 0


def test_a_change_that_writes_nothing_makes_no_revision():
    with changing():
        Rep.objects.count()

    assert current_revision() == 0


def test_a_write_outside_a_change_is_refused_before_the_row_is_written():
    with pytest.raises(UnauditedWrite, match="revision"):
        Rep(key="ana", name="Ana").save()

    assert not Rep.objects.exists()


def test_all_writes_of_one_change_share_one_revision():
    with changing("new team"):
        Rep.objects.create(key="ana", name="Ana")
        Rep.objects.create(key="ben", name="Ben")

    made = Revision.objects.get()
    assert (made.number, made.reason, made.actor, made.actor_kind) == (
        1,
        "new team",
        "Test",
        "command",
    )
    assert set(Rep.history.values_list("revision_id", flat=True)) == {1}


def test_a_nested_change_keeps_the_outer_actor_and_revision():
    with changing("outer"):
        Rep.objects.create(key="ana", name="Ana")
        with revision(actor=Actor(kind="task", name="Inner"), reason="inner"):
            Rep.objects.create(key="ben", name="Ben")

    assert Revision.objects.get().actor == "Test"
    assert Revision.objects.get().reason == "outer"


def test_an_inner_reason_fills_an_empty_outer_one():
    with changing(), changing("said inside"):
        Rep.objects.create(key="ana", name="Ana")

    assert Revision.objects.get().reason == "said inside"


@pytest.mark.django_db(transaction=True)
def test_each_outermost_transaction_makes_its_own_revision():
    with changing():
        Rep.objects.create(key="ana", name="Ana")
        Rep.objects.create(key="ben", name="Ben")

    assert [row.revision_id for row in Rep.history.order_by("history_id")] == [1, 2]


def test_a_rolled_back_savepoint_takes_its_revision_with_it():
    with changing(), transaction.atomic():
        with pytest.raises(RuntimeError), transaction.atomic():
            fail_after("ana")
        Rep.objects.create(key="ben", name="Ben")

    assert list(Revision.objects.values_list("number", flat=True)) == [1]
    assert Rep.history.get().key == "ben"


def test_an_inner_savepoint_keeps_the_revision_of_the_outer_one():
    with changing(), transaction.atomic():
        Rep.objects.create(key="ana", name="Ana")
        with pytest.raises(RuntimeError), transaction.atomic():
            fail_after("ben")
        Rep.objects.create(key="cem", name="Cem")

    assert list(Revision.objects.values_list("number", flat=True)) == [1]
    assert {row.key for row in Rep.history.all()} == {"ana", "cem"}


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_leaves_no_gap():
    with changing():
        with pytest.raises(RuntimeError), transaction.atomic():
            fail_after("ana")
        Rep.objects.create(key="ben", name="Ben")

    assert list(Revision.objects.values_list("number", flat=True)) == [1]
    assert current_revision() == 1


def test_the_current_revision_costs_one_read(django_assert_num_queries):
    RepFactory()

    with django_assert_num_queries(1):
        assert current_revision() == 1


def test_a_stamp_changes_with_every_revision_and_tells_what_is_not_committed():
    before = revisions.configuration_stamp()

    RepFactory()
    after = revisions.configuration_stamp()

    assert not before.uncommitted
    assert after.uncommitted
    assert (after.number, after.epoch) != (before.number, before.epoch)


@pytest.mark.django_db(transaction=True)
def test_a_committed_revision_is_not_uncommitted():
    RepFactory()

    assert not revisions.has_uncommitted_revision()


def test_control_characters_in_a_reason_are_dropped():
    with changing("why\x00 not\x07?"):
        Rep.objects.create(key="ana", name="Ana")

    assert Revision.objects.get().reason == "why not?"


def test_a_revision_is_neither_changed_nor_deleted():
    RepFactory()
    made = Revision.objects.get()

    for write in (
        made.save,
        made.delete,
        Revision.objects.all().delete,
        lambda: Revision.objects.update(reason="other"),
        lambda: Rep.history.update(name="other"),
        Rep.history.get().save,
        Rep.history.get().delete,
        Rep.history.all().delete,
    ):
        with pytest.raises(UnauditedWrite):
            write()


def handle(request, view):
    """Run a view behind the middleware."""
    return RevisionMiddleware(view)(request)


def adding(key):
    def view(request):
        Rep.objects.create(key=key, name=key)
        return HttpResponse()

    return view


def test_the_middleware_attributes_a_change_to_the_person_signed_in():
    request = RequestFactory().post("/x/", {"change_reason": "because"})
    request.user = User(pk=7, username="maria")

    handle(request, adding("ana"))

    made = Revision.objects.get()
    assert (made.actor_kind, made.actor_id, made.actor) == ("user", "7", "maria")
    assert (made.reason, made.source) == ("because", "admin")


def test_the_actor_is_read_late_and_a_key_goes_before_a_person():
    request = RequestFactory().post("/api/v1/x/", headers={"x-change-reason": "sync"})
    request.user = AnonymousUser()

    def view(inner):
        inner.auth = type("Key", (), {"actor_id": "k-1", "name": "HR sync"})()
        return adding("ana")(inner)

    handle(request, view)

    made = Revision.objects.get()
    assert (made.actor_kind, made.actor_id, made.actor) == ("api_key", "k-1", "HR sync")
    assert (made.reason, made.source) == ("sync", "api")


def test_nobody_signed_in_changes_nothing():
    request = RequestFactory().post("/x/")
    request.user = AnonymousUser()

    with pytest.raises(UnauditedWrite, match="signed in"):
        handle(request, adding("ana"))
    assert not Rep.objects.exists()


def test_a_safe_request_changes_nothing():
    request = RequestFactory().get("/x/")
    request.user = User(pk=7, username="maria")

    with pytest.raises(UnauditedWrite):
        handle(request, adding("ana"))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_and_follow_commit_order_with_16_writers():
    """Each writer's own commit order: a number that is visible means all before it are."""
    writers, each = 16, 5
    seen: list[list[int]] = []
    barrier = threading.Barrier(writers)

    def write(writer: int) -> None:
        barrier.wait()
        for turn in range(each):
            try:
                with revision(actor=TESTER), transaction.atomic():
                    Rep.objects.create(key=f"r{writer}-{turn}", name="R")
                    if turn == 2:
                        raise RuntimeError
            except RuntimeError:
                pass
            seen.append(list(Revision.objects.order_by("number").values_list("number", flat=True)))
        connection.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    expected = list(range(1, writers * (each - 1) + 1))
    assert list(Revision.objects.order_by("number").values_list("number", flat=True)) == expected
    assert all(numbers == expected[: len(numbers)] for numbers in seen)
    assert current_revision() == len(expected)
