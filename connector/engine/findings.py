"""What a person should know of a reading as a whole, whatever its codes are."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from connector.engine import words
from connector.engine.change import Finding
from connector.engine.partners import Alias, Ended, PartnerMap, unknown_aliases
from connector.engine.snapshot import CODE, Snapshot
from mappings.canonical import Side, mask
from mappings.discreet import shown_key
from mappings.rows import Unread
from state.model import Link

NEARLY = 90
"""From this percentage of its limit a code counts as nearly used up."""


def of_sides(sides: tuple[Snapshot, Snapshot], pair: str, rate: float) -> list[Finding]:
    """Say what is to be known of a reading; ``rate`` is what Tolt should allow."""
    found = []
    for side in sides:
        if not side.complete:
            message = (
                f"{side.side.label} could not be read completely ({len(side.codes)} "
            )
            message += (
                f"codes seen): {side.missed}. Nothing that rests on it is decided."
            )
            found.append(Finding("unproven", (message,)))
        if side.drift:
            message = f"{side.side.label} sends what its documentation does not name: "
            message += f"{', '.join(side.drift)}. It is ignored."
            found.append(Finding("unknown_field", (message,)))
        if side.absent:
            message = f"{side.side.label} does not send {', '.join(side.absent)} for "
            message += "any code: what it decides looks as if it were taken away."
            found.append(Finding("missing_field", (message,)))
        found += of_unread(side.side, side.unread)
        if side.retired:
            message = f"{side.side.label} says that this version of its API ends: "
            message += f"{side.retired}. Read its notes before then."
            found.append(Finding("api_retired", (message,)))
        stated = int(side.limit) if side.limit.isdecimal() else 0
        if side.side is Side.TOLT and 0 < stated < rate:
            message = f"Tolt allows {side.limit} requests a second, and "
            message += f"pairs.{pair}.tolt.requests_per_second is higher: it will "
            message += "refuse some. Lower it in the configuration."
            found.append(Finding("limit_changed", (message,)))
        found += _nearly_used(side)
    return found


NAMED = 50
"""Rows of one kind that are named before the rest is only counted."""


def of_unread(side: Side, rows: Iterable[Unread]) -> Iterator[Finding]:
    """Name the rows that could not be understood, one finding each."""
    every = list(dict.fromkeys(rows))
    for one in every[:NAMED]:
        message = f"{side.label}'s row of the {one.shown} cannot be understood: "
        message += f"{one.why}. It counts as neither absent nor changed: nothing is "
        message += "done about it, or what rests on it, and all else goes on."
        code = (one.text or one.name) if one.noun == CODE else None
        yield Finding("unreadable", (message,), code or None)
    if len(every) > NAMED:
        more = f"{len(every) - NAMED} more rows of {side.label} cannot be understood."
        yield Finding("unreadable", (more,))


def _nearly_used(side: Snapshot) -> Iterator[Finding]:
    """Name the codes, and the coupons, whose limit is nearly reached."""
    coupons: dict[str, list[str]] = defaultdict(list)
    for code in side.codes.values():
        carried = code.carried
        if not carried.limited:
            continue
        if _is_nearly(carried.redeemed, carried.redemption_limit):
            message = f"{code.written} is used {carried.redeemed} of "
            message += f"{carried.redemption_limit} times on {side.side.label}; Tolt "
            message += "knows no such limit."
            yield Finding("limit_nearly_used", (message,), code.written)
        if _is_nearly(carried.coupon_redeemed, carried.coupon_limit):
            told = f"coupon {carried.coupon} is used {carried.coupon_redeemed} of "
            told += f"{carried.coupon_limit} times on {side.side.label}, by all of its "
            coupons[told].append(code.written)
    for told, codes in sorted(coupons.items()):
        message = f"The {told}codes together; Tolt knows no such limit."
        yield Finding("limit_nearly_used", (message,), None, tuple(sorted(codes)))


def _is_nearly(used: int | None, limit: int | None) -> bool:
    return bool(limit) and used is not None and used * 100 >= (limit or 0) * NEARLY


def of_versions(
    links: Iterable[Link], relinked: int, version: str, *, first: bool
) -> Iterator[Finding]:
    """Tell of a switch between Tolt's versions, and of what it left unproven."""
    strangers = [link for link in links if link.version != version]
    if not (first or strangers):
        return
    message = ""
    if first:
        message = f"Tolt is asked by {version} of its API from now on, whose ids are "
        message += f"others. {relinked} codes were found again by their text. The run "
        message += "that sees this first writes nothing to either side: it only "
        message += "remembers who is who. "
    if strangers:
        before = " and ".join(sorted({link.version for link in strangers}))
        message += f"{len(strangers)} codes that are remembered from {before} cannot "
        message += "be found by their text: nothing that rests on their absence is "
        message += f"done. To prove them, run once with api_version {before}."
    texts = tuple(sorted(link.written for link in strangers))
    yield Finding("version_switched", (message.strip(),), None, texts)


