"""Time zones by name, also where the system has no database of them.

UTC needs none. Any other zone without a database is a mistake that is told: a schedule
that silently ran in UTC would run at the wrong hour.
"""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from mappings.discreet import shown

NO_DATABASE = (
    "there is no time-zone database here, so that no zone but UTC is known. Install "
    "the system's package tzdata, or type: pip install tzdata"
)
_UTC = ("UTC", "Etc/UTC")


def zone_of(name: str) -> tzinfo:
    """Return a zone; ValueError, with a text for people, where there is none."""
    if name in _UTC:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if not has_database():
            raise ValueError(NO_DATABASE) from None
        raise ValueError(
            f"{shown(name)} is no time zone; allowed are names like Europe/Berlin, "
            "and UTC"
        ) from None


def has_database() -> bool:
    """Say whether any zone can be looked up, in the system or in a package."""
    return bool(available_timezones())
