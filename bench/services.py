"""The configuration's load and the bulk path on PostgreSQL, without HTTP."""

from .children import in_child
from .databases import database, server_url
from .posting import QUICK_SIZES, SIZES
from .report import Row, at_least, at_most, missing, shown


def configuration(*, quick: bool) -> list[Row]:
    """Milliseconds to load and compile the live configuration."""
    url = server_url()
    if url is None:
        return [missing("configuration", "load and compile", "no PostgreSQL")]
    sizes = QUICK_SIZES if quick else SIZES
    with database(url, "configuration") as base:
        in_child("prepare", base, sizes=sizes)
        spent = in_child("configuration", base, repeats=1 if quick else 9)
    made = ", ".join(f"{number:,} {name}" for name, number in sizes.items())
    return [
        shown("configuration", "reading rows", spent["reading"], "ms", "processor time"),
        shown("configuration", "compiling", spent["making"], "ms", "processor time"),
        at_most("configuration", "load and compile", spent["whole"], "ms", 300, made),
    ]


def bulk(*, quick: bool) -> list[Row]:
    """Leads a second in batches, in COPY of the rows that they make."""
    url = server_url()
    if url is None:
        return [missing("bulk", "receive_leads", "no PostgreSQL")]
    sizes = QUICK_SIZES if quick else SIZES
    with database(url, "bulk") as base:
        in_child("prepare", base, sizes=sizes)
        rates = in_child(
            "bulk",
            base,
            leads=100 if quick else 5_000,
            rules=sizes["rules"],
            repeats=1 if quick else 5,
        )
    return [
        shown("bulk", "batches of 500", rates["route"], "leads/s", "one client"),
        shown(
            "bulk", "COPY of the same rows", rates["copy"], "leads/s", "five tables, same batches"
        ),
        at_least("bulk", "batches : COPY", rates["route"] / rates["copy"], "×", 0.4),
    ]
