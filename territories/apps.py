from django.apps import AppConfig


class TerritoriesConfig(AppConfig):
    """What people configure: reps, territories, accounts, pools, rules."""

    name = "territories"
    verbose_name = "Territories"
