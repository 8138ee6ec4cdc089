"""What a server says beside its answer: dates, pauses, limits, and perhaps junk."""

import math
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from mappings.masking import masked

LONGEST = 100
"""Characters of a header that means anything here."""
YEARS = range(1971, 9000)


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value[:LONGEST])
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, OSError, IndexError, AttributeError):
        return None


def http_date(value: str | None) -> str | None:
    """Return a date as HTTP writes it, or None where a server sends no such thing."""
    moment = _moment(value or "")
    if moment is None or moment.year not in YEARS:
        return None
    return format_datetime(moment, usegmt=True)


def retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After asks for: a number or an HTTP date."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        moment = _moment(value)
        return None if moment is None else max(0.0, moment.timestamp() - now)
    return None if math.isnan(seconds) else max(0.0, seconds)


def told_header(value: str | None) -> str:
    """Return a header that is shown to people: short, masked, of plain signs."""
    text = masked((value or "")[:LONGEST], dotless=True)
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()
