"""The Celery application. What is to be done stands in the database; Celery only wakes it."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "routing_admin.settings")

TRANSPORT_ALIASES["embedded"] = "routing_admin.broker:Transport"

app = Celery("routing_admin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Celery's current application is kept per thread; the web server's threads need the default.
app.set_default()
