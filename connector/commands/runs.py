"""sync and apply: runs that write, how they are asked for and how they are stopped."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
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
    confirmed,
    needs_terminal,
    note,
    now,
    worst,
)
from connector.commands.memory import open_state
from connector.commands.watch import Stores
from connector.config.clients import open_writers
from connector.config.pair import Pair
from connector.engine.change import Change, Plan, Refusal, Status
from connector.engine.outcome import Outcome, Run
from connector.errors import Busy, Interrupted, Misconfigured, Problem, within_memory
from connector.reports.documents import Document
from connector.reports.meaning import commands, message_of
from connector.reports.messages.say import reader_of, said
from connector.reports.runs import run_document, run_text
from connector.reports.text import plan_text
from connector.run.look import (
    Sighting,
    chosen_of,
)
from connector.run.run import Session, run
from connector.run.saved_plan import (
    OF_CODES,
    Edited,
    SavedChange,
    SavedPlan,
    is_done,
    read_plan,
    why_refused,
)
from connector.service.notify import Announcer
from connector.service.teller import Teller
from connector.terminal.progress import progress
from connector.terminal.signals import handling
from connector.terminal.streams import aside
from mappings.canonical import Side
from mappings.discreet import HIDDEN, shown_key
from mappings.moments import iso
from state.store import Store

CODES = {
    "complete": DONE,
    "partial": PARTIAL,
    "refused": REFUSED,
    "failed": FAILED,
    "locked": LOCKED,
    "declined": FAILED,
}
ALL = "all"
"""What --accept says to a whole plan that was reviewed."""
Prepare = Callable[[Session], Session]


def sync(context: Context) -> int:
    """Do one unattended run of each pair; tell and ping what became of it."""
    config = context.config()
    pairs = [pair.name for pair in context.sections(config)]
    teller = Teller(Announcer(config.file.notify, Stores(config)))
    code, waiting = FAILED, list(pairs)

    def heard(finished: Run) -> None:
        waiting.remove(finished.pair)
        teller.heard(finished)

    try:
        code = each(context, "sync", heard=heard)
    except Problem as error:
        for pair in waiting:
            teller.heard(unbegun(pair, "sync", failing(error), str(error)))
        raise
    finally:
        teller.beat(pairs, good=code == DONE)
        teller.end()
    return code


@dataclass(frozen=True, slots=True)
class Asked:
    """What an apply was asked for: the held ids to do, and the only ids to do."""

    accept: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    yes: bool = False

    @property
    def ids(self) -> frozenset[str]:
        return self.accept | self.only


def apply(context: Context, file: Path | None, asked: Asked) -> int:
    if file is None:
        if ALL in asked.accept:
            raise Misconfigured(
                "--accept all is consent to a plan that was reviewed: name its FILE"
            )
        advice = "review a saved plan (plan --out FILE, apply FILE), or say --yes"
        needs_terminal("apply asks before it writes", advice, yes=asked.yes)
        return each(context, "apply", lambda s: _as_asked(s, asked))
    ours = [pair.name for pair in context.sections(context.config())]
    try:
        saved = read_plan(file)
    except Edited as error:
        return _refused(context, ours[0], "plan_edited", str(error))
    if ALL in asked.accept:
        asked = replace(asked, accept=saved.held)
    if unknown := sorted(asked.ids - {one.id for one in saved.changes}):
        raise Misconfigured(f"{file} has no change {', '.join(unknown)}")
    if saved.pair not in ours:
        return _foreign(context, saved.pair, ours)
    named = replace(context, pair=saved.pair)
    return each(named, "apply", lambda s: _as_saved(s, saved, asked))


def _foreign(context: Context, pair: str, ours: list[str]) -> int:
    """Refuse the plan of a pair that was not meant, or is not there."""
    pair = pair if shown_key(pair) == pair else ""
    told = f"The plan is one of the pair {pair or HIDDEN}, not of {', '.join(ours)}. "
    told += "Nothing was written. Make a new one: partnero-tolt plan --out FILE"
    return _refused(context, pair or ours[0], "plan_foreign", told)


def _refused(context: Context, pair: str, guard: str, told: str) -> int:
    refusal = Refusal(guard, None, (told,))
    run = replace(unbegun(pair, "apply", "refused", ""), refused=refusal)
    context.show(run_document(run), run_text(run))
    return REFUSED


def _as_asked(session: Session, asked: Asked) -> Session:
    def choose(plan: Plan) -> frozenset[str] | None:
        known = {change.id for change in plan.changes}
        if unknown := sorted(asked.ids - known):
            raise Misconfigured(
                f"the plan has no change {', '.join(unknown)}; nothing was written"
            )
        session.left_over.extend(_skipped(plan, asked))
        if plan.ready() and not asked.yes:
            note(plan_text(plan) + "\n")
        return agreed(plan, "Apply {} changes?", only=asked.only, yes=asked.yes)

    return replace(session, accepted=asked.accept, choose=choose)


def agreed(
    plan: Plan, question: str, *, only: frozenset[str] = frozenset(), yes: bool
) -> frozenset[str] | None:
    """Return what is ready and chosen; None where a person says no to it."""
    ready = frozenset(change.id for change in plan.ready())
    chosen = chosen_of(plan.ready(), only) & ready if only else ready
    if yes or not chosen or confirmed(question.format(len(chosen))):
        return chosen
    return None


def _skipped(plan: Plan, asked: Asked) -> Iterator[Outcome]:
    """Say of what was named and cannot be done by a yes, what to type instead."""
    done = chosen_of(plan.ready(), asked.ids)
    done |= {part for change in plan.ready() for part in change.parts}
    named = asked.only or asked.accept
    for change in plan.changes:
        if change.id in named and change.id not in done:
            names = (change.id, change.code, change.action, change.target)
            yield Outcome(*names, "skipped", _why_skipped(plan, change, asked))


def _why_skipped(plan: Plan, change: Change, asked: Asked) -> str:
    if change.status is Status.BLOCKED:
        return f"it is blocked: {said(change, reader_of(plan))}"
    if change.id not in asked.accept:
        return f"it waits for a person: say --accept {change.id} as well"
    typed = "; ".join(command for command, _ in commands(plan, change))
    why = message_of(change, reader_of(plan))
    if not typed:
        return f"it is made with what needs it: {why}"
    return f"a yes does not say which is right: {why} Type one of: {typed}"


def _as_saved(session: Session, saved: SavedPlan, asked: Asked) -> Session:
    """Limit a run to a saved plan's changes; what is no longer there is stale."""
    refusal = why_refused(
        saved, session.pair.digest, session.store.known_identity(), now()
    )
    wanted = saved.ready | asked.accept
    wanted = wanted & asked.only if asked.only else wanted
    gone: list[SavedChange] = []

    def choose(plan: Plan) -> frozenset[str]:
        session.left_over.extend(_skipped(plan, asked))
        skipped = {outcome.id for outcome in session.left_over}
        ready = [change for change in plan.ready() if saved.shows(change)]
        current = chosen_of(ready, wanted)
        done = current | {part for change in ready for part in change.parts}
        gone.extend(c for c in saved.changes if c.id in wanted - done - skipped)
        return current

    def unmet(sighting: Sighting) -> Iterator[Outcome]:
        return (_left_over(one, sighting, session.store) for one in gone)

    return replace(
        session,
        refusal=refusal,
        accepted=asked.accept,
        only=wanted,
        choose=choose,
        unmet=unmet,
        undoes=saved.undoes,
    )


