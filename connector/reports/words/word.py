"""What is said of one stable word."""

from typing import NamedTuple


class Word(NamedTuple):
    """A stable word: its heading in reports, and what the page of all words adds.

    ``cause`` says why it comes about, ``way_out`` what a person can do, in the Markdown
    of a table's cell: commands stand in backticks.
    """

    said: str
    cause: str
    way_out: str
