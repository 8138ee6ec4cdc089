"""plan: reading, deciding and reporting; nothing is written but FILE."""

from dataclasses import replace
from pathlib import Path

from connector.commands.context import (
    DONE,
    FAILED,
    FOUND,
    PARTIAL,
    REFUSED,
    Context,
    dumped,
    note,
    now,
    result,
    worst,
)
from connector.commands.progress import progress
from connector.config import Config, PairSection
from connector.connect import Keys, open_readers
from connector.engine.change import Plan, SideReport, Status, Tally
from connector.errors import Failed, Misconfigured, SyncError
from connector.look import Sighting, iso, job_of, look, recall
from connector.providers.base import Progress as OnProgress
from connector.reports.documents import (
    plan_document,
)
from connector.reports.render import RENDERERS, render
from mappings.canonical import Side
from state.database import StateProblem, open_to_read
from state.store import Store


def plan(context: Context, out: Path | None, *, exit_code: bool) -> int:
    """Report what an apply would do, for each pair."""
    context.wants(*RENDERERS)
    config = context.config()
    if out is not None or context.format == "html":
        context.one_pair(config)  # one file, or one page, holds the plan of one pair
    codes = []
    for pair, keys in context.each(config):
        made = planned(config, pair, keys).plan
        document = plan_document(made)
        if context.format == "json":
            context.show(document, "")
        else:
            result(render(made, context.format))
        codes.append(_code(made, exit_code=exit_code))
        codes += [] if out is None else [_saved(out, dumped(document))]
    return worst(codes)


def _saved(path: Path, text: str) -> int:
    """Write the plan's file; the result has been printed by then, whatever happens."""
    try:
        write_file(path, text)
    except Failed as error:
        note(str(error))
        return FAILED
    return DONE


def planned(
    config: Config, pair: PairSection, keys: Keys, *, afresh: bool = False
) -> Sighting:
    """Read both sides with clients that cannot write, and make the plan.

    ``afresh`` asks again for what an earlier run remembers of the sides themselves.
    """
    with progress() as shown:
        return _planned(config, pair, keys, shown.read, afresh=afresh)


def _planned(
    config: Config,
    pair: PairSection,
    keys: Keys,
    on_progress: OnProgress,
    *,
    afresh: bool,
) -> Sighting:
    readers = open_readers(pair, keys, on_progress)
    try:
        engine = open_to_read(config.state_url)
        memory = recall(
            Store(engine, pair.name) if engine else None, pair.tolt.api_version
        )
        if afresh:
            memory = replace(memory, coupons={})
        return look(job_of(config, pair, keys), readers, memory, now())
    except Misconfigured:
        raise
    except (SyncError, StateProblem) as error:
        return _failed(pair, str(error))
    finally:
        for reader in readers.values():
            reader.close()


def _failed(pair: PairSection, message: str) -> Sighting:
    """Return a plan that says why there is none: a document is printed all the same."""
    unread = SideReport(codes=0, partners=0, complete=False, requests=0)
    at = iso(now())
    made = Plan(
        pair=pair.name,
        created_at=at,
        expires_at=at,
        config="",
        state=None,
        sides={side.value: unread for side in Side},
        changes=(),
        findings=(),
        tally=Tally(),
        failed=message,
    )
    return Sighting(made, {}, None, ())


def _code(made: Plan, *, exit_code: bool) -> int:
    if made.failed:
        note(made.failed)
        return FAILED
    if made.refused:
        return REFUSED
    if not made.complete:
        return PARTIAL
    found = any(
        c.action != "adopt" or c.status is not Status.READY for c in made.changes
    )
    waiting = found or any(c.status is Status.READY for c in made.changes)
    return FOUND if exit_code and waiting else DONE


def write_file(path: Path, text: str) -> None:
    """Write a result to a file; Failed where that cannot be done."""
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}") from None
