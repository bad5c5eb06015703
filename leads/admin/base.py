"""What the pages of this app share: read-only lists, pages of our own, faults on forms.

What happened is proof, so nothing here is edited or deleted as a row; whatever a person may do to
a lead is a service, with a page that asks for what the service needs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin import ShowFacets
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin

from leads.errors import Fault

STYLES: dict[str, Sequence[str]] = {"all": ("leads/admin.css",)}
SCRIPTS = ("leads/admin.js",)
#: Pages of our own need none of the scripts of the admin's forms.
OWN_MEDIA = forms.Media(css=STYLES, js=SCRIPTS)

Page = tuple[str, str, Callable[..., HttpResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A link that looks like a button; `primary` is the one that people come for."""

    label: str
    url: str
    icon: str = ""
    primary: bool = False


class RecordAdmin(ModelAdmin):
    """A list and pages of rows that services write: nobody adds, edits or deletes them here."""

    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = list_max_show_all = 50
    list_filter_submit = True
    actions_on_top = True
    sortable_by: Sequence[str] = ()
    #: What an empty list says: what is missing, and what to do next.
    empty_title = "Nothing here yet"
    empty_text = ""
    #: What stands over the list where "select … to view" would.
    list_title = ""

    class Media:
        css = STYLES
        js = SCRIPTS

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def may(self, request: HttpRequest, verb: str) -> bool:
        """Whether the person holds this app's permission, such as `change`, on this kind."""
        return bool(request.user.has_perm(f"{self.opts.app_label}.{verb}_{self.opts.model_name}"))

    def require(self, request: HttpRequest, *verbs: str) -> None:
        """Raise PermissionDenied unless the person may see the kind and holds every verb."""
        if not all(self.may(request, verb) for verb in verbs) or not self.has_view_permission(
            request
        ):
            raise PermissionDenied

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, "view") or self.may(request, "change")

    def pages(self) -> Iterable[Page]:
        """Pages of our own: (route below the list, name, view)."""
        return ()

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(route, self.admin_site.admin_view(view), name=self.page_name(name))
            for route, name, view in self.pages()
        ]
        return own + super().get_urls()

    def page_name(self, name: str) -> str:
        """The name of the address of a page, as `leads_lead_reassign`."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def page_url(self, name: str, *args: object) -> str:
        """The address of a page of this kind, of ours or of the admin's own."""
        return reverse(f"{self.admin_site.name}:{self.page_name(name)}", args=args)

    def row_or_404(self, request: HttpRequest, object_id: str | UUID) -> Any:
        """The row with its list's joins; raises Http404."""
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404(f"no {self.opts.verbose_name} {object_id}")
        return row

    def page(
        self, request: HttpRequest, template: str, *, title: str, **context: Any
    ) -> TemplateResponse:
        """A page inside the admin, from a template below `admin/leads/`."""
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(
            request,
            f"admin/leads/{template}",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": title,
                "media": OWN_MEDIA,
                "list_url": self.page_url("changelist"),
                **context,
            },
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": self.list_title} if self.list_title else {}
        return super().changelist_view(request, {**title, **(extra_context or {})})


def posted(request: HttpRequest) -> QueryDict | None:
    """What was posted, even where it is empty; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def show_faults(
    form: forms.Form, faults: Iterable[Fault], names: Mapping[str, str] | None = None
) -> None:
    """Put faults of a body at the fields that their pointers name, others over the form.

    `names` maps members of the body, or whole pointers without the first slash, whose field is
    called otherwise."""
    names = names or {}
    for fault in faults:
        place = fault.pointer.lstrip("/")
        member, _, rest = place.partition("/")
        if place in names:
            rest = ""
        name = names.get(place) or names.get(member, member)
        detail = fault.detail[:1].upper() + fault.detail[1:]
        if name in form.fields:
            form.add_error(name, f"{rest}: {detail}" if rest else detail)
        else:
            form.add_error(None, f"{fault.pointer}: {detail}" if fault.pointer else f"{detail}.")
