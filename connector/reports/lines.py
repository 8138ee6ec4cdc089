"""The lines of a report before they have a width: prose, heads, and what can be typed.

Only prose is wrapped. Codes, values and commands stay in one piece, so that they can be
copied.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from connector.reports.safe import cell

WIDTH = 88
"""Where nobody knows how wide the reader's window is: a pipe, a file."""
NARROWEST, WIDEST = 40, 120
"""Below, nothing could be read any more; above, the eye loses the line."""
_TYPED = re.compile(r"\s*(\S+: )?partnero-tolt\b")


@dataclass(frozen=True, slots=True)
class Prose:
    """A sentence or several, as far to the right as it belongs."""

    text: str
    indent: str = ""

    def laid_out(self, width: int) -> Iterator[str]:
        yield from wrapped(self.text, width, self.indent)


@dataclass(frozen=True, slots=True)
class Head:
    """What something is called, and what is said beside it, or below."""

    name: str
    beside: str
    indent: str

    def laid_out(self, width: int) -> Iterator[str]:
        head = f"{self.indent}{self.name}"
        if len(head) + len(self.beside) + 2 <= width:
            yield f"{head}  {self.beside}"
        else:
            yield head
            yield from wrapped(self.beside, width, f"{self.indent}  ")


@dataclass(frozen=True, slots=True)
class Commands:
    """What can be typed, a line each; what they do stands below each other."""

    typed: Sequence[tuple[str, str]]
    indent: str

    def laid_out(self, width: int) -> Iterator[str]:
        longest = max((len(command) for command, _ in self.typed), default=0)
        lines = [f"{self.indent}{c:{longest}}  # {effect}" for c, effect in self.typed]
        if any(len(line) > width for line in lines):
            lines = [f"{self.indent}{c}  # {effect}" for c, effect in self.typed]
        yield from lines


Line = str | Prose | Head | Commands


def laid_out(lines: Iterable[Line], width: int = WIDTH) -> str:
    """Return lines as text of a width; a text among them stays as it is."""
    shown: list[str] = []
    for line in lines:
        shown += [line] if isinstance(line, str) else line.laid_out(width)
    return "\n".join(shown)


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Return prose as lines of a width; no word is broken."""
    return wrap(
        cell(text),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def fitted(text: str, width: int) -> str:
    """Return a text for a window of a width: what is too long goes on below itself."""
    shown: list[str] = []
    for line in text.split("\n"):
        if len(line) <= width or _TYPED.match(line):
            shown.append(line)
            continue
        indent = line[: len(line) - len(line.lstrip())]
        below = wrap(
            line.strip(),
            width,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        shown += below
    return "\n".join(shown)
