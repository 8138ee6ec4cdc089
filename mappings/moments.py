"""Times as text, in one form everywhere: ISO 8601 in UTC, whose order is time's."""

from datetime import UTC, datetime, timedelta

CLOCKS_APART = timedelta(minutes=2)
"""So far the clocks of two machines may differ; a time further ahead is unknown."""


def iso(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_precise(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC, to the microsecond: the journal's order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant(text: str) -> datetime:
    """Return the time that a text of either form says; ValueError for others."""
    return datetime.fromisoformat(text).astimezone(UTC)
