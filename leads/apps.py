from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """What happens: leads, assignments and the work around them."""

    name = "leads"
    verbose_name = "Leads"
