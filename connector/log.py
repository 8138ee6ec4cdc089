"""Logs: structured, on standard error, with keys and e-mails taken out."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from mappings.canonical import mask

_EMAIL = re.compile(r"[^\s@<>\"',;:=()]+@[^\s@<>\"',;:=()]+")
_BEARER = re.compile(r"(?i)bearer\s+\S+")


def configure(level: str) -> None:
    """Send everything from this level up to standard error, redacted."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
            if sys.stderr.isatty()
            else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def redact(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Take keys and full e-mails out of everything that is logged."""
    for name, value in event.items():
        if isinstance(value, str):
            masked = _EMAIL.sub(lambda found: mask(found.group()), value)
            event[name] = _BEARER.sub("Bearer ***", masked)
    return event
