"""A memory limit that is reached: told in words, like any other trouble of a run.

Where the system ends a process for its memory, nothing can be said; where it refuses
memory, the run ends as failed, gives back what it held, and others go on.
"""

import errno
import gc
from collections.abc import Callable
from typing import TypeVar

from connector.errors import Failed

USED_UP = (
    "The memory that this program may have is used up. Nothing more was sent; what was "
    "begun stands in the journal, and the next run settles it. Give it more: "
    "docs/deployment.md says how much it needs."
)
Answer = TypeVar("Answer")
_SIGNS = (MemoryError, OSError, RuntimeError, ImportError)


class OutOfMemory(Failed):
    """The run cannot go on: no memory is to be had."""


def is_used_up(error: BaseException | None) -> bool:
    """Say whether an error comes from a memory limit, whatever reported it."""
    while error is not None:
        told = str(error).lower()
        if isinstance(error, MemoryError) or (
            isinstance(error, OSError) and error.errno == errno.ENOMEM
        ):
            return True
        if isinstance(error, RuntimeError) and "start new thread" in told:
            return True
        if isinstance(error, ImportError) and "cannot allocate memory" in told:
            return True
        error = error.__cause__ or error.__context__
    return False


def in_words(call: Callable[[], Answer]) -> Answer:
    """Make a call; a reached limit is OutOfMemory, once what was held is given back."""
    try:
        return call()
    except _SIGNS as error:
        if not is_used_up(error):
            raise
    # Out of the block above: in there the traceback still holds everything.
    gc.collect()
    raise OutOfMemory(USED_UP)
