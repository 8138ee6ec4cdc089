"""What a person should know of a reading as a whole, whatever its codes are. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from connector.engine.causes.cause import Cause
from connector.engine.causes.readings import (
    AliasesContradict,
    AliasUnknown,
    ApiEnds,
    CodeNearlyUsed,
    CodesUnproven,
    CouponNearlyUsed,
    FieldsNotSent,
    LinksStay,
    MatchEnded,
    MoreRowsUnread,
    NotReadWhole,
    NowMatches,
    RowUnread,
    SlowerAllowed,
    UnknownFields,
    VersionIsNew,
)
from connector.engine.change import Finding
from connector.engine.partners import Alias, Ended, PartnerMap, unknown_aliases
from connector.engine.snapshot import CODE, Snapshot
from mappings.canonical import Side
from mappings.rows import Unread
from state.model import Link

NEARLY = 90
"""From this percentage of its limit a code counts as nearly used up."""
NAMED = 50
"""Rows of one kind that are named before the rest is only counted."""


def of_sides(sides: Iterable[Snapshot], pair: str, rate: float) -> Iterator[Finding]:
    """Say what is to be known of a reading; ``rate`` is what Tolt should allow."""
    for side in sides:
        yield from _of_side(side, pair, rate)
        yield from _nearly_used(side)


def _of_side(side: Snapshot, pair: str, rate: float) -> Iterator[Finding]:
    if not side.complete:
        cut = NotReadWhole(side.side, len(side.codes), side.missed)
        yield Finding("unproven", (cut,))
    if side.drift:
        yield Finding("unknown_field", (UnknownFields(side.side, side.drift),))
    if side.absent:
        yield Finding("missing_field", (FieldsNotSent(side.side, side.absent),))
    yield from of_unread(side.side, side.unread)
    if side.retired:
        yield Finding("api_retired", (ApiEnds(side.side, side.retired),))
    stated = int(side.limit) if side.limit.isdecimal() else 0
    if side.side is Side.TOLT and 0 < stated < rate:
        yield Finding("limit_changed", (SlowerAllowed(side.limit, pair),))


def of_unread(side: Side, rows: Iterable[Unread]) -> Iterator[Finding]:
    """Name the rows that could not be understood, one finding each."""
    every = list(dict.fromkeys(rows))
    for row in every[:NAMED]:
        code = (row.text or row.name) if row.noun == CODE else None
        yield Finding("unreadable", (RowUnread(side, row),), code or None)
    if len(every) > NAMED:
        yield Finding("unreadable", (MoreRowsUnread(side, len(every) - NAMED),))


def _nearly_used(side: Snapshot) -> Iterator[Finding]:
    """Name the codes, and the coupons, whose limit is nearly reached."""
    coupons: dict[tuple[str, int, int], list[str]] = defaultdict(list)
    for code in side.codes.values():
        carried = code.carried
        if not carried.limited:
            continue
        used, limit = carried.redeemed or 0, carried.redemption_limit or 0
        if _is_nearly(used, limit):
            cause = CodeNearlyUsed(side.side, code.written, used, limit)
            yield Finding("limit_nearly_used", (cause,), code.written)
        used, limit = carried.coupon_redeemed or 0, carried.coupon_limit or 0
        if _is_nearly(used, limit):
            coupons[str(carried.coupon), used, limit].append(code.written)
    for (coupon, used, limit), codes in sorted(coupons.items()):
        shared = CouponNearlyUsed(side.side, coupon, used, limit)
        yield Finding("limit_nearly_used", (shared,), None, tuple(sorted(codes)))


def _is_nearly(used: int, limit: int) -> bool:
    return bool(limit) and used * 100 >= limit * NEARLY


def of_versions(
    links: Iterable[Link], relinked: int, version: str, *, first: bool
) -> Iterator[Finding]:
    """Tell of a switch between Tolt's versions, and of what it left unproven."""
    strangers = [link for link in links if link.version != version]
    causes: list[Cause] = [VersionIsNew(version, relinked)] if first else []
    if strangers:
        others = tuple(sorted({link.version for link in strangers}))
        causes.append(CodesUnproven(len(strangers), others))
    if causes:
        texts = tuple(sorted(link.written for link in strangers))
        yield Finding("version_switched", tuple(causes), None, texts)


def of_partners(
    file: str | None,
    aliases: Iterable[Alias],
    sides: Iterable[Snapshot],
    partners: PartnerMap,
) -> Iterator[Finding]:
    """Name the lines of the alias file that join nobody, and matches that ended."""
    sides = tuple(sides)
    complete = {
        side.side
        for side in sides
        if side.complete and not any(row.noun == "partner" for row in side.unread)
    }
    for side, alias in unknown_aliases(aliases, partners):
        if side in complete:
            yield Finding("alias_unknown", (AliasUnknown(file, alias, side),))
    for lines in partners.conflicts:
        yield Finding("alias_conflict", (AliasesContradict(file, lines),))
    for ended in partners.ended:
        yield _rematched(file, ended, sides, partners)


def _rematched(
    file: str | None,
    ended: Ended,
    sides: Iterable[Snapshot],
    partners: PartnerMap,
) -> Finding:
    """Tell of a match that ended, with every code whose payee that may change."""
    ids = dict(zip(Side, ended.link[:2], strict=True))
    left, right = (partners.person(side, ids[side]) for side in Side)
    causes: list[Cause] = [MatchEnded(left, right, ended.why, file, ended.line)]
    now = {side: partners.counterpart(side, ids[side]) for side in Side}
    for side in Side:
        if other := now[side]:
            here = partners.person(side, ids[side])
            there = partners.person(side.other, other)
            causes.append(NowMatches(here, there, side.other))
    concerned = {side: {ids[side], now[side.other]} - {None} for side in Side}
    codes = {
        code.written
        for side in sides
        for code in side.codes.values()
        if code.values.partner in concerned[side.side]
    }
    if codes:
        causes.append(LinksStay())
    return Finding("rematched", tuple(causes), None, tuple(sorted(codes)))
