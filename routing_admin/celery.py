"""The Celery application. What is to be done stands in the database; Celery only wakes it."""

import os
import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import worker_ready
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "routing_admin.settings")

TRANSPORT_ALIASES["embedded"] = "routing_admin.broker:Transport"

# Said at each start as root. Whoever starts a container has chosen that, and our messages are
# JSON, not the pickles that make it dangerous.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("routing_admin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Celery's current application is kept per thread; the web server's threads need the default.
app.set_default()


@worker_ready.connect
def greet(**_: Any) -> None:
    """Does at once what the scheduler would send in a while: readiness need not wait for it."""
    for task in ("leads.tasks.beat_heart", "leads.tasks.wake_jobs"):
        app.send_task(task)
