"""Why a saved plan is not applied: too old, edited, or made for something else."""

from connector.engine.causes.cause import Cause


class PlanAhead(Cause, frozen=True):
    """It was made in the future by this machine's clock."""

    made_at: str


class PlanExpired(Cause, frozen=True):
    """It is older than a plan is good for."""

    until: str


class PlanEdited(Cause, frozen=True):
    """Its seal is not that of what it holds."""


class PlanOfOtherConfiguration(Cause, frozen=True):
    """A setting that makes a plan has changed."""


class PlanOfOtherState(Cause, frozen=True):
    """It was made beside another memory."""


class PlanOfOtherPair(Cause, frozen=True):
    """It is one of a pair that was not meant; "" where its name is not to be shown."""

    pair: str
    ours: tuple[str, ...]
