"""The change log: every revision, who, when, why, before and after."""

from collections import Counter
from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display

from territories.audit import configuration_models
from territories.changes import ObjectChange, changes_of
from territories.models import Revision
from territories.words import document_words

from .timeline import FieldChange

#: Objects of one revision that its page spells out.
SHOWN = 200


@admin.register(Revision)
class RevisionAdmin(ModelAdmin):
    list_display = ("number", "when", "who", "reason", "objects", "source")
    list_display_links = ("number",)
    list_filter = ("actor_kind", "source", "at")
    list_filter_submit = True
    list_per_page = 50
    search_fields = ("=number", "actor", "reason")
    date_hierarchy = "at"
    show_full_result_count = False
    readonly_fields = ("number", "when", "who", "reason", "source")
    fieldsets = ((None, {"fields": readonly_fields}),)
    change_form_template = "admin/territories/revision.html"

    class Media:
        css = {"all": ("territories/admin.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="When", ordering="at")
    def when(self, revision: Revision) -> SafeString:
        return format_html(
            '<time datetime="{}" title="{} UTC">{} UTC</time>',
            revision.at.isoformat(),
            f"{revision.at:%Y-%m-%d %H:%M:%S}",
            f"{revision.at:%Y-%m-%d %H:%M}",
        )

    @display(description="By", ordering="actor")
    def who(self, revision: Revision) -> str:
        return f"{revision.actor or '–'} ({revision.get_actor_kind_display().lower()})"

    @display(description="Changed")
    def objects(self, revision: Any) -> str:
        return revision.changed_words

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the page of the list, each revision with what kinds of rows it changed."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        changed = changed_words({revision.number for revision in page.result_list})
        for revision in page.result_list:
            revision.changed_words = changed.get(revision.number, "–")
        return page

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one revision with each object before and after."""
        known = self.get_object(request, object_id)
        changes = changes_of(known) if known is not None else []
        context = {
            "changes": [(change, _rows(change)) for change in changes[:SHOWN]],
            "more": max(len(changes) - SHOWN, 0),
        }
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )


def _rows(change: ObjectChange) -> list[FieldChange]:
    """The keys that changed, in words."""
    return [
        FieldChange(
            name=name,
            label=name.replace("_", " ").capitalize(),
            before=document_words(name, before),
            after=document_words(name, after),
        )
        for name, (before, after) in change.fields.items()
    ]


def changed_words(numbers: set[int]) -> dict[int, str]:
    """Return, by revision, what it changed, such as "1 rule, 3 members of pools"; one query a
    kind."""
    counts: dict[int, Counter[str]] = {}
    for model in configuration_models():
        rows = model.history.filter(revision_id__in=numbers).order_by()
        key = model._meta.pk.attname
        found = rows.values("revision_id").annotate(n=Count(key, distinct=True))
        for row in found:
            n = row["n"]
            name = model._meta.verbose_name if n == 1 else model._meta.verbose_name_plural
            counts.setdefault(row["revision_id"], Counter())[f"{n} {name}"] += n
    return {
        number: ", ".join(words for words, _ in counter.most_common())
        for number, counter in counts.items()
    }
