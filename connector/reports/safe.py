"""Text from a provider, made inert: it is shown, and it does nothing."""

import re

_ACTIVE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters: a terminal obeys them
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069"  # direction, joins, line ends
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f"  # shown as nothing at all
    "\ud800-\udfff"  # half a character: cannot be written as UTF-8
    "]"
)
# A full-width sign counts too: spreadsheets in East Asia read it as the narrow one.
# After a semicolon too: that is where a cell begins in half of Europe.
_FORMULA = re.compile("(^|;)(?=\\s*[=+\\-@\t\r＝＋－＠])")  # noqa: RUF001


def inert(text: str) -> str:
    """Show control characters and invisible direction marks instead of obeying them.

    What they become is also their escape in JSON: a document stays what it was.
    """
    return _ACTIVE.sub(lambda match: escaped(match.group()), text)


def escaped(text: str) -> str:
    """Return each sign as its escape in JSON."""
    units = text.encode("utf-16-be", "surrogatepass")
    pairs = (units[i : i + 2].hex() for i in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs)


def cell(text: str) -> str:
    """Return text for one line of a table: inert, and without line breaks."""
    return " ".join(inert(text).split())


def sheet_cell(text: str) -> str:
    """Return text for a cell of a spreadsheet, where it is no formula."""
    return _FORMULA.sub(r"\1'", cell(text))
