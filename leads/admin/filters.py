"""Filters of the lists: choices read in one query, however many rows the list has."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.contrib.filters.forms import SearchForm

from leads.engine.vocabulary import AssignmentKind, LeadStatus, RoutingModel
from leads.models import Lead
from leads.services.selection import SLA_STATES
from territories.models import Pool, Rep, Rule, Territory

#: More choices than this are typed, not chosen: a page of options helps nobody.
MAX_CHOICES = 500
#: The newest leads whose sources are offered; a source of old leads can be put in the address.
RECENT_LEADS = 1000

Choices = Iterable[tuple[str, str]]


class ChoiceFilter(DropdownFilter):
    """One value of a column, chosen from a list."""

    #: The column that is compared.
    column = ""

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        value = self.value()
        return queryset.filter(**{self.column: value}) if value else queryset

    def has_output(self) -> bool:
        # The list of choices may be empty today and the filter still stand in the address.
        return bool(self.lookup_choices or self.value())

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        value = self.value()
        if value and value not in {choice for choice, _ in self.lookup_choices}:
            self.lookup_choices.append((value, value))
        return super().choices(changelist)


class StatusFilter(ChoiceFilter):
    title = "status"
    parameter_name = column = "status"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return [(status.value, status.value.capitalize()) for status in LeadStatus]


class ModelFilter(ChoiceFilter):
    title = "model"
    parameter_name = column = "model"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return [(model.value, model.value.replace("_", " ")) for model in RoutingModel]


class KindFilter(ChoiceFilter):
    title = "kind"
    parameter_name = column = "kind"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return [(kind.value, kind.value.replace("_", " ")) for kind in AssignmentKind]


class OwnerFilter(ChoiceFilter):
    title = "owner"
    parameter_name = "owner"
    column = "owner_id"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return list(Rep.objects.order_by("name", "key").values_list("key", "name"))


class SourceFilter(ChoiceFilter):
    title = "source"
    parameter_name = column = "source"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        newest = Lead.objects.order_by("-id").values_list("source", flat=True)[:RECENT_LEADS]
        return [(source, source) for source in sorted(set(newest) - {""})]


class KeyFilter(ChoiceFilter):
    """The key of a configured object: its names where they are few, else typed."""

    configured: type[Model] = Rule

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        rows = self.configured._default_manager.order_by("name", "key")
        names = list(rows.values_list("key", "name")[: MAX_CHOICES + 1])
        return names if len(names) <= MAX_CHOICES else []

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        if self.lookup_choices:
            yield from super().choices(changelist)
            return
        name = self.parameter_name
        yield {
            "form": SearchForm(name=name, label=f"By {self.title} (key)", data={name: self.value()})
        }


class RuleFilter(KeyFilter):
    title = "rule"
    parameter_name = column = "rule"


class TerritoryFilter(KeyFilter):
    title = "territory"
    parameter_name = column = "territory"
    configured = Territory


class PoolFilter(KeyFilter):
    title = "pool"
    parameter_name = column = "pool"
    configured = Pool


class FallbackFilter(ChoiceFilter):
    title = "fallback"
    parameter_name = "fallback"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return [("yes", "By a fallback"), ("no", "Not by a fallback")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        wanted = {"yes": True, "no": False}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(is_fallback=wanted)


class SlaFilter(ChoiceFilter):
    title = "SLA"
    parameter_name = "sla_state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return [(state, state.capitalize()) for state in SLA_STATES]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        chosen = SLA_STATES.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)


class OpenFilter(ChoiceFilter):
    """Open ones unless another choice is made: an inbox starts with what is to be done."""

    title = "state"
    parameter_name = "state"
    column = "resolved_at"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return [("open", "Open"), ("resolved", "Resolved"), ("all", "All")]

    def value(self) -> str:
        return super().value() or "open"

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if self.value() == "all":
            return queryset
        return queryset.filter(**{f"{self.column}__isnull": self.value() != "resolved"})


class PeriodFilter(RangeDateFilter):
    """Days from … to …, both included, as days of UTC. A text that is no day limits nothing."""

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        since, until = self._day("from"), self._day("to")
        if since is not None:
            queryset = queryset.filter(**{f"{self.field_path}__gte": since})
        if until is not None:
            queryset = queryset.filter(**{f"{self.field_path}__lt": until + timedelta(days=1)})
        return queryset

    def _day(self, end: str) -> datetime | None:
        text = self.used_parameters.get(f"{self.parameter_name}_{end}")
        try:
            return datetime.combine(date.fromisoformat(str(text)), time(), tzinfo=UTC)
        except ValueError:
            return None
