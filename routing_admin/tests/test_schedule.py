import pytest
from django.conf import settings

from routing_admin.celery import app


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_what_the_scheduler_sends_is_a_task_of_the_worker(name: str) -> None:
    app.loader.import_default_modules()

    assert settings.CELERY_BEAT_SCHEDULE[name]["task"] in app.tasks


def test_a_periodic_message_expires_when_the_next_one_comes() -> None:
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["options"]["expires"] == entry["schedule"]