def of_partners(
    file: str | None,
    aliases: Iterable[Alias],
    sides: tuple[Snapshot, Snapshot],
    partners: PartnerMap,
) -> Iterator[Finding]:
    """Name the lines of the alias file that join nobody, and matches that ended."""
    complete = {
        side.side
        for side in sides
        if side.complete and not any(one.noun == "partner" for one in side.unread)
    }
    for side, alias in unknown_aliases(aliases, partners):
        if side in complete:
            message = f"{file} has the line {_shown(alias)}, but {side.label} has no "
            message += "partner of that name: it joins nobody. Correct the e-mail or "
            message += "id, or remove the line."
            yield Finding("alias_unknown", (message,))
    for lines in partners.conflicts:
        told = "; ".join(map(_shown, lines))
        message = f"{file} has lines that contradict each other: {told}. They match "
        message += "nobody, whatever the e-mails are, and what was matched before is "
        message += "not used either. Leave one line for each partner."
        yield Finding("alias_conflict", (message,))
    for ended in partners.ended:
        yield _rematched(file, ended, sides, partners)


def _shown(alias: Alias) -> str:
    names = (mask(one) if "@" in one else shown_key(one) for one in alias[:2])
    return f"{','.join(names)} (line {alias.line})"


def _rematched(
    file: str | None,
    ended: Ended,
    sides: tuple[Snapshot, Snapshot],
    partners: PartnerMap,
) -> Finding:
    """Tell of a match that ended, with every code whose payee that may change."""
    ids = dict(zip(Side, ended.link[:2], strict=True))
    left, right = (words.owner(partners, side, ids[side]) for side in Side)
    message = f"{left} on Partnero and {right} on Tolt counted as one person, and do "
    message += f"so no longer: {_why(file, ended)}. "
    now = {side: partners.counterpart(side, ids[side]) for side in Side}
    for side in Side:
        if other := now[side]:
            here = words.owner(partners, side, ids[side])
            there = words.owner(partners, side.other, other)
            message += f"{here} is now {there} on {side.other.label}. "
    concerned = {side: {ids[side], now[side.other]} - {None} for side in Side}
    codes = sorted(
        {
            code.written
            for side in sides
            for code in side.codes.values()
            if code.values.partner in concerned[side.side]
        }
    )
    if codes:
        message += "What was linked of their codes is not moved by itself: where the "
        message += "sides differ now, it waits for a person."
    return Finding("rematched", (message.strip(),), None, tuple(codes))


def _why(file: str | None, ended: Ended) -> str:
    if ended.line is not None:
        return f"{file} says otherwise, {_shown(ended.line)}"
    return {
        "replaced": "another match of one of them is older",
        "removed": f"the line about them was removed from {file or 'the alias file'}",
        "left": "one of them was erased, and came back under a new id",
        "alike": "their e-mails are two mailboxes that look alike, or are no addresses",
    }[ended.why]
