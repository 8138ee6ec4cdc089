"""One run that writes: hold the pair, resume, look, guard, apply, record.

``look`` decides and ``apply`` acts; here stands only their order, and what a run
leaves behind: its entry in the history, the counts that the guards compare with,
and in how many runs each change has failed.
"""

import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from connector.apply import Applier, Waiting
from connector.engine.change import Change, Plan, Refusal
from connector.engine.outcome import Outcome, Run
from connector.errors import Failed, Interrupted, Misconfigured, Throttled
from connector.lease import holding
from connector.look import Job, Sighting, iso, key_mark, look, recall
from connector.providers.base import Writer
from connector.writes import Bench
from mappings.canonical import Partner, Side
from state.model import PairState, RunRecord
from state.store import LeaseLost, Store

GOOD = ("confirmed", "adopted")
UNKNOWN = "unknown"
"""The programme of a product that does not say who it is."""
Choose = Callable[[Plan], frozenset[str] | None]


@dataclass(slots=True)
class Session:
    """What a run is given: the pair, its memory, its clients, and how to be stopped.

    ``choose`` may look at the plan before anything is written and return the ids to
    apply, or None to apply nothing at all.
    """

    job: Job
    store: Store
    writers: Mapping[Side, Writer]
    command: str = "sync"
    stop: threading.Event = field(default_factory=threading.Event)
    accepted: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    choose: Choose | None = None
    refusal: Refusal | None = None
    left_over: list[Outcome] = field(default_factory=list)
    on_total: Callable[[int], None] = lambda _total: None
    on_done: Callable[[Outcome], None] = lambda _outcome: None


def run(session: Session, document: Callable[[Run], str]) -> Run:
    """Do one run and keep its document; Locked and StateProblem go to the caller."""
    started = datetime.now(UTC)
    begun = Run(
        id=f"r_{started:%Y%m%dT%H%M%S}_{uuid.uuid4().hex[:6]}",
        pair=session.job.pair.name,
        command=session.command,
        status="interrupted",
        started_at=iso(started),
    )
    session.store.identity(iso(started))
    with holding(session.store):
        session.store.save_run(_record(begun, ""))
        finished = _guarded(session, begun)
        finished = replace(
            finished,
            finished_at=iso(datetime.now(UTC)),
            requests={side.value: w.requests for side, w in session.writers.items()},
        )
        session.store.save_run(_record(finished, document(finished)))
    return finished


def _guarded(session: Session, begun: Run) -> Run:
    try:
        return _run(session, begun)
    except Interrupted:
        return begun
    except (Failed, LeaseLost) as error:
        return replace(begun, status="failed", error=str(error))


def _run(session: Session, begun: Run) -> Run:
    job, store = session.job, session.store
    if session.refusal is not None:
        return replace(begun, status="refused", refused=session.refusal)
    _identify(session)
    memory = recall(store, job.version)
    bench = Bench(session.writers, job.version, store.link, _nobody)
    applier = Applier(
        run=begun.id,
        store=store,
        bench=bench,
        now=lambda: iso_precise(datetime.now(UTC)),
        waiting=Waiting(
            job.pair.limits.settle_seconds,
            job.pair.limits.settle_seconds * 6,
            _sleeper(session.stop),
        ),
        stop=session.stop,
        on_done=session.on_done,
    )
    settled = applier.resume()
    if settled:
        memory = recall(store, job.version)
    sighting = look(
        job,
        session.writers,
        memory,
        datetime.now(UTC),
        accepted=session.accepted,
        only=session.only,
    )
    plan = sighting.plan
    seen = replace(begun, plan=plan, outcomes=tuple(settled))
    if plan.failed:
        return replace(seen, status="failed", error=plan.failed)
    if plan.refused:
        return replace(seen, status="refused", refused=plan.refused)
    chosen = plan.ready()
    if session.choose is not None:
        ids = session.choose(plan)
        chosen = tuple(change for change in chosen if ids and change.id in ids)
    if session.stop.is_set():
        return replace(seen, status="interrupted")
    outcomes = [*session.left_over, *_apply(session, applier, sighting, chosen)]
    _remember(session, sighting, outcomes)
    return replace(
        seen,
        status=_status(session, plan, applier, [*settled, *outcomes]),
        outcomes=(*settled, *outcomes),
        error=str(applier.ending or ""),
    )


