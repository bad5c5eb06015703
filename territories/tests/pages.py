"""Reads and sends a page's form as a browser would."""

from html.parser import HTMLParser

from django.urls import reverse

Data = dict[str, list[str]]


class FormReader(HTMLParser):
    """Collects the successful controls of a page, in order, by name. What stands in a
    <template> is not part of the form."""

    def __init__(self) -> None:
        super().__init__()
        self.data: Data = {}
        self._templates = 0
        self._select: str | None = None
        self._chosen: str | None = None
        self._first: str | None = None
        self._option: str | None = None
        self._option_text = ""
        self._textarea: str | None = None
        self._text = ""

    def add(self, name: str | None, value: str) -> None:
        if name and not self._templates and "__prefix__" not in name:
            self.data.setdefault(name, []).append(value)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        found = dict(attrs)
        if tag == "template":
            self._templates += 1
        elif tag == "input":
            self._input(found)
        elif tag == "select":
            self._select, self._chosen, self._first = found.get("name"), None, None
        elif tag == "option" and self._select:
            self._close_option()
            self._option, self._option_text = found.get("value"), ""
            self._is_chosen = "selected" in found
            self._open = True
        elif tag == "textarea":
            self._textarea, self._text = found.get("name"), ""

    _open = False
    _is_chosen = False

    def _input(self, found: dict) -> None:
        kind = found.get("type", "text")
        if kind in ("submit", "button", "file", "image"):
            return
        if kind in ("checkbox", "radio") and "checked" not in found:
            return
        self.add(found.get("name"), found.get("value") or ("on" if kind == "checkbox" else ""))

    def _close_option(self) -> None:
        if self._open:
            value = self._option_text.strip() if self._option is None else self._option
            self._first = value if self._first is None else self._first
            self._chosen = value if self._is_chosen else self._chosen
        self._open = False

    def handle_data(self, data: str) -> None:
        self._option_text += data
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._templates -= 1
        elif tag == "option":
            self._close_option()
        elif tag == "select":
            self._close_option()
            value = self._first if self._chosen is None else self._chosen
            self.add(self._select, value or "")
            self._select = None
        elif tag == "textarea":
            self.add(self._textarea, self._text.removeprefix("\n"))
            self._textarea = None


def form_of(response) -> Data:
    """Return what the page would send unchanged, without the csrf token."""
    reader = FormReader()
    reader.feed(response.content.decode())
    reader.data.pop("csrfmiddlewaretoken", None)
    return reader.data


def address(instance, page="change"):
    opts = instance._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=[instance.pk])


def list_address(model, page="changelist"):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


def send(browser, url, data, **changes):
    """Send a page's form with some values changed; a list is sent as several values."""
    return browser.post(url, {**data, **changes}, follow=True)


def faults(response):
    """Return every error the page shows."""
    context = response.context
    found = [str(e) for e in context["errors"]] if context and context.get("errors") else []
    return " ".join(found)
