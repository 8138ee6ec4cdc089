"""Values to rows and back, and the few statements that several transactions share."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from functools import lru_cache
from sys import intern
from typing import Any

from sqlalchemy import Connection, Table, delete

from mappings.canonical import Both, Values, fold
from mappings.discounts import discount_text, parse_discount
from state import tables as t
from state.counts import PlanCounts, RedemptionCounts
from state.model import (
    Decision,
    Intent,
    Link,
    RunSummary,
    Tombstone,
    Waiting,
)
from state.summing import count_waiting
from state.transactions import Row, upsert

NOTHING_UNSET: frozenset[str] = frozenset()
COUNTED = [member.name for member in fields(PlanCounts) if member.name != "redemptions"]
REDEMPTIONS = [member.name for member in fields(RedemptionCounts)]
OF_REDEMPTIONS = "redemptions_"
"""How the columns of what redemptions came to begin."""
OF_A_RUN = [member.name for member in fields(RunSummary) if member.name != "counts"]

make = tuple.__new__  # what Link() does, without a call of Python for each
_discount = lru_cache(maxsize=4096)(parse_discount)
_text = lru_cache(maxsize=4096)(discount_text)


def link_of(  # noqa: PLR0917 (a row of LinkRow: the columns after its pair)
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


def link_row(pair: str, link: Link) -> Row:
    (left_id, right_id), (left, right), written, version, unset = link
    return {
        "pair": pair,
        "key": fold(left_id),
        "written": written,
        "partnero_id": left_id,
        "partnero_discount": _text(left.discount),
        "partnero_partner": left.partner,
        "tolt_id": right_id,
        "tolt_code": right.code,
        "tolt_discount": _text(right.discount),
        "tolt_partner": right.partner,
        "version": version,
        "unset": " ".join(sorted(unset)) if unset else "",
    }


def decision_row(pair: str, decision: Decision) -> Row:
    stored = {
        "pair": pair,
        "fields": " ".join(decision.fields),
        "lost": json.dumps(decision.lost),
    }
    return asdict(decision) | stored


def decision_of(row: Row) -> Decision:
    named = tuple(row["fields"].split())
    lost = tuple(json.loads(row["lost"]))
    return Decision(**without_pair(row) | {"fields": named, "lost": lost})


def news_of(
    pair: str, shown: Mapping[str, Waiting], known: Mapping[str, Row]
) -> list[Row]:
    """Return the rows that are not as they are stored."""
    rows: list[Row] = []
    for id_, item in shown.items():
        row: Row = {"pair": pair, **asdict(item)}
        if before := known.get(id_):
            row |= {"run": before["run"], "at": before["at"]}
        if row != before:
            rows.append(row)
    return rows


def intent_row(pair: str, intent: Intent) -> Row:
    row = asdict(intent) | {"pair": pair, "copied": intent.copy}
    del row["copy"]
    return row


def intent_of(row: Row) -> Intent:
    kept = without_pair(row)
    return Intent(copy=kept.pop("copied"), **kept)


def run_row(run: RunSummary) -> Row:
    """Return what a run is stored as, but for its number and its document."""
    counts = run.counts
    redemptions = counts.redemptions if counts else None
    return {
        **{name: getattr(run, name) for name in OF_A_RUN},
        **{name: getattr(counts, name, None) for name in COUNTED},
        **{
            OF_REDEMPTIONS + name: getattr(redemptions, name, None)
            for name in REDEMPTIONS
        },
    }


def run_of(row: Mapping[str, Any]) -> RunSummary:
    plain = {name: row[name] for name in OF_A_RUN}
    return RunSummary(counts=_counts_of(row), **plain)


def _counts_of(row: Mapping[str, Any]) -> PlanCounts | None:
    if row["ready"] is None:
        return None
    redemptions = None
    if row[OF_REDEMPTIONS + REDEMPTIONS[0]] is not None:
        # Earlier versions did not count what is in doubt.
        compared = {name: row[OF_REDEMPTIONS + name] or 0 for name in REDEMPTIONS}
        redemptions = RedemptionCounts(**compared)
    counted = {name: row[name] for name in COUNTED}
    return PlanCounts(redemptions=redemptions, **counted)


def without_pair(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "pair"}


def drop(connection: Connection, table: Table, pair: str, key: str) -> None:
    """Forget the row of a record."""
    connection.execute(delete(table).where(table.c.pair == pair, table.c.key == key))


def use_up(connection: Connection, pair: str, decisions: Iterable[str]) -> None:
    """End decisions; those that are not there are none."""
    mine = t.DECISION.c.pair == pair
    for id_ in decisions:
        connection.execute(delete(t.DECISION).where(mine, t.DECISION.c.id == id_))


def carried_out(connection: Connection, pair: str, decisions: Iterable[str]) -> None:
    """End decisions with their effect: nobody is asked about those any more.

    Else an answer that is sent once more, while the run goes on, would be a new one.
    """
    done = list(decisions)
    use_up(connection, pair, done)
    mine = t.WAITING.c.pair == pair
    for id_ in done:
        connection.execute(delete(t.WAITING).where(mine, t.WAITING.c.id == id_))
    if done:
        count_waiting(connection, pair)


def bury(connection: Connection, pair: str, stone: Tombstone) -> None:
    """Close the base of a record that is gone, and remember it as gone."""
    drop(connection, t.LINK, pair, stone.key)
    upsert(connection, t.TOMBSTONE, [{"pair": pair, **asdict(stone)}])
