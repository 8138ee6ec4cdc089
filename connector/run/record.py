"""What a run leaves behind: its entry in the history, and what the next one needs.

That is what the guards compare with, who is matched with whom, what waits for a person,
which coupon each code hangs on, and in how many runs each change has failed.
"""

import json
import uuid
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from connector.config.pair import Pair
from connector.engine.change import Change, Status
from connector.engine.consent import is_about_absence
from connector.engine.guards import vanished
from connector.engine.outcome import Outcome, Run
from connector.engine.planned import Plan
from connector.engine.trouble import NOT_ENDED
from connector.reports.documents import Document
from connector.reports.last_reading import reading_of
from connector.reports.runs import error_of, run_document
from connector.reports.waiting import waiting_rows
from connector.run.memory import Memory
from connector.run.prepare import Prepared
from connector.run.verdicts import FAILED
from mappings.canonical import Side
from mappings.moments import iso, iso_precise
from state.bulk import uncollected
from state.database import StateProblem
from state.model import Failure, Look, RunSummary
from state.store import Store

# -- the history --------------------------------------------------------------------


def begun_run(pair: str, command: str) -> Run:
    """Return a run that begins now; until it has an end it counts as interrupted."""
    started = datetime.now(UTC)
    id_ = f"r_{started:%Y%m%dT%H%M%S}_{uuid.uuid4().hex[:12]}"
    return Run(id_, pair, command, iso(started), NOT_ENDED)


def keep_run(store: Store, pair: Pair, finished: Run) -> None:
    """Keep a finished run: what is asked of it later, and what was printed."""
    with uncollected():
        printed = _printed(run_document(finished))
    store.journal.save_run(summary(finished), printed, pair.times)


def _printed(document: Document) -> str:
    """Return a document as JSON, quickly, or else with all that is odd escaped."""
    try:
        return msgspec.json.encode(document).decode()
    except (UnicodeEncodeError, TypeError):  # half a character; a text of another kind
        return json.dumps(document)


def forget_old(store: Store, pair: Pair, finished: Run) -> None:
    """Forget what is older than the configuration keeps; else the next run does."""
    started = datetime.fromisoformat(finished.started_at)
    with suppress(StateProblem):
        store.journal.prune(iso(started - timedelta(seconds=pair.keep_seconds)))


def summary(run: Run) -> RunSummary:
    """Return what is kept of a run."""
    return RunSummary(
        id=run.id,
        pair=run.pair,
        command=run.command,
        status=run.status,
        started_at=run.started_at,
        finished_at=run.finished_at,
        counts=run.counts,
        outcomes=run.tried,
        passes=int(_is_quiet(run)),
        since=run.started_at if _is_quiet(run) else "",
        error=error_of(run) or "",
        reason=run.trouble.reason if run.trouble else "",
    )


def _is_quiet(run: Run) -> bool:
    """Say whether a pass of the background job has ended and done nothing."""
    return run.command == "run" and bool(run.finished_at) and not run.tried


# -- before the first write ---------------------------------------------------------


def keep_before_writing(
    store: Store, prepared: Prepared, chosen: Sequence[Change]
) -> None:
    """Keep what was found out by reading alone; the sales before a push adds to them.

    The guards have let this much through: a run that stops in the middle, by whatever,
    must not be refused the rest because its base has grown since.
    """
    if any(change.target != "state" for change in chosen):
        rest = measured(change for change in chosen if not change.decided)
        store.facts.save_pair(replace(store.facts.pair(), rest=rest))
    if prepared.carried:
        store.carry(prepared.carried)
    store.save_links(prepared.relinked)
    prepared.sales.keep(store.ledger)


def measured(items: Iterable[Change | Outcome]) -> dict[str, int]:
    """Count what the share measures, but for deletions: those are always measured."""
    return dict(Counter(i.action for i in items if i.action in ("create", "update")))


# -- after the last write -----------------------------------------------------------


def keep_after_writing(
    pair: Pair,
    store: Store,
    prepared: Prepared,
    run: Run,
    outcomes: Sequence[Outcome],
    *,
    counted: Container[str],
) -> None:
    """Keep what the next run's guards and matching rest on, if it is news.

    ``counted`` are the changes whose failure was counted with their verdict.
    """
    if not is_remembered(prepared.plan):
        return
    _keep_facts(pair, store, prepared, outcomes)
    if prepared.partners is not None:
        new = prepared.partners.links() - set(store.partner_links(pair.version))
        ended = [match.link for match in prepared.partners.ended]
        store.save_partner_links(pair.version, sorted(new), ended)
    done = {outcome.id for outcome in outcomes if outcome.good}
    over = prepared.ended | prepared.sales.ended
    keep_look(pair, store, prepared, run.id, over, done=done)
    if prepared.restored:
        store.finish(sorted(prepared.restored))
    _count_failures(store, prepared.plan, outcomes, counted)


