"""Why something is as it is: values, from which the reports make sentences.

A change, a finding and a refusal carry causes, one for each sentence that a person
reads about it. A cause has what its sentence needs (codes, sides, numbers, partners)
and no words: nothing that decides ever reads one.

There are two hundred of them, and every plan loads them all. A struct is made in a
fortieth of the time of a dataclass, and is the same value otherwise.
"""

from msgspec import Struct


class Cause(Struct, frozen=True):
    """One sentence's worth of reason; its words stand in ``reports.messages``."""

    @property
    def order(self) -> str:
        """What findings of one kind are sorted by, so that they stand still."""
        return str(self)


class Quoted(Cause, frozen=True):
    """What an error has said, word for word."""

    text: str


Causes = tuple[Cause, ...]
"""What is said, one sentence after the other."""
