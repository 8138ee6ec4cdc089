"""A fleet: many pairs in a server's database, run by any number of workers."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from connector.calls.command import Command, Example, Group, plain
from connector.calls.options import Yes

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Configurations, or files with [[pairs]]."),
]
Names = Annotated[
    list[str] | None, typer.Argument(metavar="NAME...", help='Pairs, or "acme*".')
]
All = Annotated[bool, typer.Option("--all", help="Every pair of the database.")]
State = Literal["paused", "due", "running", "failing", "stale"]
LATE = 300
LIMIT = 50


def _status(
    context: typer.Context,
    late: Annotated[
        int, typer.Option(min=1, help="Seconds that a pair may wait, once it is due.")
    ] = LATE,
) -> int:
    from connector.commands import fleet_status

    return fleet_status.status(context.obj, late)


def _import(
    context: typer.Context,
    files: Files,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be imported.")
    ] = False,
) -> int:
    from connector.commands import fleet_import

    return fleet_import.import_pairs(context.obj, files, dry_run=dry_run)


def _list(
    context: typer.Context,
    search: Annotated[
        str, typer.Option(help="Only pairs whose names hold this text.")
    ] = "",
    state: Annotated[State | None, typer.Option(help="Only pairs that are so.")] = None,
    page: Annotated[int, typer.Option(min=1, max=10**6, help="This page.")] = 1,
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="So many a page.")
    ] = LIMIT,
) -> int:
    from connector.commands import fleet_list

    return fleet_list.list_pairs(context.obj, search, state or "", page, limit)


def _pause(
    context: typer.Context,
    names: Names = None,
    *,
    every: All = False,
    note: Annotated[str, typer.Option(help="Why, kept with it.")] = "",
    by: Annotated[
        str, typer.Option(help="Who pauses them; user@host is the default.")
    ] = "",
    yes: Yes = False,
) -> int:
    from connector.commands import fleet_pausing

    return fleet_pausing.pause(
        context.obj, names or [], every=every, yes=yes, by=by, why=note
    )


def _resume(
    context: typer.Context, names: Names = None, *, every: All = False, yes: Yes = False
) -> int:
    from connector.commands import fleet_pausing

    return fleet_pausing.resume(context.obj, names or [], every=every, yes=yes)


def _worker(
    context: typer.Context,
    slots: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="Passes at a time; else [fleet] slots."),
    ] = None,
    grace: Annotated[
        int,
        typer.Option(
            min=0, max=86400, help="Seconds that passes may still take after SIGTERM."
        ),
    ] = 300,
    patience: Annotated[
        int,
        typer.Option(
            min=0, max=86400, help="Seconds without the server, before it gives up."
        ),
    ] = 900,
    listen: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="Serve probes and metrics there; else [serve] listen.",
        ),
    ] = None,
) -> int:
    from connector.commands import fleet_worker

    return fleet_worker.worker(context.obj, slots, grace, patience, listen)


# fmt: off
FLEET = Group("Many pairs, on PostgreSQL", (
    Command("migrate", plain("fleet_migrate", "migrate"),
        "Make or upgrade the tables of the state and of the queue.",
        (Example("fleet migrate", "once, and after an upgrade"),)),
    Command("worker", _worker,
        "Pass what is due until SIGTERM, beside any number of other workers.",
        (Example("fleet worker", "until it is told to stop"),
         Example("fleet worker --slots 16", "so many passes at a time"),
         Example("fleet worker --listen 127.0.0.1:9465",
             "a second one on this machine: each has an address of its own")),
        (2, 75, 130),
        {75: "no server for --patience, or a pass that does not end: start it anew",
         130: "stopped by Ctrl-C (143: by SIGTERM), the running passes finished"}),
    Command("status", _status,
        "Say how the fleet stands; exit 1 where something is wrong with it.",
        (Example("fleet status", "what is due, how late, and which workers live"),
         Example("fleet status --late 900 --format json", "for an alarm")),
        (0, 1, 2),
        {1: "no worker lives while pairs are due, or a pair is too late"}),
))
FLEET_PAIRS = Group("Pairs in the database", (
    Command("import", _import,
        "Bring the pairs of files into the database; none is ever taken out by it.",
        (Example("fleet pairs import pairs.d/acme.toml", "one file, or several"),
         Example("fleet pairs import old/connector.toml --dry-run",
             "only say what is new, and what has changed")),
        (0, 1, 2), {0: "all were imported", 2: "something in them is wrong: none was"}),
    Command("list", _list,
        "List the pairs of the database, with how each stands.",
        (Example("fleet pairs list --search acme", "those whose names hold a text"),
         Example("fleet pairs list --state paused", "who has paused which, and why"))),
    Command("pause", _pause,
        "Let no pass of these pairs begin until they are resumed.",
        (Example("fleet pairs pause acme --note 'moves to another programme'",
             "one pair, and why"),
         Example("fleet pairs pause 'acme-*' --yes", "all that are named like this")),
        (0, 1, 2), {1: "failed, or a person said no"}),
    Command("resume", _resume,
        "Let paused pairs run again.",
        (Example("fleet pairs resume acme", "what was missed meanwhile counts once"),),
        (0, 1, 2), {1: "failed, or a person said no"}),
))
