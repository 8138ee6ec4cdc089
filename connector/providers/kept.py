"""A short text about a key or a programme that is kept for next time.

Nothing rests on it: where it cannot be kept, or was written by somebody else, the next
reading only takes longer.
"""

from typing import Protocol

from state.sharing import Shared
from state.unshared import Unshared


class Kept(Protocol):
    """One text."""

    def read(self, most: int) -> str:
        """Return the text; "" where there is none, or one longer than that."""

    def write(self, text: str) -> None: ...


class KeptThere:
    """One text among what is shared beside the state."""

    def __init__(self, shared: Shared, name: str) -> None:
        self._shared, self._name = shared, name

    def read(self, most: int) -> str:
        try:
            text = self._shared.text(self._name)
        except Unshared:
            return ""
        return text if len(text) <= most and text.isascii() else ""

    def write(self, text: str) -> None:
        try:
            self._shared.keep(self._name, text)
        except Unshared:
            return


class NotKept:
    """No memory at all."""

    def read(self, most: int) -> str:
        del most
        return ""

    def write(self, text: str) -> None:
        del text
