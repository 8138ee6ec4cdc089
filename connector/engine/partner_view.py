"""One line for each partner: how many codes, what differs, what waits. Pure.

A partner of both sides is one person and one line; two who are not known to be one
person are two. A code that the sides credit differently counts for both.
"""

from collections import Counter, defaultdict
from typing import NamedTuple

from connector.engine.acts import Adoption, NeedCoupon, NeedPartner
from connector.engine.certificate import EXCEPTIONS
from connector.engine.change import Change, Status
from connector.engine.facts import Facts
from connector.engine.planned import MissingMoney, PartnerLine, Plan
from mappings.canonical import Side, fold
from mappings.fields import NOBODY, shown_person

MISSING_ON = {f"missing_on_{side}": side for side in Side}


class _Person(NamedTuple):
    """One person, by their id on each side; "" where they are not known there."""

    partnero: str
    tolt: str


def partner_lines(facts: Facts, plan: Plan) -> tuple[PartnerLine, ...]:
    """Return a line for each partner with a code, those with most to do first.

    Who has none any more, and sales that a side lacks, has one as well.
    """
    keys = _keys(facts)
    differing = _differing(plan)
    waiting, blocked = (
        Counter(c.key for c in plan.changes if c.status is status)
        for status in (Status.HELD, Status.BLOCKED)
    )
    lines = [
        PartnerLine(
            *_names(facts, person),
            codes=len(own),
            differ=len(own & differing),
            waiting=sum(waiting[key] for key in own),
            blocked=sum(blocked[key] for key in own),
        )
        for person, own in keys.items()
    ]
    money = _missing(plan)
    named = {line.name for line in lines}
    lines += [PartnerLine(n, "", "", 0, 0, 0, 0) for n in money if n not in named]
    lines = [line._replace(missing=tuple(money.get(line.name, ()))) for line in lines]
    return tuple(sorted(lines, key=_order))


def _missing(plan: Plan) -> dict[str, list[MissingMoney]]:
    """Return what each side lacks of the sales, by the partner who is credited."""
    report = plan.redemption_report
    totals: dict[tuple[str, Side, str], list[int]] = {}
    for one in report.sums if report else ():
        if side := MISSING_ON.get(one.standing):
            kept = totals.setdefault((one.partner, side, one.currency), [0, 0])
            kept[:] = kept[0] + one.number, kept[1] + one.minor
    missing: dict[str, list[MissingMoney]] = defaultdict(list)
    for (name, side, currency), counted in sorted(totals.items()):
        missing[name].append(MissingMoney(side, currency, *counted))
    return missing


def _keys(facts: Facts) -> dict[_Person, set[str]]:
    """Return the records of each person: a linked one by the key of its link."""
    known = {
        side: {ids[place]: base[0].code for ids, base, *_ in facts.links}
        for place, side in enumerate(Side)
    }
    keys: dict[_Person, set[str]] = defaultdict(set)
    for side in Side:
        linked = known[side].get
        own: dict[str | None, set[str]] = defaultdict(set)
        for id_, (_, _, values, _) in facts.of(side).codes.items():
            own[values.partner].add(linked(id_, values.code))
        for owner, texts in own.items():
            keys[_person(facts, side, owner)] |= texts
    return keys


def _person(facts: Facts, side: Side, owner: str | None) -> _Person:
    other = facts.partners.counterpart(side, owner) or ""
    pair = (owner or "", other)
    return _Person(*(pair if side is Side.PARTNERO else reversed(pair)))


def _names(facts: Facts, person: _Person) -> tuple[str, str, str]:
    """Return how they are called, and how each side knows them."""
    left, right = (
        shown_person(facts.partners.person(side, id_)) if id_ else ""
        for side, id_ in zip(Side, person, strict=True)
    )
    return left or right or NOBODY, left, right


def _differing(plan: Plan) -> set[str]:
    """Return the records that are not the same on both sides."""
    keys = {change.key for change in plan.changes if _differs(change)}
    for finding in (*plan.findings, *plan.accepted):
        if finding.kind.startswith(EXCEPTIONS):
            named = [finding.code] if finding.code is not None else finding.codes
            keys |= {fold(code) for code in named if code}
    return keys


def _differs(change: Change) -> bool:
    noted = isinstance(change.act, Adoption) and change.status is Status.READY
    made = isinstance(change.act, NeedCoupon | NeedPartner)
    return not (noted or made or change.push is not None)


def _order(line: PartnerLine) -> tuple[int, int, int, str]:
    waits, missing = line.waiting + line.blocked, sum(m.number for m in line.missing)
    return (-waits, -line.differ - missing, -line.codes, line.name)
