"""What the help says of a command: its sentence, examples, exit codes."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import NamedTuple

import typer

EXITS: Mapping[int, str] = MappingProxyType(
    {
        0: "done",
        1: "failed: the network, a key, a provider or the disk",
        2: "the command or the configuration is wrong",
        3: "something is to be done, or waits",
        4: "partly done: an item failed, or a side was not read completely",
        5: "refused, to be safe; nothing was written",
        6: "another run holds the pair",
        75: "something it needs is not to be had for now: start it anew",
        130: "interrupted (143: by SIGTERM); the next run goes on from there",
    }
)
WRITES = (0, 1, 2, 4, 5, 6, 130)
"""How a run ends that may write."""


class Example(NamedTuple):
    """What can be typed after the program's name, and what it is good for."""

    words: str
    what_for: str


class Command(NamedTuple):
    """A command's name, how it is called, its sentence, examples and exit codes.

    ``says`` are other words for an exit code, where this command means more by it.
    """

    name: str
    call: Callable[..., int]
    help: str
    examples: tuple[Example, ...]
    exits: tuple[int, ...] = (0, 1, 2)
    says: Mapping[int, str] = MappingProxyType({})

    def exit_words(self) -> list[tuple[str, str]]:
        """Return each exit code with its words, in the order of the numbers."""
        return [(str(code), self.says.get(code, EXITS[code])) for code in self.exits]


class Group(NamedTuple):
    """Commands that a person looks for in one place."""

    title: str
    commands: tuple[Command, ...]


def plain(module: str, function: str) -> Callable[[typer.Context], int]:
    """Return the call of a command that has no options of its own."""

    def call(context: typer.Context) -> int:
        does = getattr(import_module(f"connector.commands.{module}"), function)
        return int(does(context.obj))

    return call
