"""The roots of all errors that are expected; connector/errors.py draws the whole tree.

They lie at the bottom because state and mappings, which cannot import connector, have
branches of their own.
"""


class Problem(Exception):
    """Anything that is expected to go wrong; its text is for people.

    ``exit_code`` is how the program ends by it, ``reason`` the same as one of few
    words, for metrics and for who reads a log by machine.
    """

    exit_code = 1
    reason = "other"


class Busy(Problem):
    """Somebody else has it just now: nothing was done, try again."""

    exit_code = 6
    reason = "other_run"


class SyncError(Problem):
    """Something went wrong with a side, with a record, or with the run."""
