"""state check, backup, restore, export, claim: looking after what is remembered."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

from connector.claim import Claim, claim_of
from connector.commands.context import (
    DONE,
    FAILED,
    Context,
    confirmed,
    emit,
    needs_terminal,
    note,
    now,
    remembered,
    result,
    whole,
)
from connector.config import Config
from connector.connect import open_writers
from connector.engine.marks import Mark, named, own, since
from connector.errors import Failed, Locked, Misconfigured, Refused
from connector.lease import is_held
from connector.look import iso
from connector.reports.documents import Document, titled
from connector.reports.safe import cell
from state import database
from state.database import (
    StateProblem,
    file_of,
    integrity,
    open_to_read,
    open_to_write,
)
from state.store import Store

TAKEN = "This state has taken the programme over: others are refused from now on."


def check(context: Context) -> int:
    context.wants("text", "json")
    config = context.config()
    path = file_of(config.state_url)
    problems: list[str] = []
    pairs: dict[str, dict[str, int]] = {}
    if path is not None and path.exists() and path.stat().st_size:
        problems += integrity(path)
    engine = None
    if not problems:
        try:
            engine = open_to_read(config.state_url)
        except StateProblem as error:
            problems.append(str(error))
    for pair in context.pairs(config):
        if engine is not None:
            store = Store(engine, pair.name)
            problems += store.unreadable()
            pairs[pair.name] = store.sizes()
    document = titled(
        "state",
        state=path.name if path else "server",
        exists=engine is not None,
        ok=not problems,
        problems=problems,
        pairs=pairs,
    )
    lines = [f"FAIL  {cell(problem)}" for problem in problems]
    if engine is None and not lines:
        lines.append("ok    There is no state yet; the first sync makes it.")
    for name, sizes in pairs.items():
        held = ", ".join(f"{count} {what}" for what, count in sizes.items())
        lines.append(f"ok    {name}: {held}")
    context.show(document, "\n".join(lines))
    return FAILED if problems else DONE


def backup(context: Context, target: Path | None) -> int:
    path = _file(context.config())
    if not path.exists():
        raise Misconfigured(f"{path} does not exist: there is nothing to copy")
    if target is None:
        target = path.with_name(f"{path.name}.{_stamp()}.backup")
    if target.exists():
        raise Misconfigured(f"{target} exists and was left as it is; name another file")
    if problems := integrity(path):
        raise Failed(f"{path} is damaged and was not copied: {problems[0]}")
    database.backup(path, target)
    result(f"Copied {path.name} to {target}.")
    return DONE


def restore(context: Context, source: Path) -> int:
    config, source = context.config(), source.resolve()
    path = _file(config)
    if not source.exists():
        raise Misconfigured(f"{source} does not exist")
    if problems := integrity(source):
        raise Failed(f"{source} is damaged; nothing was restored: {problems[0]}")
    if open_to_read(f"sqlite:///{source}") is None:
        raise Failed(f"{source} holds no state; nothing was restored")
    _refuse_if_held(context, config)
    kept = path.with_name(f"{path.name}.{_stamp()}.replaced")
    for beside in ("", "-wal", "-shm"):  # a state that was killed is more than a file
        former = path.with_name(path.name + beside)
        if former.exists():
            former.replace(path.with_name(kept.name + beside))
    database.backup(source, path)
    said = f"; the former one is kept as {kept.name}" if kept.exists() else ""
    result(f"Restored {path.name} from {source}{said}.")
    return DONE


def export(context: Context) -> int:
    config = context.config()
    engine = open_to_read(config.state_url)
    for pair in context.pairs(config):
        tables = Store(engine, pair.name).tables() if engine else {}
        document = titled("state-export", pair=pair.name, tables=tables)
        emit(whole(document, lines=context.pair is None))
    return DONE


def claim(context: Context, *, yes: bool) -> int:
    """Take the programme over from another state, once a person says so."""
    context.wants("text", "json")
    job = context.one_job()
    if not job.policy.limits.sentinel:
        raise Misconfigured(
            f"{job.config.path}: pairs.{job.pair.name}.limits.sentinel is not set: no "
            "code could carry this state's mark. Nothing was written. Add to the "
            'pair\'s limits a code that stands on both sides: sentinel = "CODE"'
        )
    needs_terminal("state claim asks before it writes", "say --yes", yes=yes)
    store = Store(open_to_write(job.config.state_url), job.pair.name)
    store.identity(iso(now()))
    writers = open_writers(job.pair, job.keys)
    try:
        return _claimed(context, claim_of(job, writers, store, sleep), yes=yes)
    finally:
        for writer in writers.values():
            writer.close()


def _claimed(context: Context, mine: Claim, *, yes: bool) -> int:
    """Show whose marks there are, ask, and put one that goes before them."""
    refused = mine.read()
    if mine.marks is None and refused is not None:
        raise Refused(refused.message)  # there is no sentinel
    before = mine.marks or ()
    lines = [_mark_line(mark, mine.mine) for mark in before]
    lines = lines or [f"No state has left a mark on {mine.id} yet."]
    ours, claims = refused is None and own(before, mine.mine) is not None, False
    if ours:
        lines.append("The programme is this state's already. Nothing was written.")
    else:
        if not yes:
            note("\n".join(map(cell, lines)))
        claims = yes or confirmed("Take the programme over for this state?")
        if claims and (lost := mine.take_over()):
            raise Refused(lost.message)
        ours = claims
        lines.append(TAKEN if claims else "Nothing was written.")
    document = _claim_document(mine, before, ours=ours, claimed=claims)
    context.show(document, "\n".join(map(cell, lines)))
    return DONE if ours else FAILED


def _mark_line(mark: Mark, mine: str) -> str:
    who = "This state" if mark.state == mine else f"Another state ({named(mark)})"
    what = "took the programme over; its mark is there" if mark.claims else "is there"
    return f"{who} {what} {since(mark, now())}."


def _claim_document(
    mine: Claim, before: Sequence[Mark], *, ours: bool, claimed: bool
) -> Document:
    return titled(
        "state-claim",
        pair=mine.job.pair.name,
        sentinel=mine.id,
        state=mine.mine,
        ours=ours,
        claimed=claimed,
        marks=[
            {
                "state": mark.state,
                "at": mark.at and iso(mark.at),
                "claims": mark.claims,
                "ours": mark.state == mine.mine,
            }
            for mark in before
        ],
    )


def _refuse_if_held(context: Context, config: Config) -> None:
    """Refuse while a run is using the state that would be replaced."""
    with suppress(StateProblem):  # a damaged state is what a restore is for
        for pair in context.pairs(config):
            store = remembered(config, pair.name)
            if store is not None and is_held(store):
                raise Locked(f"A run holds {pair.name}; nothing was restored.")


def _file(config: Config) -> Path:
    path = file_of(config.state_url)
    if path is None:
        raise Misconfigured(
            "the state lives in a database server: use that server's own backup"
        )
    return path


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
