"""What every command is given: the global options, and how it answers."""

import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.commands.memory_read import open_memory
from connector.config.clients import warnings
from connector.config.load import Config, load
from connector.config.location import Location
from connector.config.pair import Pair
from connector.config.resolve import meet, read_pair
from connector.config.schema import PairSection
from connector.errors import Misconfigured
from connector.reports.lines import fitted
from connector.reports.safe import inert
from connector.reports.whose import named
from connector.terminal.streams import ask, is_terminal, say, warn
from connector.terminal.width import width
from mappings.masking import masked, masked_values

if TYPE_CHECKING:
    from state.database import Engine
    from state.store import Store

DONE, FAILED, USAGE, FOUND, PARTIAL, REFUSED, LOCKED = range(7)
INTERRUPTED, TERMINATED = 130, 143
_WORST = (DONE, FOUND, LOCKED, PARTIAL, REFUSED, FAILED, USAGE, INTERRUPTED, TERMINATED)


@dataclass(slots=True)
class Read:
    """What the configuration told when it was read last."""

    several: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """The global options of one call; ``first``: another state may be begun.

    ``typed`` is the command with what it cannot do without, where there is any.
    ``unattended``: nobody has asked for each pair, so that paused ones rest.
    """

    config_path: Path
    pairs_named: tuple[str, ...] = ()
    format: str = "text"
    first: bool = False
    typed: str = ""
    unattended: bool = False
    read: Read = field(default_factory=Read, repr=False, compare=False)

    @property
    def pair(self) -> str | None:
        """The only pair that was asked for by its name, if one was."""
        return self.pairs_named[0] if len(self.pairs_named) == 1 else None

    def of_pair(self, name: str) -> "Context":
        return replace(self, pairs_named=(name,))

    def config(self) -> Config:
        """Return the configuration, with the pairs of the database that are meant."""
        config = self.of_the_file()
        if config.is_on_server:
            from connector.commands.table_pairs import with_table

            config = with_table(config, self.pairs_named)
            self.read.several = config.several
        return config

    def config_again(self, config: Config) -> Callable[[], Config] | None:
        """Return what looks which pairs there are by now; None where the file says it.

        The file is not read again.
        """
        if not config.is_on_server:
            return None
        from connector.commands.table_pairs import with_table, without_table

        alone = without_table(config)
        return lambda: with_table(alone)

    def of_the_file(self) -> Config:
        """Return what the file says alone, and say what is strange about it."""
        config = load(self.config_path)
        for line in config.warnings:
            if line not in _warned:
                warn(line)
        _warned.update(config.warnings)
        self.read.several = config.several
        return config

    def sections(self, config: Config) -> Sequence[PairSection]:
        """Return the pairs that are named, in the order of the file; else all.

        ``unattended`` leaves out those that are paused, unless they are named.
        """
        named = {config.pair(name).name for name in self.pairs_named}
        pairs = config.file.pairs
        if not named and self.unattended:
            named = {pair.name for pair in pairs} - config.paused.keys()
            return [pair for pair in pairs if pair.name in named]
        return [pair for pair in pairs if pair.name in named] if named else pairs

    def warned_sections(self, config: Config) -> Sequence[PairSection]:
        """Return the pairs that are meant, after the warnings of each."""
        sections = self.sections(config)
        meet(config, sections)
        for section in sections:
            for line in warnings(section.name, section.tolt.requests_per_second):
                warn(line)
        return sections

    def given(self, config: Config, section: PairSection) -> Pair:
        """Return what a run of a pair needs; Misconfigured with all that is wrong."""
        return read_pair(config, section)

    def pairs(self) -> Iterator[Pair]:
        """Yield what a run of each pair needs, one after the other."""
        config = self.config()
        for section in self.warned_sections(config):
            yield self.given(config, section)

    def refuse_several(self, what: str = "") -> None:
        """Refuse several pairs, of which ``what`` can only hold one."""
        sections = self.sections(self.config())
        if len(sections) > 1:
            names = ", ".join(section.name for section in sections)
            why = f"{what}: " if what else ""
            raise Misconfigured(f"{why}name one pair with --pair; there are: {names}")

    def one_pair(self) -> Pair:
        """Return the only pair's; Misconfigured where one has to be named."""
        self.refuse_several()
        return next(self.pairs())

    def wants(self, *formats: str) -> None:
        """Refuse a format that this command does not have."""
        if self.format not in formats:
            allowed = ", ".join(formats)
            raise Misconfigured(f"--format {self.format}: allowed here are {allowed}")

    def show(self, document: dict[str, Any], text: str) -> None:
        """Print the result: JSON or text; several pairs give one object a line.

        Each line of text that is about one of several pairs names it.
        """
        if self.format == "json":
            emit(dumped(document, lines=self.pair is None))
        elif self.read.several and "pair" in document:
            result(_to_fit(named(document["pair"], text)))
        else:
            result(_to_fit(text))


