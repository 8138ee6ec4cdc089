"""One run that writes: hold the pair, resume, look, guard, apply, record.

``look`` decides and ``apply`` acts; here stands only their order, and what a run
leaves behind: its entry in the history, the counts that the guards compare with,
and in how many runs each change has failed.
"""

import json
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from connector.config.pair import Pair
from connector.engine.change import Change, Refusal, Status
from connector.engine.consent import is_about_absence
from connector.engine.guards import vanished
from connector.engine.outcome import Outcome, Run
from connector.engine.planned import Plan
from connector.engine.sentinel import spared
from connector.errors import (
    Failed,
    Interrupted,
    Misconfigured,
    Problem,
    Throttled,
    Unavailable,
    Unreachable,
    within_memory,
)
from connector.providers.base import Identity, Writers
from connector.reports.documents import change_document
from connector.reports.messages.say import reader_of
from connector.reports.runs import run_document
from connector.run.apply import Applier
from connector.run.claim import Claim, claim_of
from connector.run.lease import holding
from connector.run.look import (
    Memory,
    Sighting,
    chosen_of,
    first_under,
    key_mark,
    read_and_plan,
    recall,
    same_program,
)
from connector.run.settle import Settling
from connector.run.undo import undo_sighting
from connector.run.verdicts import FAILED, Verdicts
from connector.run.waits import Waiting
from connector.run.write import Shared, redemptions_of
from mappings.canonical import Side
from mappings.moments import iso, iso_precise
from state import model
from state.database import StateBusy, StateProblem
from state.model import Failure, Programme, RunSummary
from state.store import Store

DECLINED = "A person said no: nothing was written."
SWITCHED = (
    "{} changes were not written: Tolt is asked by {} of its API for the first time, "
    "and {}"
)
REMEMBERED = "this run only remembers who is who. The next run goes on. Type: {}"
FIRST = "nothing is taken back before a run has found out who is who. Type first: {}"
OPEN = "{} writes that an earlier run left open were not looked at; the next run does. "
UNKNOWN = "unknown"
"""The programme of a product that does not say who it is."""
RECHECKED = 20
"""Remembered coupons that a run asks for again, the oldest first."""
Choose = Callable[[Plan], frozenset[str] | None]


@dataclass(slots=True)
class Session:
    """What a run is given: the pair, its memory, its clients, and how to be stopped.

    ``choose`` may look at the plan before anything is written, and returns the ids to
    apply, or None where a person said no; ``unmet`` says of what was asked for and is
    not proposed any more what became of it.
    """

    pair: Pair
    store: Store
    writers: Writers
    command: str = "sync"
    stop: threading.Event = field(default_factory=threading.Event)
    accepted: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    choose: Choose | None = None
    refusal: Refusal | None = None
    undoes: str = ""
    left_over: list[Outcome] = field(default_factory=list)
    unmet: Callable[[Sighting], Iterable[Outcome]] = lambda _sighting: ()
    on_total: Callable[[int], None] = lambda _total: None
    on_done: Callable[[Outcome], None] = lambda _outcome: None


def run(session: Session) -> Run:
    """Do one run and keep its document; Locked and StateProblem go to the caller."""
    begun = begun_run(session.pair.name, session.command)
    session.store.identity(begun.started_at)
    with holding(session.store):
        session.store.journal.save_run(summary(begun))
        finished = _guarded(session, begun)
        finished = replace(
            finished,
            finished_at=iso(datetime.now(UTC)),
            requests=session.writers.requests,
        )
        try:
            keep_run(session.store, finished)
        except StateProblem as error:  # what was done is told all the same
            status = "locked" if isinstance(error, StateBusy) else "failed"
            finished = replace(finished, status=status, error=str(error))
        else:
            with suppress(StateProblem):  # the next run forgets it
                _forget_old(session, finished)
    return finished


def _forget_old(session: Session, finished: Run) -> None:
    """Forget what is older than the configuration keeps."""
    keep = session.pair.keep_seconds
    ended = datetime.fromisoformat(finished.started_at)
    session.store.journal.prune(iso(ended - timedelta(seconds=keep)))


def begun_run(pair: str, command: str) -> Run:
    """Return a run that begins now; until it has an end it counts as interrupted."""
    started = datetime.now(UTC)
    id_ = f"r_{started:%Y%m%dT%H%M%S}_{uuid.uuid4().hex[:6]}"
    return Run(id_, pair, command, "interrupted", iso(started))


