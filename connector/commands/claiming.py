"""state claim: taking the programme over from another state, by a mark."""

import threading
from collections.abc import Sequence
from time import sleep

from connector.commands.context import (
    DONE,
    FAILED,
    Context,
    confirmed,
    needs_terminal,
    note,
    now,
)
from connector.commands.memory import open_state
from connector.config.clients import open_writers
from connector.engine.change import Refusal
from connector.engine.marks import Mark, own
from connector.errors import Misconfigured, Refused
from connector.reports.documents import Document, titled
from connector.reports.messages.guards import named, since
from connector.reports.messages.say import said
from connector.reports.safe import cell
from connector.run.claim import Claim, claim_of
from connector.run.lease import holding
from connector.terminal.streams import aside
from mappings.moments import iso

TAKEN = "This state has taken the programme over: others are refused from now on."


def claim(context: Context, *, yes: bool) -> int:
    """Take the programme over from another state, once a person says so."""
    aside()
    context.wants("text", "json")
    pair = context.one_pair()
    if not pair.policy.limits.sentinel:
        raise Misconfigured(
            f"{pair.where('limits', 'sentinel')} is not set: no "
            "code could carry this state's mark. Nothing was written. Add to the "
            'pair\'s limits a code that stands on both sides: sentinel = "CODE"'
        )
    needs_terminal("state claim asks before it writes", "say --yes", yes=yes)
    store = open_state(pair.location, pair.name)
    writers = open_writers(pair)
    try:
        return _claimed(context, claim_of(pair, writers.marks, store, sleep), yes=yes)
    finally:
        writers.close()


def _claimed(context: Context, mine: Claim, *, yes: bool) -> int:
    """Show whose marks there are, ask, and put one that goes before them."""
    refused = mine.read()
    if mine.marks is None and refused is not None:
        raise Refused(said(refused))  # there is no sentinel
    before = mine.marks or ()
    lines = [_mark_line(mark, mine.mine) for mark in before]
    lines = lines or [f"No state has left a mark on {mine.id} yet."]
    ours, claims = refused is None and own(before, mine.mine) is not None, False
    if ours:
        lines.append("The programme is this state's already. Nothing was written.")
    else:
        claims = ours = _taken_over(mine, lines, yes=yes)
        lines.append(TAKEN if claims else "Nothing was written.")
    document = _claim_document(mine, before, ours=ours, claimed=claims)
    context.show(document, "\n".join(map(cell, lines)))
    return DONE if ours else FAILED


def _taken_over(mine: Claim, lines: Sequence[str], *, yes: bool) -> bool:
    """Ask, and put the mark; Refused where another state was quicker."""
    if not yes:
        note("\n".join(map(cell, lines)))
        if not confirmed("Take the programme over for this state?"):
            return False
    if lost := _put(mine):
        raise Refused(said(lost))
    return True


def _put(mine: Claim) -> Refusal | None:
    """Put the mark as a run would: holding the pair, so that none writes meanwhile."""
    with holding(mine.store):
        mine.writer.guard(threading.Event(), mine.store.leases.fence)
        return mine.take_over()


def _mark_line(mark: Mark, mine: str) -> str:
    who = "This state" if mark.state == mine else f"Another state ({named(mark)})"
    what = "took the programme over; its mark is there" if mark.claims else "is there"
    return f"{who} {what} {since(mark, ahead=mark.is_ahead_of(now()))}."


def _claim_document(
    mine: Claim, before: Sequence[Mark], *, ours: bool, claimed: bool
) -> Document:
    return titled(
        "state-claim",
        pair=mine.pair.name,
        sentinel=mine.id,
        state=mine.mine,
        ours=ours,
        claimed=claimed,
        marks=[
            {
                "state": mark.state,
                "at": mark.at and iso(mark.at),
                "claims": mark.claims,
                "ours": mark.state == mine.mine,
            }
            for mark in before
        ],
    )
