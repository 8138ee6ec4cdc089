"""The configuration: TOML, checked once, with errors that can be acted on.

Relative paths are relative to the file itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connector.config.around import around
from connector.config.location import Location
from connector.config.merge import defaults_of, merged
from connector.config.places import Places
from connector.config.problem_lines import MOST, Told, listed
from connector.config.problems import (
    in_defaults,
    named_twice,
    nearest,
    problems,
    unusable,
)
from connector.config.row import Row
from connector.config.schema import File, PairSection
from connector.config.sharing import Sharing
from connector.config.sources import Included, Source, read_included, read_main
from connector.errors import Misconfigured
from mappings.discreet import looks_like_key, shown
from mappings.masking import hide
from state.bulk import uncollected
from state.places import is_server

MOST_NAMES = 30
"""Names of pairs in one sentence."""


@dataclass(frozen=True)
class Config:
    """The checked configuration, where it lies, and what is strange about it.

    ``tabled`` are the pairs among them that come from the state's database, by their
    names, and ``others`` says that there are more in it, which were not read.
    """

    location: Location
    file: File
    places: Places = field(repr=False, compare=False)
    warnings: tuple[str, ...] = ()
    tabled: Mapping[str, Row] = field(default_factory=dict, repr=False, compare=False)
    others: bool = False

    @property
    def several(self) -> bool:
        """Whether there is more than one pair, so that each has to be named."""
        return self.others or len(self.file.pairs) > 1

    @property
    def paused(self) -> dict[str, Row]:
        """The pairs of the database that are paused, by their names."""
        return {name: row for name, row in self.tabled.items() if row.paused}

    @property
    def is_on_server(self) -> bool:
        """Whether the state is in a server's database, which may have pairs as well."""
        return is_server(self.file.state.url)

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {pair.name: number for number, pair in enumerate(self.file.pairs)}

    @cached_property
    def sharing(self) -> Sharing:
        """Which of its pairs share a programme."""
        return Sharing(self.file.pairs)

    def pair(self, name: str) -> PairSection:
        """Return a pair by name; Misconfigured where there is none of that name."""
        if name in self._numbers:
            return self.file.pairs[self._numbers[name]]
        names = [pair.name for pair in self.file.pairs]
        close = nearest(name, names).partition(";")[0]
        raise Misconfigured(
            f"{self.location.path}: there is no pair {shown(name)}{close}; "
            f"there are: {_some(names)}"
        )

    def number(self, name: str) -> int:
        """Return which pair of the file has this name."""
        return self._numbers[name]

    def where(self, pair: str, *key: str) -> str:
        """Name a setting of a pair: ``connector.toml:12: pair acme: tolt.api_key``."""
        return self.places.named(("pairs", self.number(pair), *key), pair=pair)


@uncollected()
def load(path: Path) -> Config:
    """Read and check it all; Misconfigured, and nothing else, with every problem."""
    main = read_main(path)
    return checked(main, read_included(main))


def checked(main: Source, included: Included, *, alone: bool = True) -> Config:
    """Check what was read; Misconfigured with every problem.

    ``alone``: nothing else is to work by it, so that there has to be a pair in it.
    """
    path = main.path
    places = Places(main, included.sources)
    document = merged(main, included.sources)
    wrong = [Told(included.wrong), *_told(places, main.raw, document)]
    if alone and document.get("pairs") in (None, []) and not is_server(_url(document)):
        wrong.append(Told([f"{places.named(('pairs',))}: is missing"]))
    try:
        file = File.model_validate(document)
        if not any(told.lines for told in wrong):
            hide_tokens(file, file.pairs)
            at = Location(path, file.state.address)
            return Config(at, file, places, tuple(included.warnings))
    except ValidationError as error:
        wrong.append(problems(places, error))
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        wrong.append(Told([f"{path}: something in it cannot be understood"]))
    strange = Told([f"warning: {line}" for line in included.warnings])
    outside = around(Location(path, ""), document.get("pairs"), places)
    raise Misconfigured(listed([*wrong, outside, strange]))


def _told(
    places: Places, raw: Mapping[str, Any], document: Mapping[str, Any]
) -> Iterator[Told]:
    """Yield what the schema does not see: odd characters, defaults, names."""
    defaults = raw.get("defaults", {})
    whole = {**document, "defaults": defaults}
    odd = {places.settled(key): problem for key, problem in unusable(whole)}
    lines = [f"{places.named(key)}: {problem}" for key, problem in odd.items()]
    yield Told(lines[:MOST], max(0, len(lines) - MOST))
    yield in_defaults(places, defaults, defaults_of(raw))
    pairs = document.get("pairs")
    yield Told(list(named_twice(places, pairs if isinstance(pairs, list) else [])))


def _url(document: Mapping[str, Any]) -> str:
    """Return where a document says that the state is; "" where it does not say."""
    state = document.get("state")
    url = state.get("url") if isinstance(state, dict) else ""
    return url if isinstance(url, str) else ""


def _some(names: Sequence[str]) -> str:
    """Return names as a list that can be read, however many there are."""
    left = len(names) - MOST_NAMES
    more = f" and {left} more" if left > 0 else ""
    return (", ".join(names[:MOST_NAMES]) or "none") + more


def hide_tokens(file: File, pairs: Iterable[PairSection]) -> None:
    """Mask the tokens of addresses in everything that leaves the program.

    A password that is a word is not looked for in texts: it would be found in many.
    """
    state = file.state.url
    told = [file.notify, *(pair.notify for pair in pairs)]
    urls = {url for one in told for url in (*one.urls, one.heartbeat_url or "")}
    for url in urls if state.startswith("sqlite") else {state, *urls}:
        for part in re.split("[/:@?&=#]", url):
            if looks_like_key(part):
                hide(part)
