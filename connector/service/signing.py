"""By which secret a product signs the webhooks of a pair."""

from collections.abc import Callable
from typing import NamedTuple


class Signing(NamedTuple):
    """The secret of one product for one pair, read anew whenever it is asked for.

    ``read`` is given the place in the configuration that an error is to name.
    """

    pair: str
    product: str
    read: Callable[[str], str]

    @property
    def place(self) -> str:
        return f"pairs.{self.pair}.webhooks.{self.product}"
