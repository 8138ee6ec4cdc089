"""What is remembered of one pair: a method is a transaction, values in, values out.

Bulk goes through Core statements. Whatever a run writes is checked against the lease
in the same transaction, so that a holder that slept through a take-over cannot write.
"""

import json
import secrets
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import lru_cache, partial
from itertools import chain
from sys import intern
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Engine,
    delete,
    insert,
    select,
    update,
)
from sqlmodel import SQLModel

from mappings.canonical import Both, Values, fold
from mappings.discounts import discount_text, parse_discount
from state import lease
from state import tables as t
from state.bulk import uncollected
from state.database import told
from state.lease import LeaseLost
from state.ledger import Also, Ledger
from state.model import (
    OPEN_STATES,
    Decision,
    Intent,
    IntentState,
    Link,
    PairState,
    PartnerLink,
    RunRecord,
    Tombstone,
    Unfinished,
    Waiting,
)
from state.runs import Runs

__all__ = ("LeaseLost", "Store", "pairs_of")
Table = type[SQLModel]
NOTHING_UNSET: frozenset[str] = frozenset()


class Store:
    """The memory of one pair."""

    def __init__(self, engine: Engine, pair: str) -> None:
        self._engine = engine
        self.pair = pair
        self._hold: lease.Hold | None = None

    def close(self) -> None:
        """Give back the connections that are kept open to a server."""
        self._engine.dispose()

    # -- the state itself ---------------------------------------------------

    def identity(self, now: str) -> tuple[str, str]:
        """Return the state's own id and birth, giving it both if it has none."""
        if known_already := self.known_identity():
            return known_already  # a busy database need not be waited for
        with self._writing(fenced=False) as connection:
            known = _meta(connection)
            if "identity" not in known:
                born = {"identity": uuid.uuid4().hex, "born": now}
                born["salt"] = secrets.token_hex(16)
                rows = [{"name": name, "value": born[name]} for name in born]
                connection.execute(insert(t.MetaRow), rows)
                known = born
        return known["identity"], known["born"]

    def known_identity(self) -> tuple[str, str] | None:
        """Return the state's id and birth where it has been written before."""
        known = self.meta()
        return (known["identity"], known["born"]) if "identity" in known else None

    def meta(self) -> dict[str, str]:
        """Return the facts about the state itself, the salt among them."""
        with self._reading() as connection:
            return _meta(connection)

    def ledger(self) -> Ledger:
        """Return the redemptions of this pair."""
        return Ledger(self.pair, self._reading, self._writing)

    def pair_state(self) -> PairState:
        """Return what is known of the pair as a whole."""
        known = {row["name"]: json.loads(row["value"]) for row in self._rows(t.PairRow)}
        return PairState(
            fingerprints=known.get("fingerprints", {}),
            counts=known.get("counts", {}),
            rest=known.get("rest", {}),
            aside=known.get("aside", {}),
        )

    def save_pair_state(self, known: PairState) -> None:
        """Remember who the pair is and how large it was, if that is news."""
        if known != self.pair_state():
            rows = [
                {"name": name, "value": json.dumps(value, sort_keys=True)}
                for name, value in asdict(known).items()
            ]
            self._put(t.PairRow, rows)

    def fact(self, name: str) -> Any:  # noqa: ANN401 (JSON)
        """Return one fact that is kept about the pair, or None."""
        found = self._rows(t.PairRow, where=_column(t.PairRow, "name") == name)
        return json.loads(found[0]["value"]) if found else None

    def save_fact(self, name: str, value: Any) -> None:  # noqa: ANN401 (JSON)
        """Keep one fact about the pair, if it is news."""
        if value != self.fact(name):
            text = json.dumps(value, sort_keys=True)
            self._put(t.PairRow, [{"name": name, "value": text}])

    # -- records ------------------------------------------------------------

    def links(self) -> list[Link]:
        """Return every link with its base."""
        return self.links_and_parked()[0]

    def links_and_parked(self) -> tuple[list[Link], dict[str, str]]:
        """Return every link, and by its key why one cannot be read and is left."""
        columns = t.LinkRow.__table__.columns  # type: ignore[attr-defined]
        query = select(*list(columns)[1:]).where(columns.pair == self.pair)
        links: list[Link] = []
        parked: dict[str, str] = {}
        with self._reading() as connection, uncollected():
            for row in chain.from_iterable(connection.execute(query).partitions(1000)):
                try:
                    links.append(_link(*row))
                except ValueError as error:
                    parked[row.key] = str(error)
        return links, parked

    def link(self, key: str) -> Link | None:
        """Return one link by its folded text."""
        columns = t.LinkRow.__table__.columns  # type: ignore[attr-defined]
        query = select(*list(columns)[1:])
        query = query.where(columns.pair == self.pair, columns.key == key)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _link(*row)

    def save_links(
        self,
        links: Iterable[Link],
        keys: Iterable[str] = (),
        used: Iterable[str] = (),
    ) -> None:
        """Write links with their bases, and forget the tombstones of their texts.

        ``keys`` are those under which they were stored: a record that was renamed on
        both sides leaves its old one. ``used`` are the consents that are used up by it.
        """
        rows = [_link_row(link) for link in links]
        with self._writing() as connection:
            self._use_up(connection, used)
            for key in {*keys} - {row["key"] for row in rows}:
                self._drop(connection, t.LinkRow, key)
            self._upsert(connection, t.LinkRow, rows)
            buried = {row["key"] for row in self._rows(t.TombstoneRow, connection)}
            for row in rows if buried else ():
                if row["key"] in buried:
                    self._drop(connection, t.TombstoneRow, row["key"])

    def bury(self, stones: Iterable[Tombstone], used: Iterable[str] = ()) -> None:
        """Close the bases of records that are gone, and remember them as gone."""
        with self._writing() as connection:
            self._use_up(connection, used)
            for stone in stones:
                self._bury(connection, stone)

    def tombstones(self) -> dict[str, Tombstone]:
        return {
            row["key"]: Tombstone(**_without(row, "pair"))
            for row in self._rows(t.TombstoneRow)
        }

    def partner_links(self, version: str) -> list[PartnerLink]:
        """Return matched partners whose Tolt ids belong to this API version."""
        return [
            PartnerLink(row["partnero_id"], row["tolt_id"], row["how"])
            for row in self._rows(t.PartnerLinkRow)
            if row["version"] == version
        ]

    def save_partner_links(
        self,
        version: str,
        matched: Iterable[PartnerLink],
        ended: Iterable[PartnerLink] = (),
    ) -> None:
        """Remember partners that were matched, and forget matches that ended."""
        rows = [
            {
                "version": version,
                "partnero_id": one.partnero,
                "tolt_id": one.tolt,
                "how": one.how,
            }
            for one in matched
        ]
        gone = list(ended)
        if not (rows or gone):
            return
        table = t.PartnerLinkRow.__table__  # type: ignore[attr-defined]
        mine = (table.c.pair == self.pair, table.c.version == version)
        with self._writing() as connection:
            for one in gone:
                here = table.c.partnero_id == one.partnero
                connection.execute(delete(table).where(*mine, here))
            self._upsert(connection, t.PartnerLinkRow, rows)

    def coupons(self, now: str = "") -> dict[str, str]:
        """Return the remembered coupon of each Partnero code, the oldest first.

        When one was asked for after ``now`` is unknown: it comes before all others.
        """
        ahead = (lambda at: at > now) if now else (lambda _at: False)
        rows = self._rows(t.CouponRow)
        rows.sort(key=lambda row: (not ahead(row["checked"]), row["checked"]))
        return {row["code"]: row["uuid"] for row in rows}

    def save_coupons(self, learned: Mapping[str, str], at: str) -> None:
        """Remember coupons that were asked for singly, and when."""
        rows = [
            {"code": code, "uuid": one, "checked": at} for code, one in learned.items()
        ]
        self._put(t.CouponRow, rows)

    def forget_coupons(self, codes: Iterable[str]) -> None:
        """Forget the coupons of codes that are not there any more."""
        table = t.CouponRow.__table__  # type: ignore[attr-defined]
        gone = list(codes)
        if not gone:
            return
        with self._writing() as connection:
            for code in gone:
                where = (table.c.pair == self.pair, table.c.code == code)
                connection.execute(delete(table).where(*where))

    # -- decisions ----------------------------------------------------------

    def decisions(self) -> dict[str, Decision]:
        """Return the consents that are not used up, by the id of their change."""
        return {
            row["id"]: Decision(
                **_without(row, "pair")
                | {
                    "fields": tuple(row["fields"].split()),
                    "lost": tuple(json.loads(row["lost"])),
                }
            )
            for row in self._rows(t.DecisionRow)
        }

    def decide(self, decisions: Iterable[Decision]) -> None:
        """Keep a person's decisions; a later one about the same change replaces it."""
        self._put(t.DecisionRow, [_decision_row(one) for one in decisions])

    def carry(self, carried: Mapping[str, Decision]) -> None:
        """Give decisions, by the ids that they had, the ones that they have now."""
        with self._writing() as connection:
            self._use_up(connection, carried)
            rows = [_decision_row(one) for one in carried.values()]
            self._upsert(connection, t.DecisionRow, rows)

    def withdraw(self, ids: Iterable[str]) -> None:
        """Take decisions back; those that are not there are none."""
        with self._writing() as connection:
            self._use_up(connection, ids)

    def waiting(self) -> dict[str, Waiting]:
        """Return what waited for a person in the last complete look, by id."""
        return {
            row["id"]: Waiting(**_without(row, "pair"))
            for row in self._rows(t.WaitingRow)
        }

    def save_look(self, waiting: Iterable[Waiting], ended: Iterable[str]) -> None:
        """Keep what a complete look has found waiting; ``ended`` consents end."""
        rows = [asdict(one) for one in waiting]
        table = t.WaitingRow.__table__  # type: ignore[attr-defined]
        with self._writing() as connection:
            connection.execute(delete(table).where(table.c.pair == self.pair))
            self._upsert(connection, t.WaitingRow, rows)
            self._use_up(connection, ended)

    # -- codes that a replace left missing ------------------------------------

    def unfinished(self) -> dict[str, Unfinished]:
        """Return the codes that a replace took away and could not make anew."""
        return {
            row["key"]: Unfinished(**_without(row, "pair"))
            for row in self._rows(t.UnfinishedRow)
        }

    def finish(self, keys: Iterable[str]) -> None:
        """Forget codes that are there again."""
        with self._writing() as connection:
            for key in keys:
                self._drop(connection, t.UnfinishedRow, key)

    # -- writes and their outcome -------------------------------------------

    def begin(
        self,
        intent: Intent,
        *,
        used: Iterable[str] = (),
        also: Also | None = None,
    ) -> None:
        """Commit the note of a write before its request leaves.

        ``used`` are consents that end with it, because it is never sent twice on one;
        ``also`` is done in the same transaction.
        """
        row = asdict(intent) | {"pair": self.pair, "copied": intent.copy}
        del row["copy"]
        with self._writing() as connection:
            self._upsert(connection, t.IntentRow, [row])
            self._use_up(connection, used)
            if also is not None:
                also(connection)

    def leave(self, intent_id: str, copy: str, used: Iterable[str] = ()) -> None:
        """Note that the request of an intent leaves now, while the pair is held.

        ``used`` are consents that end with it, because it is never sent twice on one.
        """
        table = t.IntentRow.__table__  # type: ignore[attr-defined]
        going = {"state": "sending", "copied": copy}
        with self._writing() as connection:
            if self._hold is not None and self._hold.is_short:
                lease.prolong(connection, self.pair, self._hold)
            self._use_up(connection, used)
            connection.execute(
                update(table).where(table.c.id == intent_id).values(**going)
            )
            self._use_up(connection, used)

    def mark(self, intent_id: str, state: IntentState, detail: str) -> None:
        """Change the state of an intent that is still open."""
        with self._writing() as connection:
            self._mark(connection, intent_id, state, detail)

    def settle(
        self,
        intent_id: str,
        state: IntentState,
        detail: str,
        *,
        link: Link | None = None,
        replaces: str | None = None,
        stone: Tombstone | None = None,
        matched: tuple[str, str, str] | None = None,
        used: Iterable[str] = (),
        accepts: Iterable[Decision] = (),
        unfinished: Unfinished | None = None,
        finished: str | None = None,
        also: Also | None = None,
    ) -> None:
        """Store the verdict and what follows from it together.

        ``link`` is the moved base, ``replaces`` the key of the one it takes the place
        of, ``matched`` a new partner: the ids of both sides and Tolt's API version.
        ``used`` are the consents that are used up, ``accepts`` what was accepted with
        it; ``unfinished`` is left missing, ``finished`` the key of one that is back.
        ``also`` is done in the same transaction.
        """
        with self._writing() as connection:
            self._mark(connection, intent_id, state, detail)
            if also is not None:
                also(connection)
            self._use_up(connection, used)
            rows = [_decision_row(one) for one in accepts]
            self._upsert(connection, t.DecisionRow, rows)
            if unfinished is not None:
                self._upsert(connection, t.UnfinishedRow, [asdict(unfinished)])
            if finished is not None:
                self._drop(connection, t.UnfinishedRow, finished)
            if replaces is not None:
                self._drop(connection, t.LinkRow, replaces)
            if link is not None:
                self._upsert(connection, t.LinkRow, [_link_row(link)])
                self._drop(connection, t.TombstoneRow, _link_row(link)["key"])
            if stone is not None:
                self._bury(connection, stone)
            if matched is not None:
                names = ("partnero_id", "tolt_id", "version")
                row = {**dict(zip(names, matched, strict=True)), "how": "created"}
                self._upsert(connection, t.PartnerLinkRow, [row])

    def open_intents(self) -> list[Intent]:
        """Return the writes whose outcome is not known, oldest first."""
        still_open = _column(t.IntentRow, "state").in_(OPEN_STATES)
        rows = self._rows(t.IntentRow, where=still_open)
        return [_intent(row) for row in sorted(rows, key=lambda row: row["at"])]

    def intents(self, run: str) -> list[Intent]:
        """Return the journal of one run."""
        rows = self._rows(t.IntentRow, where=_column(t.IntentRow, "run") == run)
        return [_intent(row) for row in sorted(rows, key=lambda row: row["at"])]

    def has_done(self, change_id: str) -> bool:
        """Say whether a run of this state has carried this change out."""
        mine = _column(t.IntentRow, "change_id") == change_id
        done = ("confirmed", "adopted")
        return any(row["state"] in done for row in self._rows(t.IntentRow, where=mine))

    def failures(self) -> dict[str, tuple[int, str]]:
        """Return in how many runs in a row each change failed, and the last reason."""
        return {
            row["change_id"]: (row["runs"], row["detail"])
            for row in self._rows(t.FailureRow)
        }

    def count_failures(
        self, failed: Mapping[str, tuple[str, str]], done: Iterable[str]
    ) -> None:
        """Count one more failed run for these (id: code, reason); clear others."""
        known = self.failures()
        cleared = [change for change in done if change in known]
        rows = [
            {
                "change_id": change,
                "code": code,
                "runs": known.get(change, (0, ""))[0] + 1,
                "detail": detail,
            }
            for change, (code, detail) in failed.items()
        ]
        table = t.FailureRow.__table__  # type: ignore[attr-defined]
        mine = table.c.pair == self.pair
        with self._writing() as connection:
            self._upsert(connection, t.FailureRow, rows)
            for change in cleared:
                where = (mine, table.c.change_id == change)
                connection.execute(delete(table).where(*where))

    def tolt_versions(self) -> set[str]:
        """Return the versions of Tolt's API that links and open writes belong to."""
        link, intent = _column(t.LinkRow, "version"), _column(t.IntentRow, "version")
        still_open = _column(t.IntentRow, "state").in_(OPEN_STATES)
        mine = [_column(row, "pair") == self.pair for row in (t.LinkRow, t.IntentRow)]
        links = select(link).where(mine[0]).distinct()
        opened = select(intent).where(mine[1], still_open).distinct()
        with self._reading() as connection:
            found = [*connection.execute(links), *connection.execute(opened)]
        return {str(row[0]) for row in found} - {""}

    # -- looking after it ---------------------------------------------------

    def sizes(self) -> dict[str, int]:
        """Return how much is remembered, by kind."""
        tables: dict[str, Table] = {
            "links": t.LinkRow,
            "tombstones": t.TombstoneRow,
            "decisions": t.DecisionRow,
            "unfinished": t.UnfinishedRow,
            "partners": t.PartnerLinkRow,
            "writes": t.IntentRow,
            "runs": t.RunRow,
        }
        return {name: len(self._rows(table)) for name, table in tables.items()}

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return every row of this pair, by table."""
        known = {**SQLModel.metadata.tables}
        tables: dict[str, list[dict[str, Any]]] = {}
        with self._engine.connect() as connection:
            for name, table in sorted(known.items()):
                if "pair" in table.c:
                    query = select(table).where(table.c.pair == self.pair)
                    tables[name] = _dicts(connection.execute(query))
        return tables

    def unreadable(self) -> list[str]:
        """Name the links that cannot be read, one by one."""
        parked = self.links_and_parked()[1]
        return [f"link {key}: {why}" for key, why in sorted(parked.items())]

    # -- runs ---------------------------------------------------------------

    @property
    def history(self) -> Runs:
        """The runs of this pair; also one that lost the pair may say how it ended."""
        unfenced = partial(self._writing, fenced=False)
        return Runs(self.pair, self._reading, unfenced)

    def save_run(self, run: RunRecord) -> None:
        """Write a run's entry, at its start and again at its end."""
        self.history.save(run)

    def runs(self) -> list[RunRecord]:
        """Return the runs of this pair, newest first."""
        return self.history.recent(None)

    def recent_runs(
        self, most: int, *, status: str = "", until: str = ""
    ) -> list[RunRecord]:
        """Return the newest runs, newest first, without reading all of them."""
        return self.history.recent(most, status=status, until=until)

    # -- the lease ----------------------------------------------------------

    def take_lease(
        self, owner: str, now: int, seconds: int, *, dead: Iterable[str] = ()
    ) -> str | None:
        """Take the pair, or return its holder: free, expired and dead ones yield."""
        begun = lease.awake()
        with self._writing(fenced=False) as connection:
            other = lease.refuses(connection, self.pair, now, seconds, list(dead))
            if other:
                return other
            known = lease.held_by(connection, self.pair)
            token = (known[1] if known else 0) + 1
            values = {"owner": owner, "token": token, "expires": now + seconds}
            self._upsert(connection, t.LeaseRow, [values])
        self._hold = lease.Hold(owner, token, seconds, begun)
        return None

    def holder(self) -> str:
        """Return who holds the pair, or ""."""
        return next((row["owner"] for row in self._rows(t.LeaseRow)), "")

    def renew_lease(self, now: int, seconds: int) -> None:
        """Hold the pair a little longer; LeaseLost where somebody else has it."""
        begun = lease.awake()
        with self._writing() as connection:
            lease.set_end(connection, self.pair, now + seconds)
        if self._hold is not None:
            self._hold.since = begun

    def fence(self) -> None:
        """Raise LeaseLost where somebody else has the pair by now.

        A hold that would not outlast a request is renewed, in the same transaction.
        """
        if self._hold is not None and self._hold.is_short:
            with self._writing() as connection:
                lease.prolong(connection, self.pair, self._hold)
            return
        with self._reading() as connection:
            self._check_lease(connection)

    def release_lease(self) -> None:
        """Give the pair back, if it is still ours."""
        if self._hold is not None:
            with self._writing(fenced=False) as connection:
                lease.release(connection, self.pair, self._hold)
        self._hold = None

    def _check_lease(self, connection: Connection) -> None:
        if self._hold is not None:
            lease.check(connection, self.pair, self._hold)

    # -- rows ---------------------------------------------------------------

    @contextmanager
    def _writing(self, *, fenced: bool = True) -> Iterator[Connection]:
        """Open a transaction, for a run only as long as it holds the pair."""
        with told(self.pair), self._engine.begin() as connection:
            if fenced:
                self._check_lease(connection)
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with told(self.pair), self._engine.connect() as connection:
            yield connection.execution_options(reading=True)

    def _rows(
        self,
        table: Table,
        connection: Connection | None = None,
        where: ColumnElement[bool] | None = None,
    ) -> list[dict[str, Any]]:
        core = table.__table__  # type: ignore[attr-defined]
        query = select(core).where(core.c.pair == self.pair)
        if where is not None:
            query = query.where(where)
        if connection is None:
            with self._reading() as opened:
                return _dicts(opened.execute(query))
        return _dicts(connection.execute(query))

    def _put(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            with self._writing() as connection:
                self._upsert(connection, table, rows)

    def _upsert(
        self, connection: Connection, table: Table, rows: Sequence[dict[str, Any]]
    ) -> None:
        if not rows:
            return
        core = table.__table__  # type: ignore[attr-defined]
        if connection.dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert as upsert
        else:
            from sqlalchemy.dialects.sqlite import insert as upsert  # type: ignore[assignment]
        statement = upsert(core)
        keys = [column.name for column in core.primary_key]
        others = {
            c.name: statement.excluded[c.name] for c in core.c if c.name not in keys
        }
        connection.execute(
            statement.on_conflict_do_update(index_elements=keys, set_=others),
            [{"pair": self.pair, **row} for row in rows],
        )

    def _drop(self, connection: Connection, table: Table, key: str) -> bool:
        core = table.__table__  # type: ignore[attr-defined]
        where = (core.c.pair == self.pair, core.c.key == key)
        return bool(connection.execute(delete(core).where(*where)).rowcount)

    def _use_up(self, connection: Connection, ids: Iterable[str]) -> None:
        core = t.DecisionRow.__table__  # type: ignore[attr-defined]
        for one in ids:
            where = (core.c.pair == self.pair, core.c.id == one)
            connection.execute(delete(core).where(*where))

    def _bury(self, connection: Connection, stone: Tombstone) -> None:
        self._drop(connection, t.LinkRow, stone.key)
        self._upsert(connection, t.TombstoneRow, [asdict(stone)])

    def _mark(
        self, connection: Connection, intent_id: str, state: str, detail: str
    ) -> None:
        table = t.IntentRow.__table__  # type: ignore[attr-defined]
        values = {"state": state, "detail": detail}
        connection.execute(
            update(table).where(table.c.id == intent_id).values(**values)
        )


def pairs_of(engine: Engine) -> list[str]:
    """Return the pairs that anybody has ever held in this state."""
    table = t.LeaseRow.__table__  # type: ignore[attr-defined]
    with told("every pair"), engine.connect() as opened:
        connection = opened.execution_options(reading=True)
        return sorted(connection.execute(select(table.c.pair)).scalars())


def _dicts(found: CursorResult[Any]) -> list[dict[str, Any]]:
    names = tuple(found.keys())  # once, and not for each row
    return [dict(zip(names, row, strict=True)) for row in found]


def _column(table: Table, name: str) -> ColumnElement[Any]:
    column: ColumnElement[Any] = table.__table__.c[name]  # type: ignore[attr-defined]
    return column


def _meta(connection: Connection) -> dict[str, str]:
    table = t.MetaRow.__table__  # type: ignore[attr-defined]
    return {row.name: row.value for row in connection.execute(select(table))}


def _without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {field: value for field, value in row.items() if field != name}


def _decision_row(decision: Decision) -> dict[str, Any]:
    fields, lost = " ".join(decision.fields), json.dumps(decision.lost)
    return asdict(decision) | {"fields": fields, "lost": lost}


def _intent(row: dict[str, Any]) -> Intent:
    kept = {k: v for k, v in row.items() if k not in ("pair", "copied")}
    return Intent(copy=row["copied"], **kept)


make = tuple.__new__  # what Link() does, without a call of Python for each
_discount = lru_cache(maxsize=4096)(parse_discount)


def _link(  # noqa: PLR0917 (a row of LinkRow: the columns after its pair)
    key: str,
    written: str,
    partnero_id: str,
    partnero_discount: str,
    partnero_partner: str | None,
    tolt_id: str,
    tolt_code: str,
    tolt_discount: str,
    tolt_partner: str | None,
    version: str,
    unset: str,
) -> Link:
    """Return the link of a row; texts that are equal become one object."""
    if tolt_code == key:
        tolt_code = key
    if written == partnero_id:
        written = partnero_id
    left_partner = partnero_partner and intern(partnero_partner)
    right_partner = tolt_partner and intern(tolt_partner)
    left = make(Values, (key, _discount(partnero_discount), left_partner))
    right = make(Values, (tolt_code, _discount(tolt_discount), right_partner))
    ids, base = make(Both, (partnero_id, tolt_id)), make(Both, (left, right))
    missing = frozenset(unset.split()) if unset else NOTHING_UNSET
    return make(Link, (ids, base, written, intern(version), missing))


def _link_row(link: Link) -> dict[str, Any]:
    left, right = link.base
    return {
        "key": fold(link.ids.left),
        "written": link.written,
        "partnero_id": link.ids.left,
        "partnero_discount": discount_text(left.discount),
        "partnero_partner": left.partner,
        "tolt_id": link.ids.right,
        "tolt_code": right.code,
        "tolt_discount": discount_text(right.discount),
        "tolt_partner": right.partner,
        "version": link.version,
        "unset": " ".join(sorted(link.unset)),
    }
