from django.apps import AppConfig

from . import celery as celery  # binds the tasks of every process to our broker


class RoutingAdminConfig(AppConfig):
    """The wiring: its checks, templates' statics and the command that starts everything."""

    name = "routing_admin"
    verbose_name = "Routing desk"

    def ready(self) -> None:
        from . import checks as checks  # noqa: PLC0415 - checks register themselves once apps are there
