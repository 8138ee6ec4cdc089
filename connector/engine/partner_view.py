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
from connector.engine.keys import Keys
from connector.engine.partners import PartnerMap
from connector.engine.planned import MissingMoney, PartnerLine, Plan
from mappings.canonical import Side, fold
from mappings.fields import NOBODY, shown_person

MISSING_ON = {f"missing_on_{side}": side for side in Side}


class _Person(NamedTuple):
    """One person, by their id on each side; "" where they are not known there."""

    partnero: str
    tolt: str


def partner_lines(facts: Facts, keys: Keys, plan: Plan) -> tuple[PartnerLine, ...]:
    """Return a line for each partner with a code, those with most to do first.

    Who has none any more, and sales that a side lacks, has one as well.
    """
    records = _Records(facts, keys)
    differ = records.by_person(Counter(_differing(plan)))
    waiting, blocked = (
        records.by_person(Counter(c.key for c in plan.changes if c.status is status))
        for status in (Status.HELD, Status.BLOCKED)
    )
    lines = [
        PartnerLine(
            *_names(facts, person),
            codes=count,
            differ=differ[person],
            waiting=waiting[person],
            blocked=blocked[person],
        )
        for person, count in records.counted().items()
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


class _Owners(dict[str | None, _Person]):
    """Who the owners of one side's codes are: each is worked out once."""

    def __init__(self, partners: PartnerMap, side: Side) -> None:
        self._partners, self._side = partners, side

    def __missing__(self, owner: str | None) -> _Person:
        other = self._partners.counterpart(self._side, owner) or ""
        pair = (owner or "", other)
        left = self._side is Side.PARTNERO
        person = self[owner] = _Person(*(pair if left else reversed(pair)))
        return person


class _Records:
    """Whose each record is: one person's, or two where the sides do not agree."""

    def __init__(self, facts: Facts, keys: Keys) -> None:
        self._owners = [_Owners(facts.partners, side) for side in Side]
        self._pairs = keys.pairs
        self._crowds = self._crowded(facts, keys) if keys.alone else {}

    def counted(self) -> Counter[_Person]:
        """Count the records of each person: all of them, so in one plain loop."""
        here, there = self._owners
        count: Counter[_Person] = Counter()
        for _key, _link, left, right in self._pairs.values():
            one = here[left[2][2]] if left is not None else None
            other = there[right[2][2]] if right is not None else None
            if one is not None:
                count[one] += 1
            if other is not None and other != one:
                count[other] += 1
        for people in self._crowds.values():
            count.update(people)
        return count

    def by_person(self, of_key: Counter[str]) -> Counter[_Person]:
        """Add up by person what is counted by record."""
        count: Counter[_Person] = Counter()
        for key, number in of_key.items():
            for person in self._of(key):
                count[person] += number
        return count

    def _of(self, key: str) -> set[_Person]:
        pair = self._pairs.get(key)
        both = zip(
            self._owners, (pair.partnero, pair.tolt) if pair else (), strict=False
        )
        people = {owners[code.values.partner] for owners, code in both if code}
        return people | self._crowds.get(key, set())

    def _crowded(self, facts: Facts, keys: Keys) -> dict[str, set[_Person]]:
        """Return whose codes claim one text: a linked one by the text of its link."""
        crowds: dict[str, set[_Person]] = defaultdict(set)
        linked = {
            (side, id_): link.base.left.code
            for link in facts.links
            for side, id_ in zip(Side, link.ids, strict=True)
        }
        owners = dict(zip(Side, self._owners, strict=True))
        for side, code in keys.alone.values():
            key = linked.get((side, code.id), code.values.code)
            crowds[key].add(owners[side][code.values.partner])
        return crowds


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
