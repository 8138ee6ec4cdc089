"""The ledger as a run knows it: what is stored, and what was learnt since, unsaved.

Nothing here grows with history: entries are asked for by their ids, and only a changed
start date needs the whole ledger. It saves nothing: a report drops what it learnt, a
run keeps it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.engine.sales.redemptions import Id, learnt_all
from connector.engine.sales.standings import MISSING, Standing, judge
from connector.engine.sales.totals import added, weight
from mappings.canonical import Side
from mappings.redemptions import Entry, Total, folded_key

if TYPE_CHECKING:
    from state.ledger import Ledger

Judged = tuple[Entry, Standing]


@dataclass(slots=True)
class LedgerDraft:
    """What is known of redemptions; those before ``since`` do not count."""

    ledger: "Ledger | None"
    since: str
    _stored: dict[Id, tuple[Entry, str]] = field(default_factory=dict)
    _now: dict[Id, Judged] = field(default_factory=dict)

    def read_everything(self) -> None:
        """Have the next merge judge all that is stored: ``since`` is another date."""
        if self.ledger:
            self._stored = self.ledger.everything()

    def merge(self, learnt: Collection[Entry]) -> None:
        """Add what a reading has shown to what is known of the same redemptions."""
        self._recall((entry.code, entry.key) for entry in learnt)
        known = {id_: entry for id_, (entry, _) in self._stored.items()}
        known |= {id_: entry for id_, (entry, _) in self._now.items()}
        self._judge((known | learnt_all(known, learnt)).values())

    def put(self, entries: Iterable[Entry]) -> None:
        """Take entries as they are now, in place of how they were known."""
        entries = tuple(entries)
        self._recall((entry.code, entry.key) for entry in entries)
        self._judge(entries)

    def _recall(self, ids: Iterable[Id]) -> None:
        known = self._now.keys() | self._stored.keys()
        self._stored |= self.stored(set(ids) - known)

    def _judge(self, entries: Iterable[Entry]) -> None:
        self._now |= {
            (entry.code, entry.key): (entry, judge(entry, self.since))
            for entry in entries
        }

    def stored(self, ids: Iterable[Id]) -> dict[Id, tuple[Entry, str]]:
        """Return the entries with these codes and keys as they are stored."""
        return self.ledger.entries(ids) if self.ledger else {}

    def latest(self, entry: Entry) -> Entry:
        """Return an entry as it is known by now."""
        known = self._now.get((entry.code, entry.key))
        return known[0] if known else entry

    # -- asking -------------------------------------------------------------

    def standing(
        self,
        standing: Standing,
        most: int | None,
        codes: list[str] | None = None,
        *,
        without: str = "",
    ) -> list[Entry]:
        """Return the oldest entries that stand in one way, maybe of some codes only.

        All of them where ``most`` is None; none that we pushed to ``without``.
        """
        if codes == []:
            return []
        among, stored = set(codes or ()), []
        if self.ledger:
            wanted = None if most is None else most + len(self._now)
            stored = self.ledger.waiting(standing, wanted, codes, without)
        entries = self._untouched(stored)
        entries += [
            entry
            for entry, how in self._now.values()
            if how is standing
            and (codes is None or entry.code in among)
            and not (without and entry.pushed == without)
        ]
        return sorted(entries, key=lambda e: (e.at, e.code, e.key))[:most]

    def returned(self, target: Side) -> list[Entry]:
        """Return what the target lacks and we pushed from there: the oldest first."""
        came, lacking = target.other.value, MISSING[target]
        stored = self.ledger.pushed_to(came, lacking) if self.ledger else []
        entries = self._untouched(stored)
        entries += [
            entry
            for entry, how in self._now.values()
            if how is lacking and entry.pushed == came
        ]
        return sorted(entries, key=lambda e: (e.at, e.code, e.key))

    def known(self, ids: Collection[Id]) -> list[Judged]:
        """Return these entries, and how each stands by now."""
        stored = self.stored(set(ids) - self._now.keys())
        known = {id_: (entry, Standing(how)) for id_, (entry, how) in stored.items()}
        known |= {id_: self._now[id_] for id_ in ids if id_ in self._now}
        return [known[id_] for id_ in sorted(known)]

    def nearby(self, keys: Collection[str]) -> list[Entry]:
        """Return all entries whose key is one of these but for case and blanks."""
        folded = {folded_key(key) for key in keys} - {""}
        stored = self.ledger.alike(keys) if self.ledger else []
        learnt = [entry for entry, _ in self._now.values() if entry.folded in folded]
        return self._untouched(stored) + learnt

    def sharing(self, keys: Collection[str]) -> list[Entry]:
        """Return all entries with these keys, whatever their code."""
        stored = self.ledger.sharing(keys) if self.ledger else []
        learnt = [entry for entry, _ in self._now.values() if entry.key in keys]
        return self._untouched(stored) + learnt

    def linked(self, references: Collection[str]) -> set[str]:
        """Return which sales a person has said to be one of the ledger."""
        linked = {entry.linked for entry, _ in self._now.values() if entry.linked}
        stored = self.ledger.linked(references) if self.ledger else set()
        return linked | stored

    def looked_alike(self) -> dict[str, list[Entry]]:
        """Return what once had a lookalike without us, by each lookalike's key."""
        stored = self.ledger.looked_alike() if self.ledger else []
        learnt = [entry for entry, _ in self._now.values() if entry.alike]
        by_key: dict[str, list[Entry]] = {}
        for entry in (*self._untouched(stored), *learnt):
            for key in {key for _, key in entry.alike}:
                by_key.setdefault(key, []).append(entry)
        return by_key

    def _untouched(self, stored: Iterable[Entry]) -> list[Entry]:
        return [entry for entry in stored if (entry.code, entry.key) not in self._now]

    # -- what is to be saved ------------------------------------------------

    def news(self) -> list[Judged]:
        """Return the entries that are not as they are stored."""
        return [now for id_, now in self._now.items() if self._stored.get(id_) != now]

    def more(self) -> tuple[Total, ...]:
        """Return what the news adds to the totals."""
        old = [
            weight(*was, -1)
            for id_, was in self._stored.items()
            if was != self._now[id_]
        ]
        return added([], [*old, *(weight(*now) for now in self.news())])

    def totals(self) -> tuple[Total, ...]:
        """Return the totals with the news in them."""
        return added(self.ledger.totals() if self.ledger else (), self.more())