def _guarded(session: Session, begun: Run) -> Run:
    try:
        if session.stop.is_set():
            return begun
        return within_memory(lambda: _run(session, begun))
    except Interrupted:
        return begun
    except Misconfigured:
        session.store.journal.save_run(summary(replace(begun, status="failed")))
        raise
    except Problem as error:
        if session.stop.is_set() and isinstance(error, Unavailable):
            return begun  # the stop ended a wait: no trouble of the pair
        return replace(begun, status=_ended_by(error), error=str(error))


def _ended_by(error: Exception) -> str:
    if isinstance(error, StateBusy):
        return "locked"
    asked = isinstance(error, Unavailable) and not isinstance(error, Unreachable)
    return "partial" if asked else "failed"


def _run(session: Session, begun: Run) -> Run:
    pair, store = session.pair, session.store
    if refused := session.refusal or same_program(pair):
        return replace(begun, status="refused", refused=refused)
    claim = claim_of(pair, session.writers.marks, store, session.stop.wait)
    applier = applier_of(session, begun.id, claim)
    session.writers.guard(session.stop, applier.settling.fence)
    _identify(session)
    if refused := claim.before_resuming():
        return replace(begun, status="refused", refused=refused)
    # By ids of the other version of Tolt's API nothing is settled, and nothing sent.
    switched = first_under(store, pair.version)
    settled = [] if switched else applier.resume()
    memory = replace(recall(store, pair.version), recheck=RECHECKED)
    began = claim.clock()
    sighting = _look(session, memory)
    plan = sighting.plan
    seen = replace(begun, plan=plan, outcomes=tuple(settled))
    if session.stop.is_set():
        return seen  # what was not read because of it is no trouble of the pair
    if plan.failed:
        return replace(seen, status="failed", error=plan.failed)
    listed = sighting.sides.get(Side.PARTNERO)
    if refused := plan.refused or claim.seen(listed, began):
        return replace(seen, status="refused", refused=refused)
    finished = _write(session, applier, claim, sighting, seen)
    if not isinstance(applier.settling.ending, StateProblem):
        hangs = applier.settling.verdicts.shared.hangs
        _keep_coupons(store, memory, sighting, hangs)
    return finished


def _write(
    session: Session, applier: Applier, claim: Claim, sighting: Sighting, seen: Run
) -> Run:
    """Carry out what is ready and chosen, once nothing speaks against writing."""
    plan, settled = sighting.plan, seen.outcomes
    wanted = _chosen(session, sighting)
    if wanted is None:
        return replace(seen, status="declined", error=DECLINED)
    chosen, unsaid = _now(session, wanted)
    if session.stop.is_set():
        return replace(seen, status="interrupted")
    if any(change.target != "state" for change in chosen):
        if refused := claim.secure():
            return replace(seen, status="refused", refused=refused)
        claim.begin()
    outcomes = [*session.left_over, *_apply(session, applier, sighting, chosen)]
    ending = applier.settling.ending
    if not isinstance(ending, StateProblem):
        counted = applier.settling.verdicts.counted
        _remember(session, sighting, outcomes, seen, counted)
    return replace(
        seen,
        status=_status(session, plan, ending, [*settled, *outcomes], later=unsaid),
        outcomes=(*settled, *outcomes),
        error=str(ending or unsaid),
    )


def _chosen(session: Session, sighting: Sighting) -> tuple[Change, ...] | None:
    """Return what is to be carried out; None where a person said no."""
    chosen = sighting.plan.ready()
    if session.choose is not None:
        ids = session.choose(sighting.plan)
        if ids is None:
            return None
        session.left_over.extend(session.unmet(sighting))
        ids = chosen_of(chosen, ids)
        chosen = tuple(change for change in chosen if change.id in ids)
    return chosen


def _now(session: Session, wanted: Sequence[Change]) -> tuple[Sequence[Change], str]:
    """Return what this run may do, and why not all of it.

    The first one under another version of Tolt's API only finds out who is who.
    """
    store, version = session.store, session.pair.version
    if not first_under(store, version):
        return wanted, ""
    adopted = [change for change in wanted if change.action == "adopt"]
    command, why = ("sync", FIRST) if session.undoes else ("plan", REMEMBERED)
    later, open_ = len(wanted) - len(adopted), len(store.journal.open_intents())
    typed = why.format(f"partnero-tolt {command}")
    told = OPEN.format(open_) if open_ else ""
    told += SWITCHED.format(later, version, typed) if later or open_ else ""
    return adopted, told


