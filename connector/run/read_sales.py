"""Reading what is new of redemptions: log entries, transactions, and whose they are.

What was read before is not read again: each log and each version of Tolt's API has a
mark of how far it was read.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from connector.engine.keys import Keys
from connector.engine.sales.redemptions import (
    RECHECKED,
    LogMark,
    of_charge,
    of_sales,
    read_log,
)
from connector.engine.sales.standings import Standing
from connector.providers.base import Charges, Sales
from connector.run.ledger_draft import LedgerDraft
from connector.run.sales_rematch import Rematch
from mappings.canonical import fold
from mappings.redemptions import Charge, Customer, Entry, Log
from mappings.rows import Unread

TOLT = "tolt:"
"""How the marks of Tolt's transactions begin; the version of its API follows."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What redemptions are read from, and how their codes are compared."""

    partnero: Sales
    tolt: Charges
    keys: Keys
    draft: LedgerDraft

    def name(self, code: str) -> str:
        """Return a code's text as it is written."""
        pair = self.keys.pairs.get(code)
        shown = (pair.partnero or pair.tolt) if pair else None
        return shown.written if shown else code


class SalesRead(NamedTuple):
    """What was read: what it says, and how far everything is read by now.

    ``cut`` are codes whose log lost entries, ``untold`` counts transactions whose code
    Tolt does not tell; ``switched``: none were read under this version before.
    """

    learnt: list[Entry]
    marks: dict[str, str]
    cut: list[str]
    unread: list[Unread]
    untold: int
    switched: bool


class _Logs(NamedTuple):
    learnt: list[Entry]
    marks: dict[str, str]
    cut: list[str]
    unread: list[Unread]


class _Charges(NamedTuple):
    learnt: list[Entry]
    marks: dict[str, str]
    untold: int
    switched: bool


def logs_by_key(keys: Keys, logs: Mapping[str, Log]) -> dict[str, Log]:
    """Return the logs under the keys by which their codes are compared."""
    return {keys.partnero.get(id_, fold(id_)): log for id_, log in logs.items()}


def read_sales(
    sources: Sources, logs: Mapping[str, Log], marks: Mapping[str, str]
) -> SalesRead:
    """Read both sides; what was read before is not read again."""
    logged = _read_logs(logs, marks, sources.name)
    sold = _read_transactions(sources, logged.learnt)
    charged = _read_charges(sources, marks)
    return SalesRead(
        learnt=[*logged.learnt, *sold, *charged.learnt],
        marks=logged.marks | charged.marks,
        cut=logged.cut,
        unread=logged.unread,
        untold=charged.untold,
        switched=charged.switched,
    )


def _read_logs(
    logs: Mapping[str, Log], marks: Mapping[str, str], name: Callable[[str], str]
) -> _Logs:
    """Read what is new in each code's log."""
    read = _Logs([], {}, [], [])
    for code, log in sorted(logs.items()):
        stored = marks.get(f"log:{code}")
        new = read_log(code, log, LogMark(*json.loads(stored)) if stored else None)
        read.learnt.extend(new.entries)
        for number, why in new.bad:
            place = f"the log of {name(code)}, number {number} of what is new"
            read.unread.append(Unread("entry", "", place, why))
        if new.mark:
            read.marks[f"log:{code}"] = json.dumps(new.mark)
        if new.cut:
            read.cut.append(code)
    return read


def _read_transactions(sources: Sources, learnt: Iterable[Entry]) -> list[Entry]:
    """Ask Partnero for the sales of logged keys whose sale nobody has seen yet.

    What is on both sides without it is asked for again, some of it in each run.
    """
    logged = {(entry.code, entry.key) for entry in learnt if entry.key}
    waiting = sources.draft.standing(Standing.UNPROVEN, RECHECKED)
    unread = (e for e in waiting if e.key and e.logged and e.sales is None)
    logged |= {(entry.code, entry.key) for entry in unread}
    known = sources.draft.stored(logged)
    new = {id_ for id_ in logged if id_ not in known or known[id_][0].sales is None}
    sales = sources.partnero.sales({key for _, key in new}) if new else {}
    return [of_sales(*id_, sales[id_[1]]) for id_ in sorted(new) if id_[1] in sales]


def _read_charges(sources: Sources, marks: Mapping[str, str]) -> _Charges:
    """Read Tolt's next window; the code comes from a customer where need be."""
    tolt = sources.tolt
    mine = f"{TOLT}{tolt.version}"
    others = [
        at
        for name, at in marks.items()
        if name.startswith(TOLT) and name != mine and at
    ]
    switched = bool(others) and mine not in marks
    charges, until = tolt.window(marks.get(mine, ""))
    uncoded = {c.customer for c in charges if not c.code and c.customer}
    customers = tolt.customers(uncoded) if uncoded else {}
    rematch = None
    if others:
        ledger = sources.draft.ledger
        rematch = Rematch(
            ledger, sources.partnero, tolt.version, max(others), everything=switched
        )
    learnt, untold = _of_charges(sources, charges, customers, rematch)
    return _Charges(learnt, {mine: until}, untold, switched)


def _of_charges(
    sources: Sources,
    charges: Iterable[Charge],
    customers: Mapping[str, Customer],
    rematch: Rematch | None,
) -> tuple[list[Entry], int]:
    """Return what transactions say, and of how many the code is not told."""
    learnt: list[Entry] = []
    untold = 0
    for charge in charges:
        buyer = customers.get(charge.customer)
        code = charge.code or (buyer.code if buyer else "")
        if code is None:
            untold += 1
        elif code:
            key = sources.keys.tolt.get(code, code)
            entry = of_charge(key, charge, sources.tolt.version)
            if rematch and not charge.charge_id:
                rematch.take(entry, charge, buyer)
            else:
                learnt.append(entry)
    return learnt + (rematch.entries() if rematch else []), untold
