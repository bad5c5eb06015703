"""One page for both links of an alert: looking at it changes nothing, posting its form acts.

Mail scanners follow links; none posts a form. Whoever has the link may act: its token is the
credential, sent in the address and never by a cookie.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from leads.engine.vocabulary import ReassignReason
from leads.errors import Busy, Conflict, Gone, LeadsError, NotFound
from leads.services.alert_texts import called
from leads.services.links import Link, Verb, read_link, say_contacted, say_not_mine

#: Why a rep gives a lead back, in their words. The other reasons are not theirs to give.
REASONS = {
    ReassignReason.WRONG_TERRITORY: "It belongs to another territory",
    ReassignReason.WRONG_ACCOUNT: "It belongs to an account of somebody else",
    ReassignReason.WRONG_SKILL: "It needs a language or a skill that I lack",
    ReassignReason.WRONG_SEGMENT: "The company is of a size or an industry that is not mine",
    ReassignReason.DUPLICATE: "We have this lead already",
    ReassignReason.SPAM: "It is spam",
    ReassignReason.NOT_A_LEAD: "It is not a lead",
    ReassignReason.WORKLOAD: "I have too much to do",
    ReassignReason.ABSENCE: "I am away",
    ReassignReason.OTHER: "Something else",
}
STATUS: dict[type[LeadsError], int] = {NotFound: 404, Gone: 410, Conflict: 409, Busy: 503}
TITLES = {
    404: "This link is not valid",
    409: "The lead has moved on",
    410: "This link no longer works",
    503: "Please try again",
}


class ReasonForm(forms.Form):
    """Why the lead is not theirs."""

    reason = forms.ChoiceField(
        choices=[("", "Choose…"), *((key.value, text) for key, text in REASONS.items())]
    )
    note = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea({"rows": 3}), label="Note"
    )


# Without a referrer browsers send "Origin: null" with the form, which CSRF checks refuse; and a
# forged request would need the token, which is all that the right one has.
@method_decorator(csrf_exempt, name="dispatch")
class LinkView(View):
    """The page of a link, its form, and plain pages for links that cannot act."""

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = super().dispatch(request, *args, **kwargs)
        except (NotFound, Gone, Conflict, Busy) as fault:
            response = _refusal(request, fault)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        add_never_cache_headers(response)
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return _ask(request, read_link(token), ReasonForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        link = read_link(token)
        now = timezone.now()
        if link.verb is Verb.CONTACTED:
            say_contacted(token=token, now=now)
            return _done(request, link)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return _ask(request, link, form, status=400)
        say_not_mine(token=token, now=now, **form.cleaned_data)
        return _done(request, link)


def _ask(request: HttpRequest, link: Link, form: ReasonForm, status: int = 200) -> HttpResponse:
    context = {"lead": called(link.alert.lead), "rep": link.alert.rep.name, "form": form}
    return render(request, f"leads/links/{link.verb}.html", context, status=status)


def _done(request: HttpRequest, link: Link) -> HttpResponse:
    context = {"lead": called(link.alert.lead), "verb": link.verb.value}
    return render(request, "leads/links/done.html", context)


def _refusal(request: HttpRequest, fault: LeadsError) -> HttpResponse:
    status = STATUS[type(fault)]
    context = {"title": TITLES[status], "detail": str(fault)}
    return render(request, "leads/links/refused.html", context, status=status)
