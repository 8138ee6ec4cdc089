"""Whether two partners may be one person: one question, with all codes that ask it.

A partner who has another e-mail on each side is asked about once, and not once a code.
Nothing here matches anybody: a line of the alias file does, which a person writes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from connector.engine.causes.needs import OwnerAmbiguous, OwnerMissing
from connector.engine.change import Change, Status
from connector.engine.partners import PartnerMap
from mappings.canonical import Partner, Side

Ids = tuple[str, str]
"""The partner on Partnero and the one on Tolt; "" where nobody is named."""


class Asking(NamedTuple):
    """Changes that wait for one answer: who this partner is on the other side."""

    ids: Ids
    changes: tuple[Change, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(change.code for change in self.changes))


def asking(changes: Iterable[Change]) -> list[Asking]:
    """Return what waits for the same partner, or the same two, each once.

    Who is asked about with one candidate is asked about with that one in all codes.
    """
    asked = [(ids, change) for change in changes if (ids := _asked(change))]
    pairs = {ids for ids, _ in asked if all(ids)}
    grouped: dict[Ids, list[Change]] = defaultdict(list)
    for ids, change in asked:
        grouped[_with_candidate(ids, pairs)].append(change)
    return [Asking(ids, tuple(grouped[ids])) for ids in sorted(grouped)]


def _asked(change: Change) -> Ids | None:
    """Return whom a change is about that waits for an answer; None for another."""
    if change.status is Status.READY or change.push is not None or not change.seen:
        return None
    for cause in change.causes:
        if isinstance(cause, OwnerMissing):
            alike = cause.alike.id if cause.alike else ""
            return _placed(cause.side.other, cause.partner.id, alike)
        if isinstance(cause, OwnerAmbiguous):
            return _placed(change.side.other, cause.partner.id, "")
    if change.reason != "payee_change":
        return None
    left, right = (change.seen.get(side) for side in Side)
    if left is None or right is None:
        return None
    owners = left.values.partner or "", right.values.partner or ""
    return owners if all(owners) else None


def _placed(side: Side, here: str, there: str) -> Ids:
    return (here, there) if side is Side.PARTNERO else (there, here)


def _with_candidate(ids: Ids, pairs: Iterable[Ids]) -> Ids:
    if all(ids):
        return ids
    place = 0 if ids[0] else 1
    likely = [pair for pair in pairs if pair[place] == ids[place]]
    return likely[0] if len(likely) == 1 else ids


# -- what a person is asked -----------------------------------------------------------

Why = Literal["same_codes", "alike", "missing", "ambiguous"]


class Question(NamedTuple):
    """Who a partner is on the other side, or whether these two are one person."""

    partnero: Partner | None
    tolt: Partner | None
    why: Why
    codes: tuple[str, ...] = ()


def questions(partners: PartnerMap, changes: Iterable[Change]) -> list[Question]:
    """Return what a person could answer about partners, the most codes first.

    Two who are matched with others already are no question.
    """
    open_ = {one.ids: one for one in asking(changes) if _is_open(partners, one.ids)}
    alike = {ids for ids in _alike(partners) if ids not in open_}
    found = [_question(partners, ids, one) for ids, one in open_.items()]
    found += [_question(partners, ids, None) for ids in alike if not _told(ids, open_)]
    return sorted(found, key=_order)


def _is_open(partners: PartnerMap, ids: Ids) -> bool:
    named = zip(Side, ids, strict=True)
    return not any(partners.counterpart(side, id_) for side, id_ in named)


def _alike(partners: PartnerMap) -> Iterator[Ids]:
    for (side, here), there in partners.suggestions.items():
        if side is Side.PARTNERO:
            yield here, there


def _told(ids: Ids, others: Iterable[Ids]) -> bool:
    """Say whether one of them is asked about together with somebody else."""
    return any(all(o) and (o[0] == ids[0] or o[1] == ids[1]) for o in others)


def _question(partners: PartnerMap, ids: Ids, asking: Asking | None) -> Question:
    left, right = (
        partners.person(side, id_) if id_ else None
        for side, id_ in zip(Side, ids, strict=True)
    )
    changes = asking.changes if asking else ()
    reasons = {change.reason for change in changes}
    why: Why = "missing"
    if left and right:
        why = "same_codes" if "payee_change" in reasons else "alike"
    elif "partner_ambiguous" in reasons:
        why = "ambiguous"
    return Question(left, right, why, asking.codes if asking else ())


def _order(question: Question) -> tuple[bool, int, str, str]:
    ids = (one.id if one else "" for one in (question.partnero, question.tolt))
    whole = question.partnero is not None and question.tolt is not None
    left, right = ids
    return (not whole, -len(question.codes), left, right)