def applier_of(session: Session, run_id: str, claim: Claim) -> Applier:
    """Return what carries changes out for this run."""
    pair, store = session.pair, session.store
    seconds = pair.settle_seconds
    since = pair.policy.redemptions_since
    redemptions = redemptions_of(session.writers, store.ledger, since)
    shared = Shared(session.writers, pair.version, store.link, redemptions)
    settling = Settling(
        store=store,
        verdicts=Verdicts(run_id, store.journal, shared),
        waiting=Waiting(seconds, seconds * 6, session.stop.wait),
        stop=session.stop,
    )
    return Applier(settling, session.on_done, claim.before_sending)


def _look(session: Session, memory: Memory) -> Sighting:
    pair, writers, now = session.pair, session.writers, datetime.now(UTC)
    if session.undoes:
        accepted = session.accepted
        undone = undo_sighting(
            pair, writers, session.store, session.undoes, now, accepted=accepted
        )
        changes = spared(undone.plan.changes, pair.policy.limits.sentinel)
        return replace(undone, plan=replace(undone.plan, changes=changes))
    accepted, only = session.accepted, session.only
    return read_and_plan(pair, writers, memory, now, accepted=accepted, only=only)


def _apply(
    session: Session,
    applier: Applier,
    sighting: Sighting,
    chosen: Sequence[Change],
) -> list[Outcome]:
    verdicts, sides = applier.settling.verdicts, sighting.sides
    verdicts.shared = replace(
        verdicts.shared,
        listed={side: snapshot.partners for side, snapshot in sides.items()},
        coupons=sides[Side.PARTNERO].coupons if sides else {},
    )
    verdicts.counts_failures = _is_remembered(sighting.plan)
    store, remote = session.store, sum(one.target != "state" for one in chosen)
    measured = _rest(one for one in chosen if not one.decided)
    if remote:
        # The guards have let this much through: a run that stops in the middle, by
        # whatever, must not be refused the rest because its base has grown since.
        store.facts.save_pair(replace(store.facts.pair(), rest=measured))
    if sighting.carried:
        store.carry(sighting.carried)
    store.save_links(sighting.relinked)
    sighting.sales.keep(session.store.ledger)  # before a push adds to it
    session.on_total(remote)
    return applier.apply(chosen)


def _remember(
    session: Session,
    sighting: Sighting,
    outcomes: Sequence[Outcome],
    run: Run,
    counted: Container[str],
) -> None:
    """Keep what the next run's guards and matching rest on, if it is news."""
    pair, store, plan = session.pair, session.store, sighting.plan
    if not _is_remembered(plan):
        return
    known = store.facts.pair()
    measured = {change.id for change in plan.ready() if not change.decided}
    counts = {side: sighting.sides[side].listed for side in Side}
    for outcome in outcomes:
        if outcome.outcome == "confirmed" and outcome.action in ("create", "delete"):
            counts[Side(outcome.target)] += 1 if outcome.action == "create" else -1
    store.facts.save_pair(
        replace(
            known,
            version=pair.version,
            counts=counts,
            rest=_rest(o for o in outcomes if not o.good and o.id in measured),
            aside=_aside(store, sighting),
        )
    )
    if sighting.partners is not None:
        new = sighting.partners.links() - set(store.partner_links(pair.version))
        ended = [one.link for one in sighting.partners.ended]
        store.save_partner_links(pair.version, sorted(new), ended)
    _keep_look(session, sighting, run)
    _count_failures(store, plan, outcomes, counted)


def _is_remembered(plan: Plan) -> bool:
    """Say whether this run tells anything of what the next ones propose."""
    return plan.complete and not plan.undoes


def _rest(items: Iterable[Change | Outcome]) -> dict[str, int]:
    """Count what the share measures, but for deletions: those are always measured."""
    return dict(Counter(i.action for i in items if i.action in ("create", "update")))


def _aside(store: Store, sighting: Sighting) -> dict[Side, list[str]]:
    """Name what each side lacks and a person has decided to leave like that."""
    if sighting.facts is None:
        return {}
    words = store.decisions().values()
    decided = {one.key for one in words if is_about_absence(one)}
    links = sighting.facts.links if decided else ()
    return {
        side: sorted(vanished(one, links, decided))
        for side, one in sighting.sides.items()
    }


