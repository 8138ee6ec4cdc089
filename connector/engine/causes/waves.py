"""Why something is not part of a wave of a migration: values; words are messages."""

from dataclasses import dataclass

from connector.engine.causes.cause import Cause
from mappings.canonical import Side


@dataclass(frozen=True, slots=True)
class NotInThisWave(Cause):
    """How many codes are left for another wave, or for the rest at the end."""

    codes: int


@dataclass(frozen=True, slots=True)
class CodeNowhere(Cause):
    """A code that was named and that no side shows; ``unread`` are not read whole."""

    code: str
    unread: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class PartnerUnseen(Cause):
    """A partner who was named and whom nobody knows, in sides not read whole."""

    name: str
    unread: tuple[Side, ...]
