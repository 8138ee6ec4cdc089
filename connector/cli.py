"""The command line: how each command is called, and what an error looks like.

Everything heavy is imported by the command that needs it, so that help and
completion are quick. The global options may stand before or after the command.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import typer

from connector.errors import Misconfigured, within_memory
from connector.terminal.ending import ended, error_document
from connector.terminal.letters import replace_unknown_letters
from connector.terminal.options import hoisted
from connector.terminal.signals import handling
from connector.terminal.streams import last_words, unfailing

LONGEST_GRACE = 86400
Format = Literal["text", "json", "markdown", "html", "csv"]
Level = Literal["debug", "info", "warning", "error"]
Named = Literal["partnero", "tolt"]
Code = Annotated[str, typer.Argument(help="A code.")]
Certificate = Annotated[
    Path | None, typer.Option("--out", help="Save it: JSON, or HTML for NAME.html.")
]
First = Annotated[
    bool,
    typer.Option("--first", help="Begin another state where the one before is gone."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

app = typer.Typer(
    name="partnero-tolt",
    help="Keep the promotion codes of a Partnero and a Tolt programme in step.",
    epilog="Global options (before or after the command): --config FILE (or "
    "PARTNERO_TOLT_CONFIG), --pair NAME, --format text|json, --log-level LEVEL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
state_app = typer.Typer(help="Look after the state file.", no_args_is_help=True)
app.add_typer(state_app, name="state")


@app.callback()
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


@app.command()
def demo(
    crash_every_step: Annotated[
        bool,
        typer.Option(
            "--crash-every-step",
            help="Instead: kill a run at each of its steps and resume it (minutes).",
        ),
    ] = False,
) -> None:
    """Tell the whole story on local stand-ins, in about a minute."""
    from connector.commands import demo as story

    raise typer.Exit(story.crashes() if crash_every_step else story.demo())


@app.command()
def init(context: typer.Context) -> None:
    """Write a commented connector.toml; never overwrites."""
    from connector.commands import setup

    raise typer.Exit(setup.init(context.obj))


@app.command()
def check(context: typer.Context) -> None:
    """Check config, keys, programmes, currency and state."""
    from connector.commands import setup

    raise typer.Exit(setup.check(context.obj))


@app.command()
def plan(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Save the plan as JSON.")] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 3 when anything is to be done.")
    ] = False,
) -> None:
    """Read both sides and show what would be done; writes nothing."""
    from connector.commands import plans

    raise typer.Exit(plans.plan(context.obj, out, exit_code=exit_code))


@app.command()
def apply(
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
) -> None:
    """Apply a saved plan as reviewed, or plan, show and ask."""
    from connector.commands import runs

    asked = runs.Asked(frozenset(accept or ()), frozenset(only or ()), yes)
    raise typer.Exit(runs.apply(replace(context.obj, first=first), file, asked))


@app.command()
def sync(context: typer.Context, first: First = False) -> None:
    """Do one unattended run: what the policy allows is done, the rest waits."""
    from connector.commands import runs

    raise typer.Exit(runs.sync(replace(context.obj, first=first)))


@app.command()
def run(
    context: typer.Context,
    grace: Annotated[
        float, typer.Option(help="Seconds that passes may still take after SIGTERM.")
    ] = 300,
    first: First = False,
) -> None:
    """Run every pair on its schedule until SIGTERM; SIGHUP reads the file again."""
    from connector.commands import background

    if not 0 <= grace <= LONGEST_GRACE:
        raise Misconfigured(f"--grace: allowed are 0 to {LONGEST_GRACE} seconds")
    raise typer.Exit(background.run(replace(context.obj, first=first), grace))


@app.command()
def status(context: typer.Context) -> None:
    """Say how each pair stands; exit 1 where one is stale."""
    from connector.commands import watch

    raise typer.Exit(watch.status(context.obj))


@app.command()
def health(context: typer.Context) -> None:
    """Say for monitors whether each pair is up to date; exit 1 where one is stale."""
    from connector.commands import watch

    raise typer.Exit(watch.health(context.obj))


@app.command()
def probe(
    context: typer.Context,
    write: Annotated[
        bool, typer.Option("--write", help="Make about 20 marked objects, too.")
    ] = False,
    own: Annotated[
        bool, typer.Option("--i-own-this-programme", help="It may be littered.")
    ] = False,
) -> None:
    """Settle what the documentation of both products leaves open, on a live one."""
    from connector.commands import probing

    raise typer.Exit(probing.probe(context.obj, write=write, own=own))


@app.command()
def explain(context: typer.Context, code: Code) -> None:
    """Say everything that is known of one code."""
    from connector.commands import explaining

    raise typer.Exit(explaining.explain(context.obj, code))


@app.command()
def inbox(context: typer.Context) -> None:
    """Show what waits for a person."""
    from connector.commands import decisions

    raise typer.Exit(decisions.inbox(context.obj))


@app.command()
def decide(
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
    note: Annotated[str, typer.Option(help="Why, kept with the decision.")] = "",
    by: Annotated[
        str, typer.Option(help="Who decides; user@host is the default.")
    ] = "",
    yes: Yes = False,
) -> None:
    """Decide about what waits, for the values as they were seen."""
    from connector.commands import decisions
    from state.model import Take

    if bool(take) + keep + delete + as_proposed + withdraw != 1:
        raise Misconfigured(
            "say one of --take partnero, --take tolt, --keep, --delete, --as-proposed, "
            "--withdraw"
        )
    chosen: dict[Take, bool] = {"keep": keep, "delete": delete, "proposed": as_proposed}
    word: Take | None = take
    word = word or next((name for name, stated in chosen.items() if stated), None)
    wish = decisions.Wish(codes, word, yes=yes, note=note, by=by)
    raise typer.Exit(decisions.decide(context.obj, wish))


@app.command()
def verify(
    context: typer.Context,
    out: Certificate = None,
) -> None:
    """Read both sides afresh and certify what is equal."""
    from connector.commands import certificates

    raise typer.Exit(certificates.verify(context.obj, out))


@app.command()
def migrate(
    context: typer.Context,
    source: Annotated[Named, typer.Option("--from")],
    target: Annotated[Named, typer.Option("--to")],
    *,
    out: Certificate = None,
    yes: Yes = False,
    first: First = False,
) -> None:
    """Carry everything one way, once, and certify the result."""
    from connector.commands import certificates
    from mappings.canonical import Side

    sides = Side(source), Side(target)
    typed = f"migrate --from {sides[0]} --to {sides[1]}"
    asked = replace(context.obj, first=first, typed=typed)
    raise typer.Exit(certificates.migrate(asked, *sides, out, yes=yes))


@app.command()
def history(context: typer.Context) -> None:
    """List earlier runs."""
    from connector.commands import history as past

    raise typer.Exit(past.history(context.obj))


@app.command()
def show(context: typer.Context, run: Annotated[str, typer.Argument()]) -> None:
    """Show one run and its journal."""
    from connector.commands import history as past

    raise typer.Exit(past.show(context.obj, run))


@app.command()
def undo(
    context: typer.Context,
    run: Annotated[str, typer.Argument()],
    out: Annotated[Path | None, typer.Option(help="Save the inverse plan.")] = None,
) -> None:
    """Show the inverse plan of a run; nothing is written but FILE."""
    from connector.commands import history as past

    raise typer.Exit(past.undo(context.obj, run, out))


@state_app.command("backup")
def state_backup(
    context: typer.Context, file: Annotated[Path | None, typer.Argument()] = None
) -> None:
    """Copy the state safely."""
    from connector.commands import states

    raise typer.Exit(states.backup(context.obj, file))


@state_app.command("restore")
def state_restore(
    context: typer.Context, file: Annotated[Path, typer.Argument()]
) -> None:
    """Put a copy in place of the state."""
    from connector.commands import states

    raise typer.Exit(states.restore(context.obj, file))


@state_app.command("export")
def state_export(context: typer.Context) -> None:
    """Print the state as JSON (it holds e-mails)."""
    from connector.commands import states

    raise typer.Exit(states.export(context.obj))


@state_app.command("check")
def state_check(context: typer.Context) -> None:
    """Check the state's integrity; nothing in it is changed."""
    from connector.commands import states

    raise typer.Exit(states.check(context.obj))


@state_app.command("prune")
def state_prune(context: typer.Context) -> None:
    """Forget old runs (keep_runs); each run does so as well."""
    from connector.commands import states

    raise typer.Exit(states.prune(context.obj))


@state_app.command("claim")
def state_claim(context: typer.Context, yes: Yes = False) -> None:
    """Take the programme over from another state, by a mark on the sentinel."""
    from connector.commands import states

    raise typer.Exit(states.claim(context.obj, yes=yes))


@app.command()
def sandbox(
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
) -> None:
    """Serve local stand-ins of both APIs and print a ready configuration."""
    from connector.commands import setup

    pairs = [one.partition("=")[::2] for one in switch or ()]
    raise typer.Exit(setup.sandbox(port, codes, dict(pairs)))


@unfailing
def main() -> None:
    """Run the command line; every expected error is one message and an exit code."""
    replace_unknown_letters()
    arguments = hoisted(sys.argv[1:])
    if "--version" in arguments:
        sys.stdout.write(f"partnero-tolt {version('partnero-tolt')}\n")
        raise SystemExit(0)

    def called() -> object:
        return within_memory(lambda: app(arguments, standalone_mode=False))

    ended(called, arguments)
