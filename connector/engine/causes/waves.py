"""Why something is not part of a wave of a migration: values; words are messages."""

from connector.engine.causes.cause import Cause
from mappings.canonical import Side


class NotInThisWave(Cause, frozen=True):
    """How many codes are left for another wave, or for the rest at the end."""

    codes: int


class CodeNowhere(Cause, frozen=True):
    """A code that was named and that no side shows; ``unread`` are not read whole."""

    code: str
    unread: tuple[Side, ...]


class PartnerUnseen(Cause, frozen=True):
    """A partner who was named and whom nobody knows, in sides not read whole."""

    name: str
    unread: tuple[Side, ...]