def _apply(
    session: Session,
    applier: Applier,
    sighting: Sighting,
    chosen: Sequence[Change],
) -> list[Outcome]:
    known = {side: sighting.sides[side].partners for side in Side}

    def person(side: Side, owner: str) -> Partner:
        return known[side].get(owner) or Partner(owner, None)

    applier.bench.person = person
    session.store.save_links(sighting.relinked)
    session.on_total(sum(change.target != "state" for change in chosen))
    return applier.apply(chosen)


def _remember(
    session: Session, sighting: Sighting, outcomes: Sequence[Outcome]
) -> None:
    """Keep what the next run's guards and matching rest on, if it is news."""
    job, store, plan = session.job, session.store, sighting.plan
    if not plan.complete:
        return
    known = store.pair_state()
    counts = {side.value: len(sighting.sides[side].codes) for side in Side}
    for outcome in outcomes:
        if outcome.outcome == "confirmed" and outcome.action in ("create", "delete"):
            counts[outcome.target] += 1 if outcome.action == "create" else -1
    store.save_pair_state(
        PairState(
            known.fingerprints,
            counts,
            tolt_version=job.version,
            filled=known.filled or all(o.outcome != "skipped" for o in outcomes),
        )
    )
    if sighting.partners is not None:
        stored = set(store.partner_links(job.version))
        matched = set(sighting.partners.to_tolt.items())
        store.save_partner_links(job.version, sorted(matched - stored))
    store.save_coupons(sighting.sides[Side.PARTNERO].learned)
    _count_failures(session, plan, outcomes)


def _count_failures(session: Session, plan: Plan, outcomes: Sequence[Outcome]) -> None:
    """Count runs in which a change failed; what was done or vanished starts anew."""
    bad = ("failed", "uncertain", "quarantined")
    failed = {o.id: (o.code, o.detail) for o in outcomes if o.outcome in bad}
    planned = {change.id for change in plan.changes}
    known = session.store.failures()
    done = {o.id for o in outcomes if o.outcome in GOOD}
    done |= {change for change in known if change not in planned}
    session.store.count_failures(failed, done)


def _status(
    session: Session, plan: Plan, applier: Applier, outcomes: Sequence[Outcome]
) -> str:
    if session.stop.is_set() and any(o.outcome == "skipped" for o in outcomes):
        return "interrupted"
    if isinstance(applier.ending, Failed | LeaseLost):
        return "failed"
    if isinstance(applier.ending, Throttled) or not plan.complete:
        return "partial"
    bad = [o for o in outcomes if o.outcome not in GOOD and not _is_closed(o)]
    return "partial" if bad else "complete"


def _is_closed(outcome: Outcome) -> bool:
    """Settling an old intent that never had an effect is no failure of this run."""
    return outcome.outcome == "failed" and (
        "it had no effect" in outcome.detail or "this run's plan" in outcome.detail
    )


def _identify(session: Session) -> None:
    """On a first run, and with a new key, ask who is behind each key."""
    job, store = session.job, session.store
    known = store.pair_state()
    prints = dict(known.fingerprints)
    salt = store.meta()["salt"]
    for side in Side:
        mark = key_mark(job, side, salt)
        if prints.get(f"{side}.key") == mark and prints.get(side.value):
            continue
        who = session.writers[side].identify()
        stated, ours = who.currency, job.pair.currency
        if stated and ours and stated.upper() != ours:
            raise Misconfigured(
                f"pairs.{job.pair.name}.currency is {ours}, but {side.label}'s programme "
                f"{who.program} is in {stated}. Nothing was written. Correct the currency."
            )
        if side.value not in prints or prints[side.value] == (who.program or UNKNOWN):
            prints[side.value] = who.program or UNKNOWN
            prints[f"{side}.key"] = mark
    if prints != known.fingerprints:
        store.save_pair_state(replace(known, fingerprints=prints))


def _record(run_: Run, document: str) -> RunRecord:
    return RunRecord(
        id=run_.id,
        pair=run_.pair,
        command=run_.command,
        status=run_.status,
        started_at=run_.started_at,
        finished_at=run_.finished_at,
        document=document,
    )


def _nobody(_side: Side, owner: str) -> Partner:
    return Partner(owner, None)


def _sleeper(stop: threading.Event) -> Callable[[float], None]:
    def pause(seconds: float) -> None:
        until = time.monotonic() + seconds
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))

    return pause


def iso_precise(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC, to the microsecond: the journal's order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