def is_remembered(plan: Plan) -> bool:
    """Say whether this run tells anything of what the next ones propose."""
    return plan.complete and not plan.undoes


def _keep_facts(
    pair: Pair, store: Store, prepared: Prepared, outcomes: Sequence[Outcome]
) -> None:
    ours = {change.id for change in prepared.plan.ready() if not change.decided}
    counts = {side: prepared.sides[side].listed for side in Side}
    for outcome in outcomes:
        if outcome.outcome == "confirmed" and outcome.action in ("create", "delete"):
            counts[Side(outcome.target)] += 1 if outcome.action == "create" else -1
    store.facts.save_pair(
        replace(
            store.facts.pair(),
            version=pair.version,
            counts=counts,
            rest=measured(o for o in outcomes if not o.good and o.id in ours),
            aside=_aside(store, prepared),
        )
    )


def _aside(store: Store, prepared: Prepared) -> dict[Side, list[str]]:
    """Name what each side lacks and a person has decided to leave like that."""
    if prepared.facts is None:
        return {}
    decided = {d.key for d in store.decisions().values() if is_about_absence(d)}
    links = prepared.facts.links if decided else ()
    return {
        side: sorted(vanished(snapshot, links, decided))
        for side, snapshot in prepared.sides.items()
    }


def keep_look(
    pair: Pair,
    store: Store,
    prepared: Prepared,
    run: str,
    ended: Iterable[str] = (),
    *,
    done: Container[str] = (),
) -> None:
    """Keep what waits for a person, and end the consents whose values are others.

    What was carried out since is used up: nothing is tried on top of it.
    """
    plan, facts = prepared.plan, prepared.facts
    if facts is None or not is_remembered(plan):
        return
    waits = tuple(_unless_done(change, done) for change in plan.changes)
    plan = replace(plan, changes=waits)
    standing = {
        id_: decision
        for id_, decision in store.decisions().items()
        if id_ in facts.decisions and id_ not in prepared.ended
    }
    facts = replace(facts, decisions=standing)
    later, known = prepared.later, store.waiting()
    waiting = waiting_rows(plan, facts, pair.policy, run, later, known=known)
    look = Look(plan.created_at, run, pair.digest)
    store.save_look(look, waiting, sorted(ended))
    store.facts.save_last_reading(reading_of(plan))


def _unless_done(change: Change, done: Container[str]) -> Change:
    """Return what was accepted for this run alone as it waits on, unless it was done.

    Of a sale the question itself is not in the plan any more: the next look has it.
    """
    accepted = change.decided and change.decision is None and change.push is None
    if not accepted or change.id in done or change.status is not Status.READY:
        return change
    return change._replace(status=Status.HELD, decided=False)


def _count_failures(
    store: Store, plan: Plan, outcomes: Sequence[Outcome], counted: Container[str]
) -> None:
    """Count what failed without a verdict; what is not proposed any more starts anew.

    What has a verdict was counted with it.
    """
    failed = {
        outcome.id: Failure(outcome.code, outcome.detail)
        for outcome in outcomes
        if outcome.outcome in FAILED and outcome.id not in counted
    }
    planned = {change.id for change in plan.changes}
    over = store.journal.failures().keys() - planned
    store.journal.count_failures(failed, sorted(over))


def keep_coupons(
    store: Store, memory: Memory, prepared: Prepared, hangs: Mapping[str, str]
) -> None:
    """Keep which coupon each code hangs on, as it was last seen, and no other code's.

    ``hangs`` are single rows that were read for a write: newer than the listing.
    """
    seen = prepared.sides.get(Side.PARTNERO)
    if seen is None:
        return
    if seen.complete:
        there = seen.codes.keys() | seen.hidden | hangs.keys()
        store.forget_coupons(memory.coupons.keys() - there)
    learned = {code: hangs.get(code, uuid) for code, uuid in seen.learned.items()}
    store.save_coupons(learned, iso_precise(datetime.now(UTC)))
