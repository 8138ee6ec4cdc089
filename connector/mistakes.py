"""What Python itself would print of a bug: a traceback, without keys and addresses."""

import logging
import sys
import threading
import traceback
from types import TracebackType

from mappings.masking import masked


def mask_tracebacks() -> None:
    """Mask what is printed of an exception that nobody has caught, in any thread."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _printed
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _in_a_thread
    if logging.lastResort is not None:  # for libraries that log on their own
        logging.lastResort.setFormatter(_Masked())


class _Masked(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def _in_a_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and told.exc_type is not SystemExit:
        _printed(told.exc_type, told.exc_value, told.exc_traceback)


def _printed(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    text = "".join(traceback.format_exception(kind, error, trace))
    sys.stderr.write(masked(text))
