"""Why something is as it is: values, from which the reports make sentences.

A change, a finding and a refusal carry causes, one for each sentence that a person
reads about it. A cause has what its sentence needs (codes, sides, numbers, partners)
and no words: nothing that decides ever reads one.
"""

from dataclasses import dataclass


class Cause:
    """One sentence's worth of reason; its words stand in ``reports.messages``."""

    __slots__ = ()

    @property
    def order(self) -> str:
        """What findings of one kind are sorted by, so that they stand still."""
        return str(self)


@dataclass(frozen=True, slots=True)
class Quoted(Cause):
    """What an error has said, word for word."""

    text: str


Causes = tuple[Cause, ...]
"""What is said, one sentence after the other."""
