"""Letters that a terminal or a file does not know: replaced, never a reason to fail."""

import codecs
import sys

from connector.reports.safe import escaped

REPLACED = "connector.replaced"


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """Write a letter as its escape in JSON, so that a document stays one."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return escaped(error.object[error.start : error.end]), error.end


codecs.register_error(REPLACED, _replaced)


def replace_unknown_letters() -> None:
    """Let no letter fail a stream of this process."""
    for stream, errors in (
        (sys.stdout, REPLACED),
        (sys.stderr, REPLACED),
        (sys.stdin, "replace"),
    ):
        if change := getattr(stream, "reconfigure", None):
            change(errors=errors)
