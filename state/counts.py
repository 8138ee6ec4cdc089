"""What is counted of a plan and kept with its run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RedemptionCounts:
    """How the redemptions of both sides compared."""

    in_sync: int = 0
    missing_on_partnero: int = 0
    missing_on_tolt: int = 0
    without_key: int = 0
    twice: int = 0
    differs: int = 0
    refunded: int = 0
    lookalike: int = 0
    quarantined: int = 0
    unproven: int = 0


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """What a plan counted: records by what was found, changes by action and by status.

    ``redemptions`` is None where none were compared.
    """

    in_sync: int = 0
    only_on_partnero: int = 0
    only_on_tolt: int = 0
    differ: int = 0
    collisions: int = 0
    unproven: int = 0
    adopt: int = 0
    create: int = 0
    update: int = 0
    replace: int = 0
    delete: int = 0
    ready: int = 0
    held: int = 0
    blocked: int = 0
    findings: int = 0
    accepted: int = 0
    redemptions: RedemptionCounts | None = None

    @property
    def compared(self) -> int:
        """How many records were compared: those of which both sides are known."""
        alone = self.only_on_partnero + self.only_on_tolt
        return self.in_sync + alone + self.differ + self.collisions
