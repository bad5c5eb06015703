"""Where the members of a pool stand in the rotation. State, not configuration."""

from django.db import models


class PoolState(models.Model):
    """One row a pool, read and changed under its row lock.

    `turns` maps each rep who was ever a member to `[owed, last_pick]` (semantics 8)."""

    pool = models.OneToOneField(
        "territories.Pool", models.PROTECT, primary_key=True, related_name="state"
    )
    picks = models.BigIntegerField(default=0)
    turns = models.JSONField(default=dict)

    class Meta:
        verbose_name = "rotation"

    def __str__(self) -> str:
        return f"rotation of {self.pool_id}"
