"""Alert channels: services beside e-mail through which reps are alerted. Their URLs hold secrets:
they are written here, and never shown again."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from leads.models import AlertChannel
from leads.secrets import SecretLost
from leads.services.alert_texts import Message
from leads.services.alert_ways import NotSent, RefusedUrl, sealed_url, send_to
from territories.models import Rep

from .base import Button, Page, RecordAdmin, posted
from .cells import badge, link, moment
from .lead_actions import ActiveChoice
from .record_page import record_page

TEST = Message(
    subject="Test from the routing desk", text="Alerts about your leads will come this way."
)


class ChannelForm(forms.Form):
    """Whom a service reaches, and by which URL."""

    name = forms.CharField(
        max_length=100,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Shown in the alert log, such as Slack of Ana.",
    )
    url = forms.CharField(
        label="URL",
        max_length=2000,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "off"}),
        help_text=(
            "An Apprise URL, such as slack://… or msteams://…; stored encrypted and never shown."
        ),
    )
    active = forms.BooleanField(required=False, initial=True, widget=UnfoldBooleanWidget())

    field_order = ("rep", "name", "url", "active")

    def __init__(self, *args: Any, channel: AlertChannel | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rep"] = ActiveChoice(Rep, label="Rep")
        if channel is not None:
            self.fields["url"].required = False
            self.fields["url"].help_text = "Empty: the URL stays as it is."
        self.order_fields(self.field_order)

    def clean_rep(self) -> Rep:
        rep: Rep | None = self.cleaned_data["rep"]
        if rep is None:
            raise ValidationError("Choose a rep.")
        return rep

    def clean_url(self) -> str:
        """The URL sealed, or "" where none was written."""
        url = self.cleaned_data["url"]
        try:
            return sealed_url(url) if url else ""
        except RefusedUrl as fault:
            raise ValidationError(str(fault)) from None


@admin.register(AlertChannel)
class AlertChannelAdmin(RecordAdmin):
    """Channels by name."""

    list_display = ("name", "rep_link", "state_badge", "made")
    search_fields = ("name", "rep__name", "rep__key")
    ordering = ("name", "pk")
    list_title = "Alert channels"
    empty_title = "No alert channels yet"
    empty_text = (
        "Reps are alerted by e-mail. Add a channel to alert one by Slack, Teams and others."
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "add")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[AlertChannel]":
        return super().get_queryset(request).select_related("rep")

    def pages(self) -> Iterable[Page]:
        return (
            ("<int:object_id>/edit/", "edit", self.edit_view),
            ("<int:object_id>/test/", "test", self.test_view),
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self.require(request, "add")
        form = ChannelForm(posted(request))
        if form.is_valid():
            row = self._save(AlertChannel(created_at=timezone.now()), form)
            self.log_addition(request, row, "Added")
            return HttpResponseRedirect(self.page_url("change", row.pk))
        return self._form_page(request, form, title="Add alert channel", cancel="changelist")

    def edit_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Change whom a channel reaches, its name and state, and its URL where one is written."""
        self.require(request, "change")
        row = self.row_or_404(request, str(object_id))
        known = {"rep": row.rep_id, "name": row.name, "active": row.active}
        form = ChannelForm(posted(request), initial=known, channel=row)
        if form.is_valid():
            self._save(row, form)
            self.log_change(request, row, "Changed")
            return HttpResponseRedirect(self.page_url("change", row.pk))
        return self._form_page(request, form, title=f"Change {row}", original=row)

    def _save(self, row: AlertChannel, form: ChannelForm) -> AlertChannel:
        said = form.cleaned_data
        row.rep, row.name, row.active = said["rep"], said["name"], said["active"]
        row.sealed_url = said["url"] or row.sealed_url
        row.save()
        return row

    def _form_page(
        self, request: HttpRequest, form: ChannelForm, *, title: str, cancel: str = "", **more: Any
    ) -> HttpResponse:
        row = more.get("original")
        cancel_url = self.page_url("change", row.pk) if row else self.page_url(cancel)
        return self.page(
            request,
            "alert_channel/form.html",
            title=title,
            form=form,
            cancel_url=cancel_url,
            **more,
        )

    def test_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Send a test message; asked by the form on the channel's page."""
        self.require(request, "change")
        row = self.row_or_404(request, str(object_id))
        if request.method == "POST":
            try:
                send_to(row, message=TEST)
                messages.success(request, "The test message was sent.")
            except (NotSent, RefusedUrl, SecretLost) as fault:
                messages.error(request, f"The test message was not sent: {fault}")
        return HttpResponseRedirect(self.page_url("change", row.pk))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self.require(request)
        row = self.row_or_404(request, object_id)
        may = self.may(request, "change")
        edit = Button(label="Change…", url=self.page_url("edit", row.pk), icon="edit")
        return record_page(
            self,
            request,
            row,
            facts=[
                ("Rep", self.rep_link(row)),
                ("Name", row.name),
                ("URL", "stored encrypted"),
                ("State", self.state_badge(row)),
                ("Made", moment(row.created_at)),
            ],
            buttons=[edit] if may else [],
            template="alert_channel/page.html",
            test_url=self.page_url("test", row.pk) if may else "",
        )

    # --- Columns --------------------------------------------------------------------------

    @display(description="Rep")
    def rep_link(self, row: AlertChannel) -> SafeString:
        return link("territories_rep", row.rep_id, row.rep.name)

    @display(description="State")
    def state_badge(self, row: AlertChannel) -> SafeString:
        return badge("active" if row.active else "inactive")

    @display(description="Made")
    def made(self, row: AlertChannel) -> SafeString:
        return moment(row.created_at)
