"""One run that writes: hold the pair, resume, read, plan, guard, apply, record.

Here stands only the order. What is decided is decided in the engine (prepare.py puts
the plan together), how a write is carried out stands in apply.py and settle.py, and
what a run leaves behind in record.py.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from connector.engine.acts import Adoption
from connector.engine.adoptions import Adoptions
from connector.engine.causes.cause import Causes
from connector.engine.causes.runs import FirstUnderVersion
from connector.engine.change import Change
from connector.engine.choose import chosen_of
from connector.engine.endings import of_outcomes, of_plan, partial
from connector.engine.guards import OF_LIMITS
from connector.engine.outcome import Outcome, Run
from connector.engine.planned import Plan
from connector.engine.sentinel import spared
from connector.engine.trouble import (
    DECLINED,
    STOPPED,
    Trouble,
    by_error,
    failing,
    refused,
)
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
from connector.run import waves
from connector.run.apply import Applier
from connector.run.claim import Claim, claim_of
from connector.run.identify import identify, programme_kept
from connector.run.lease import holding
from connector.run.memory import Memory, is_first_under, recall
from connector.run.prepare import Prepared, prepare
from connector.run.record import (
    begun_run,
    forget_old,
    is_remembered,
    keep_after_writing,
    keep_before_writing,
    keep_coupons,
    keep_look,
    keep_run,
    summary,
)
from connector.run.session import Session, applier_of
from connector.run.undo import prepare_undo
from mappings.canonical import Side
from mappings.moments import iso
from state.bulk import uncollected
from state.database import StateProblem

RECHECKED = 20
"""Remembered coupons that a run asks for again, the oldest first."""


def run(session: Session) -> Run:
    """Do one run and keep its document; Locked and StateProblem go to the caller."""
    begun = begun_run(session.pair.name, session.command)
    session.store.identity(begun.started_at)
    with holding(session.store):
        session.store.journal.save_run(summary(begun))
        return _kept(session, _ended(session, begun))


def _ended(session: Session, begun: Run) -> Run:
    """Do the run; a trouble of the pair is how it ends, and no exception."""
    stopped = replace(begun, trouble=STOPPED)
    try:
        if session.stop.is_set():
            return stopped
        return within_memory(lambda: _run(session, begun))
    except Interrupted:
        return stopped
    except Misconfigured as error:
        now = iso(datetime.now(UTC))
        failed = replace(begun, trouble=failing(error), finished_at=now)
        session.store.journal.save_run(summary(failed), times=session.pair.times)
        raise
    except Problem as error:
        if session.stop.is_set() and isinstance(error, Unavailable):
            return stopped  # the stop ended a wait: no trouble of the pair
        return replace(begun, trouble=_ended_by(error))


def _ended_by(error: Problem) -> Trouble:
    asked = isinstance(error, Unavailable) and not isinstance(error, Unreachable)
    return by_error("partial", error) if asked else failing(error)


def _kept(session: Session, ended: Run) -> Run:
    """Keep the run and forget old ones; what was done is told in any case."""
    now = iso(datetime.now(UTC))
    finished = replace(ended, finished_at=now, requests=session.writers.requests)
    try:
        keep_run(session.store, session.pair, finished)
    except StateProblem as error:
        return replace(finished, trouble=failing(error))
    forget_old(session.store, session.pair, finished)
    return finished


def _run(session: Session, begun: Run) -> Run:
    """Identify, resume, read and plan, guard, apply, record: in this order."""
    pair, store = session.pair, session.store
    if refusal := session.refusal or programme_kept(pair, store):
        return replace(begun, trouble=refused(refusal))
    claim = claim_of(pair, session.writers.marks, store, session.stop.wait)
    applier = applier_of(session, begun.id, claim)
    session.writers.guard(session.stop, applier.settling.fence)
    identify(pair, store, session.writers)
    if refusal := claim.before_resuming():
        return replace(begun, trouble=refused(refusal))
    # By ids of the other version of Tolt's API nothing is settled, and nothing sent.
    settled = [] if is_first_under(store, pair.version) else applier.resume()
    memory = recall(store, pair.version, recheck=RECHECKED)
    began = claim.clock()
    prepared = _prepared(session, memory)
    wave = waves.found(session.wave, prepared) if session.wave else None
    plan = waves.part_of(pair, prepared, wave)
    planned = replace(begun, plan=plan, outcomes=tuple(settled))
    if session.stop.is_set():  # what was not read because of it is no trouble
        return replace(planned, trouble=STOPPED)
    if prepared.plan.failed:
        return replace(planned, trouble=of_plan(prepared.plan))
    listed = prepared.sides.get(Side.PARTNERO)
    if refusal := prepared.plan.refused or claim.seen(listed, began):
        if refusal.guard in OF_LIMITS:
            keep_look(pair, store, prepared, begun.id)
        return replace(planned, trouble=refused(refusal))
    waves.refuse_strangers(pair, plan)
    finished = _written(session, applier, claim, prepared, planned)
    if not isinstance(applier.settling.ending, StateProblem):
        keep_coupons(store, memory, prepared, applier.settling.verdicts.shared.hangs)
    return finished


def _prepared(session: Session, memory: Memory) -> Prepared:
    """Read and plan; where a run is to be taken back, what it wrote is read."""
    pair, writers, now = session.pair, session.writers, datetime.now(UTC)
    accepted = session.accepted
    if not session.undoes:
        only = session.only
        with uncollected(last=session.last):
            return prepare(pair, writers, memory, now, accepted=accepted, only=only)
    undone = prepare_undo(
        pair, writers, session.store, session.undoes, now, accepted=accepted
    )
    changes = spared(undone.plan.changes, pair.policy.limits.sentinel)
    return replace(undone, plan=replace(undone.plan, changes=changes))


def _written(
    session: Session, applier: Applier, claim: Claim, prepared: Prepared, planned: Run
) -> Run:
    """Carry out what is ready and chosen, once nothing speaks against writing."""
    chosen_now = _chosen(session, prepared, planned.plan or prepared.plan)
    if chosen_now is None:
        keep_look(session.pair, session.store, prepared, planned.id)
        return replace(planned, trouble=DECLINED)
    wanted, adopted = chosen_now
    chosen, why_later = _allowed_now(session, wanted)
    if session.stop.is_set():
        return replace(planned, trouble=STOPPED)
    if any(change.target != "state" for change in chosen):
        if refusal := claim.secure():
            return replace(planned, trouble=refused(refusal))
        claim.begin()
    if session.wave:
        waves.keep(session.store, session.wave, prepared, planned)
    applied = _applied(session, applier, prepared, chosen, adopted)
    outcomes, ending = [*session.left_over, *applied], applier.settling.ending
    if not isinstance(ending, StateProblem):
        counted = applier.settling.verdicts.counted
        keep_after_writing(
            session.pair, session.store, prepared, planned, outcomes, counted=counted
        )
    why_later = (*why_later, *waves.not_found(planned.plan))
    every = (*planned.outcomes, *outcomes)
    trouble = _trouble(session, prepared.plan, ending, every, why_later)
    return replace(planned, trouble=trouble, outcomes=every, adopted=adopted)


def _chosen(
    session: Session, prepared: Prepared, plan: Plan
) -> tuple[tuple[Change, ...], Adoptions] | None:
    """Return what is to be carried out; None where a person said no."""
    ready = plan.ready()
    if session.choose is None:
        return ready, plan.adopted
    ids = session.choose(plan)
    if ids is None:
        return None
    session.left_over.extend(session.unmet(prepared))
    chosen = chosen_of(ready, ids)
    wanted = tuple(change for change in ready if change.id in chosen)
    return wanted, plan.adopted.among(ids)[0]


def _allowed_now(
    session: Session, wanted: Sequence[Change]
) -> tuple[Sequence[Change], Causes]:
    """Return what this run may do, and why not all of it.

    The first one under another version of Tolt's API only finds out who is who.
    """
    store, version = session.store, session.pair.version
    if not is_first_under(store, version):
        return wanted, ()
    adopted = [c for c in wanted if isinstance(c.act, Adoption)]
    later, left_open = len(wanted) - len(adopted), len(store.journal.open_intents())
    if not (later or left_open):
        return adopted, ()
    first = FirstUnderVersion(version, later, left_open, bool(session.undoes))
    return adopted, (first,)


def _applied(
    session: Session,
    applier: Applier,
    prepared: Prepared,
    chosen: Sequence[Change],
    adopted: Adoptions,
) -> list[Outcome]:
    """Keep what was found out by reading, and carry out what was chosen."""
    sides, verdicts = prepared.sides, applier.settling.verdicts
    verdicts.shared = replace(
        verdicts.shared,
        listed={side: snapshot.partners for side, snapshot in sides.items()},
        coupons=sides[Side.PARTNERO].coupons if sides else {},
    )
    verdicts.counts_failures = is_remembered(prepared.plan)
    keep_before_writing(session.store, prepared, chosen)
    applier.adopt(adopted)
    session.on_total(sum(change.target != "state" for change in chosen))
    return applier.apply(chosen)


def _trouble(
    session: Session,
    plan: Plan,
    ending: Exception | None,
    outcomes: Sequence[Outcome],
    why_later: Causes,
) -> Trouble | None:
    """Return why the run is not complete; None where all was read and done."""
    if session.stop.is_set() and any(o.outcome == "skipped" for o in outcomes):
        return STOPPED
    if isinstance(ending, Failed | StateProblem):
        return failing(ending)
    throttled = ending if isinstance(ending, Throttled) else None
    return partial(throttled, plan, why_later) or of_outcomes(outcomes)
