"""The ledger of redemptions: what both sides ever showed of each, and the totals.

A run touches what is new and asks for what is open; nothing in here walks the whole
ledger but ``everything``, which a changed start date needs. The totals are kept up
to date with the rows, in the same transaction.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select, tuple_

from mappings.canonical import Side
from mappings.redemptions import Entry, Money, Sum, Total, folded_key
from state import tables as t
from state.model import LAST_SUMS, LedgerChange
from state.rows import carried_out
from state.transactions import Row, Transactions, upsert

Id = tuple[str, str]
AT_ONCE = 400
"""Keys in one statement; SQLite takes about 32,000 values."""
SUMS = ("number", "partnero", "tolt")
"""The columns of a total that are added up."""
_ROWS, _TOTALS, _MARKS = t.REDEMPTION, t.REDEMPTION_TOTAL, t.REDEMPTION_MARK
_PEOPLE = t.CUSTOMER_LINK


class Ledger:
    """The redemptions of one pair."""

    def __init__(self, transactions: Transactions) -> None:
        self.pair = transactions.pair
        self._reading = transactions.reading
        self._writing = transactions.writing

    def entries(self, ids: Iterable[Id]) -> dict[Id, tuple[Entry, str]]:
        """Return the entries with these codes and keys, and how each stands."""
        entries: dict[Id, tuple[Entry, str]] = {}
        columns = tuple_(_ROWS.c.code, _ROWS.c.key)
        for part in _parts(sorted(set(ids))):
            entries |= self._entries(self._mine().where(columns.in_(part)))
        return entries

    def waiting(
        self,
        standing: str,
        most: int | None,
        codes: Sequence[str] | None = None,
        without: str = "",
    ) -> list[Entry]:
        """Return the oldest entries that stand in one way, maybe of some codes only.

        None of those that we pushed to the side ``without``.
        """
        query = self._mine().where(_ROWS.c.standing == standing)
        if without:
            query = query.where(_ROWS.c.pushed != without)
        query = query.order_by(_ROWS.c.at, _ROWS.c.code, _ROWS.c.key).limit(most)
        if codes is None:
            return [entry for entry, _ in self._entries(query).values()]
        entries: list[Entry] = []
        for part in _parts(codes):
            rows = self._entries(query.where(_ROWS.c.code.in_(part)))
            entries += [entry for entry, _ in rows.values()]
        return sorted(entries, key=lambda e: (e.at, e.code, e.key))[:most]

    def sharing(self, keys: Iterable[str]) -> list[Entry]:
        """Return every entry with one of these keys, whatever its code."""
        entries: list[Entry] = []
        for part in _parts(sorted(set(keys))):
            rows = self._entries(self._mine().where(_ROWS.c.key.in_(part)))
            entries += [entry for entry, _ in rows.values()]
        return entries

    def everything(self) -> dict[Id, tuple[Entry, str]]:
        """Return the whole ledger."""
        return self._entries(self._mine())

    def totals(self) -> list[Total]:
        """Return count and money of each code and standing."""
        query = select(_TOTALS).where(_TOTALS.c.pair == self.pair)
        with self._reading() as connection:
            return [Total(*row[1:]) for row in connection.execute(query)]

    def marks(self) -> dict[str, str]:
        """Return how far everything was read, by name."""
        query = select(_MARKS.c.name, _MARKS.c.value).where(_MARKS.c.pair == self.pair)
        with self._reading() as connection:
            return {row.name: row.value for row in connection.execute(query)}

    def sums(self) -> tuple[Sum, ...]:
        """Return what is not in step, as the newest recorded comparison summed it up.

        For whoever shows it without reading a side.
        """
        return tuple(Sum(*row) for row in json.loads(self.marks().get(LAST_SUMS, "[]")))

    def alike(self, keys: Iterable[str]) -> list[Entry]:
        """Return every entry whose key is one of these but for case and blanks."""
        entries: list[Entry] = []
        for part in _parts(sorted({folded_key(key) for key in keys} - {""})):
            rows = self._entries(self._mine().where(_ROWS.c.folded.in_(part)))
            entries += [entry for entry, _ in rows.values()]
        return entries

    def linked(self, references: Iterable[str]) -> set[str]:
        """Return which of these sales a person has said to be one of the ledger."""
        linked: set[str] = set()
        for part in _parts(sorted(set(references) - {""})):
            query = select(_ROWS.c.linked).where(
                _ROWS.c.pair == self.pair, _ROWS.c.linked.in_(part)
            )
            with self._reading() as connection:
                linked |= {row.linked for row in connection.execute(query)}
        return linked

    def pushed_to(self, side: str, standing: str) -> list[Entry]:
        """Return what we pushed to a side and stands in this way by now."""
        query = self._mine().where(_ROWS.c.standing == standing, _ROWS.c.pushed == side)
        return [entry for entry, _ in self._entries(query).values()]

    def looked_alike(self) -> list[Entry]:
        """Return what once had a lookalike on the other side, or its own key there."""
        sides = [side.value for side in Side]
        query = self._mine().where(_ROWS.c.evidence.in_(sides), _ROWS.c.alike != "")
        return [entry for entry, _ in self._entries(query).values()]

    def evidence(self, side: str, without: str) -> int:
        """Count what was found on a side without us, however it stands now."""
        query = (
            select(func.count())
            .select_from(_ROWS)
            .where(
                _ROWS.c.pair == self.pair,
                _ROWS.c.evidence == side,
                _ROWS.c.standing != without,
            )
        )
        with self._reading() as connection:
            return int(connection.execute(query).scalar() or 0)

    def in_turn(
        self, first: str, others: Iterable[str], most: int, now: str
    ) -> list[Entry]:
        """Return those that were not asked for the longest, whatever their standing.

        Half of them at most stand as ``first``, so that nobody waits for ever. When
        something was asked for in the future is unknown: that comes first.
        """
        chosen = self._longest_ago(first, most // 2, now)
        rest = [
            entry for other in others for entry in self._longest_ago(other, most, now)
        ]
        rest.sort(key=lambda e: (e.checked <= now, e.checked, e.code, e.key))
        return chosen + rest[: most - len(chosen)]

    def _longest_ago(self, standing: str, most: int, now: str) -> list[Entry]:
        query = self._mine().where(_ROWS.c.standing == standing)
        query = query.order_by(_ROWS.c.checked, _ROWS.c.code, _ROWS.c.key)
        ahead = self._entries(query.where(_ROWS.c.checked > now).limit(most))
        known = self._entries(query.where(_ROWS.c.checked <= now).limit(most))
        return [entry for entry, _ in [*ahead.values(), *known.values()]][:most]

    def sold_at(self, code: str, at: str) -> list[Entry]:
        """Return the entries of a code that Tolt dates so."""
        query = self._mine().where(_ROWS.c.code == code, _ROWS.c.charged_at == at)
        return [entry for entry, _ in self._entries(query).values()]

    def counterpart(self, side: Side, id_: str, version: str) -> str:
        """Return the other side's id of a customer of this side, or ""."""
        columns = (_PEOPLE.c.partnero_id, _PEOPLE.c.tolt_id)
        mine, theirs = columns if side is Side.PARTNERO else columns[::-1]
        query = select(theirs).where(
            _PEOPLE.c.pair == self.pair, _PEOPLE.c.version == version, mine == id_
        )
        with self._reading() as connection:
            return str(connection.execute(query).scalar() or "")

    def save(
        self,
        change: LedgerChange,
        marks: Mapping[str, str],
        *,
        used: Iterable[str] = (),
    ) -> None:
        """Write entries, what they add to the totals, and how far was read: at once.

        ``used`` are the decisions that were carried out by it.
        """
        read: list[Row] = [
            {"pair": self.pair, "name": name, "value": value}
            for name, value in marks.items()
        ]
        with self._writing() as connection:
            record(connection, self.pair, change)
            upsert(connection, _MARKS, read)
            carried_out(connection, self.pair, used)

    def _mine(self) -> Select[Any]:
        return select(_ROWS).where(_ROWS.c.pair == self.pair)

    def _entries(self, query: Select[Any]) -> dict[Id, tuple[Entry, str]]:
        with self._reading() as connection:
            entries = [_entry(row) for row in connection.execute(query)]
        return {(entry.code, entry.key): (entry, how) for entry, how in entries}


