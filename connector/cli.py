"""The command line: how each command is called, and what an error looks like.

``COMMANDS`` is the whole of it, in the order of the help: the name, what it is called
with, a sentence. What a command does is in connector/commands, which is imported by the
command that needs it, so that help and completion are quick. The global options may
stand before or after the command.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from connector.errors import Misconfigured, within_memory
from connector.terminal.ending import ended, error_document
from connector.terminal.options import hoisted
from connector.terminal.signals import handling
from connector.terminal.streams import last_words, unfailing

LONGEST_GRACE = 86400
Format = Literal["text", "json", "markdown", "html", "csv"]
Level = Literal["debug", "info", "warning", "error"]
Named = Literal["partnero", "tolt"]
Code = Annotated[str, typer.Argument(help="A code.")]
Run = Annotated[str, typer.Argument()]
Certificate = Annotated[
    Path | None, typer.Option("--out", help="Save it: JSON, or HTML for NAME.html.")
]
First = Annotated[
    bool,
    typer.Option("--first", help="Begin another state where the one before is gone."),
]
Note = Annotated[str, typer.Option(help="Why, kept with the decision.")]
By = Annotated[str, typer.Option(help="Who decides; user@host is the default.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def _globals(
    context: typer.Context,
    config: Annotated[
        Path, typer.Option(envvar="PARTNERO_TOLT_CONFIG", help="The configuration.")
    ] = Path("connector.toml"),
    pair: Annotated[str | None, typer.Option(help="Only this pair.")] = None,
    format: Annotated[Format, typer.Option(help="Of the result.")] = "text",  # noqa: A002
    log_level: Annotated[Level, typer.Option(help="Of the log.")] = "warning",
) -> None:
    if context.invoked_subcommand in (None, "demo"):
        return
    context.with_resource(handling(_at_once(format)))
    if context.invoked_subcommand == "sandbox":
        return
    from connector.commands.context import Context
    from connector.terminal.log import configure

    configure(log_level)
    context.obj = Context(config, pair, format)


def _at_once(format: Format) -> Callable[[int, object], None]:  # noqa: A002
    """Let a signal end what only reads; what writes has its own, gentler way."""

    def end(number: int, _frame: object) -> None:
        if format == "json":
            last_words(error_document("interrupted"))
        os._exit(128 + number)

    return end


# -- the commands that have options of their own -------------------------------------


def _demo(
    crash_every_step: Annotated[
        bool,
        typer.Option(
            "--crash-every-step",
            help="Instead: kill a run at each of its steps and resume it (minutes).",
        ),
    ] = False,
) -> int:
    from connector.commands import demo

    return demo.crashes() if crash_every_step else demo.demo()


def _plan(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Save the plan as JSON.")] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 3 when anything is to be done.")
    ] = False,
) -> int:
    from connector.commands import plans

    return plans.plan(context.obj, out, exit_code=exit_code)


def _apply(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="A saved plan.")] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="Also do this held change (an id; all: of a FILE)."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Do this change (an id), what it needs, and nothing else."),
    ] = None,
    *,
    yes: Yes = False,
    first: First = False,
) -> int:
    from connector.commands import applying

    asked = applying.Asked(frozenset(accept or ()), frozenset(only or ()), yes)
    return applying.apply(replace(context.obj, first=first), file, asked)


def _sync(context: typer.Context, first: First = False) -> int:
    from connector.commands import runs

    return runs.sync(replace(context.obj, first=first))


def _run(
    context: typer.Context,
    grace: Annotated[
        float, typer.Option(help="Seconds that passes may still take after SIGTERM.")
    ] = 300,
    first: First = False,
) -> int:
    from connector.commands import background

    if not 0 <= grace <= LONGEST_GRACE:
        raise Misconfigured(f"--grace: allowed are 0 to {LONGEST_GRACE} seconds")
    return background.run(replace(context.obj, first=first), grace)


def _probe(
    context: typer.Context,
    write: Annotated[
        bool, typer.Option("--write", help="Make about 20 marked objects, too.")
    ] = False,
    own: Annotated[
        bool, typer.Option("--i-own-this-programme", help="It may be littered.")
    ] = False,
) -> int:
    from connector.commands import probing

    return probing.probe(context.obj, write=write, own=own)


def _explain(context: typer.Context, code: Code) -> int:
    from connector.commands import explaining

    return explaining.explain(context.obj, code)


def _decide(
    context: typer.Context,
    codes: Annotated[list[str], typer.Argument(help="Codes, or ids of changes.")],
    *,
    take: Annotated[Named | None, typer.Option(help="This side is right.")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Accept the difference.")
    ] = False,
    delete: Annotated[
        bool, typer.Option("--delete", help="Remove it wherever it is; asks twice.")
    ] = False,
    as_proposed: Annotated[
        bool, typer.Option("--as-proposed", help="Do what is proposed, once.")
    ] = False,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Take a decision back.")
    ] = False,
    note: Note = "",
    by: By = "",
    yes: Yes = False,
) -> int:
    from connector.commands import decisions
    from state.model import Take

    options: list[tuple[Take | None, bool]] = [
        (take, take is not None),
        ("keep", keep),
        ("delete", delete),
        ("proposed", as_proposed),
        (None, withdraw),
    ]
    words = [word for word, is_given in options if is_given]
    if len(words) != 1:
        raise Misconfigured(
            "say one of --take partnero, --take tolt, --keep, --delete, --as-proposed, "
            "--withdraw"
        )
    wish = decisions.Wish(codes, words[0], yes=yes, note=note, by=by)
    return decisions.decide(context.obj, wish)


def _verify(context: typer.Context, out: Certificate = None) -> int:
    from connector.commands import certificates

    return certificates.verify(context.obj, out)


def _migrate(
    context: typer.Context,
    source: Annotated[Named, typer.Option("--from")],
    target: Annotated[Named, typer.Option("--to")],
    *,
    out: Certificate = None,
    yes: Yes = False,
    first: First = False,
) -> int:
    from connector.commands import certificates
    from mappings.canonical import Side

    typed = f"migrate --from {source} --to {target}"
    asked = replace(context.obj, first=first, typed=typed)
    return certificates.migrate(asked, Side(source), Side(target), out, yes=yes)


def _show(context: typer.Context, run: Run) -> int:
    from connector.commands import history

    return history.show(context.obj, run)


def _undo(
    context: typer.Context,
    run: Run,
    out: Annotated[Path | None, typer.Option(help="Save the inverse plan.")] = None,
) -> int:
    from connector.commands import history

    return history.undo(context.obj, run, out)


def _sandbox(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="0 takes a free one.")
    ] = 0,
    codes: Annotated[
        int | None,
        typer.Option(
            min=0, max=1_000_000, help="So many plain codes a side, not the story."
        ),
    ] = None,
    switch: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE: another reading of the APIs.")
    ] = None,
) -> int:
    from connector.commands import setup

    pairs = [setting.partition("=")[::2] for setting in switch or ()]
    return setup.sandbox(port, codes, dict(pairs))


def _backup(
    context: typer.Context, file: Annotated[Path | None, typer.Argument()] = None
) -> int:
    from connector.commands import states

    return states.backup(context.obj, file)


def _restore(context: typer.Context, file: Annotated[Path, typer.Argument()]) -> int:
    from connector.commands import states

    return states.restore(context.obj, file)


def _claim(context: typer.Context, yes: Yes = False) -> int:
    from connector.commands import claiming

    return claiming.claim(context.obj, yes=yes)


# -- all commands --------------------------------------------------------------------


def _plain(module: str, function: str) -> Callable[[typer.Context], int]:
    """Return the call of a command that has no options of its own."""

    def call(context: typer.Context) -> int:
        does = getattr(import_module(f"connector.commands.{module}"), function)
        return int(does(context.obj))

    return call


class Command(NamedTuple):
    """A command's name, how it is called, and its sentence in the help."""

    name: str
    call: Callable[..., int]
    help: str


