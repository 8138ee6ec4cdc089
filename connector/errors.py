"""The errors, told apart by what happens next: one tree, and how the program ends.

Problem                  its text is for people (exit 1)
├── SyncError            of a side, a record or the run
│   ├── Misconfigured    nothing can work as it is configured: stop (exit 2)
│   ├── Failed           the run cannot go on: stop (exit 1)
│   │   ├── Unauthorised the key is refused; nothing is absent because of it
│   │   ├── OutOfMemory  the memory that the program may have is used up
│   │   └── Refused      a guard refuses it before anything is read (exit 5)
│   │       └── Edited   a saved plan is not as it was made (saved_plan)
│   ├── Unavailable      surely not done; a reading is not complete
│   │   ├── Unclear      nothing is known of one record; all others go on
│   │   ├── Unreachable  not even a connection
│   │   └── Throttled    the provider asks for a longer pause than a run may take
│   ├── Uncertain        perhaps done: look before it is ever sent again
│   ├── Rejected         understood and refused: report it, go on with the rest
│   └── Malformed        an answer says nothing: what it is about is unknown (mappings)
├── StateProblem         the memory cannot be used: nothing more is sent (state)
│   ├── StateBusy        by anybody else but its user just now; a Busy as well
│   └── LeaseLost        another run has taken the pair over
└── Busy                 somebody else has it just now: try again (exit 6)
    └── Locked           another run holds the pair
Interrupted              a signal asked for the end (exit 130 or 143)

What a guard refuses and what two sides disagree about are values in the plan.
"""

import errno
import gc
from collections.abc import Callable
from typing import TypeVar

from mappings.errors import Busy, Problem, SyncError

__all__ = ["Busy", "Problem", "SyncError"]

USED_UP = (
    "The memory that this program may have is used up. Nothing more was sent; what was "
    "begun stands in the journal, and the next run settles it. Give it more: "
    "docs/deployment.md says how much it needs."
)
Answer = TypeVar("Answer")
_SIGNS = (MemoryError, OSError, RuntimeError, ImportError)


class Misconfigured(SyncError):
    """The configuration or the command line cannot work."""

    exit_code = 2
    reason = "configuration"


class Failed(SyncError):
    """The run cannot go on."""


class Unauthorised(Failed):
    """The key is refused, or not allowed to do this: by the product itself."""

    reason = "key_refused"


class Refused(Failed):
    """A guard refuses to look at the sides at all."""

    exit_code = 5


class OutOfMemory(Failed):
    """No memory is to be had."""

    reason = "memory"


class Locked(Busy):
    """Another run holds the pair."""


class Interrupted(Exception):
    """A signal asked for the end while reading; no Problem, nothing swallows it."""


class Unavailable(SyncError):
    """The request was surely not carried out, or the answer cannot be trusted."""

    reason = "bad_answer"


class Unclear(Unavailable):
    """One record alone is unknown: neither there as it was, nor proven to be gone."""


class Unreachable(Unavailable):
    """No connection could be made at all."""

    reason = "no_connection"


class Throttled(Unavailable):
    """The provider asks for a longer pause than one run may take."""

    reason = "throttled"


class Uncertain(SyncError):
    """The request may have been carried out; only reading can tell."""

    reason = "bad_answer"


class Rejected(SyncError):
    """The provider understood the request and refused it.

    ``status`` is the HTTP status, ``word`` the provider's stable error code or "",
    ``body`` what it answered, where that was JSON. ``foreign`` if something in between
    refused, a firewall perhaps, and not the product itself.
    """

    foreign: bool = False

    def __init__(
        self, message: str, *, status: int, word: str = "", body: object = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.word = word
        self.body = body


def is_used_up(error: BaseException | None) -> bool:
    """Say whether an error comes from a memory limit, whatever reported it."""
    while error is not None:
        text = str(error).lower()
        if isinstance(error, MemoryError) or (
            isinstance(error, OSError) and error.errno == errno.ENOMEM
        ):
            return True
        if isinstance(error, RuntimeError) and "start new thread" in text:
            return True
        if isinstance(error, ImportError) and "cannot allocate memory" in text:
            return True
        error = error.__cause__ or error.__context__
    return False


def within_memory(call: Callable[[], Answer]) -> Answer:
    """Make a call; a reached limit is OutOfMemory, once what was held is given back.

    Where the system ends a process for its memory, nothing can be said; where it
    refuses memory, the run ends as failed and others go on.
    """
    try:
        return call()
    except _SIGNS as error:
        if not is_used_up(error):
            raise
    # Out of the block above: in there the traceback still holds everything.
    gc.collect()
    raise OutOfMemory(USED_UP)