def record(connection: Connection, pair: str, change: LedgerChange) -> None:
    """Write entries and what they add to the totals, in an open transaction."""
    rows: list[Row] = [
        {"pair": pair, **_row(entry, standing)} for entry, standing in change.entries
    ]
    upsert(connection, _ROWS, rows)
    totals: list[Row] = [{"pair": pair, **total._asdict()} for total in change.totals]
    upsert(connection, _TOTALS, totals, sums=SUMS)


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]


def _row(entry: Entry, standing: str) -> dict[str, Any]:
    plain = {name: getattr(entry, name) for name in _PLAIN}
    return plain | {
        "standing": standing,
        "at": entry.at,
        "folded": entry.folded,
        "refunds": json.dumps(entry.refunds) if entry.refunds else "",
        "alike": json.dumps(entry.alike) if entry.alike else "",
        "refunded": entry.refunded,
        "sold": _money_text(entry.sold),
        "charges": json.dumps(entry.charges),
        "charged": _money_text(entry.charged),
    }


def _entry(row: Any) -> tuple[Entry, str]:  # noqa: ANN401 (a row of SQLAlchemy)
    charges, refunds = _ids(row.charges), _ids(row.refunds)
    if row.refunded and not refunds:  # as earlier versions kept it
        charges, refunds = (), charges
    entry = Entry(
        sold=_money(row.sold),
        charges=charges,
        refunds=refunds,
        charged=_money(row.charged),
        alike=tuple(map(tuple, json.loads(row.alike))) if row.alike else (),
        **{name: getattr(row, name) for name in _PLAIN},
    )
    return entry, row.standing


_PLAIN = (
    "code",
    "key",
    "logged",
    "logged_at",
    "sales",
    "buyer",
    "sold_at",
    "customer",
    "charged_at",
    "pushed",
    "evidence",
    "linked",
    "doubt",
    "checked",
)


def _ids(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored)) if stored else ()


def _money_text(money: Money | None) -> str:
    return "" if money is None else f"{money.minor} {money.currency}"


def _money(stored: str) -> Money | None:
    minor, _, currency = stored.partition(" ")
    return Money(int(minor), currency) if minor else None
