"""plan: reading, deciding and reporting; nothing is written but FILE."""

from dataclasses import replace
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
from connector.config.clients import open_readers
from connector.config.pair import Pair
from connector.engine.planned import Plan
from connector.errors import Failed, Misconfigured, Problem, Refused
from connector.reports.documents import plan_document
from connector.reports.messages.say import reader_of, said
from connector.reports.render import RENDERERS, render
from connector.run.memory import (
    recall,
)
from connector.run.prepare import (
    Prepared,
    look,
    nothing_prepared,
)
from connector.terminal.progress import progress
from state.database import StateBusy


def plan(context: Context, out: Path | None, *, exit_code: bool) -> int:
    context.wants(*RENDERERS)
    if out is not None or context.format == "html":
        context.one_pair()  # one file, or one page, holds the plan of one pair
    refuse_own(context.config(), out)
    codes = []
    for pair in context.pairs():
        made, busy = _looked(pair)
        document = plan_document(made)
        if context.format == "json":
            context.show(document, "")
        elif context.format == "text":
            report(render(made, "text"))
        else:
            result(render(made, context.format))
        codes.append(LOCKED if busy else _code(made, exit_code=exit_code))
        if out is not None:
            codes.append(_saved(out, dumped(document)))
    return worst(codes)


def _looked(pair: Pair) -> tuple[Plan, bool]:
    """Return the plan, and whether the state was in use: then nothing was planned."""
    try:
        return planned(pair).plan, False
    except StateBusy as error:
        note(str(error))
        return nothing_prepared(pair.name, now(), failed=str(error)).plan, True


def _saved(path: Path, text: str) -> int:
    """Write the plan's file; the result has been printed by then, whatever happens."""
    try:
        write_file(path, text)
    except Failed as error:
        note(str(error))
        return FAILED
    return DONE


def planned(pair: Pair, *, afresh: bool = False) -> Prepared:
    """Read both sides with clients that cannot write, and make the plan.

    StateBusy is the caller's. ``afresh`` asks again for what an earlier run remembers
    of the sides themselves.
    """
    with progress() as shown:
        readers = open_readers(pair, shown.read)
        try:
            memory = recall(remembered(pair.location, pair.name), pair.version)
            if afresh:
                memory = replace(memory, coupons={})
            return look(pair, readers, memory, now())
        except (Misconfigured, StateBusy):
            raise
        except Problem as error:
            return nothing_prepared(pair.name, now(), failed=str(error))
        finally:
            readers.close()


def certain(pair: Pair) -> Prepared:
    prepared = planned(pair)
    if prepared.plan.failed:
        raise Failed(prepared.plan.failed)
    if prepared.plan.refused and not prepared.sides:
        raise Refused(said(prepared.plan.refused, reader_of(prepared.plan)))
    return prepared


def seen_whole(pair: Pair) -> Prepared:
    """Return what both sides show; Failed where one was not read completely."""
    prepared = certain(pair)
    for side, seen in prepared.sides.items():
        if not seen.complete:
            problem = f"{pair.name}: {side.label} could not be read completely"
            raise Failed(f"{problem} ({seen.missed}). Nothing was changed; try again")
    return prepared


def _code(made: Plan, *, exit_code: bool) -> int:
    if made.failed:
        note(made.failed)
        return FAILED
    if made.refused:
        return REFUSED
    if not made.complete:
        return PARTIAL
    return FOUND if exit_code and made.changes else DONE
