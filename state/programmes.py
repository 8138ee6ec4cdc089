"""Which programme each pair asks, by marks: who shares one is told by one question.

No key is kept, nor read of any other pair: equal marks are equal programmes, or equal
keys. A mark is salted with the state's own salt, so it says nothing elsewhere.
"""

from collections.abc import Sequence

from sqlalchemy import Boolean, and_, column, or_, select, table

from state.model import ProgrammeMark, SameProgramme
from state.tables import PROGRAMME
from state.transactions import Transactions, upsert

_p = PROGRAMME.c
_FLEET = table("fleet_pair", column("pair"), column("paused", Boolean), column("begun"))
"""As much as is asked here of the fleet's pairs, whose tables no other pair loads."""


class Programmes:
    """The marks of one pair; a method is a transaction."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._mine = _p.pair == transactions.pair

    def keep(self, marks: Sequence[ProgrammeMark]) -> None:
        """Say what this pair asks, where that is news."""
        known = self._transactions.rows(PROGRAMME)
        rows = [{"pair": self._transactions.pair, **mark._asdict()} for mark in marks]
        if news := [row for row in rows if row not in known]:
            with self._transactions.writing() as connection:
                upsert(connection, PROGRAMME, news)

    def forget(self) -> None:
        """Forget what this pair asked: by now nobody can tell."""
        with self._transactions.writing(fenced=False) as connection:
            connection.execute(PROGRAMME.delete().where(self._mine))

    def sharing(self, marks: Sequence[ProgrammeMark]) -> list[SameProgramme]:
        """Return the other pairs that ask any of these programmes."""
        same = [
            and_(_p.side == mark.side, _p.programme == mark.programme)
            for mark in marks
            if mark.programme
        ]
        if not same:
            return []
        row = _FLEET.c
        runs = or_(~row.paused, row.begun.is_not(None))
        both = PROGRAMME.outerjoin(_FLEET, and_(row.pair == _p.pair, runs))
        columns = (_p.pair, _p.side, _p.reference, row.pair.label("tabled"))
        query = select(*columns).select_from(both).where(or_(*same), ~self._mine)
        with self._transactions.reading() as connection:
            found = connection.execute(query.order_by(_p.pair, _p.side)).all()
        return [
            SameProgramme(row.pair, row.side, row.reference, row.tabled is not None)
            for row in found
        ]
