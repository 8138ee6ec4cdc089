"""Cheap cycles: is there anything at all to look at? Only ``run`` asks this.

Between two full reads a pass first asks Tolt v2 for the codes and partners that were
updated since the last full read began, and reads Partnero's pages. Only where Tolt
names none, Partnero is what it was, and nothing else has changed (configuration,
decisions, another run), the pass is over: idle. In every other case a full pass
follows. So nothing is ever planned, and no absence concluded, from a part of a side.
Deletions on Tolt, and changes that it does not date, wait for the next full read.

Windows follow the product's clock, and begin some minutes early: a row may become
visible after its own time.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from connector.connect import access_of, open_readers
from connector.engine.change import digest
from connector.engine.outcome import Run
from connector.engine.snapshot import Snapshot
from connector.errors import SyncError, Unavailable
from connector.look import Job, iso, key_mark, recall
from connector.providers.base import Progress, Remembered
from connector.providers.http import ReadOnly
from mappings.canonical import Side
from mappings.wire import mapping, rows
from state.model import RunRecord
from state.store import Store

FACT = "window"
LEARNED = "learned"
"""The fact that holds the answers of the newest probe, by point."""
EARLY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Glance:
    """What a cheap look gave; ``idle`` where nothing has to be looked at."""

    idle: bool = False
    mark: Mapping[str, Any] | None = None
    requests: Mapping[str, int] | None = None


def glance(job: Job, store: Store, now: datetime, progress: Progress) -> Glance:
    """Look cheaply; a look that fails is no news, and the full pass says why."""
    every = job.pair.full_read_seconds
    if not every or job.version != "v2" or job.pair.policy.redemptions != "report":
        return Glance()
    learned = store.fact(LEARNED) or {}
    if "no" in (learned.get("tolt.11"), learned.get("tolt.date")):
        return Glance()  # a probe saw that windows, or the clock, are not to be had
    known = store.fact(FACT) or {}
    http = ReadOnly(access_of(job.pair, job.keys, Side.TOLT))
    readers = open_readers(job.pair, job.keys, progress)
    try:
        changed, clock = _changed_on_tolt(http, job, known.get("since"))
        mark = {
            "since": iso(clock - EARLY),
            "inputs": _inputs(job, store),
            "partnero": _partnero(readers[Side.PARTNERO].read(_memory(job, store))),
        }
        requests = {
            Side.PARTNERO.value: readers[Side.PARTNERO].requests,
            Side.TOLT.value: http.requests,
        }
    except SyncError:
        return Glance()
    finally:
        http.close()
        for reader in readers.values():
            reader.close()
    fresh = bool(known) and now - _moment(known["full_at"]) < timedelta(seconds=every)
    same = all(mark[name] == known.get(name) for name in ("inputs", "partnero"))
    quiet = fresh and same and not changed and _is_newest(store, known["run"])
    return Glance(quiet, mark, requests)


def keep(store: Store, seen: Glance, finished: Run) -> None:
    """Remember what a full pass started from, if it left nothing to do."""
    if seen.mark and finished.status == "complete" and not finished.outcomes:
        mark = {**seen.mark, "full_at": finished.started_at, "run": finished.id}
        store.save_fact(FACT, mark)


def idle(store: Store, seen: Glance, begun: datetime, now: datetime) -> RunRecord:
    """Keep an idle look as a run of its own, with the counts of the last full one."""
    last = json.loads(store.recent_runs(1)[0].document)
    run = f"r_{begun:%Y%m%dT%H%M%S}_{uuid.uuid4().hex[:6]}"
    document = {**last, "run": run, "command": "run", "glance": True}
    document |= {"started_at": iso(begun), "finished_at": iso(now)}
    document |= {"outcomes": [], "requests": seen.requests}
    record = RunRecord(
        id=run,
        pair=store.pair,
        command="run",
        status="complete",
        started_at=iso(begun),
        finished_at=iso(now),
        document=json.dumps(document, ensure_ascii=False),
    )
    store.save_run(record)
    store.save_fact(FACT, {**store.fact(FACT), "run": run})
    return record


def _changed_on_tolt(
    http: ReadOnly, job: Job, since: str | None
) -> tuple[bool, datetime]:
    """Say whether Tolt names any change, and what its clock showed."""
    changed = False
    for path in ("promotion-codes", "partners") if since else ("promotion-codes",):
        query: dict[str, str | int] = {"program_id": job.pair.tolt.program_id}
        query |= {"limit": 1, "sort": "updated_at", "order": "asc"}
        query |= {"updated_after": since} if since else {}
        body = mapping(http.get(path, query))
        changed |= bool(rows(body.get("data"))) or body.get("has_more") is not False
        if changed:
            break
    if http.server_date is None:
        raise Unavailable("Tolt does not tell its clock")
    try:
        return changed, parsedate_to_datetime(http.server_date).astimezone(UTC)
    except ValueError:
        raise Unavailable("Tolt's clock cannot be read") from None


def _is_newest(store: Store, run: str) -> bool:
    """Say whether no other run came after this one, or in the same second."""
    last = store.recent_runs(2)
    seconds = {one.started_at for one in last}
    return last[0].id == run and len(seconds) == len(last)


def _inputs(job: Job, store: Store) -> str:
    """Return the mark of everything beside the two sides that makes a plan."""
    decisions = {key: asdict(one) for key, one in store.decisions().items()}
    keys = [key_mark(job, side, store.meta().get("salt", "")) for side in Side]
    return digest([job.digest, decisions, len(store.open_intents()), keys])


def _memory(job: Job, store: Store) -> Remembered:
    memory = recall(store, job.version)
    return Remembered(memory.coupons or {}, frozenset(p for p, _ in memory.partners))


def _partnero(side: Snapshot) -> str:
    """Return the mark of all that Partnero shows; Unavailable where it is not all."""
    if not side.complete:
        raise Unavailable(side.missed)
    mark = hashlib.sha256()
    for part in (side.codes, side.partners, side.coupons, side.logs):
        for key in sorted(part):
            mark.update(repr(part[key]).encode())
    return mark.hexdigest()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
