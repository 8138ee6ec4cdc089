"""What the desk is given to look at, and whom it tells what a person has decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from connector.service.health import Standing
from state.model import Decision, LastReading, RunSummary, Take

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What waits for a person in one pair, by the last complete look at both sides.

    ``as_of`` is when that look was (UTC, ISO 8601), "" where there was none yet.
    ``waiting`` are the documents of what waits, ``decided`` the decisions by their ids.
    """

    as_of: str = ""
    waiting: Sequence[Document] = ()
    decided: Mapping[str, Decision] = field(default_factory=dict)


class Past(NamedTuple):
    """One run in a list, why it ended as it did ("" if it is complete), its deeds."""

    run: RunSummary
    cause: str
    did: str


class Chosen(NamedTuple):
    """One change that somebody has chosen: of a pair, by the id that was shown."""

    pair: str
    id: str


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says about what they chose, who it is, and why they say so."""

    take: Take
    by: str
    note: str = ""


class Not(NamedTuple):
    """One that was refused by itself, and why."""

    pair: str
    id: str
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Became:
    """What became of many: how many were stored, and which were refused."""

    taken: int = 0
    refused: Sequence[Not] = ()


class Known(Protocol):
    """What is remembered of all pairs. StateProblem where the state cannot be read."""

    @property
    def names(self) -> Sequence[str]: ...
    def standings(self) -> list[Standing]: ...
    def waits(self) -> int: ...
    def touch(self) -> None: ...
    def seen(self, pair: str) -> Seen: ...
    def runs(self, pair: str, most: int) -> list[Past]: ...
    def run_document(self, pair: str, run: str = "") -> Document | None: ...
    def run(self, run: str) -> Document | None: ...
    def last_reading(self, pair: str) -> LastReading: ...
    def is_new(self, pair: str, mark: str) -> bool:
        """Note a signed message of a pair; say whether it was not known before."""

    def decide(self, chosen: Sequence[Chosen], word: Word) -> Became: ...
    def withdraw(self, chosen: Sequence[Chosen]) -> Became: ...