def _to_fit(text: str) -> str:
    """Return text for the window that it is printed to; a pipe gets it as it is."""
    if not is_terminal(sys.stdout):
        return text
    return fitted(text, width(sys.stdout))


def dumped(document: dict[str, Any], *, lines: bool = False) -> str:
    """Return a document as JSON, masked; stable: equal ones are equal bytes."""
    return whole(masked_values(document), lines=lines)


def whole(document: dict[str, Any], *, lines: bool = False) -> str:
    """Return a document as JSON with everything in it: for an export of the state."""
    indent = None if lines else 2
    return inert(json.dumps(document, indent=indent, ensure_ascii=False))


def result(text: str) -> None:
    """Print a result, masked, to standard output, which carries nothing else."""
    emit(masked(text))


def emit(text: str) -> None:
    """Print a result that is masked already: JSON is, value by value."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def report(text: str) -> None:
    """Print a report; on a terminal, headings and what to type stand out."""
    if not sys.stdout.isatty():
        result(text)
        return
    from rich.console import Console
    from rich.text import Text

    shown = Text(masked(text))
    shown.highlight_regex(r"(?m)^\S.*", "bold")
    shown.highlight_regex(r"partnero-tolt .*", "cyan")
    shown.highlight_regex(r"  \[\w+\]  \w+|  # .*", "dim")
    Console().print(shown, soft_wrap=True)


def note(text: str) -> None:
    """Say something beside the result, on standard error."""
    say(text)


def asked(question: str) -> str:
    return ask(masked(question))


def confirmed(question: str) -> bool:
    return asked(f"{question} [y/N] ").lower() in ("y", "yes")


def needs_terminal(what: str, advice: str, *, yes: bool) -> None:
    """Refuse what would have to be asked where nobody can answer."""
    if not yes and not is_terminal(sys.stdin):
        raise Misconfigured(f"{what}, and there is no terminal: {advice}")


def remembered(location: Location, pair: str) -> "Store | None":
    """Open a pair's memory to read; None where there is none yet."""
    engine = memory(location)
    if engine is None:
        return None
    from state.store import Store

    return Store(engine, pair)


_warned: set[str] = set()
"""What was said to be strange about the configuration: once is enough."""
_telling = threading.Lock()
_told: list[Location] = []
"""The configuration of which it was said that its state is missing: once is enough."""


def memory(location: Location) -> "Engine | None":
    """Open what is remembered; what should be there and is not is said in one line."""
    engine, missing = open_memory(location)
    with _telling:
        if missing and not any(noted is location for noted in _told):
            _told[:] = [location]
            warn(missing)
    return engine


def worst(codes: Sequence[int]) -> int:
    """Return the code that counts, where several pairs end differently."""
    return max(codes, key=_WORST.index, default=DONE)


def now() -> datetime:
    return datetime.now(UTC)
