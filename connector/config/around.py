"""What a pair names outside the configuration: its keys and its alias file.

All that is wrong with them is told at once, also where the configuration itself is
refused: who mends it wants to see everything.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from connector.config.aliases import read_aliases
from connector.config.location import Location
from connector.config.places import Places
from connector.config.problem_lines import MOST, Told
from connector.config.secret import Secret
from connector.errors import Misconfigured

_KEYS = ("partnero", "tolt")
_ALIASES = ("partners", "aliases")


def setting_of(places: Places, number: int) -> Callable[[str], str]:
    """Return what names ``partners.aliases``, behind a place or behind its own.

    ``aliases.csv:3: pair acme: partners.aliases`` is a line of the file itself.
    """

    def named(at: str) -> str:
        label = places.named(("pairs", number, *_ALIASES), pair=places.name_of(number))
        return f"{at}: {label.partition(': ')[2]}" if at else label

    return named


def around(at: Location, pairs: object, places: Places) -> Told:
    """Return what is wrong outside a configuration that cannot be used itself."""
    lines: list[str] = []
    for number, pair in enumerate(pairs if isinstance(pairs, list) else ()):
        if isinstance(pair, dict) and len(lines) <= MOST:
            lines += _around(at, number, pair, places)
    return Told(lines)


def _around(
    at: Location, number: int, pair: Mapping[str, Any], places: Places
) -> Iterator[str]:
    for side in _KEYS:
        try:
            secret = Secret.model_validate(_inner(pair, side, "api_key"))
            if not (secret.file or "").isprintable():
                continue
            key = ("pairs", number, side, "api_key")
            secret.read(at.folder, places.named(key, pair=places.name_of(number)))
        except ValidationError:
            continue  # that is told where the schema is
        except Misconfigured as error:
            yield str(error)
    name = _inner(pair, *_ALIASES)
    if isinstance(name, str) and name.isprintable():
        try:
            read_aliases(at.beside(name), setting_of(places, number))
        except Misconfigured as error:
            yield from str(error).splitlines()


def _inner(table: object, *key: str) -> object:
    for part in key:
        table = table.get(part) if isinstance(table, dict) else None
    return table
