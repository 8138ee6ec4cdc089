"""Write: everything that may change one of the products."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from connector.calls.command import WRITES, Command, Example, Group
from connector.calls.options import JOBS, Certificate, First, Jobs, Named, Run, Yes


def _apply(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="A saved plan.")] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            help="Also do this, which waits for a person (an id; all: of a FILE)."
        ),
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


def _sync(context: typer.Context, first: First = False, jobs: Jobs = JOBS) -> int:
    from connector.commands import runs

    return runs.sync(replace(context.obj, first=first), jobs)


def _migrate(
    context: typer.Context,
    source: Annotated[Named, typer.Option("--from")],
    target: Annotated[Named, typer.Option("--to")],
    *,
    partner: Annotated[
        list[str] | None,
        typer.Option(help="A wave: only this partner's codes (an e-mail or an id)."),
    ] = None,
    codes: Annotated[
        Path | None,
        typer.Option(help="A wave: only the codes of this file, one a line."),
    ] = None,
    out: Certificate = None,
    yes: Yes = False,
    first: First = False,
) -> int:
    from connector.commands import certificates
    from connector.reports import typed
    from mappings.canonical import Side

    words = typed.migration(source, target, partner or (), codes)
    asked = replace(context.obj, first=first, typed=words.partition(" ")[2])
    wave = certificates.wave(partner or (), codes)
    way = certificates.Way(Side(source), Side(target), wave, codes)
    return certificates.migrate(asked, way, out, yes=yes)


def _undo(
    context: typer.Context,
    run: Run,
    out: Annotated[Path | None, typer.Option(help="Save the inverse plan.")] = None,
) -> int:
    from connector.commands import history

    return history.undo(context.obj, run, out)


# fmt: off
WRITE = Group("Write (may change one of the products)", (
    Command("apply", _apply,
        "Apply a saved plan as reviewed, or plan, show and ask.",
        (Example("apply", "show what would be done, and ask"),
         Example("apply plan.json", "do exactly what was reviewed in this file"),
         Example("apply plan.json --accept all", "with all that waits in it")),
        WRITES, {1: "failed, or a person said no"}),
    Command("sync", _sync,
        "Do one unattended run: what the policy allows is done, the rest waits.",
        (Example("sync", "as a timer does it"),
         Example("sync --pair acme", "of one pair alone")),
        WRITES),
    Command("migrate", _migrate,
        "Carry everything one way, once or in waves, and certify the result.",
        (Example("migrate --from tolt --to partnero", "show, ask, carry, certify"),
         Example("migrate --from tolt --to partnero --codes first.txt",
             "the codes of this file alone, and its part of the certificate"),
         Example("migrate --from tolt --to partnero --partner part_7",
             "the codes of this partner alone")),
        WRITES, {1: "failed, or a person said no"}),
    Command("undo", _undo,
        "Show the inverse plan of a run; nothing is written but FILE.",
        (Example("undo r_1a2b3c --out back.json", "what would take this run back"),
         Example("apply back.json --accept all", "then take it back")),
        (0, 1, 2, 5)),
))
