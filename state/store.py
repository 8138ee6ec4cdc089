"""What is remembered of one pair: a method is a transaction, values in, values out.

Here are the records: links, partners, coupons, decisions. What a run writes to the
other products, and what runs there were, is in ``journal``, who holds the pair in
``leases``, redemptions are in ``ledger``, and what is known of the pair as a whole in
``facts``: all of one pair, over the same transactions.
"""

import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from itertools import chain
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    Table,
    bindparam,
    delete,
    func,
    select,
    update,
)

from state import tables as t
from state.bulk import in_parts, uncollected
from state.facts import Facts
from state.journal import Journal
from state.kept import is_kept
from state.leases import Leases
from state.ledger import Ledger
from state.model import (
    OPEN_STATES,
    Decision,
    Link,
    Look,
    PartnerLink,
    Tombstone,
    Unfinished,
    Waiting,
)
from state.programmes import Programmes
from state.rows import (
    bury,
    carried_out,
    decision_of,
    decision_row,
    drop,
    link_of,
    link_row,
    news_of,
    use_up,
    without_pair,
)
from state.summing import count_waiting
from state.transactions import Row, Transactions, insert_new, rows_of, upsert


class Store:
    """The memory of one pair, read and written through its transactions."""

    def __init__(
        self,
        engine: Engine,
        pair: str,
        transactions: Callable[[Engine, str], Transactions] = Transactions,
    ) -> None:
        self.pair = pair
        self.transactions = transactions(engine, pair)
        self.facts = Facts(self.transactions)
        self.leases = Leases(self.transactions)
        self.journal = Journal(self.transactions, self.leases)
        self.ledger = Ledger(self.transactions)
        self.programmes = Programmes(self.transactions)

    def close(self) -> None:
        """Give back the connections to a server, unless others in here use them."""
        if not is_kept(self.transactions.engine):
            self.transactions.engine.dispose()

    # -- the state itself ---------------------------------------------------

    def identity(self, now: str) -> tuple[str, str]:
        """Return the state's own id and birth, giving it both if it has none."""
        if known_already := self.known_identity():
            return known_already  # a busy database need not be waited for
        with self.transactions.writing(fenced=False) as connection:
            known = _meta(connection)
            if "identity" not in known:
                born = {"identity": uuid.uuid4().hex, "born": now}
                born["salt"] = secrets.token_hex(16)
                rows = [{"name": name, "value": born[name]} for name in born]
                insert_new(connection, t.META, rows)
                known = _meta(connection)  # on a server another one may be first
        return known["identity"], known["born"]

    def known_identity(self) -> tuple[str, str] | None:
        """Return the state's id and birth where it has been written before."""
        known = self.meta()
        return (known["identity"], known["born"]) if "identity" in known else None

    def meta(self) -> dict[str, str]:
        """Return the facts about the state itself, the salt among them."""
        with self.transactions.reading() as connection:
            return _meta(connection)

    # -- records ------------------------------------------------------------

    def links(self) -> list[Link]:
        """Return every link with its base."""
        return self.links_and_unreadable()[0]

    def links_and_unreadable(self) -> tuple[list[Link], dict[str, str]]:
        """Return every link, and by its key why one cannot be read and is left."""
        query = select(*list(t.LINK.c)[1:]).where(t.LINK.c.pair == self.pair)
        links: list[Link] = []
        unreadable: dict[str, str] = {}
        with self.transactions.reading() as connection, uncollected():
            for row in chain.from_iterable(connection.execute(query).partitions(1000)):
                try:
                    links.append(link_of(*row))
                except ValueError as error:
                    unreadable[row.key] = str(error)
        return links, unreadable

    def link(self, key: str) -> Link | None:
        """Return one link by its folded text."""
        mine = (t.LINK.c.pair == self.pair, t.LINK.c.key == key)
        with self.transactions.reading() as connection:
            row = connection.execute(select(*list(t.LINK.c)[1:]).where(*mine)).first()
        return None if row is None else link_of(*row)

    def save_links(
        self,
        links: Iterable[Link],
        keys: Iterable[str] = (),
        used: Iterable[str] = (),
    ) -> None:
        """Write links with their bases, and forget the tombstones of their texts.

        They are written as they come, all of them in one transaction.
        ``keys`` are those under which they were stored: a record that was renamed on
        both sides leaves its old one. ``used`` are the consents that are used up by it.
        """
        rows = (link_row(self.pair, link) for link in links)
        with self.transactions.writing() as connection:
            carried_out(connection, self.pair, used)
            mine = t.TOMBSTONE.c.pair == self.pair
            buried = {row["key"] for row in rows_of(connection, t.TOMBSTONE, mine)}
            old = {*keys}
            for part in in_parts(rows):
                upsert(connection, t.LINK, part)
                new = {row["key"] for row in part} if old or buried else set()
                old -= new
                for key in new & buried:
                    drop(connection, t.TOMBSTONE, self.pair, key)
            for key in old:
                drop(connection, t.LINK, self.pair, key)

    def bury(self, stones: Iterable[Tombstone], used: Iterable[str] = ()) -> None:
        """Close the bases of records that are gone, and remember them as gone."""
        with self.transactions.writing() as connection:
            carried_out(connection, self.pair, used)
            for stone in stones:
                bury(connection, self.pair, stone)

    def tombstones(self) -> dict[str, Tombstone]:
        rows = self.transactions.rows(t.TOMBSTONE)
        return {row["key"]: Tombstone(**without_pair(row)) for row in rows}

    def unfinished(self) -> dict[str, Unfinished]:
        """Return the codes that a replace took away and could not make anew."""
        rows = self.transactions.rows(t.UNFINISHED)
        return {row["key"]: Unfinished(**without_pair(row)) for row in rows}

    def finish(self, keys: Iterable[str]) -> None:
        """Forget codes that are there again."""
        with self.transactions.writing() as connection:
            for key in keys:
                drop(connection, t.UNFINISHED, self.pair, key)

    # -- partners and coupons -----------------------------------------------

    def partner_links(self, version: str) -> list[PartnerLink]:
        """Return matched partners whose Tolt ids belong to this API version."""
        return [
            PartnerLink(row["partnero_id"], row["tolt_id"], row["how"])
            for row in self.transactions.rows(
                t.PARTNER_LINK, t.PARTNER_LINK.c.version == version
            )
        ]

    def save_partner_links(
        self,
        version: str,
        matched: Iterable[PartnerLink],
        ended: Iterable[PartnerLink] = (),
    ) -> None:
        """Remember partners that were matched, and forget matches that ended."""
        rows: list[Row] = [
            {
                "pair": self.pair,
                "version": version,
                "partnero_id": link.partnero,
                "tolt_id": link.tolt,
                "how": link.how,
            }
            for link in matched
        ]
        gone = [link.partnero for link in ended]
        if not (rows or gone):
            return
        table = t.PARTNER_LINK.c
        with self.transactions.writing() as connection:
            for id_ in gone:
                mine = (table.pair == self.pair, table.version == version)
                here = table.partnero_id == id_
                connection.execute(delete(t.PARTNER_LINK).where(*mine, here))
            upsert(connection, t.PARTNER_LINK, rows)

    def coupons(self, now: str = "") -> dict[str, str]:
        """Return the remembered coupon of each Partnero code, the oldest first.

        When one was asked for after ``now`` is unknown: it comes before all others.
        """
        rows = self.transactions.rows(t.COUPON)
        rows.sort(key=lambda row: (not now or row["checked"] <= now, row["checked"]))
        return {row["code"]: row["uuid"] for row in rows}

    def save_coupons(self, learned: Mapping[str, str], at: str) -> None:
        """Remember coupons that were asked for singly, and when."""
        rows: list[Row] = [
            {"pair": self.pair, "code": code, "uuid": coupon, "checked": at}
            for code, coupon in learned.items()
        ]
        if rows:
            with self.transactions.writing() as connection:
                upsert(connection, t.COUPON, rows)

    def forget_coupons(self, codes: Iterable[str]) -> None:
        """Forget the coupons of codes that are not there any more."""
        gone = list(codes)
        if not gone:
            return
        with self.transactions.writing() as connection:
            for code in gone:
                mine = (t.COUPON.c.pair == self.pair, t.COUPON.c.code == code)
                connection.execute(delete(t.COUPON).where(*mine))

    # -- decisions ----------------------------------------------------------

    def decisions(self) -> dict[str, Decision]:
        """Return the consents that are not used up, by the id of their change."""
        return {
            row["id"]: decision_of(row) for row in self.transactions.rows(t.DECISION)
        }

    def decided_of(self, ids: Iterable[str]) -> set[str]:
        """Return which of these consents are there still."""
        mine = t.DECISION.c.id.in_(sorted(ids))
        return {row["id"] for row in self.transactions.rows(t.DECISION, mine)}

    def decide(self, decisions: Iterable[Decision]) -> list[Decision]:
        """Keep a person's decisions, and return those that stood there already.

        Nobody's word replaces another one's: of two people who decide at the same
        time the first one counts, and the other one hears of it.
        """
        rows = [decision_row(self.pair, decision) for decision in decisions]
        if not rows:
            return []
        ours = t.DECISION.c.pair == self.pair
        with self.transactions.writing() as connection:
            insert_new(connection, t.DECISION, rows)
            stored = {row["id"]: row for row in rows_of(connection, t.DECISION, ours)}
            count_waiting(connection, self.pair)
        return [
            decision_of(stored[row["id"]]) for row in rows if stored[row["id"]] != row
        ]

    def carry(self, carried: Mapping[str, Decision]) -> None:
        """Give decisions, by the ids that they had, the ones that they have now."""
        rows = [decision_row(self.pair, decision) for decision in carried.values()]
        with self.transactions.writing() as connection:
            use_up(connection, self.pair, carried)
            upsert(connection, t.DECISION, rows)
            count_waiting(connection, self.pair)

    def withdraw(self, ids: Iterable[str]) -> None:
        """Take decisions back; those that are not there are none."""
        with self.transactions.writing() as connection:
            use_up(connection, self.pair, ids)
            count_waiting(connection, self.pair)

    def waiting(self) -> dict[str, Waiting]:
        """Return what waited for a person in the last complete look, by id."""
        rows = self.transactions.rows(t.WAITING)
        return {row["id"]: Waiting(**without_pair(row)) for row in rows}

    def looked(self) -> Look | None:
        """Return the last complete look at both sides; None where there was none."""
        rows = self.transactions.rows(t.LOOK)
        return Look(**without_pair(rows[0])) if rows else None

    def save_look(
        self, look: Look, waiting: Iterable[Waiting], ended: Iterable[str] = ()
    ) -> None:
        """Keep what a complete look has found waiting; ``ended`` consents end.

        What waits as before is not written again, and keeps since when it does.
        """
        mine = t.WAITING.c.pair == self.pair
        shown = {item.id: item for item in waiting}
        with self.transactions.writing() as connection:
            known = {r["id"]: r for r in rows_of(connection, t.WAITING, mine)}
            if gone := [{"gone": id_} for id_ in known.keys() - shown.keys()]:
                here = t.WAITING.c.id == bindparam("gone")
                connection.execute(delete(t.WAITING).where(mine, here), gone)
            upsert(connection, t.WAITING, news_of(self.pair, shown, known))
            upsert(connection, t.LOOK, [{"pair": self.pair, **asdict(look)}])
            use_up(connection, self.pair, ended)
            count_waiting(connection, self.pair)

    def look_again(self, as_of: str) -> None:
        """Note that everything was still as the last complete look has shown it.

        A look that another run has kept meanwhile, and that is newer, stays as it is.
        """
        look = t.LOOK.c
        older = (look.pair == self.pair, look.as_of < as_of)
        with self.transactions.writing() as connection:
            connection.execute(update(t.LOOK).where(*older).values(as_of=as_of))

    # -- looking after it ---------------------------------------------------

    def tolt_versions(self) -> set[str]:
        """Return the versions of Tolt's API that links and open writes belong to."""
        link, intent = t.LINK.c, t.INTENT.c
        links = select(link.version).where(link.pair == self.pair).distinct()
        mine = (intent.pair == self.pair, intent.state.in_(OPEN_STATES))
        writes = select(intent.version).where(*mine).distinct()
        with self.transactions.reading() as connection:
            rows = [*connection.execute(links), *connection.execute(writes)]
        return {str(row.version) for row in rows} - {""}

    def sizes(self) -> dict[str, int]:
        """Return how much is remembered, by kind."""
        tables = {
            "links": t.LINK,
            "tombstones": t.TOMBSTONE,
            "decisions": t.DECISION,
            "unfinished": t.UNFINISHED,
            "partners": t.PARTNER_LINK,
            "writes": t.INTENT,
            "runs": t.RUN,
        }
        with self.transactions.reading() as connection:
            return {
                name: connection.scalar(self._counting(table)) or 0
                for name, table in tables.items()
            }

    def _counting(self, table: Table) -> Select[Any]:
        count = select(func.count()).select_from(table)
        return count.where(table.c.pair == self.pair)

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return every row of this pair, by table."""
        from state.shared_tables import SHARED

        every = sorted((*t.OF_A_RUN, *SHARED), key=lambda table: table.name)
        with self.transactions.reading() as connection:
            return {
                table.name: rows_of(connection, table, table.c.pair == self.pair)
                for table in every
                if "pair" in table.c
            }

    def unreadable(self) -> list[str]:
        """Name the links that cannot be read, one by one."""
        unreadable = self.links_and_unreadable()[1]
        return [f"link {key}: {why}" for key, why in sorted(unreadable.items())]


def _meta(connection: Connection) -> dict[str, str]:
    return {row.name: row.value for row in connection.execute(select(t.META))}
