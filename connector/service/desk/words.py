"""What the answers are called on a page, where a command line has options."""

import re
from collections.abc import Mapping

from connector.engine.decisions import OPTIONS
from state.model import Take

LABELS: Mapping[Take, str] = {
    "partnero": "Partnero is right",
    "tolt": "Tolt is right",
    "proposed": "Do as proposed",
    "keep": "Leave as it is",
    "delete": "Delete it",
}
MEANINGS: Mapping[Take, str] = {
    "partnero": "What Partnero shows becomes true on Tolt as well.",
    "tolt": "What Tolt shows becomes true on Partnero as well.",
    "proposed": "What is proposed is done, once.",
    "keep": "It is accepted as it is, and not asked about again until a value changes.",
    "delete": "The code is removed wherever it is.",
}
_BUTTONS = {option: f"\u201c{LABELS[take]}\u201d" for take, option in OPTIONS.items()}
_OPTION = re.compile(rf"(?:{'|'.join(map(re.escape, _BUTTONS))})\b")


def on_a_page(text: str) -> str:
    """Name the button where a sentence names the option of the command line."""
    return _OPTION.sub(lambda option: _BUTTONS[option.group()], text)
