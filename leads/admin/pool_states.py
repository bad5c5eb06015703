"""The rotation: where the members of each pool stand. State, read only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from leads.engine.state import S
from leads.models import PoolState
from territories.models import PoolMember, Rep

from .base import RecordAdmin
from .cells import link
from .record_page import Table, record_page


@admin.register(PoolState)
class PoolStateAdmin(RecordAdmin):
    """Turns by pool: what each member is owed, in leads."""

    list_display = ("pool_name", "picks", "members", "most_owed")
    search_fields = ("pool__name", "pool__key")
    list_select_related = ("pool",)
    ordering = ("pool__name", "pk")
    list_title = "Rotation"
    empty_title = "No pool has picked anybody yet"
    empty_text = "The first lead that a rule sends to a pool starts its rotation."

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("pool")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self.require(request)
        row = self.row_or_404(request, object_id)
        names = dict(Rep.objects.filter(pk__in=row.turns).values_list("key", "name"))
        weights = dict(
            PoolMember.objects.filter(pool_id=row.pool_id).values_list("rep_id", "weight")
        )
        rows = [
            (
                link("territories_rep", rep, names.get(rep, rep)),
                weights.get(rep, "no longer a member"),
                f"{owed / S:+.2f}",
                last or "never",
            )
            for rep, (owed, last) in sorted(row.turns.items(), key=lambda turn: -turn[1][0])
        ]
        return record_page(
            self,
            request,
            row,
            facts=[
                ("Pool", link("territories_pool", row.pool_id, row.pool.name)),
                ("Picks", f"{row.picks:,}"),
            ],
            tables=[
                Table(
                    title="Members, who is owed most first",
                    head=("Rep", "Weight", "Owed, in leads", "Last pick"),
                    rows=rows,
                    empty="Nobody had a turn yet.",
                )
            ],
        )

    # --- Columns --------------------------------------------------------------------------

    @display(description="Pool", ordering="pool__name")
    def pool_name(self, row: PoolState) -> str:
        return row.pool.name

    @display(description="Members so far")
    def members(self, row: PoolState) -> int:
        return len(row.turns)

    @display(description="Owed most")
    def most_owed(self, row: PoolState) -> str:
        if not row.turns:
            return "–"
        rep, (owed, _) = max(row.turns.items(), key=lambda turn: (turn[1][0], turn[0]))
        return f"{rep}: {owed / S:+.2f}"
