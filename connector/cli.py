"""The command line: the global options, all commands, and what an error looks like.

Which commands there are and how each is called stands in connector/calls, what they do
in connector/commands, which is imported by the command that needs it, so that help and
completion are quick. The global options may stand before or after the command.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from connector.calls.command import Command
from connector.calls.help import SETTINGS, explained, listing
from connector.calls.options import Format, Level
from connector.calls.table import GROUPS, INNER, NEW_HERE
from connector.errors import within_memory
from connector.terminal.collector import spare
from connector.terminal.ending import STOPPED, ended, error_document
from connector.terminal.options import hoisted, level_of
from connector.terminal.signals import handling
from connector.terminal.streams import last_words, quieten, unfailing
from connector.terminal.system import unsupported

LOOSE = ("demo", "sandbox")
"""Commands that rest on no configuration."""


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"partnero-tolt {_version_of()}\n")
        raise typer.Exit


def _version_of() -> str:
    from importlib.metadata import PackageNotFoundError, version  # slow to import

    try:
        return version("partnero-tolt")
    except PackageNotFoundError:  # python -m connector, in a folder of the sources
        return "(run from its sources, not installed)"


def _globals(
    context: typer.Context,
    config: Annotated[
        Path,
        typer.Option(
            envvar="PARTNERO_TOLT_CONFIG", metavar="FILE", help="The configuration."
        ),
    ] = Path("connector.toml"),
    pair: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this pair; may stand several times."),
    ] = None,
    format: Annotated[Format, typer.Option(help="Of the result.")] = "text",  # noqa: A002
    *,
    log_level: Annotated[
        Level | None, typer.Option(help="Of the log.  [default: warning]")
    ] = None,
    verbose: Annotated[
        int,
        typer.Option(
            "-v",
            "--verbose",
            count=True,
            show_default=False,
            help="Log what begins and ends; -vv: all there is.",
        ),
    ] = 0,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="Say results and errors alone.")
    ] = False,
    version: Annotated[  # noqa: ARG001
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_version, help="Show the version."
        ),
    ] = False,
) -> None:
    if context.invoked_subcommand in (None, "demo"):
        return
    context.with_resource(handling(_at_once(format)))
    if context.invoked_subcommand in LOOSE:
        return
    from connector.terminal.log import configure

    if quiet:
        quieten()
    configure(level_of(log_level, verbose, quiet=quiet))

    def given() -> object:
        from connector.commands.context import Context

        return Context(config, tuple(dict.fromkeys(pair or ())), format)

    context.obj = given


def _at_once(format: Format) -> Callable[[int, object], None]:  # noqa: A002
    """Let a signal end what only reads; what writes has its own, gentler way."""

    def end(number: int, _frame: object) -> None:
        if format == "json":
            last_words(error_document(STOPPED))
        os._exit(128 + number)

    return end


def _program() -> typer.Typer:
    program = typer.Typer(
        name="partnero-tolt",
        cls=listing(GROUPS, [one for one in INNER if " " not in one[0]], NEW_HERE),
        help="Keep the promotion codes of a Partnero and a Tolt programme in step.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings=SETTINGS,
    )
    program.callback()(_globals)
    for group in GROUPS:
        for command in group.commands:
            _add(program, command)
    programs = {"": program}
    for words, group in INNER:
        before, _, word = words.rpartition(" ")
        further = [(w, g) for w, g in INNER if w.rpartition(" ")[0] == words]
        inner = typer.Typer(
            cls=listing((group,), further),
            help=f"{group.title}.",
            no_args_is_help=True,
            rich_markup_mode=None,
            context_settings=SETTINGS,
        )
        programs[before].add_typer(inner, name=word)
        programs[words] = inner
        for command in group.commands:
            _add(inner, command)
    return program


def _add(program: typer.Typer, command: Command) -> None:
    program.command(
        command.name,
        cls=explained(command),
        help=command.help,
        context_settings=SETTINGS,
    )(command.call)


app = _program()


def main() -> None:
    """Run the command line, on a system on which it can run."""
    if refusal := unsupported(sys.platform):
        sys.stderr.write(f"partnero-tolt: {refusal}\n")
        raise SystemExit(2)
    spare()
    _run()


@unfailing
def _run() -> None:
    """Run the command line; every expected error is one message and an exit code."""
    arguments = hoisted(sys.argv[1:])

    def called() -> object:
        return within_memory(lambda: app(arguments, standalone_mode=False))

    ended(called, arguments)
