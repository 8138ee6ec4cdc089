"""The journal of a pair: every write with its verdict, and every run.

A write is noted before its request leaves, and its verdict is stored in one
transaction with all that follows from it. The newest run is so by its number, and old
ones go. Passes that did nothing, one after the other, are one row as soon as they are
not among the newest, and it counts them: a job that looks every minute leaves a few
lines, not thousands.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from state import tables as t
from state.leases import Leases
from state.model import OPEN_STATES, Failure, Intent, Pruned, RunSummary, Settlement
from state.rows import carried_out, intent_of, intent_row, run_of, run_row
from state.settling import add_failures, clear_failures, settle
from state.standing import Times
from state.summing import add_run
from state.transactions import Transactions, upsert

KEPT = 20
"""The newest runs of a pair that are never forgotten."""
APART = 30
"""The newest runs that each have a row of their own, whatever they did."""
SUMMARY = [column for column in t.RUN.c if column.name not in ("seq", "document")]


class Journal:
    """The writes and the runs of one pair; a method is a transaction."""

    def __init__(self, transactions: Transactions, leases: Leases) -> None:
        self._transactions = transactions
        self._leases = leases
        self._pair = transactions.pair
        self._my_runs = t.RUN.c.pair == transactions.pair
        self._my_intents = t.INTENT.c.pair == transactions.pair

    # -- writes and their verdicts --------------------------------------------

    def begin(self, intent: Intent) -> None:
        """Commit the note of a write before its request leaves."""
        with self._transactions.writing() as connection:
            upsert(connection, t.INTENT, [intent_row(self._pair, intent)])

    def leave(self, intent_id: str, copy: str, used: Iterable[str] = ()) -> None:
        """Note that the request of an intent leaves now, while the pair is held.

        ``used`` are consents that end with it, because it is never sent twice on one.
        """
        mine = t.INTENT.c.id == intent_id
        going = update(t.INTENT).where(self._my_intents, mine)
        with self._transactions.writing() as connection:
            self._leases.prolong(connection)
            connection.execute(going.values(state="sending", copied=copy))
            carried_out(connection, self._pair, used)

    def settle(self, settlement: Settlement) -> None:
        """Store a verdict and all that follows from it: both or neither."""
        with self._transactions.writing() as connection:
            settle(connection, self._pair, settlement)

    def open_intents(self) -> list[Intent]:
        """Return the writes whose outcome is not known, oldest first."""
        rows = self._transactions.rows(t.INTENT, t.INTENT.c.state.in_(OPEN_STATES))
        return [intent_of(row) for row in sorted(rows, key=lambda row: row["at"])]

    def intents(self, run: str) -> list[Intent]:
        """Return the writes of one run, oldest first."""
        rows = self._transactions.rows(t.INTENT, t.INTENT.c.run == run)
        return [intent_of(row) for row in sorted(rows, key=lambda row: row["at"])]

    def has_done(self, change_id: str) -> bool:
        """Say whether a run of this state has carried this change out."""
        done = t.INTENT.c.state.in_(("confirmed", "adopted"))
        mine = t.INTENT.c.change_id == change_id
        return bool(self._transactions.rows(t.INTENT, mine, done))

    def failures(self) -> dict[str, Failure]:
        """Return the changes that have failed in the last runs, by id."""
        return {
            row["change_id"]: Failure(
                row["code"], row["detail"], row["parked"], row["runs"]
            )
            for row in self._transactions.rows(t.FAILURE)
        }

    def count_failures(
        self, failed: Mapping[str, Failure], over: Iterable[str]
    ) -> None:
        """Count one more failed run of changes that have no verdict; clear others."""
        gone = list(over)
        if failed or gone:
            with self._transactions.writing() as connection:
                add_failures(connection, self._pair, failed)
                clear_failures(connection, self._pair, gone)

    # -- runs -----------------------------------------------------------------

    def save_run(
        self, run: RunSummary, document: str = "", times: Times | None = None
    ) -> None:
        """Write a run's entry, at its start and again at its end, and sum it up.

        Also one that lost the pair may say how it ended. ``document`` is for people,
        ``times`` when the pair is due.
        """
        with self._transactions.writing(fenced=False) as connection:
            mine = select(t.RUN.c.seq).where(self._my_runs, t.RUN.c.id == run.id)
            seq = connection.execute(mine).scalar()
            if seq is None:
                newest = select(func.max(t.RUN.c.seq)).where(self._my_runs)
                seq = (connection.execute(newest).scalar() or 0) + 1
            row = run_row(run) | {"seq": seq, "document": document}
            upsert(connection, t.RUN, [row])
            add_run(connection, run, seq, times)
            if run.passes:
                self._join(connection)

    def _join(self, connection: Connection) -> None:
        """Let two passes that did nothing, and are no longer recent, be one row."""
        pair = connection.execute(self._newest_first().offset(APART).limit(2)).all()
        if len(pair) < 2 or not _are_alike(*pair):
            return
        newer, older = pair
        mine = self._my_runs
        connection.execute(delete(t.RUN).where(mine, t.RUN.c.id == older.id))
        counted = {"passes": newer.passes + older.passes, "since": older.since}
        change = update(t.RUN).where(mine, t.RUN.c.id == newer.id)
        connection.execute(change.values(**counted))

    def _newest_first(self) -> Select[Any]:
        query = select(*SUMMARY).where(self._my_runs)
        return query.order_by(t.RUN.c.seq.desc(), t.RUN.c.id.desc())

    def runs(
        self, most: int | None = None, *, status: str = "", until: str = ""
    ) -> list[RunSummary]:
        """Return the newest runs, newest first, without reading all of them.

        ``until`` leaves out what ended later: by a clock that was wrong.
        """
        query = self._newest_first()
        if status:
            query = query.where(t.RUN.c.status == status)
        if until:
            query = query.where(t.RUN.c.finished_at <= until)
        with self._transactions.reading() as connection:
            rows = connection.execute(query.limit(most)).mappings()
            return [run_of({**row}) for row in rows]

    def run(self, id_: str) -> RunSummary | None:
        """Return one run of the pair by its id."""
        query = self._newest_first().where(t.RUN.c.id == id_)
        with self._transactions.reading() as connection:
            row = connection.execute(query).mappings().first()
        return run_of({**row}) if row else None

    def document(self, run: str = "") -> str:
        """Return what was printed of a run, or of the newest that has a document."""
        mine = t.RUN.c.id == run if run else t.RUN.c.document != ""
        query = select(t.RUN.c.document).where(self._my_runs, mine)
        with self._transactions.reading() as connection:
            newest = query.order_by(t.RUN.c.seq.desc()).limit(1)
            return str(connection.execute(newest).scalar() or "")

    def prune(self, before: str) -> Pruned:
        """Forget the runs that ended before a time, and what they have settled.

        Older than one that is old is what came before it, however it is dated. The
        newest runs stay, and whatever has an open intent. Where nothing may go,
        nothing is written.
        """
        with self._transactions.reading() as connection:
            if not self._last_old(connection, before):
                return Pruned(runs=0, intents=0)
        still_open = t.INTENT.c.state.in_(OPEN_STATES)
        still = select(t.INTENT.c.run).where(self._my_intents, still_open)
        with self._transactions.writing(fenced=False) as connection:
            beyond = t.RUN.c.seq <= self._last_old(connection, before)
            where = (self._my_runs, beyond, t.RUN.c.id.not_in(still))
            old = select(t.RUN.c.id).where(*where)
            intents = delete(t.INTENT).where(self._my_intents, t.INTENT.c.run.in_(old))
            settled = connection.execute(intents).rowcount
            gone = connection.execute(delete(t.RUN).where(*where)).rowcount
        return Pruned(runs=gone, intents=settled)

    def _last_old(self, connection: Connection, before: str) -> int:
        """Return the number of the last run that may go."""
        old = select(func.max(t.RUN.c.seq)).where(
            self._my_runs, t.RUN.c.started_at < before, t.RUN.c.finished_at < before
        )
        beyond = select(t.RUN.c.seq).where(self._my_runs).order_by(t.RUN.c.seq.desc())
        ends = connection.execute(beyond.offset(KEPT).limit(1)).scalar()
        return min(connection.execute(old).scalar() or 0, ends or 0)


def _are_alike(newer: Row[Any], older: Row[Any]) -> bool:
    """Say whether both did nothing, and ended in the same way."""
    same = (newer.command, newer.status) == (older.command, older.status)
    return bool(newer.passes and older.passes) and same
