"""Logs: structured, on standard error, with keys and e-mails taken out."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

from connector.logs import log
from mappings.masking import masked


def configure(level: str) -> None:
    """Send everything from this level up to standard error, redacted."""
    if logging.lastResort is not None:  # for libraries that log on their own
        logging.lastResort.setFormatter(Masked())
    wanted = logging.getLevelNamesMapping()[level.upper()]
    log.begin(wanted, lambda: _to_standard_error(wanted))


def _to_standard_error(wanted: int) -> None:
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
            if sys.stderr.isatty()
            else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(wanted),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


class Masked(logging.Formatter):
    """What a library says, its traceback included, without keys and addresses."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record), dotless=True)


def redact(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Take keys and full e-mails out of everything that is logged."""
    return {name: _inside(value) for name, value in event.items()}


def _inside(value: Any) -> Any:  # noqa: ANN401 (what somebody logs)
    if isinstance(value, str):
        return masked(value, dotless=True)
    if isinstance(value, Mapping):
        return {_inside(name): _inside(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_inside(item) for item in value]
    if value is None or isinstance(value, int | float):
        return value
    return masked(repr(value), dotless=True)
