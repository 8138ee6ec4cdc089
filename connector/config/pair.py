"""What a run is given of the configuration: one pair, checked, with its keys read.

These are plain values. Which sections the file has, and how they are checked, is
known to the loader alone (schema.py, resolve.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connector.config.location import Location
from connector.config.places import Places
from connector.config.timetable import Timetable
from connector.engine.guards import Programmes
from connector.engine.partners import Alias
from connector.engine.policy import Policy
from mappings.canonical import Both
from mappings.tolt import Version


@dataclass(frozen=True, slots=True)
class Api:
    """Where one product is asked, with which key, and how often a second at most.

    ``key_place`` is where the file says that the key is.
    """

    base_url: str
    key: str = field(repr=False)
    rate: float
    key_place: str = ""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What decides whether another pair's mark in the state still counts.

    ``references`` say of each side what this pair asks, and with the key of which
    place; ``reference`` the same of another pair of the configuration (None: there is
    none of that name).
    """

    references: Mapping[str, str]
    reference: Callable[[str, str], str | None] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair, with everything that a run of it needs to know.

    ``digest`` is the mark of all settings that make a plan; ``several`` says whether
    the file has other pairs, so that a command has to name this one; ``names`` whether
    reports show the names of partners. ``programmes`` are those of this pair and,
    after it, of the others in the file that share one of them.
    """

    name: str
    apis: Both[Api]
    program_id: str
    version: Version
    currency: str | None
    policy: Policy
    aliases: tuple[Alias, ...]
    alias_file: str | None
    attempts: int
    settle_seconds: float
    full_read_seconds: int
    keep_seconds: int
    times: Timetable
    digest: str
    several: bool
    names: bool
    programmes: tuple[Programmes, ...]
    neighbours: Neighbours
    location: Location
    number: int
    places: Places = field(repr=False, compare=False)

    @property
    def named(self) -> str:
        """The name, where a command has to say it; "" where there is but one pair."""
        return self.name if self.several else ""

    def about(self, text: str) -> str:
        """Return what is said of this pair, named where there are others."""
        return f"{self.name}: {text}" if self.several else text

    def where(self, *key: str) -> str:
        """Name a setting: ``connector.toml:12: pair acme: policy.delete``."""
        return self.places.named(("pairs", self.number, *key), pair=self.name)
