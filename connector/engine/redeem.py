"""A redeem on Partnero, which answers 200 whatever it did: judged by the log alone."""

from typing import NamedTuple


class RedeemRow(NamedTuple):
    """One row of semantics section 8; None where the fact does not matter."""

    before: bool
    answer: str
    after: bool | None
    parent: bool | None
    verdict: str


REDEEMS: tuple[RedeemRow, ...] = (
    RedeemRow(True, "not sent", None, None, "adopted"),
    RedeemRow(False, "200", True, None, "confirmed"),
    RedeemRow(False, "200", False, False, "parent missing"),
    RedeemRow(False, "200", False, True, "refused by a rule"),
    RedeemRow(False, "lost", True, None, "confirmed"),
    RedeemRow(False, "lost", False, True, "send again"),
    RedeemRow(False, "lost", False, False, "parent missing"),
)


def redeem_verdict(
    *, before: bool, answer: str, after: bool | None, parent: bool | None
) -> str:
    """Return what became of a redeem, judged by the log and never by its answer."""
    facts = (before, answer, after, parent)
    for row in REDEEMS:
        if all(want in (None, fact) for want, fact in zip(row, facts, strict=False)):
            return row.verdict
    raise ValueError(f"no row of the table for {facts}")
