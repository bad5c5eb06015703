"""The configuration document: export, plan and apply (see docs/configuration.md).

Theory of operation
-------------------
A document is plain data (dicts, lists, text, numbers) in one canonical form, described by one
table of sections and keys (`schema`). Text becomes a document in `parse` and a document text in
`dump`. `export` makes one of the stored rows, live or as of any revision. `listed` reads a
document against the schema and `clean` passes what is new or changed through the models, so that
both sides of a comparison stand in the same form; `plan` compares them key by key and `apply`
writes the difference in one transaction and one revision. Any fault refuses the whole.
"""

from .apply import apply
from .dump import dump_document
from .export import document_at, export_document
from .faults import Fault, InvalidDocument
from .parse import parse_document
from .plan import Change, Plan, plan
from .schema import SECTIONS, USUAL_SECTIONS

__all__ = [
    "SECTIONS",
    "USUAL_SECTIONS",
    "Change",
    "Fault",
    "InvalidDocument",
    "Plan",
    "apply",
    "document_at",
    "dump_document",
    "export_document",
    "parse_document",
    "plan",
]
