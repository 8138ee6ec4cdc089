"""What is known of a pair as a whole: typed values outside, one row a name inside.

Whoever asks gets a value and never what is stored. A fact that an earlier version
wrote with more in it than is asked today is read for what is asked; a fact that was
never written is the empty value.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from mappings.canonical import Side
from state import tables as t
from state.model import (
    Digested,
    FindingLine,
    LastReading,
    PairFacts,
    Programme,
    Wave,
    Window,
)
from state.transactions import Transactions, upsert

VERSION = "tolt.version"
"""How the version of Tolt's API is named among the stored marks of the programmes."""
WINDOW = {member.name for member in fields(Window)}


class Facts:
    """The facts of one pair; a method is a transaction."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def pair(self) -> PairFacts:
        """Return who the pair is and how large it was."""
        known = self._known("fingerprints", "counts", "rest", "aside")
        prints = known.get("fingerprints", {})
        return PairFacts(
            programmes={side: _programme(prints, side) for side in Side},
            version=prints.get(VERSION, ""),
            counts=_by_side(known.get("counts", {})),
            rest=known.get("rest", {}),
            aside=_by_side(known.get("aside", {})),
        )

    def save_pair(self, facts: PairFacts) -> None:
        """Remember who the pair is and how large it was, if that is news."""
        self._save(
            {
                "fingerprints": _prints(facts),
                "counts": facts.counts,
                "rest": facts.rest,
                "aside": facts.aside,
            }
        )

    def window(self) -> Window | None:
        """Return what the last full read of the background job has seen."""
        known = self._known("window").get("window") or {}
        if not known.keys() >= WINDOW:
            return None
        return Window(**{name: known[name] for name in WINDOW})

    def save_window(self, window: Window) -> None:
        self._save({"window": asdict(window)})

    def probed(self) -> dict[str, str]:
        """Return what the newest probe has seen, by point."""
        return dict(self._known("learned").get("learned") or {})

    def save_probed(self, answers: Mapping[str, str]) -> None:
        self._save({"learned": answers})

    def mark(self) -> str:
        """Return the value of this state's own mark on the sentinel, "" before one."""
        return self._known("mark").get("mark") or ""

    def save_mark(self, value: str) -> None:
        self._save({"mark": value})

    def alarm(self) -> frozenset[str]:
        """Return the troubles of the pair that were told and are not over."""
        return frozenset(self._known("alarm").get("alarm") or ())

    def alarm_since(self) -> str:
        """Return when the trouble that was told had begun, "" where there is none."""
        return str(self._known("alarm_since").get("alarm_since") or "")

    def save_alarm(self, troubles: Iterable[str], since: str = "") -> None:
        self._save({"alarm": sorted(troubles), "alarm_since": since})

    def digested(self) -> Digested:
        """Return what was told of what waits."""
        known = self._known("digest").get("digest") or {}
        return Digested(known.get("due", ""), tuple(known.get("payees", ())))

    def save_digest(self, told: Digested) -> None:
        self._save({"digest": asdict(told)})

    def last_reading(self) -> LastReading:
        """Return what the last complete look left for people to read."""
        known = self._known("latest").get("latest") or {}
        findings = known.get("findings", ())
        return LastReading(
            tuple(FindingLine(**_asked(FindingLine, line)) for line in findings),
            known.get("money") or {},
        )

    def save_last_reading(self, reading: LastReading) -> None:
        self._save({"latest": asdict(reading)})

    def waves(self) -> list[Wave]:
        """Return the waves of migrations that were begun, in their order."""
        known = self._known("waves").get("waves") or ()
        lines = (_asked(Wave, line) for line in known)
        return [Wave(**line | {"keys": tuple(line["keys"])}) for line in lines]

    def save_waves(self, waves: Iterable[Wave]) -> None:
        self._save({"waves": [asdict(wave) for wave in waves]})

    def _known(self, *names: str) -> dict[str, Any]:
        """Return what is stored under these names."""
        rows = self._transactions.rows(t.PAIR, t.PAIR.c.name.in_(names))
        return {row["name"]: json.loads(row["value"]) for row in rows}

    def _save(self, facts: Mapping[str, Any]) -> None:
        """Write what is news; for what is none a busy database is not waited for."""
        texts = {name: json.dumps(facts[name], sort_keys=True) for name in facts}
        stored = self._transactions.rows(t.PAIR, t.PAIR.c.name.in_(texts))
        known = {row["name"]: row["value"] for row in stored}
        news = [
            {"pair": self._transactions.pair, "name": name, "value": text}
            for name, text in texts.items()
            if known.get(name) != text
        ]
        if news:
            with self._transactions.writing() as connection:
                upsert(connection, t.PAIR, news)


def _programme(prints: Mapping[str, str], side: Side) -> Programme:
    return Programme(
        id=prints.get(side.value, ""),
        key=prints.get(f"{side}.key", ""),
        currency=prints.get(f"{side}.currency", ""),
        kind=prints.get(f"{side}.kind", ""),
    )


def _prints(facts: PairFacts) -> dict[str, str]:
    """Return the stored form: one flat object, as every version has written it."""
    prints = {VERSION: facts.version}
    for side, programme in facts.programmes.items():
        prints |= {
            side.value: programme.id,
            f"{side}.key": programme.key,
            f"{side}.currency": programme.currency,
            f"{side}.kind": programme.kind,
        }
    return {name: value for name, value in prints.items() if value}


def _by_side(stored: Mapping[str, Any]) -> dict[Side, Any]:
    return {side: stored[side.value] for side in Side if side.value in stored}


def _asked(kind: type[Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that a line has; an earlier version kept more of them."""
    return {member.name: stored[member.name] for member in fields(kind)}