def _left_over(change: SavedChange, sighting: Sighting, store: Store) -> Outcome:
    """Say of a planned change that is no longer proposed: done, or overtaken."""

    # A coupon or a partner bears the code that needs it, but is a record of its own.
    def record(code: str, action: str) -> tuple[str, bool]:
        return code, action in ("coupon", "partner")

    same = record(change.code, change.action)
    overtaken = any(
        record(c.code, c.action) == same
        for c in sighting.plan.changes
        if c.action != "adopt"
    )
    done = not overtaken and (
        is_done(change, sighting.sides)
        if change.action in OF_CODES
        else store.has_done(change.id)
    )
    return Outcome(
        change.id,
        change.code,
        change.action,
        change.target,
        "adopted" if done else "stale",
        "already done" if done else "the record changed since the plan was made",
    )


def each(
    context: Context,
    command: str,
    prepare: Prepare = lambda session: session,
    *,
    heard: Callable[[Run], None] = lambda _run: None,
    proof: Callable[[Pair, Run], tuple[Document, str]] = lambda _pair, _run: ({}, ""),
) -> int:
    """Run each pair under one pair of signal handlers, and print what was done.

    ``heard`` is told of each run, ``proof`` adds to what is printed of it.
    """
    context.wants("text", "json")
    aside()
    codes = []
    stop = Stop()
    with handling(stop):
        for pair in context.pairs():
            finished = one_run(
                pair,
                command=command,
                stop=stop.event,
                prepare=prepare,
                first=context.first,
                typed=context.typed,
            )
            heard(finished)
            members, text = proof(pair, finished)
            context.show(run_document(finished) | members, run_text(finished) + text)
            if finished.status == "interrupted":
                codes.append(stop.code)
                break
            codes.append(CODES[finished.status])
    return worst(codes)


def one_run(
    pair: Pair,
    *,
    command: str,
    stop: threading.Event,
    prepare: Prepare = lambda session: session,
    first: bool = False,
    typed: str = "",
) -> Run:
    """Do one run of one pair; what cannot even begin is a run as well."""
    with progress(wanted=command != "run") as shown:  # many pairs, one terminal

        def read(side: Side, count: int) -> None:
            if stop.is_set():
                raise Interrupted
            shown.read(side, count)

        def opened() -> Run:
            words = typed or command
            known = open_state(pair.location, pair.name, command=words, first=first)
            with closing(known) as store:
                session = Session(
                    pair,
                    store,
                    writers,
                    command=command,
                    stop=stop,
                    on_total=shown.begin_writing,
                    on_done=shown.wrote,
                )
                return run(prepare(session))

        writers = open_writers(pair, read, stop=stop)
        try:
            return within_memory(opened)
        except Misconfigured:
            raise
        except Problem as error:
            note(str(error))
            return unbegun(pair.name, command, failing(error), str(error))
        finally:
            writers.close()


def failing(error: Exception) -> str:
    """Return the status of a run that this error kept from beginning."""
    return "locked" if isinstance(error, Busy) else "failed"


def unbegun(pair: str, command: str, status: str, error: str) -> Run:
    at = iso(now())
    none = {side.value: 0 for side in Side}
    return Run("", pair, command, status, at, at, requests=none, error=error)


class Stop:
    """One signal lets the call in flight finish; a second one ends the process."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.code = INTERRUPTED

    def __call__(self, number: int, _frame: object) -> None:
        code = TERMINATED if number == signal.SIGTERM else INTERRUPTED
        if self.event.is_set():
            os._exit(code)
        self.code = code
        self.event.set()
