"""Why a saved plan is not applied: too old, edited, or made for something else."""

from dataclasses import dataclass

from connector.engine.causes.cause import Cause


@dataclass(frozen=True, slots=True)
class PlanAhead(Cause):
    """It was made in the future by this machine's clock."""

    made_at: str


@dataclass(frozen=True, slots=True)
class PlanExpired(Cause):
    """It is older than a plan is good for."""

    until: str


@dataclass(frozen=True, slots=True)
class PlanEdited(Cause):
    """Its seal is not that of what it holds."""


@dataclass(frozen=True, slots=True)
class PlanOfOtherConfiguration(Cause):
    """A setting that makes a plan has changed."""


@dataclass(frozen=True, slots=True)
class PlanOfOtherState(Cause):
    """It was made beside another memory."""


@dataclass(frozen=True, slots=True)
class PlanOfOtherPair(Cause):
    """It is one of a pair that was not meant; "" where its name is not to be shown."""

    pair: str
    ours: tuple[str, ...]
