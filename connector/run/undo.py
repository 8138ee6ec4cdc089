"""Reading what a run has written as it stands now, for the plan that takes it back.

What follows from it is decided in engine/undo.py.
"""

from collections.abc import Iterable
from datetime import datetime

from connector.config.pair import Pair
from connector.engine.change import Change, Status
from connector.engine.notes import parse_note
from connector.engine.planned import Plan, SideReport, Tally
from connector.engine.undo import Written, concerned, inverse, not_undoable
from connector.providers.base import Reader, Readers
from connector.run.prepare import (
    PLAN_IS_GOOD_FOR,
    Prepared,
)
from mappings.canonical import Both, Partner, PromoCode, Side
from mappings.moments import iso
from state.model import Intent
from state.store import Store


def prepare_undo(
    pair: Pair,
    readers: Readers,
    store: Store,
    run: str,
    now: datetime,
    *,
    accepted: frozenset[str] = frozenset(),
) -> Prepared:
    """Return the inverse plan of a run, read record by record."""
    written = store.journal.intents(run)
    done = [intent for intent in written if intent.state == "confirmed"]
    lasting = {intent.id: not_undoable(intent, pair.version) for intent in done}
    people = _People(readers)
    undone = [
        _written(intent, readers, store, people)
        for intent in reversed(done)
        if not lasting[intent.id]
    ]
    changes = [_accepted(inverse(w, pair.policy), accepted) for w in undone]
    plan = Plan(
        pair=pair.name,
        created_at=iso(now),
        expires_at=iso(now + PLAN_IS_GOOD_FOR),
        config=pair.digest,
        state=store.meta().get("identity"),
        sides={r.side.value: SideReport(0, 0, True, r.requests) for r in readers},
        changes=tuple(changes),
        findings=tuple(f for intent in reversed(done) for f in lasting[intent.id]),
        tally=Tally(differ=len(changes)),
        undoes=run,
        several=pair.several,
    )
    return Prepared(plan, {}, None, ())


def _accepted(change: Change, accepted: frozenset[str]) -> Change:
    if change.status is Status.BLOCKED or change.id not in accepted:
        return change
    return change._replace(status=Status.READY, decided=True)


class _People:
    """The partners whom the records name, each asked for once."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._known: dict[tuple[Side, str], Partner | None] = {}

    def of(self, side: Side, ids: Iterable[str]) -> dict[str, Partner | None]:
        return {id_: self._person(side, id_) for id_ in sorted(ids)}

    def _person(self, side: Side, id_: str) -> Partner | None:
        if (side, id_) not in self._known:
            self._known[side, id_] = self._readers.of(side).partner(id_)
        return self._known[side, id_]


def _written(
    intent: Intent, readers: Readers, store: Store, people: _People
) -> Written:
    """Read the record of a write as it stands now, and who its partners are."""
    done = parse_note(intent.change)
    now = Both.per_side(lambda side: _standing(readers.of(side), done, side))
    named = concerned(done, now.of(done.side))
    known = people.of(done.side, named)
    return Written(done, intent.copy, _key(store, done, now.left), now, known)


def _key(store: Store, done: Change, left: PromoCode | None) -> str:
    """Return the key that the record has by now."""
    if left is None or store.link(done.key) or not store.link(left.values.code):
        return done.key
    return left.values.code


def _standing(reader: Reader, done: Change, side: Side) -> PromoCode | None:
    """Return the record as it stands now, under its old id or under its text."""
    was = done.seen.get(side)
    code = reader.get(was.id) if was else None
    if code is not None:
        return code
    same = reader.find(done.code)
    if not same and done.want is not None:
        same = reader.find(done.want.written)
    return same[0] if len(same) == 1 else None
