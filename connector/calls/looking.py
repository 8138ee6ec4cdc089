"""Look: what differs, what is known, what was done; no side is written to."""

from pathlib import Path
from typing import Annotated

import typer

from connector.calls.command import Command, Example, Group, plain
from connector.calls.options import JOBS, Certificate, Code, Jobs, Of, Run


def _plan(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Save the plan as JSON.")] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 3 when anything is to be done.")
    ] = False,
    jobs: Jobs = JOBS,
    of: Of = "changes",
) -> int:
    from connector.commands import plans

    return plans.plan(context.obj, out, exit_code=exit_code, jobs=jobs, of=of)


def _verify(context: typer.Context, out: Certificate = None, jobs: Jobs = JOBS) -> int:
    from connector.commands import certificates

    return certificates.verify(context.obj, out, jobs)


def _explain(context: typer.Context, code: Code, jobs: Jobs = JOBS) -> int:
    from connector.commands import explaining

    return explaining.explain(context.obj, code, jobs)


def _history(
    context: typer.Context,
    limit: Annotated[
        int | None, typer.Option(min=1, help="So many runs of each pair at most.")
    ] = None,
) -> int:
    from connector.commands import history

    return history.history(context.obj, limit)


def _show(context: typer.Context, run: Run) -> int:
    from connector.commands import history

    return history.show(context.obj, run)


# fmt: off
LOOK = Group("Look (neither side is written to)", (
    Command("plan", _plan,
        "Read both sides and show what would be done; writes nothing.",
        (Example("plan", "what differs, and what a run would do"),
         Example("plan --out plan.json", "save it, to apply exactly this later"),
         Example("plan --format html > report.html", "a page to hand on"),
         Example("plan --format csv --of redemptions > sales.csv",
             "each sale that is not in step, for a spreadsheet")),
        (0, 1, 2, 3, 4, 5, 6),
        {3: "with --exit-code: something is to be done, or to be decided"}),
    Command("verify", _verify,
        "Read both sides afresh and certify what is equal.",
        (Example("verify", "how many codes are equal, and each exception"),
         Example("verify --out certificate.html", "the same as a page to file")),
        (0, 1, 2, 3, 4, 5, 6),
        {3: "there are exceptions that nobody has accepted"}),
    Command("explain", _explain,
        "Say everything that is known of one code.",
        (Example("explain SAM20", "both values, what waits, who decided"),),
        (0, 1, 2, 5)),
    Command("status", plain("watch", "status"),
        "Say how each pair stands; exit 1 where one is stale.",
        (Example("status", "when each pair was last in order, and what came after"),),
        (0, 1, 2), {1: "a pair is stale: too long without a verified success"}),
    Command("history", _history,
        "List earlier runs with what they did.",
        (Example("history --limit 5", "the last five of each pair"),)),
    Command("show", _show,
        "Show one run and its journal.",
        (Example("show r_1a2b3c", "what this run wrote, and what it left undone"),)),
))
