"""What every section of the configuration is: checked, frozen, without unknown keys."""

from functools import cache
from typing import TypeVar

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of the file. Each key has a sentence that says what it is for.

    The sentences are in the JSON Schema and in docs/configuration.md as well.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


Made = TypeVar("Made", bound=Section)


@cache
def unstated(section: type[Made]) -> Made:
    """Return a section of which nothing was said: one for all pairs, it is frozen."""
    return section()
