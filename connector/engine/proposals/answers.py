"""What a person has said about the proposals for one record, and what follows.

A decision that would now bring about something else than was agreed to is over, and
the proposal waits as if nobody had spoken.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from connector.engine.acts import Create, Delete
from connector.engine.change import Change
from connector.engine.consent import Given, bound, consented, covers
from connector.engine.proposals.items import Item, Met, Over
from connector.engine.proposals.missing import create, delete_wherever
from connector.engine.proposals.record import Record
from connector.engine.proposals.updates import Rows, drafted
from mappings.canonical import Side
from mappings.fields import pays
from state.model import Decision


def split(items: Iterable[Item]) -> tuple[list[Change], Sequence[Item]]:
    """Return the changes, each under its id, and whatever else is told."""
    every = list(items)
    changes = [item for item in every if isinstance(item, Change)]
    rest = [item for item in every if not isinstance(item, Change)]
    return [change if change.id else change.with_id() for change in changes], rest


def met(decisions: Iterable[Decision]) -> Iterator[Met]:
    return (Met(decision.id) for decision in decisions)


def over(decisions: Iterable[Decision]) -> Iterator[Over]:
    return (Over(decision.id) for decision in decisions)


# -- about a record as a whole ------------------------------------------------------


def answered(record: Record, given: Given, drafts: Iterable[Item]) -> Iterator[Item]:
    """Yield the proposals about a record as a whole, as a person has answered them."""
    proposals, rest = split(drafts)
    yield from rest
    given = given.with_older(
        [proposal for proposal in proposals if not record.goes(proposal)]
    )
    for proposal in proposals:
        decision = given.to(proposal)
        if decision is None:
            yield proposal
            continue
        yield Met(decision.id)
        if decision.take == "keep":
            yield proposal._replace(decision=decision)
        else:
            effects = _effects(record, proposal, decision)
            yield from agreed_or(proposal, [decision], effects)


def agreed_or(
    proposal: Change, decisions: Sequence[Decision], effects: Iterable[Item]
) -> Iterator[Item]:
    """Yield what was agreed to; else the proposal, and the decisions are over."""
    changes, rest = split(effects)
    yield from rest
    agreed = consented(decisions, changes) if changes else []
    if agreed:
        yield from agreed
    else:
        yield from over(decisions)
        yield proposal


def _effects(record: Record, proposal: Change, decision: Decision) -> Iterable[Item]:
    """Return what an answer to a proposal means, before it is asked whether it may."""
    if decision.take == "delete":
        return delete_wherever(record)
    if decision.take == "proposed":
        return [proposal]
    taken = Side(decision.take)
    match proposal.act:
        case Create():
            return [proposal] if record.of(taken) is not None else []
        case Delete(side=side) if side is taken:
            return create(record, taken.other, anew=True)
        case Delete():
            return [proposal]
        case _:
            return []


# -- about single fields ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Going:
    """A proposal that goes to one side, by itself or because a person said so."""

    proposal: Change
    decision: Decision | None = None


def destination(
    record: Record, proposal: Change, decision: Decision | None
) -> Side | None:
    """Return the side that a proposal goes to now, or None where it waits."""
    if decision is None:
        return proposal.side if record.goes(proposal) else None
    match decision.take:
        case "keep":
            return None
        case "proposed":
            return proposal.side
        case take:
            return Side(take).other


def together(
    record: Record, rows: Rows, target: Side, members: Sequence[Going]
) -> Iterator[Item]:
    """Carry what goes to one side as one change, if one of its fields needs that.

    A replace that is not allowed holds up nothing that can be updated alone.
    ``rows`` are the table's, for every field.
    """
    names = [name for member in members for name in member.proposal.scope]
    can = record.facts.can[target].updates
    if set(names) <= can:
        yield from _updated(record, rows, target, members)
        return
    whole, refused = _agreed(record, members, drafted(record, target, _of(rows, names)))
    yield from refused
    if whole is not None:
        yield whole
        return
    alone = [member for member in members if set(member.proposal.scope) <= can]
    yield from _updated(record, rows, target, alone)
    for member in members:
        if member not in alone:
            draft = drafted(record, target, _of(rows, member.proposal.scope))
            single, refused = _agreed(record, [member], draft)
            yield from refused
            yield single or member.proposal


def _of(rows: Rows, names: Iterable[str]) -> Rows:
    wanted = set(names)
    return {name: row for name, row in rows.items() if name in wanted}


def _updated(
    record: Record, rows: Rows, target: Side, members: Sequence[Going]
) -> Iterator[Item]:
    """Yield the updates, apart by the permission that they need."""
    for payee in (False, True):
        group = [member for member in members if pays(member.proposal.scope) is payee]
        names = [name for member in group for name in member.proposal.scope]
        if not names:
            continue
        draft = group[0].proposal
        if len(group) > 1 or draft.target != target or draft.want is None:
            draft = drafted(record, target, _of(rows, names))
        agreed, refused = _agreed(record, group, draft)
        yield from refused
        if agreed is not None:
            yield agreed
        else:
            yield from (member.proposal for member in group)


def _agreed(
    record: Record, members: Sequence[Going], change: Change
) -> tuple[Change | None, list[Over]]:
    """Return the change bound to its consents, or None where they do not cover it.

    With it comes the decision that is over, because it is about something else.
    """
    decisions = [member.decision for member in members if member.decision is not None]
    parts = tuple(sorted(member.proposal.id for member in members))
    change = change._replace(parts=parts)
    if decisions:
        if not covers(decisions, change):
            return None, [*over(decisions[:1])] if len(members) == 1 else []
        change = bound(change, decisions)
    elif set(parts) & record.facts.accepted:
        change = change._replace(decided=True)
    fits = len(members) == 1 or record.may(change)
    return (change, []) if fits else (None, [])
