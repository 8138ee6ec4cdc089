"""What comes of looking at one record, besides changes and findings."""

from typing import NamedTuple

from connector.engine.change import Change, Finding
from mappings.canonical import Side


class Compared(NamedTuple):
    """A record that both sides have, and whether all its fields are equal."""

    equal: bool


class DeadOnOneSide(NamedTuple):
    """A record that is equal in every field, and dead on one side alone."""

    code: str


class NotCarried(NamedTuple):
    """A code that nobody can redeem, which is therefore not made on the other side."""

    code: str
    side: Side


class Met(NamedTuple):
    """A decision that something fits: it does not wait for nothing."""

    decision: str


class Over(NamedTuple):
    """A decision that has ended, because a value is another one."""

    decision: str


class Accepted(NamedTuple):
    """A difference that a person accepts as it is."""

    finding: Finding


class Acceptable(NamedTuple):
    """A finding that a person can accept."""

    finding: Finding


Item = (
    Change
    | Finding
    | Compared
    | DeadOnOneSide
    | NotCarried
    | Met
    | Over
    | Accepted
    | Acceptable
)