def _keep_look(session: Session, sighting: Sighting, run: Run) -> None:
    """Keep what waits for a person, and end the consents whose values are others."""
    store, plan = session.store, sighting.plan
    waiting = [
        model.Waiting(
            change.id,
            change.key,
            change.code,
            run.id,
            plan.created_at,
            json.dumps(change_document(change, reader_of(plan))),
        )
        for change in plan.changes
        if change.status is Status.HELD
    ]
    known, ended = store.waiting(), sighting.ended | sighting.sales.ended
    if ended or known.keys() != {one.id for one in waiting}:
        store.save_look(waiting, sorted(ended))
    if sighting.restored:
        store.finish(sorted(sighting.restored))


def _keep_coupons(
    store: Store, memory: Memory, sighting: Sighting, hangs: Mapping[str, str]
) -> None:
    """Keep which coupon each code hangs on, as it was last seen, and no other code's.

    A single row that was read for a write is newer than the listing.
    """
    seen = sighting.sides.get(Side.PARTNERO)
    if seen is None:
        return
    if seen.complete:
        there = seen.codes.keys() | seen.hidden | hangs.keys()
        store.forget_coupons((memory.coupons or {}).keys() - there)
    learned = {code: hangs.get(code, uuid) for code, uuid in seen.learned.items()}
    store.save_coupons(learned, iso_precise(datetime.now(UTC)))


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


def _status(
    session: Session,
    plan: Plan,
    ending: Exception | None,
    outcomes: Sequence[Outcome],
    *,
    later: str,
) -> str:
    if session.stop.is_set() and any(o.outcome == "skipped" for o in outcomes):
        return "interrupted"
    if isinstance(ending, StateBusy):
        return "locked"
    if isinstance(ending, Failed | StateProblem):
        return "failed"
    if isinstance(ending, Throttled) or not plan.complete or later:
        return "partial"
    return "complete" if all(one.good for one in outcomes) else "partial"


def _identify(session: Session) -> None:
    """On a first run, and with a new key, ask who is behind each key."""
    pair, store = session.pair, session.store
    known, salt = store.facts.pair(), store.meta()["salt"]
    programmes = {side: known.programme(side) for side in Side}
    for side, programme in programmes.items():
        mark = key_mark(pair, side, salt)
        _compare_currency(pair, side, programme.currency)
        if not _is_identified(side, programme, mark):
            who = session.writers.of(side).identify()
            _compare_currency(pair, side, who.currency)
            programmes[side] = _identified(side, programme, who, mark)
    if programmes != known.programmes:
        store.facts.save_pair(replace(known, programmes=programmes))


def _is_identified(side: Side, programme: Programme, mark: str) -> bool:
    asked = side is Side.TOLT or bool(programme.kind)
    return asked and programme.key == mark and bool(programme.id)


def _identified(side: Side, known: Programme, who: Identity, mark: str) -> Programme:
    """Return what is known of a programme now; another one is left to the guard."""
    programme, id_ = known, who.program or UNKNOWN
    if known.id in ("", id_):
        programme = replace(known, id=id_, key=mark, currency=who.currency or "")
    if side is Side.PARTNERO:  # of another kind it would have failed
        programme = replace(programme, kind="affiliate, as far as it is told")
    return programme


def _compare_currency(pair: Pair, side: Side, stated: str | None) -> None:
    """Refuse a configured currency that is not the programme's."""
    ours = pair.currency
    if stated and ours and stated.upper() != ours:
        raise Misconfigured(
            f"{pair.where('currency')} is {ours}, but "
            f"{side.label}'s programme is in {stated.upper()}. Nothing was written. "
            "Correct the currency."
        )


def keep_run(store: Store, finished: Run) -> None:
    """Keep a finished run: what is asked of it later, and what was printed."""
    store.journal.save_run(summary(finished), json.dumps(run_document(finished)))


def summary(run_: Run) -> RunSummary:
    """Return what is kept of a run."""
    return RunSummary(
        id=run_.id,
        pair=run_.pair,
        command=run_.command,
        status=run_.status,
        started_at=run_.started_at,
        finished_at=run_.finished_at,
        counts=run_.counts,
        outcomes=len(run_.outcomes),
        passes=int(_is_quiet(run_)),
        since=run_.started_at if _is_quiet(run_) else "",
    )


def _is_quiet(run_: Run) -> bool:
    """Say whether a pass of the background job has ended and done nothing."""
    return run_.command == "run" and bool(run_.finished_at) and not run_.outcomes
