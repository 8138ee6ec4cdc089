"""The currency of a pair: as it is configured, and as Tolt's programme tells it.

Amounts of two currencies are never compared as numbers. Fixed amounts and sales are in
the programme's currency, and Tolt alone tells which that is.
"""

from enum import Enum

from connector.engine.causes.cause import Causes
from connector.engine.causes.readings import CurrencyUntold
from state.model import Programme


class Agreement(Enum):
    """What can be said of a configured currency."""

    SAME = "it is the programme's"
    OTHER = "the programme has another one"
    UNTOLD = "nobody has told the programme's"
    UNSET = "none is configured"


def agreement(configured: str | None, told: str | None) -> Agreement:
    """Compare a configured currency with the one that a product tells, if any."""
    if not configured:
        return Agreement.UNSET
    if not told:
        return Agreement.UNTOLD
    same = configured.upper() == told.upper()
    return Agreement.SAME if same else Agreement.OTHER


def untold(configured: str | None, tolt: Programme) -> Causes:
    """Return why a configured currency was compared with nothing; () where it was."""
    found = agreement(configured, tolt.currency)
    if found is not Agreement.UNTOLD or configured is None:
        return ()
    return (CurrencyUntold(configured, asked=bool(tolt.id)),)
