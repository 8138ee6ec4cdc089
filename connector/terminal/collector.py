"""How often Python looks for cycles among the objects of this process, and when not.

Nearly all that is made is freed at once, without a search. One after every 700 new
objects is a tenth of what it takes to load a command, and those at the end, through all
that is loaded, are a sixth of a short one.
"""

import atexit
import gc

SEARCHED_AFTER = 200_000
"""New objects that are searched together: some megabytes, however long a job runs.

A command loads fewer, so that none is searched while it begins.
"""


def spare() -> None:
    """Search rarely from now on, and not at all when the process ends."""
    gc.set_threshold(SEARCHED_AFTER)
    atexit.register(gc.freeze)  # what is frozen goes with the process, unsearched
