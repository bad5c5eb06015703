"""Many people at one form at once (PostgreSQL: real writers, real locks)."""

import threading

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from territories.models import Rule
from territories.revisions import current_revision

from .factories import RuleFactory
from .pages import form_of

EDITORS = 16


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_16_editors_of_one_rule_one_saves_and_the_others_are_shown_both_values():
    person = User.objects.create_superuser("admin")
    rule = RuleFactory(priority=500)
    url = reverse("admin:territories_rule_change", args=[rule.pk])
    before = current_revision()
    clients = [Client() for _ in range(EDITORS)]
    for client in clients:
        client.force_login(person)
    data = form_of(clients[0].get(url))
    barrier = threading.Barrier(EDITORS)
    answers: dict[int, str] = {}

    def edit(number: int) -> None:
        barrier.wait()
        response = clients[number].post(url, {**data, "priority": str(number + 1)})
        answers[number] = "saved" if response.status_code == 302 else response.content.decode()
        connection.close()

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(EDITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    saved = [number for number, text in answers.items() if text == "saved"]
    assert len(saved) == 1
    assert Rule.objects.get().priority == saved[0] + 1
    assert current_revision() == before + 1
    for number, text in answers.items():
        if text != "saved":
            assert f"Priority: 500 → {saved[0] + 1}" in text
            assert f"yours: {number + 1}" in text
