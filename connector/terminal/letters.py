"""Letters that a terminal or a file does not know: replaced, never a reason to fail.

streams.py writes with ``REPLACED``; nothing else encodes what is printed.
"""

import codecs

from connector.reports.safe import escaped

REPLACED = "connector.replaced"


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """Write a letter as its escape in JSON, so that a document stays one."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return escaped(error.object[error.start : error.end]), error.end


codecs.register_error(REPLACED, _replaced)
