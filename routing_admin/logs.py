"""Log records as one line each, with the request's id and without personal data.

Code logs ids. What a library puts into a message or an exception (a database error quotes the
row it refused) is masked where it looks like an e-mail address.
"""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

CHATTY = ("celery.worker.strategy", "celery.app.trace", "celery.beat")

_EMAIL = re.compile(r"[^\s@'\"<>()=,;:]{1,64}@[^\s@'\"<>()=,;:]{1,255}")


def mask_addresses(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The event with e-mail addresses in its texts replaced (a structlog processor)."""
    for name, value in event.items():
        if isinstance(value, str) and "@" in value:
            event[name] = _EMAIL.sub("[address]", value)
    return event


def logging_config(level: str, form: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, `form` json or console. Sets structlog up.

    Records of the standard library and of structlog take the same way.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_addresses,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(default=str)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [structlog.stdlib.ExtraAdder(allow=[]), *shared],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Quiet: the former names each faulty path (our own line a request names the route),
            # the latter writes user names and addresses of people who mistype.
            "django.request": {"level": "ERROR"},
            "axes": {"level": "ERROR"},
            # Two lines a task, every few seconds, of a product at rest.
            **{name: {"level": _at_least_warning(level)} for name in CHATTY},
        },
    }


def _at_least_warning(level: str) -> str:
    return "WARNING" if level == "INFO" else level
