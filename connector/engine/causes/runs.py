"""Why a run has not written all that was ready: values; their words are messages."""

from dataclasses import dataclass

from connector.engine.causes.cause import Cause


@dataclass(frozen=True, slots=True)
class Declined(Cause):
    """A person was asked and said no."""


@dataclass(frozen=True, slots=True)
class StopAsked(Cause):
    """A signal has asked it to stop."""


@dataclass(frozen=True, slots=True)
class NotEnded(Cause):
    """Nothing is known of its end: it is still going on, or was ended in the middle."""


@dataclass(frozen=True, slots=True)
class NotAllDone(Cause):
    """Changes that came to nothing: the first one, and how many more by outcome."""

    code: str
    action: str
    target: str
    outcome: str
    detail: str
    others: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FirstUnderVersion(Cause):
    """Tolt is asked by another version of its API for the first time.

    ``later`` changes wait because of it, and ``open`` writes of earlier runs;
    ``undoes``: the run was to take another one back.
    """

    version: str
    later: int
    open: int
    undoes: bool
