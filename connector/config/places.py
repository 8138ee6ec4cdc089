"""How a place in the configuration is named to people: file, line, pair, key."""

from collections.abc import Iterable, Sequence
from typing import Any

from connector.config.merge import defaults_of, is_default
from connector.config.sources import Source
from mappings.discreet import shown_key

Key = tuple[int | str, ...]
_OF_PAIRS = {"pairs", "include"}


class Places:
    """Names the places of the merged document: which file says it, and where."""

    def __init__(
        self,
        main: Source,
        included: Sequence[Source] = (),
        whole: Sequence[Source] = (),
    ) -> None:
        """Take the sources in their order; no [defaults] reach the ``whole`` ones."""
        self._main, self._included, self._whole = main, included, whole
        self.files = tuple(source.path for source in (main, *included))
        self._defaults = defaults_of(main.raw)
        self._pairs = [
            (source, number)
            for source in (main, *included, *whole)
            for number in range(len(source.pairs))
        ]

    @property
    def head(self) -> Source:
        """The main file without the pairs that it has, or includes."""
        left = {
            k: v for k, v in self._main.raw.items() if k not in ("pairs", "include")
        }
        return Source(self._main.path, self._main.text, left)

    @property
    def of_files(self) -> "Places":
        """The places of the files alone, without the sources that came after them."""
        return Places(self._main, self._included)

    def followed_by(self, source: Source) -> "Places":
        """Return the places of the same document with the pairs of one more source."""
        return Places(self._main, self._included, (*self._whole, source))

    def named(self, key: Key, *, pair: str = "") -> str:
        """Return ``connector.toml:12: pair acme: policy.delete``.

        What [defaults] says is named by its own line: as ``defaults.policy.delete``, or
        as the setting of the pair that has it where that is named.
        """
        settled = self.settled(key)
        if settled[:1] == ("defaults",) or not self._is_pair(settled):
            inner = key[2:] if pair and settled != key else settled
            return _where(self._main.place(settled), pair, inner)
        number, inner = int(key[1]), key[2:]
        source, local = self._pairs[number]
        called = pair or _pair_name(source.pairs[local], number)
        return _where(source.place(("pairs", local, *inner)), called, inner)

    def settled(self, key: Key) -> Key:
        """Return where a key is said: a pair may have it from [defaults]."""
        if self._is_pair(key):
            source, local = self._pairs[int(key[1])]
            if source not in self._whole and is_default(
                source.pairs[local], self._defaults, key[2:]
            ):
                return ("defaults", *key[2:])
        return key

    def _is_pair(self, key: Key) -> bool:
        if len(key) < 2 or key[0] != "pairs" or not isinstance(key[1], int):
            return False
        return key[1] < len(self._pairs)

    def name_of(self, number: int) -> str:
        """Return what a pair is called: by its name, or by its number."""
        source, local = self._pairs[number]
        return _pair_name(source.pairs[local], number)

    def file_of(self, number: int) -> str:
        """Return where a pair's name stands: the file and the line."""
        source, local = self._pairs[number]
        return source.place(("pairs", local, "name"))


def _where(place: str, pair: str, key: Key) -> str:
    parts = (place, f"pair {pair}" if pair else "", _dotted(key))
    return ": ".join(part for part in parts if part)


def _dotted(key: Iterable[int | str]) -> str:
    """Return a key's path as it is written: ``notify.urls[0]``."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part != "[key]":  # pydantic's word for the name of a table's entry
            text += f".{shown_key(part)}" if text else shown_key(part)
    return text


def _pair_name(pair: Any, number: int) -> str:  # noqa: ANN401 (raw TOML)
    """Return the pair's name, or its number where it has none to be called by."""
    name = pair.get("name") if isinstance(pair, dict) else None
    usable = isinstance(name, str) and name and shown_key(name) == name
    return str(name) if usable else f"number {number + 1}"
