"""What a person should know of a reading as a whole, whatever its codes are."""

from collections.abc import Iterable

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
        for code in side.codes.values():
            limit, used = code.carried.redemption_limit, code.carried.redeemed
            if limit and used is not None and used * 100 >= limit * NEARLY:
                message = f"{code.written} is used {used} of {limit} times on "
                message += f"{side.side.label}; Tolt knows no such limit."
                found.append(Finding("limit_nearly_used", message, code.written))
    return found


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
