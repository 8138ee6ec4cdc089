"""Numbers as Prometheus reads them: a text in which each line is a number of a name.

Lines are kept as they are read, so that tens of thousands of them are told in
milliseconds: prometheus-client makes each line anew at each scrape, and takes 0.3 s
over those of three thousand pairs.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

KIND = "text/plain; version=0.0.4; charset=utf-8"
"""The media type of the text."""
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def labelled(labels: Mapping[str, str]) -> str:
    """Return labels as they stand behind a name: ``{pair="acme",side="tolt"}``."""
    inner = [f'{name}="{labels[name].translate(_ESCAPED)}"' for name in sorted(labels)]
    return f"{{{','.join(inner)}}}" if inner else ""


def head(name: str, kind: str, text: str) -> str:
    """Return what stands before the lines of one name."""
    return f"# HELP {name} {text}\n# TYPE {name} {kind}\n"


class Family:
    """One name, with a number for each set of labels."""

    def __init__(
        self, name: str, kind: Literal["counter", "gauge", "summary"], text: str
    ) -> None:
        self._name, self._head = name, head(name, kind, text)
        self._lines: dict[str, str] = {}

    def set(self, labels: Mapping[str, str], number: float, part: str = "") -> None:
        """Tell a number; ``part`` is the ending of one of a summary's lines."""
        key = f"{part}{labelled(labels)}"
        self._lines[key] = f"{self._name}{key} {float(number)!r}\n"

    def text(self) -> Iterator[str]:
        yield self._head
        yield from list(self._lines.values())


def exposition(parts: Iterable[str]) -> bytes:
    return "".join(parts).encode()
