"""Every redemption that is not in step, as a line, and the sums of these lines. Pure.

What is missing is by far the most there can be, so its sums come from the totals of
the state: a run sums up a million missing sales without reading one of them. All else
is read, line by line. Both add up to the same, in every currency on its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from connector.engine.causes.cause import Causes
from connector.engine.planned import SaleLine
from connector.engine.sales.findings import KINDS, cause_of
from connector.engine.sales.owners import Owners
from connector.engine.sales.redemptions import Id
from connector.engine.sales.standings import MISSING, Standing
from mappings.canonical import Side
from mappings.redemptions import Entry, Money, Sum, Total

LOOKALIKE = "lookalike"
"""How a sale stands that may be one of the target's, under whatever key."""
OPEN = (
    *(Standing.TWICE, Standing.REFUNDED, Standing.QUARANTINED, Standing.UNPROVEN),
    *(Standing.DIFFERS, Standing.WITHOUT_KEY),
)
"""What is not in step without being simply missing."""
_BY_WEIGHT = (
    *(Standing.TWICE, Standing.REFUNDED, Standing.QUARANTINED, LOOKALIKE),
    *(Standing.DIFFERS, Standing.UNPROVEN),
    *(Standing.MISSING_ON_PARTNERO, Standing.MISSING_ON_TOLT, Standing.WITHOUT_KEY),
)
LISTED = tuple(map(str, _BY_WEIGHT))
"""The closed list of standings of a line, in the order in which they matter."""
WRONGLY_PAID = ("payee_change",)
"""The reasons that come before every standing."""
_LACKS = {standing: side for side, standing in MISSING.items()}
_RANKS = {standing: rank for rank, standing in enumerate(LISTED)}


class Note(NamedTuple):
    """What a run says of one sale that it looked up: ``change`` waits for a person.

    ``accepted``: somebody has said that it stays as it is.
    """

    reason: str
    causes: Causes
    change: str = ""
    accepted: bool = False


Notes = Mapping[Id, Note]


def standing_of(standing: Standing, note: Note | None) -> str:
    """Return how a line stands: a question about a sale says more than "missing"."""
    asked = note.reason if note else ""
    return asked if asked in (LOOKALIKE, Standing.QUARANTINED) else standing.value


def line(
    entry: Entry,
    standing: Standing,
    note: Note | None,
    owners: Owners,
    currency: str,
) -> SaleLine:
    """Return one redemption as finance reads it; ``currency`` is the programme's."""
    left, right = counted(entry)
    money = left or right
    where = Side.PARTNERO if entry.logged else Side.TOLT
    reason, why = _why(entry, standing, note, owners)
    return SaleLine(
        code=owners.code(entry.code),
        key=entry.key,
        standing=standing_of(standing, note),
        at=entry.at,
        money=money,
        currency=money.currency if money else currency,
        partner=owners.partner(entry.code, where),
        why=why,
        partnero=left,
        tolt=right,
        reason=reason,
        change=note.change if note else "",
        missing=_lacking(entry, standing),
        accepted=bool(note and note.accepted),
    )


def _lacking(entry: Entry, standing: Standing) -> str:
    """Name the side that has never shown a sale; "" where both have, or none can."""
    if standing in (*MISSING.values(), Standing.QUARANTINED, Standing.UNPROVEN):
        if not entry.seen_on(Side.TOLT):
            return Side.TOLT.value
        if not entry.logged:
            return Side.PARTNERO.value
    return ""


def counted(entry: Entry) -> tuple[Money | None, Money | None]:
    """Return what each side counts of a redemption now.

    Partnero counts what its log names; what was taken back counts no more.
    """
    stands = bool(entry.logged) and entry.sales != 0
    return (entry.sold if stands else None), (entry.charged if entry.charges else None)


def _why(
    entry: Entry, standing: Standing, note: Note | None, owners: Owners
) -> tuple[str, Causes]:
    if note is not None:
        return note.reason, note.causes
    if standing in KINDS or standing is Standing.QUARANTINED:
        return "", (cause_of(standing, entry, owners.code(entry.code)),)
    stop = owners.hindrance(entry.code, _LACKS[standing])
    return (stop[0], (stop[1],)) if stop else ("", ())


def in_order(lines: Iterable[SaleLine]) -> tuple[SaleLine, ...]:
    """Return lines as they are read: who is paid wrongly first, then by weight."""
    return tuple(sorted(lines, key=_place))


def _place(line: SaleLine) -> tuple[bool, int, str, str, str, str]:
    wrongly = line.reason in WRONGLY_PAID
    rank = _RANKS[line.standing]
    return (not wrongly, rank, line.at, line.code, line.key, line.partner)


# -- sums ----------------------------------------------------------------------------


def sums_of(lines: Iterable[SaleLine]) -> list[Sum]:
    """Return what lines come to, unsorted."""
    return [
        Sum(
            each.partner,
            each.code,
            each.currency,
            each.standing,
            1,
            each.money.minor if each.money else 0,
        )
        for each in lines
    ]


def sums_of_missing(
    totals: Iterable[Total], owners: Owners, currency: str
) -> list[Sum]:
    """Return what is missing, out of the totals of the state alone."""
    return [
        Sum(
            owners.partner(total.code, _LACKS[Standing(total.standing)].other),
            owners.code(total.code),
            total.currency or currency,
            total.standing,
            total.number,
            _of_the_source(total),
        )
        for total in totals
        if total.standing in _LACKS
    ]


def _of_the_source(total: Total) -> int:
    to_tolt = total.standing == Standing.MISSING_ON_TOLT
    return total.partnero if to_tolt else total.tolt


def added_up(parts: Iterable[Sum]) -> tuple[Sum, ...]:
    """Return one sum for each partner, code, currency and standing; none of nothing."""
    together: dict[tuple[str, str, str, str], list[int]] = {}
    for part in parts:
        so_far = together.setdefault(part[:4], [0, 0])
        so_far[0] += part.number
        so_far[1] += part.minor
    sums = [Sum(*name, *both) for name, both in together.items() if both[0]]
    return tuple(sorted(sums, key=_sum_place))


def _sum_place(part: Sum) -> tuple[str, str, str, int]:
    return (part.partner, part.code, part.currency, _RANKS[part.standing])


def counts_of(sums: Sequence[Sum]) -> dict[str, int]:
    """Return how many lines stand in each way."""
    counts = dict.fromkeys(LISTED, 0)
    for part in sums:
        counts[part.standing] += part.number
    return counts