# fmt: off
COMMANDS = (
    Command("demo", _demo,
        "Tell the whole story on local stand-ins, in about a minute."),
    Command("init", _plain("setup", "init"),
        "Write a commented connector.toml; never overwrites."),
    Command("check", _plain("checking", "check"),
        "Check config, keys, programmes, currency and state."),
    Command("plan", _plan,
        "Read both sides and show what would be done; writes nothing."),
    Command("apply", _apply,
        "Apply a saved plan as reviewed, or plan, show and ask."),
    Command("sync", _sync,
        "Do one unattended run: what the policy allows is done, the rest waits."),
    Command("run", _run,
        "Run every pair on its schedule until SIGTERM; SIGHUP reads the file again."),
    Command("status", _plain("watch", "status"),
        "Say how each pair stands; exit 1 where one is stale."),
    Command("health", _plain("watch", "health"),
        "Say for monitors whether each pair is up to date; exit 1 where one is stale."),
    Command("probe", _probe,
        "Settle what the documentation of both products leaves open, on a live one."),
    Command("explain", _explain,
        "Say everything that is known of one code."),
    Command("inbox", _plain("inbox", "inbox"),
        "Show what waits for a person."),
    Command("decide", _decide,
        "Decide about what waits, for the values as they were seen."),
    Command("verify", _verify,
        "Read both sides afresh and certify what is equal."),
    Command("migrate", _migrate,
        "Carry everything one way, once, and certify the result."),
    Command("history", _plain("history", "history"),
        "List earlier runs."),
    Command("show", _show,
        "Show one run and its journal."),
    Command("undo", _undo,
        "Show the inverse plan of a run; nothing is written but FILE."),
    Command("sandbox", _sandbox,
        "Serve local stand-ins of both APIs and print a ready configuration."),
)
STATE = (
    Command("backup", _backup,
        "Copy the state safely."),
    Command("restore", _restore,
        "Put a copy in place of the state."),
    Command("export", _plain("states", "export"),
        "Print the state as JSON (it holds e-mails)."),
    Command("check", _plain("states", "check"),
        "Check the state's integrity; nothing in it is changed."),
    Command("prune", _plain("states", "prune"),
        "Forget old runs (keep_runs); each run does so as well."),
    Command("claim", _claim,
        "Take the programme over from another state, by a mark on the sentinel."),
)
# fmt: on


def _program() -> typer.Typer:
    program = typer.Typer(
        name="partnero-tolt",
        help="Keep the promotion codes of a Partnero and a Tolt programme in step.",
        epilog="Global options (before or after the command): --config FILE (or "
        "PARTNERO_TOLT_CONFIG), --pair NAME, --format text|json, --log-level LEVEL.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    program.callback()(_globals)
    state = typer.Typer(help="Look after the state file.", no_args_is_help=True)
    program.add_typer(state, name="state")
    for group, commands in ((program, COMMANDS), (state, STATE)):
        for name, call, sentence in commands:
            group.command(name, help=sentence)(call)
    return program


app = _program()


@unfailing
def main() -> None:
    """Run the command line; every expected error is one message and an exit code."""
    arguments = hoisted(sys.argv[1:])
    if "--version" in arguments:
        sys.stdout.write(f"partnero-tolt {version('partnero-tolt')}\n")
        raise SystemExit(0)

    def called() -> object:
        return within_memory(lambda: app(arguments, standalone_mode=False))

    ended(called, arguments)
