"""plan: reading, deciding and reporting; nothing is written but FILE."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from connector.commands.context import (
    DONE,
    FAILED,
    FOUND,
    LOCKED,
    PARTIAL,
    REFUSED,
    Context,
    dumped,
    note,
    now,
    remembered,
    report,
    result,
    worst,
)
from connector.commands.outputs import refuse_own, write_file
from connector.commands.together import Setback, each_pair
from connector.config.clients import open_readers
from connector.config.pair import Pair
from connector.engine.partner_view import partner_lines
from connector.engine.planned import Plan
from connector.engine.trouble import reason_of
from connector.errors import Failed, Misconfigured, Problem, Refused
from connector.reports.documents import plan_document
from connector.reports.messages.say import reader_of, said
from connector.reports.money_sheet import redemptions_csv
from connector.reports.partner_view import partners_csv
from connector.reports.render import RENDERERS, render_all
from connector.run.memory import (
    recall,
)
from connector.run.prepare import (
    Prepared,
    look,
    nothing_prepared,
)
from connector.terminal.progress import Progress, progress
from connector.terminal.width import width
from state.bulk import uncollected
from state.problems import StateBusy

SHEETS = {"redemptions": redemptions_csv, "partners": partners_csv}
"""The tables that --of names, beside the one of all changes."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of one pair, and the code that its plan ends with."""

    plan: Plan
    code: int


def plan(
    context: Context,
    out: Path | None,
    *,
    exit_code: bool,
    jobs: int = 1,
    of: str = "changes",
) -> int:
    context.wants(*RENDERERS)
    if of != "changes" and context.format != "csv":
        raise Misconfigured(f"--of {of} is a table: say --format csv as well")
    if out is not None:
        context.refuse_several(f"--out {out} holds the plan of one pair")
    refuse_own(context.config(), out)
    with progress() as shown:
        looked = []
        for one in look_at_each(context, shown, jobs, exit_code=exit_code):
            looked.append(one)
            if context.format == "json":  # each as soon as it is there
                with shown.aside():
                    context.show(plan_document(one.plan), "")
    plans = [one.plan for one in looked]
    if sheet := SHEETS.get(of):
        result(sheet(plans))
    else:
        _print(plans, context.format)
    _complain(plans)
    codes = [one.code for one in looked]
    if out is not None:
        codes += [_saved(out, dumped(plan_document(made))) for made in plans]
    return worst(codes)


def look_at_each(
    context: Context, shown: Progress, jobs: int, *, exit_code: bool = False
) -> Iterator[Looked]:
    """Plan each pair; what cannot even be looked at is a plan that says why."""

    @uncollected(last=True)  # this process ends with what it has planned
    def work(pair: Pair) -> Looked:
        try:
            made = by_partner(planned(pair, shown=shown))
        except StateBusy as error:
            return Looked(nothing_known(pair, error).plan, LOCKED)
        return Looked(made, _code(made, exit_code=exit_code))

    def failed(setback: Setback) -> Looked:
        return Looked(befallen(setback).plan, setback.code)

    return each_pair(context, work, failed, jobs)


def _print(plans: Sequence[Plan], format: str) -> None:  # noqa: A002 (the option's name)
    """Print what begins with all pairs, where there are several."""
    if format == "text":
        report(render_all(plans, format, width(sys.stdout)))
    elif format != "json":
        result(render_all(plans, format))


def _complain(plans: Iterable[Plan]) -> None:
    """Say on standard error, too, what could not be read."""
    for made in plans:
        if made.failed:
            note(f"{made.pair}: {made.failed}" if made.several else made.failed)


def nothing_known(pair: Pair, error: Problem) -> Prepared:
    """Return a plan that says why there is none."""
    return nothing_prepared(
        pair.name,
        now(),
        failed=str(error),
        reason=error.reason,
        several=pair.several,
    )


def befallen(setback: Setback) -> Prepared:
    """Return the same for a pair that could not even be looked at, one of several."""
    return nothing_prepared(
        setback.pair,
        now(),
        failed=setback.why,
        reason=reason_of(setback.error),
        several=True,
    )


def by_partner(prepared: Prepared) -> Plan:
    """Return the plan with a line for each partner, as people want to read it."""
    plan, facts, keys = prepared.plan, prepared.facts, prepared.keys
    if facts is None or keys is None:
        return plan
    return replace(plan, partners=partner_lines(facts, keys, plan))


def _saved(path: Path, text: str) -> int:
    """Write the plan's file; the result has been printed by then, whatever happens."""
    try:
        write_file(path, text)
    except Failed as error:
        note(str(error))
        return FAILED
    return DONE


def planned(
    pair: Pair, *, afresh: bool = False, shown: Progress | None = None
) -> Prepared:
    """Read both sides with clients that cannot write, and make the plan.

    StateBusy is the caller's. ``afresh`` asks again for what an earlier run remembers
    of the sides themselves. ``shown`` is given where several pairs are read at a time.
    """
    with _progress_of(pair, shown) as bars:
        readers = open_readers(pair, bars.read)
        try:
            memory = recall(remembered(pair.location, pair.name), pair.version)
            if afresh:
                memory = replace(memory, coupons={})
            return look(pair, readers, memory, now())
        except (Misconfigured, StateBusy):
            raise
        except Problem as error:
            return nothing_known(pair, error)
        finally:
            readers.close()


@contextmanager
def _progress_of(pair: Pair, shown: Progress | None) -> Iterator[Progress]:
    """Show the lines of this pair, among those of others where these are shown."""
    with (
        nullcontext(shown) if shown else progress() as all_,
        all_.of(pair.named) as own,
    ):
        yield own


def certain(pair: Pair, *, shown: Progress | None = None) -> Prepared:
    prepared = planned(pair, shown=shown)
    if prepared.plan.failed:
        raise Failed(prepared.plan.failed)
    if prepared.plan.refused and not prepared.sides:
        raise Refused(said(prepared.plan.refused, reader_of(prepared.plan)))
    return prepared


def seen_whole(pair: Pair, *, shown: Progress | None = None) -> Prepared:
    """Return what both sides show; Failed where one was not read completely."""
    prepared = certain(pair, shown=shown)
    for side, seen in prepared.sides.items():
        if not seen.complete:
            problem = f"{pair.name}: {side.label} could not be read completely"
            raise Failed(f"{problem} ({seen.missed}). Nothing was changed; try again")
    return prepared


def _code(made: Plan, *, exit_code: bool) -> int:
    if made.failed:
        return FAILED
    if made.refused:
        return REFUSED
    if not made.complete:
        return PARTIAL
    found = made.changes or len(made.adopted)
    return FOUND if exit_code and found else DONE
