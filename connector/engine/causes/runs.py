"""Why a run has not written all that was ready: values; their words are messages."""

from dataclasses import dataclass

from connector.engine.causes.cause import Cause


@dataclass(frozen=True, slots=True)
class Declined(Cause):
    """A person was asked and said no."""


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
