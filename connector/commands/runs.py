"""sync and apply: runs that write, how they are asked for and how they are stopped."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from connector.commands.context import (
    DONE,
    FAILED,
    INTERRUPTED,
    LOCKED,
    PARTIAL,
    REFUSED,
    TERMINATED,
    Context,
    dumped,
    note,
    now,
    worst,
)
from connector.commands.progress import progress
from connector.config import Config, PairSection
from connector.connect import Keys, open_writers
from connector.engine.change import Plan, Status
from connector.engine.outcome import Outcome, Run
from connector.errors import Interrupted, Locked, Misconfigured, SyncError
from connector.look import iso, job_of
from connector.plan_file import SavedPlan, read_plan, why_refused
from connector.reports.runs import run_document, run_text
from connector.reports.text import plan_text
from connector.sync import Session, run
from mappings.canonical import Side
from state.database import StateProblem, open_to_write
from state.store import Store

CODES = {
    "complete": DONE,
    "partial": PARTIAL,
    "refused": REFUSED,
    "failed": FAILED,
    "locked": LOCKED,
}
Prepare = Callable[[Session], Session]


def sync(context: Context) -> int:
    """Do one unattended run of each pair."""
    return _each(context, "sync", lambda session: session)


def apply(
    context: Context, file: Path | None, *, accept: frozenset[str], yes: bool
) -> int:
    """Apply a saved plan as it was reviewed; without one: plan, show and ask."""
    if file is not None:
        saved = read_plan(file)
        unknown = sorted(accept - saved.changes.keys())
        if unknown:
            raise Misconfigured(f"{file} has no change {', '.join(unknown)}")
        named = replace(context, pair=saved.pair)
        return _each(named, "apply", lambda s: _as_saved(s, saved, accept))
    if not yes and not sys.stdin.isatty():
        raise Misconfigured(
            "apply asks before it writes, and there is no terminal to ask at. Review a "
            "saved plan (plan --out FILE, apply FILE), or say --yes"
        )
    return _each(context, "apply", lambda s: _as_asked(s, accept, yes=yes))


def _as_asked(session: Session, accept: frozenset[str], *, yes: bool) -> Session:
    """Show the plan and ask; what is held is done only where it is named."""

    def choose(plan: Plan) -> frozenset[str] | None:
        ready = frozenset(change.id for change in plan.ready())
        _refuse_unknown(plan, accept)
        if yes or not ready:
            return ready
        note(plan_text(plan))
        sys.stderr.write(f"\nApply {len(ready)} changes? [y/N] ")
        sys.stderr.flush()
        return ready if sys.stdin.readline().strip().lower() in ("y", "yes") else None

    return replace(session, accepted=accept, choose=choose)


def _refuse_unknown(plan: Plan, accept: frozenset[str]) -> None:
    known = {change.id: change for change in plan.changes}
    for one in sorted(accept):
        if one not in known:
            raise Misconfigured(f"the plan has no change {one}; nothing was written")
        if known[one].status is not Status.READY:
            raise Misconfigured(
                f"{one} cannot be accepted by a yes: {known[one].message} Nothing was "
                "written"
            )


def _as_saved(session: Session, saved: SavedPlan, accept: frozenset[str]) -> Session:
    """Limit a run to a saved plan's changes; what is no longer there is stale."""
    session.refusal = why_refused(
        saved, session.job.digest, session.store.known_identity(), now()
    )
    wanted = saved.ready | accept

    def choose(plan: Plan) -> frozenset[str] | None:
        _refuse_unknown(plan, accept & {change.id for change in plan.changes})
        current = {change.id for change in plan.ready()}
        for one in sorted(wanted - current):
            session.left_over.append(_left_over(saved.changes[one], plan))
        return wanted & current

    return replace(
        session, accepted=accept, only=wanted, choose=choose, undoes=saved.undoes
    )


def _left_over(change: dict[str, str], plan: Plan) -> Outcome:
    """Say of a planned change that is no longer proposed: done, or overtaken."""
    key = change["code"]
    # A coupon or a partner bears the code that needs it, but is a record of its own.
    alone = change["action"] in ("coupon", "partner")
    overtaken = [
        c
        for c in plan.changes
        if c.code == key
        and c.action != "adopt"
        and (c.action in ("coupon", "partner")) == alone
    ]
    outcome = "stale" if overtaken else "adopted"
    detail = (
        "the record changed since the plan was made" if overtaken else "already done"
    )
    return Outcome(
        change["id"],
        change["code"],
        change["action"],
        change["target"],
        outcome,
        detail,
    )


def _each(context: Context, command: str, prepare: Prepare) -> int:
    """Run each pair under one pair of signal handlers, and print what was done."""
    context.wants("text", "json")
    config = context.config()
    codes = []
    with stopping() as stop:
        for pair, keys in context.each(config):
            finished = one_run(
                config, pair, keys, command=command, stop=stop.event, prepare=prepare
            )
            context.show(run_document(finished), run_text(finished))
            if finished.status == "interrupted":
                codes.append(stop.code)
                break
            codes.append(CODES[finished.status])
    return worst(codes)


def one_run(
    config: Config,
    pair: PairSection,
    keys: Keys,
    *,
    command: str,
    stop: threading.Event,
    prepare: Prepare = lambda session: session,
) -> Run:
    """Do one run of one pair; what cannot even begin is a run as well."""
    with progress(wanted=command != "run") as shown:  # many pairs, one terminal

        def read(side: Side, count: int) -> None:
            if stop.is_set():
                raise Interrupted
            shown.read(side, count)

        writers = open_writers(pair, keys, read)
        try:
            session = Session(
                job_of(config, pair, keys),
                Store(open_to_write(config.state_url), pair.name),
                writers,
                command=command,
                stop=stop,
                on_total=shown.begin_writing,
                on_done=shown.wrote,
            )
            return run(prepare(session), lambda done: dumped(run_document(done)))
        except Misconfigured:
            raise
        except Locked as error:
            return _unbegun(pair, command, "locked", str(error))
        except (SyncError, StateProblem) as error:
            return _unbegun(pair, command, "failed", str(error))
        finally:
            for writer in writers.values():
                writer.close()


def _unbegun(pair: PairSection, command: str, status: str, error: str) -> Run:
    at = iso(now())
    note(error)
    none = {side.value: 0 for side in Side}
    return Run("", pair.name, command, status, at, at, None, (), none, error)


class Stop:
    """What a signal asked for; the second one ends the process at once."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.code = INTERRUPTED

    def __call__(self, number: int, _frame: object) -> None:
        code = TERMINATED if number == signal.SIGTERM else INTERRUPTED
        if self.event.is_set():
            os._exit(code)
        self.code = code
        self.event.set()


@contextmanager
def stopping() -> Iterator[Stop]:
    """Let SIGTERM and SIGINT finish the call in flight, and then stop."""
    stop = Stop()
    before = {one: signal.signal(one, stop) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
