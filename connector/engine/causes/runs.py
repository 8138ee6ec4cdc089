"""Why a run has not written all that was ready: values; their words are messages."""

from connector.engine.causes.cause import Cause


class Declined(Cause, frozen=True):
    """A person was asked and said no."""


class StopAsked(Cause, frozen=True):
    """A signal has asked it to stop."""


class NotEnded(Cause, frozen=True):
    """Nothing is known of its end: it is still going on, or was ended in the middle."""


class NotAllDone(Cause, frozen=True):
    """Changes that came to nothing: the first one, and how many more by outcome."""

    code: str
    action: str
    target: str
    outcome: str
    detail: str
    others: tuple[tuple[str, int], ...]


class FirstUnderVersion(Cause, frozen=True):
    """Tolt is asked by another version of its API for the first time.

    ``later`` changes wait because of it, and ``open`` writes of earlier runs;
    ``undoes``: the run was to take another one back.
    """

    version: str
    later: int
    open: int
    undoes: bool
