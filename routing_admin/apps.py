from django.apps import AppConfig

# Both register themselves: the tasks of every process with our broker, the checks with Django.
from . import celery as celery
from . import checks as checks


class RoutingAdminConfig(AppConfig):
    """The wiring: checks, metrics, and the command that starts everything."""

    name = "routing_admin"
    verbose_name = "Routing desk"
