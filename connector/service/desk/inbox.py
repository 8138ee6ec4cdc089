"""What waits, as the inbox shows it: grouped by reason, searched, a page at a time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import NamedTuple, cast, get_args

from connector.engine.change import digest
from connector.reports.meaning import REASONS, reason_text
from connector.service.desk.known import Chosen, Document, Seen
from state.model import Decision, Take

PAGE = 300
"""Rows of one page."""
TAKES: tuple[Take, ...] = ("partnero", "tolt", "proposed", "keep", "delete")
"""The words that there are, in the order of the buttons; what destroys comes last."""
PARTS = {
    "held": "Needs a decision",
    "blocked": "Cannot be done as things are",
    "acceptable": "Can be accepted as it is",
}
_RANKS = {reason: rank for rank, reason in enumerate(REASONS)}


@dataclass(frozen=True, slots=True)
class Option:
    """One word about one change: what it brings about, or why it does not fit."""

    take: Take
    effects: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    destroys: bool = False
    why: str = ""

    @property
    def also_lost(self) -> tuple[str, ...]:
        """What is lost and is not said by the effects already."""
        told = " ".join(self.effects)
        return tuple(text for text in self.lost if text not in told)


class Line(NamedTuple):
    """One field, as each side has it and as both last had it; None: not there."""

    field: str
    partnero: str | None
    tolt: str | None
    agreed: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits; ``told`` is what each word would do, as it is stored.

    It is read when somebody asks: most of what waits is on another page.
    """

    pair: str
    id: str
    code: str
    part: str = ""
    reason: str = ""
    message: str = ""
    partner: str = ""
    sights: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    lost: tuple[str, ...] = ()
    told: Mapping[str, Document] = field(default_factory=dict)
    decision: Decision | None = None

    @property
    def chosen(self) -> Chosen:
        return Chosen(self.pair, self.id)

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.pair} {self.id}"

    @property
    def fits(self) -> tuple[Take, ...]:
        """The words that can be said about it."""
        told = self.told
        return tuple(t for t in TAKES if t in told and not told[t].get("why"))

    def can(self, take: Take) -> bool:
        """Say whether this can be said about it now."""
        return self.decision is None and take in self.fits

    @property
    def is_kept(self) -> bool:
        """Whether it was accepted as it is."""
        return self.decision is not None and self.decision.take == "keep"

    @property
    def options(self) -> Mapping[Take, Option]:
        """What each word would bring about, or why it does not fit."""
        return {
            take: _option(take, self.told[take]) for take in TAKES if take in self.told
        }

    def mark(self, take: Take) -> str:
        """Return the mark of what a word would do: a look may find that it is more."""
        return digest(self.told.get(take))[:16]

    def says(self, needle: str) -> bool:
        texts = (self.code, self.message, self.partner, self.id, *self._values())
        return needle in "\n".join(texts).casefold()

    @property
    def also_lost(self) -> tuple[str, ...]:
        """What is lost and is not said by the message already."""
        return tuple(text for text in self.lost if text not in self.message)

    def _values(self) -> Iterator[str]:
        yield from self.sights.values()
        for line in self.lines:
            yield from filter(None, (line.partnero, line.tolt))


@dataclass(frozen=True, slots=True)
class Group:
    """What waits for one reason, in one part of the inbox."""

    part: str
    reason: str
    items: tuple[Item, ...]

    @property
    def title(self) -> str:
        return reason_text(self.reason)

    @property
    def open(self) -> tuple[Item, ...]:
        """Those about which something can be said."""
        return tuple(item for item in self.items if item.fits)


def items_of(pair: str, seen: Seen) -> list[Item]:
    """Return everything that waits in a pair, what is decided already included."""
    return [_item(pair, document, seen.decided) for document in seen.waiting]


def _item(pair: str, document: Document, decided: Mapping[str, Decision]) -> Item:
    id_ = str(document.get("id", ""))
    is_finding = "kind" in document
    return Item(
        pair=pair,
        id=id_,
        code=str(document.get("code") or ", ".join(document.get("codes", ()))),
        part="acceptable" if is_finding else str(document.get("status", "held")),
        reason=str(document.get("kind") or document.get("reason") or ""),
        message=_beside(document),
        partner=str(document.get("partner") or ""),
        sights=dict(document.get("sights") or {}),
        lines=tuple(_lines(document)),
        lost=tuple(document.get("lost", ())),
        told=document.get("options") or {},
        decision=decided.get(id_),
    )


def _beside(document: Document) -> str:
    """Return what is said of it beside its code, which stands in front already."""
    message, code = str(document.get("message", "")), document.get("code")
    text = message.removeprefix(f"{code}: ")
    return text[:1].upper() + text[1:] if text != message else message


def _lines(document: Document) -> Iterator[Line]:
    for row in document.get("fields", ()):
        name = str(row["field"])
        partnero, tolt = row.get("partnero"), row.get("tolt")
        if name == "code" and {partnero, tolt} <= {None, document.get("code")}:
            continue  # it stands in front already
        yield Line(name, partnero, tolt, row.get("base"))


