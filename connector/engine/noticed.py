"""What a person should know of a reading as a whole, whatever its codes are."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from connector.engine.change import Finding
from connector.engine.match import PartnerMap, unknown_aliases
from connector.engine.snapshot import Snapshot
from mappings.canonical import Side, mask

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
            found.append(Finding("unproven", message))
        if side.drift:
            message = f"{side.side.label} sends what its documentation does not name: "
            message += f"{', '.join(side.drift)}. It is ignored."
            found.append(Finding("unknown_field", message))
        if side.absent:
            message = f"{side.side.label} does not send {', '.join(side.absent)} for "
            message += "any code: what it decides looks as if it were taken away."
            found.append(Finding("missing_field", message))
        if side.retired:
            message = f"{side.side.label} says that this version of its API ends: "
            message += f"{side.retired}. Read its notes before then."
            found.append(Finding("api_retired", message))
        stated = int(side.limit) if side.limit.isdecimal() else 0
        if side.side is Side.TOLT and 0 < stated < rate:
            message = f"Tolt allows {side.limit} requests a second, and "
            message += f"pairs.{pair}.tolt.requests_per_second is higher: it will "
            message += "refuse some. Lower it in the configuration."
            found.append(Finding("limit_changed", message))
        found += _nearly_used(side)
    return found


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
            yield Finding("limit_nearly_used", message, code.written)
        if _is_nearly(carried.coupon_redeemed, carried.coupon_limit):
            told = f"coupon {carried.coupon} is used {carried.coupon_redeemed} of "
            told += f"{carried.coupon_limit} times on {side.side.label}, by all of its "
            coupons[told].append(code.written)
    for told, codes in sorted(coupons.items()):
        message = f"The {told}codes together; Tolt knows no such limit."
        yield Finding("limit_nearly_used", message, None, tuple(sorted(codes)))


def _is_nearly(used: int | None, limit: int | None) -> bool:
    return bool(limit) and used is not None and used * 100 >= (limit or 0) * NEARLY


def of_aliases(
    file: str | None,
    aliases: Iterable[tuple[str, str]],
    sides: tuple[Snapshot, Snapshot],
    partners: PartnerMap,
) -> list[Finding]:
    """Name the lines of the alias file that join nobody, where that is certain."""
    complete = {side.side for side in sides if side.complete}
    return [
        Finding(
            "alias_unknown",
            f"{file} has the line "
            f"{','.join(mask(name) if '@' in name else name for name in alias)}, but "
            f"{side.label} has no partner of that name: it joins nobody. Correct the "
            "e-mail or id, or remove the line.",
        )
        for side, alias in unknown_aliases(aliases, partners)
        if side in complete
    ]
