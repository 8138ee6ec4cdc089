"""Which records one wave of a migration carries, and which are left for another.

A wave is named by partners and by codes. A record goes as a whole: by every text that
it has on either side, and with all others that claim one of them, so that no half of a
collision stays behind. What is outside is neither gone nor new: it is not looked at.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from connector.engine.causes.waves import CodeNowhere, NotInThisWave, PartnerUnseen
from connector.engine.change import Change, Finding
from connector.engine.facts import Facts
from connector.engine.partners import named_on
from mappings.canonical import Both, Side, fold
from state.model import Link
from state.model import Wave as Begun

OUTSIDE = "not_in_this_wave"


class Asked(NamedTuple):
    """What a person named: partners by e-mail or id, and codes."""

    partners: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


class Wave(NamedTuple):
    """What was asked for, found in what both sides show.

    ``keys`` are the folded texts of its records, ``people`` its partners by side,
    ``named`` each of them by the name that was given, an e-mail by an id.
    ``strangers`` are names that nobody has, ``unknown`` codes that are nowhere, and
    ``outside`` the codes of all other records, each record once.
    """

    keys: frozenset[str]
    people: Both[frozenset[str]]
    strangers: tuple[str, ...]
    unknown: tuple[str, ...]
    outside: tuple[str, ...]
    named: tuple[str, ...] = ()


def wave_of(asked: Asked, facts: Facts) -> Wave:
    """Find the records that a wave is about."""
    found = {name: named_on(facts.partners, name) for name in asked.partners}
    people = Both.per_side(
        lambda side: frozenset(id_ for both in found.values() for id_ in both.of(side))
    )
    records = [_record(facts, link) for link in facts.links]
    known = _known(facts, records)
    named = {fold(code) for code in asked.codes} & known
    keys = _with_other_texts(named | _owned(facts, records, people), records)
    return Wave(
        keys=frozenset(keys),
        people=people,
        strangers=tuple(n for n, both in found.items() if not any(both)),
        unknown=tuple(
            sorted({code for code in asked.codes if fold(code) not in known})
        ),
        outside=_outside(facts, records, keys),
        named=tuple(_spoken(name, both) for name, both in found.items() if any(both)),
    )


def _spoken(name: str, ids: Both[frozenset[str]]) -> str:
    """Return a name that may be shown: for the e-mail of one person, an id."""
    alone = max(map(len, ids)) == 1
    return min(ids.left or ids.right) if alone and "@" in name else name


class _Record(NamedTuple):
    """A linked record, with every text and every owner that it has or had.

    ``is_there``: a side shows it.
    """

    written: str
    texts: frozenset[str]
    owners: frozenset[tuple[Side, str | None]]
    is_there: bool


def _record(facts: Facts, link: Link) -> _Record:
    shown = [facts.of(side).codes.get(link.ids.of(side)) for side in Side]
    texts = {code.values.code for code in shown if code}
    return _Record(
        link.written,
        frozenset(texts | {link.base.of(side).code for side in Side}),
        frozenset((side, link.base.of(side).partner) for side in Side),
        bool(texts),
    )


def _owned(
    facts: Facts, records: Iterable[_Record], people: Both[frozenset[str]]
) -> set[str]:
    """Return the texts of what these partners have on a side, or had when in step."""
    texts = {
        code.values.code
        for side in Side
        for code in facts.of(side).codes.values()
        if code.values.partner in people.of(side)
    }
    for record in records:
        if any(owner in people.of(side) for side, owner in record.owners):
            texts |= record.texts
    return texts


def _with_other_texts(texts: set[str], records: Iterable[_Record]) -> set[str]:
    """Add the other texts of records that are in: of one that was renamed, both."""
    renamed = [record.texts for record in records if len(record.texts) > 1]
    while more := set().union(*(t for t in renamed if t & texts and not t <= texts)):
        texts |= more
    return texts


def _known(facts: Facts, records: Iterable[_Record]) -> set[str]:
    """Return every text that a side shows, or that is remembered as linked."""
    known = {text for record in records for text in record.texts}
    for side in (facts.partnero, facts.tolt):
        known |= {code.values.code for code in side.codes.values()} | side.hidden_texts
    return known


def _outside(
    facts: Facts, records: Iterable[_Record], keys: set[str]
) -> tuple[str, ...]:
    """Name the records that are not in it, each once."""
    names: dict[str, str] = {}
    told: set[str] = set(keys)
    for record in records:
        if record.is_there and not record.texts & told:
            names[min(record.texts)] = record.written
            told |= record.texts
    for side in Side:
        for code in facts.of(side).codes.values():
            if code.values.code not in told:
                names[code.values.code] = code.written
                told.add(code.values.code)
    return tuple(sorted(names.values()))


# -- the waves of a migration -------------------------------------------------------


def with_wave(known: Sequence[Begun], wave: Begun) -> list[Begun]:
    """Return the waves of a migration with one that is carried out now.

    The same partners and codes are the same wave, and so is one that was corrected:
    that has all codes of another, or some of them. It keeps its place and beginning.
    """
    if not wave.keys:
        return list(known)  # nothing of it is there: it is within every other one
    same = [one for one in known if _is_same(one, wave)]
    if not same:
        return [*known, wave]
    largest = max((wave, *same), key=lambda one: len(one.keys))
    keys = sorted({key for one in (wave, *same) for key in one.keys})
    at, partners = same[0].at, largest.partners
    grown = replace(wave, at=at, partners=partners, keys=tuple(keys))
    return [grown if one is same[0] else one for one in known if one not in same[1:]]


def _is_same(one: Begun, wave: Begun) -> bool:
    mine, theirs = set(one.keys), set(wave.keys)
    return one.id == wave.id or mine <= theirs or theirs <= mine


# -- what is said of a wave ---------------------------------------------------------


def within(facts: Facts, wave: Wave) -> Facts:
    """Return the facts with the words of people about these records alone."""
    own = {k: word for k, word in facts.decisions.items() if word.key in wave.keys}
    foreign = {k: word for k, word in facts.foreign.items() if word.key in wave.keys}
    return replace(facts, decisions=own, foreign=foreign)


def changes_within(changes: Iterable[Change], wave: Wave) -> Iterator[Change]:
    """Yield the changes of these records, and what those need.

    Of a sale the code's key is its own; a buyer is made for all sales that need one.
    """
    every = tuple(changes)
    own = [change for change in every if change.key in wave.keys]
    needed = {id_ for change in own for id_ in change.needs}
    return (c for c in every if c.key in wave.keys or c.id in needed)


def findings_within(findings: Iterable[Finding], wave: Wave) -> Iterator[Finding]:
    """Yield what is about these codes, and what is about no code at all."""
    for finding in findings:
        named = {finding.code} if finding.code is not None else set(finding.codes)
        own = tuple(code for code in finding.codes if fold(code) in wave.keys)
        if not named or any(fold(code) in wave.keys for code in named):
            yield finding._replace(codes=own)


def of_wave(wave: Wave, facts: Facts) -> Iterator[Finding]:
    """Say what is left for another wave, and what was named and is nowhere."""
    unread = tuple(side for side in Side if not facts.of(side).complete)
    for code in wave.unknown:
        yield Finding("unknown_code", (CodeNowhere(code, unread),), code)
    for name in wave.strangers:
        yield Finding("unproven", (PartnerUnseen(name, unread),))
    if wave.outside:
        cause = NotInThisWave(len(wave.outside))
        yield Finding(OUTSIDE, (cause,), None, wave.outside)