def _option(take: Take, told: Document) -> Option:
    return Option(
        take,
        tuple(told.get("effects", ())),
        tuple(told.get("lost", ())),
        bool(told.get("destroys")),
        str(told.get("why", "")),
    )


def kept_in(pair: str, seen: Seen) -> list[Item]:
    """Return what was accepted as it is, and is not asked about any more."""
    return [item for item in _unasked(pair, seen) if item.is_kept]


def pending_in(pair: str, seen: Seen) -> list[Item]:
    """Return what else is decided and not done yet, though nothing asks for it.

    It may be a code that was in step, or something that the policy forbids by now.
    """
    return [item for item in _unasked(pair, seen) if not item.is_kept]


def _unasked(pair: str, seen: Seen) -> Iterator[Item]:
    asked = {str(document.get("id", "")) for document in seen.waiting}
    others = [d for d in seen.decided.values() if d.id not in asked]
    for decision in sorted(others, key=lambda d: (d.code.casefold(), d.id)):
        yield Item(pair, decision.id, decision.code, decision=decision)


def in_order(items: Iterable[Item]) -> list[Item]:
    """Return items as they are read: by part, by weight of the reason, by code."""
    parts = list(PARTS)

    def place(item: Item) -> tuple[int, int, str, str, str]:
        part = parts.index(item.part) if item.part in parts else len(parts)
        weight = _RANKS.get(item.reason, len(_RANKS))
        return (part, weight, item.reason, item.code.casefold(), item.pair)

    return sorted(items, key=place)


def matching(items: Iterable[Item], *, query: str = "", reason: str = "") -> list[Item]:
    """Return the items that hold every word of a query, and have this reason."""
    words = query.casefold().split()
    return [
        item
        for item in items
        if (not reason or item.reason == reason) and all(map(item.says, words))
    ]


def grouped(items: Iterable[Item]) -> list[Group]:
    """Return items that are in order as groups, one for each reason in each part."""
    groups = groupby(items, key=lambda item: (item.part, item.reason))
    return [Group(part, reason, tuple(some)) for (part, reason), some in groups]


def counted(items: Iterable[Item]) -> list[tuple[str, str, int]]:
    """Count what needs a decision by reason: the reason, its title, how many."""
    held = (item for item in items if item.part == "held" and not item.decision)
    return titled(Counter(item.reason for item in held))


def titled(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Return what was counted by reason, in the order of the inbox, with its title."""
    known = sorted(counts, key=lambda reason: (_RANKS.get(reason, len(_RANKS)), reason))
    return [(reason, reason_text(reason), counts[reason]) for reason in known]


def held(items: Iterable[Item]) -> int:
    """Count what needs a decision."""
    return sum(item.part == "held" and item.decision is None for item in items)


@dataclass(frozen=True, slots=True)
class Question:
    """One word about many: for which it fits, and for which it does not and why."""

    take: Take
    fits: tuple[Item, ...]
    unfit: tuple[tuple[Item, str], ...] = ()
    gone: tuple[Chosen, ...] = ()

    def moved(self, saw: Mapping[Chosen, str]) -> tuple[Item, ...]:
        """Return those of which a page has shown something else, by its marks."""
        return tuple(
            item
            for item in self.fits
            if saw.get(item.chosen, item.mark(self.take)) != item.mark(self.take)
        )

    def without(self, items: tuple[Item, ...]) -> "Question":
        """Return the question about the others."""
        fits = tuple(item for item in self.fits if item not in items)
        return replace(self, fits=fits)

    @property
    def destroyed(self) -> tuple[Item, ...]:
        """Those of which something is deleted for good."""
        return tuple(item for item in self.fits if item.options[self.take].destroys)


def question(items: Iterable[Item], chosen: Sequence[Chosen], take: Take) -> Question:
    """Say what a word about what was chosen would bring about.

    What is not there any more as it was shown is named, and not decided.
    """
    known = {item.chosen: item for item in items}
    there = [known[one] for one in dict.fromkeys(chosen) if one in known]
    fits = [item for item in there if item.can(take)]
    unfit = [(item, _why_unfit(item, take)) for item in there if not item.can(take)]
    gone = tuple(one for one in dict.fromkeys(chosen) if one not in known)
    return Question(take, tuple(in_order(fits)), tuple(unfit), gone)


def _why_unfit(item: Item, take: Take) -> str:
    if item.decision is not None:
        return f"it is decided already, by {item.decision.who}"
    option = item.options.get(take)
    return option.why if option else "this cannot be said about it"


def take_in(text: str) -> Take | None:
    """Return a word that a form has sent, if it is one."""
    return cast(Take, text) if text in get_args(Take) else None


def without_decided(items: Iterable[Item]) -> tuple[list[Item], list[Item]]:
    """Return what is still open, and what is decided and waits for the next run."""
    everything = list(items)
    decided = [item for item in everything if item.decision is not None]
    return [item for item in everything if item.decision is None], decided
