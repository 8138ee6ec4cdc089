"""A pair as the state's database has it: its table of the file, as JSON."""

from typing import NamedTuple


class Row(NamedTuple):
    """One pair of the database.

    ``section`` is its table as the file had it, with all [defaults], as a JSON object;
    of secrets it holds where they are. ``paused``: no worker begins a pass of it.
    """

    name: str
    section: str
    paused: bool = False
