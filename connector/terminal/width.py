"""How wide text may be that is printed to a stream."""

import os
from typing import TextIO

from connector.reports.lines import NARROWEST, WIDEST, WIDTH
from connector.terminal.streams import is_terminal


def width(stream: TextIO) -> int:
    """Return the width of a terminal, within reason; of a pipe or a file always one."""
    if not is_terminal(stream):
        return WIDTH
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return WIDTH
    return min(max(columns, NARROWEST), WIDEST) if columns else WIDTH
