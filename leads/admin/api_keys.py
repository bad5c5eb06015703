"""API keys: made here, shown once, revoked here; never edited and never readable again."""

import ipaddress
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from leads.models import ApiKey
from leads.models.api_key import KEY_START, Scope

from .base import Button, Page, RecordAdmin, posted
from .cells import badge, moment
from .lead_form import InstantField
from .record_page import record_page


class KeyForm(forms.Form):
    """What a new key may do, from where and until when."""

    name = forms.CharField(
        max_length=100,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Who uses it, such as Website forms.",
    )
    scopes = forms.MultipleChoiceField(
        choices=[(value, f"{label} ({value})") for value, label in Scope.choices],
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    expires_at = InstantField(required=False, label="Expires", help_text="In UTC; empty: never.")
    allowed_networks = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text="Networks it may be used from, one per line, such as 203.0.113.0/24; empty: any.",
    )
    rate_limit = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1_000_000,
        widget=UnfoldAdminTextInputWidget({"inputmode": "numeric"}),
        help_text="Requests per minute; empty: no limit.",
    )

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise ValidationError("This has passed already.")
        return expires_at

    def clean_allowed_networks(self) -> list[str]:
        networks = []
        for word in self.cleaned_data["allowed_networks"].replace(",", " ").split():
            try:
                networks.append(str(ipaddress.ip_network(word)))
            except ValueError as error:
                raise ValidationError(f"{word}: {error}.") from error
        return networks


@admin.register(ApiKey)
class ApiKeyAdmin(RecordAdmin):
    """Keys by name. The digest is shown to nobody."""

    list_display = ("name", "start", "scope_list", "state_badge", "expires", "last_used", "made_by")
    search_fields = ("name", "prefix")
    ordering = ("name", "pk")
    list_title = "API keys"
    empty_title = "No API keys yet"
    empty_text = "Add one to send leads from a website, a form tool or the marketing platform."

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "add")

    def pages(self) -> Iterable[Page]:
        return (("<int:object_id>/revoke/", "revoke", self.revoke_view),)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self.require(request, "add")
        form = KeyForm(posted(request))
        if form.is_valid() and (answer := self._issue(request, form)):
            return answer
        return self.page(
            request,
            "api_key/form.html",
            title="Add API key",
            form=form,
            cancel_url=self.page_url("changelist"),
        )

    def _issue(self, request: HttpRequest, form: KeyForm) -> HttpResponse | None:
        """The page that shows the key, the only time; or None with the faults on the form."""
        try:
            row, key = ApiKey.objects.issue(
                created_by=request.user.get_username(), **form.cleaned_data
            )
        except ValidationError as error:
            for name, faults in error.update_error_dict({}).items():
                form.add_error(name if name in form.fields else None, faults)
            return None
        self.log_addition(request, row, f"Issued, scopes {', '.join(row.scopes)}")
        # No browser keeps the page: the admin's pages are sent as "no-store".
        return self.page(
            request,
            "api_key/shown.html",
            title="The new key",
            row=row,
            key=key,
            key_url=self.page_url("change", row.pk),
        )

    def revoke_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask, then revoke; a revoked key stays in the list and is refused from then on."""
        self.require(request, "change")
        row = self.row_or_404(request, str(object_id))
        if request.method == "POST":
            count = ApiKey.objects.filter(pk=row.pk, revoked_at__isnull=True).update(
                revoked_at=timezone.now()
            )
            if count:
                self.log_change(request, row, "Revoked")
                messages.success(request, f"{row.name} is revoked.")
            return HttpResponseRedirect(self.page_url("change", row.pk))
        return self.page(
            request,
            "api_key/revoke.html",
            title="Revoke",
            original=row,
            row=row,
            cancel_url=self.page_url("change", row.pk),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self.require(request)
        row = self.row_or_404(request, object_id)
        buttons = []
        if row.revoked_at is None and self.may(request, "change"):
            url = self.page_url("revoke", row.pk)
            buttons = [Button(label="Revoke…", url=url, icon="block", primary=True)]
        return record_page(
            self,
            request,
            row,
            facts=[
                ("Name", row.name),
                ("Key", self.start(row)),
                ("State", badge(key_state(row))),
                ("Scopes", ", ".join(row.scopes)),
                ("Networks", ", ".join(row.allowed_networks) or "any"),
                ("Requests per minute", row.rate_limit or "no limit"),
                ("Expires", moment(row.expires_at)),
                ("Made", moment(row.created_at)),
                ("Made by", row.created_by or "–"),
                ("Last used", moment(row.last_used_at)),
                ("Revoked", moment(row.revoked_at)),
            ],
            buttons=buttons,
        )

    # --- Columns --------------------------------------------------------------------------

    @display(description="Key")
    def start(self, row: ApiKey) -> str:
        return f"{KEY_START}_{row.prefix}_…"

    @display(description="Scopes")
    def scope_list(self, row: ApiKey) -> str:
        return ", ".join(row.scopes)

    @display(description="State")
    def state_badge(self, row: ApiKey) -> SafeString:
        return badge(key_state(row))

    @display(description="Expires")
    def expires(self, row: ApiKey) -> SafeString:
        return moment(row.expires_at)

    @display(description="Last used")
    def last_used(self, row: ApiKey) -> SafeString:
        return moment(row.last_used_at)

    @display(description="Made by")
    def made_by(self, row: ApiKey) -> str:
        return row.created_by or "–"


def key_state(row: ApiKey) -> str:
    """`active`, `expired` or `revoked`, now."""
    now = timezone.now()
    if row.revoked_at is not None and row.revoked_at <= now:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= now else "active"
