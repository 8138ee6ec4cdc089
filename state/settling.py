"""A verdict and all that follows from it, as statements of one transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from sqlalchemy import Connection, delete, update

from mappings.canonical import fold
from state import tables as t
from state.ledger import record
from state.model import Failure, Same, Settlement
from state.rows import bury, carried_out, decision_row, drop, link_row
from state.summing import count_waiting
from state.transactions import Row, upsert


def settle(connection: Connection, pair: str, settlement: Settlement) -> None:
    """Write everything that a settlement says."""
    _close(connection, pair, settlement)
    _consents(connection, pair, settlement)
    _base(connection, pair, settlement)
    _people(connection, pair, settlement)
    _coupons(connection, pair, settlement)
    record(connection, pair, settlement.sales)
    _failure(connection, pair, settlement)


def _close(connection: Connection, pair: str, settlement: Settlement) -> None:
    """Write how the intent stands; its note and its copy stay as they are."""
    names = ("state", "detail", "at", "looks")
    new = {name: getattr(settlement.intent, name) for name in names}
    mine = (t.INTENT.c.pair == pair, t.INTENT.c.id == settlement.intent.id)
    connection.execute(update(t.INTENT).where(*mine).values(**new))


def _consents(connection: Connection, pair: str, settlement: Settlement) -> None:
    carried_out(connection, pair, settlement.used)
    accepted = [decision_row(pair, decision) for decision in settlement.accepts]
    upsert(connection, t.DECISION, accepted)
    if accepted:
        count_waiting(connection, pair)


def _base(connection: Connection, pair: str, settlement: Settlement) -> None:
    """Move the base, close it, or keep that a code is missing until it is mended."""
    if settlement.unfinished is not None:
        left: Row = {"pair": pair, **asdict(settlement.unfinished)}
        upsert(connection, t.UNFINISHED, [left])
    if settlement.finished:
        drop(connection, t.UNFINISHED, pair, settlement.finished)
    if settlement.replaces:
        drop(connection, t.LINK, pair, settlement.replaces)
    if settlement.link is not None:
        upsert(connection, t.LINK, [link_row(pair, settlement.link)])
        drop(connection, t.TOMBSTONE, pair, fold(settlement.link.ids.left))
    if settlement.stone is not None:
        bury(connection, pair, settlement.stone)


def _people(connection: Connection, pair: str, settlement: Settlement) -> None:
    """Remember whom this write has made, or paid for, on both sides."""
    if settlement.partner is not None:
        made = _same_row(pair, settlement.partner) | {"how": "created"}
        upsert(connection, t.PARTNER_LINK, [made])
    if settlement.customer is not None:
        upsert(connection, t.CUSTOMER_LINK, [_same_row(pair, settlement.customer)])


def _same_row(pair: str, same: Same) -> Row:
    return {
        "pair": pair,
        "version": same.version,
        "partnero_id": same.partnero,
        "tolt_id": same.tolt,
    }


def _coupons(connection: Connection, pair: str, settlement: Settlement) -> None:
    """Correct remembered coupons of codes that a single row has shown on others."""
    coupon = t.COUPON.c
    for code, uuid in settlement.coupons.items():
        other = (coupon.pair == pair, coupon.code == code, coupon.uuid != uuid)
        new = {"uuid": uuid, "checked": settlement.seen_at}
        connection.execute(update(t.COUPON).where(*other).values(**new))


def _failure(connection: Connection, pair: str, settlement: Settlement) -> None:
    intent = settlement.intent
    if settlement.failed is not None:
        add_failures(connection, pair, {intent.change_id: settlement.failed})
    elif intent.state in ("confirmed", "adopted"):
        clear_failures(connection, pair, [intent.change_id])


def add_failures(
    connection: Connection, pair: str, failed: Mapping[str, Failure]
) -> None:
    """Count one more run in which these changes have failed."""
    rows: list[Row] = [
        {"pair": pair, "change_id": change_id, **asdict(failure)}
        for change_id, failure in failed.items()
    ]
    upsert(connection, t.FAILURE, rows, sums=("runs",))


def clear_failures(connection: Connection, pair: str, changes: Iterable[str]) -> None:
    """Let changes that were done, or are not proposed any more, start anew."""
    mine = t.FAILURE.c.pair == pair
    for change_id in changes:
        this = t.FAILURE.c.change_id == change_id
        connection.execute(delete(t.FAILURE).where(mine, this))
