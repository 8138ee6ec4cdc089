"""Which partners of the two sides are one person: who is paid rests on it.

The alias file first, then what was stored, then exactly equal e-mails. What several
claim, or what contradicts itself, matches nobody. Names never match; likeness of
e-mails only ever becomes a suggestion.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mappings.canonical import Both, Partner, Side, fold, fold_email, is_address
from state.model import PartnerLink

People = Mapping[str, Partner]
Known = Mapping[Side, People]


class Alias(NamedTuple):
    """A line of the alias file: each side by e-mail or by id, and its number."""

    partnero: str
    tolt: str
    line: int = 0

    def of(self, side: Side) -> str:
        return self.partnero if side is Side.PARTNERO else self.tolt


class Ended(NamedTuple):
    """A stored match that holds no longer, and why.

    "replaced" by the ``line``; its line was "removed"; one of them has "left"; or the
    addresses are only "alike".
    """

    link: PartnerLink
    why: Literal["replaced", "removed", "left", "alike"]
    line: Alias | None = None


@dataclass(frozen=True, slots=True)
class PartnerMap:
    """Which partner of one side is which of the other, and who is ambiguous.

    ``how`` says by Partnero's id how a match is known, ``ended`` are stored matches
    to be forgotten, ``conflicts`` the lines of the alias file that contradict others.
    """

    partnero: People
    tolt: People
    to_tolt: Mapping[str, str]
    to_partnero: Mapping[str, str]
    ambiguous: frozenset[tuple[Side, str]] = frozenset()
    suggestions: Mapping[tuple[Side, str], str] = field(default_factory=dict)
    how: Mapping[str, str] = field(default_factory=dict)
    ended: tuple[Ended, ...] = ()
    conflicts: tuple[tuple[Alias, ...], ...] = ()

    def counterpart(self, side: Side, owner: str | None) -> str | None:
        """Return the other side's id of an owner on this side."""
        known = self.to_tolt if side is Side.PARTNERO else self.to_partnero
        return known.get(owner) if owner else None

    def same(self, on_partnero: str | None, on_tolt: str | None) -> bool:
        """Say whether both sides credit the same person (or both nobody)."""
        if on_partnero is None or on_tolt is None:
            return on_partnero is on_tolt
        return self.to_tolt.get(on_partnero) == on_tolt

    def person(self, side: Side, owner: str) -> Partner:
        return self.listed(side).get(owner) or Partner(owner, None)

    def listed(self, side: Side) -> People:
        return self.partnero if side is Side.PARTNERO else self.tolt

    def links(self) -> set[PartnerLink]:
        """Return the matches as they are stored."""
        return {PartnerLink(*ids, self.how.get(ids[0], "")) for ids in _ids(self)}


def match_partners(
    partnero: People,
    tolt: People,
    *,
    stored: Iterable[PartnerLink] = (),
    aliases: Iterable[Alias] = (),
    gone: Collection[tuple[str, str]] = (),
) -> PartnerMap:
    """Match partners by alias, then by stored ids, then by equal e-mails.

    ``gone`` are stored matches of which one is proven gone. Whoever shares an e-mail
    with somebody who is another one's counterpart is ambiguous, not missing.
    """
    remembered = sorted(stored)
    matching = _Matching({Side.PARTNERO: partnero, Side.TOLT: tolt})
    matching.by_alias(_lines(aliases, matching, remembered))
    matching.by_memory(remembered, gone)
    matching.by_email()
    return matching.result()


def unknown_aliases(
    aliases: Iterable[Alias], partners: PartnerMap
) -> Iterator[tuple[Side, Alias]]:
    """Yield each alias with a side on which nobody has its name.

    A matched partner is not always listed: then nobody can say that the name is wrong.
    """
    people = {side: partners.listed(side) for side in Side}
    matched = {Side.PARTNERO: partners.to_tolt, Side.TOLT: partners.to_partnero}
    emails = {side: _by_email(people[side]) for side in Side}
    for alias in aliases:
        listed = {
            side: _named(alias.of(side), people[side], emails[side]) for side in Side
        }
        for side in Side:
            name = alias.of(side)
            there = {matched[side.other].get(id_) for id_ in listed[side.other]}
            unlisted = there - {None, *people[side]}
            if not listed[side] and name not in matched[side] and not unlisted:
                yield side, alias


def named_on(partners: PartnerMap, name: str) -> Both[frozenset[str]]:
    """Return by side whom a name means: an id or an e-mail of either, and both halves.

    Several who share an e-mail are all meant.
    """
    here = Both.per_side(lambda side: _meant(partners, side, name))
    return Both.per_side(
        lambda side: (
            here.of(side)
            | {
                there
                for id_ in here.of(side.other)
                if (there := partners.counterpart(side.other, id_))
            }
        )
    )


def _meant(partners: PartnerMap, side: Side, name: str) -> frozenset[str]:
    """Return whose name it is on a side; who is matched is not always listed."""
    people = partners.listed(side)
    known = name if partners.counterpart(side, name) else ""
    return frozenset({*_named(name, people, _by_email(people)), known} - {""})


def perhaps_left(
    partners: PartnerMap,
) -> Iterator[tuple[Side, tuple[str, str], str]]:
    """Yield matches whose one half is not listed and seems to be back anew.

    With the side, and the id of the listed partner who has the e-mail of the other
    half, and no match: was the old one erased, they are one person.
    """
    matched = {Side.PARTNERO: partners.to_tolt, Side.TOLT: partners.to_partnero}
    for place, side in enumerate(Side):
        here, there = partners.listed(side), partners.listed(side.other)
        unlisted = sorted(ids for ids in _ids(partners) if ids[place] not in here)
        emails = _by_email(here) if unlisted else {}
        for ids in unlisted:
            other = there.get(ids[1 - place])
            email = fold_email(other.email) if other and other.email else ""
            for newcomer in emails.get(email, ()):
                if newcomer not in matched[side]:
                    yield side, ids, newcomer


class _Line(NamedTuple):
    """An alias with the ids that each of its names stands for: none, one or several."""

    alias: Alias
    lefts: tuple[str, ...]
    rights: tuple[str, ...]

    def claims(self) -> Iterator[tuple[Side, bool, str]]:
        """Yield whom the line claims; a name of nobody claims itself."""
        for side, ids in zip(Side, (self.lefts, self.rights), strict=True):
            yield from ((side, True, id_) for id_ in ids)
            if not ids:
                yield side, False, fold_email(self.alias.of(side))

    def stands_for(self, link: PartnerLink, known: Known) -> bool:
        """Say whether a stored match may be what this line is about.

        Who is not listed, or has another e-mail by now, cannot be found by a name.
        """
        if not self.lefts and not self.rights:
            listed = (
                link.partnero in known[Side.PARTNERO],
                link.tolt in known[Side.TOLT],
            )
            return not any(listed)
        left = not self.lefts or link.partnero in self.lefts
        return left and (not self.rights or link.tolt in self.rights)


class _Matching:
    """Collects who is whom, first come first served."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.emails = {side: _by_email(known[side]) for side in Side}
        self._lines: Sequence[_Line] = ()
        self._to_tolt: dict[str, str] = {}
        self._to_partnero: dict[str, str] = {}
        self._how: dict[str, str] = {}
        self._claimed: dict[tuple[Side, str], Alias] = {}
        self._ambiguous: set[tuple[Side, str]] = set()
        self._ended: list[Ended] = []
        self._conflicts: list[tuple[Alias, ...]] = []
        self._contradicted: set[tuple[Side, str]] = set()

    def by_alias(self, lines: Sequence[_Line]) -> None:
        """Take the lines at their word, save those that contradict each other."""
        self._lines = lines
        bad = self._contradictions()
        for line in lines:
            here = _everybody(line.lefts, line.rights)
            self._claimed |= dict.fromkeys(here, line.alias)
            if line in bad:
                self._contradicted |= here
                self._ambiguous |= here
            elif len(line.lefts) == len(line.rights) == 1:
                self._join(line.lefts[0], line.rights[0], "alias")
            elif len(line.lefts) > 1 or len(line.rights) > 1:
                self._ambiguous |= here

    def _contradictions(self) -> set[_Line]:
        """Return the lines that claim somebody whom another line claims as well."""
        claims: dict[tuple[Side, bool, str], list[_Line]] = defaultdict(list)
        for line in self._lines:
            for claim in line.claims():
                claims[claim].append(line)
        groups = {tuple(lines) for lines in claims.values() if len(lines) > 1}
        self._conflicts = sorted(
            tuple(line.alias for line in group) for group in groups
        )
        return {line for group in groups for line in group}

    def by_memory(
        self, stored: Iterable[PartnerLink], gone: Collection[tuple[str, str]]
    ) -> None:
        """Keep what earlier runs have matched, where nothing speaks against it."""
        for link in stored:
            ids = ((Side.PARTNERO, link.partnero), (Side.TOLT, link.tolt))
            if self._to_tolt.get(link.partnero) == link.tolt:
                continue
            if link[:2] in gone:
                self._ended.append(Ended(link, "left"))
            elif link.partnero in self._to_tolt or link.tolt in self._to_partnero:
                lines = [self._claimed[id_] for id_ in ids if id_ in self._claimed]
                self._ended.append(Ended(link, "replaced", min(lines, default=None)))
            elif self._contradicted.intersection(ids):
                continue
            elif link.how == "alias" and not self._has_line(link):
                self._ended.append(Ended(link, "removed"))
            elif self._is_alike(link):
                self._ended.append(Ended(link, "alike"))
            else:
                self._join(*link)

    def _has_line(self, link: PartnerLink) -> bool:
        return any(line.stands_for(link, self.known) for line in self._lines)

    def _is_alike(self, link: PartnerLink) -> bool:
        """Say whether two mailboxes were taken for one, as earlier versions did."""
        if link.how:
            return False
        left = self.known[Side.PARTNERO].get(link.partnero)
        right = self.known[Side.TOLT].get(link.tolt)
        if not (left and right and left.email and right.email):
            return False
        if fold(left.email) != fold(right.email):
            return False  # matched by an alias then, or one of them has moved
        same = fold_email(left.email) == fold_email(right.email)
        return not (same and is_address(left.email))

    def by_email(self) -> None:
        """Match equal addresses of those whom nobody has named otherwise."""
        for email in self.emails[Side.PARTNERO] | self.emails[Side.TOLT]:
            lefts: Sequence[str] = self.emails[Side.PARTNERO].get(email, ())
            rights: Sequence[str] = self.emails[Side.TOLT].get(email, ())
            alone = len(lefts) == len(rights) == 1
            if alone and self._are_free(lefts[0], rights[0]):
                self._join(lefts[0], rights[0], "email")
            elif len(lefts) > 1 or len(rights) > 1 or (lefts and rights):
                self._ambiguous |= _everybody(lefts, rights)

    def _are_free(self, left: str, right: str) -> bool:
        taken = left in self._to_tolt or right in self._to_partnero
        return not taken and self._claimed.keys().isdisjoint(
            _everybody([left], [right])
        )

    def _join(self, left: str, right: str, how: str) -> None:
        self._to_tolt[left], self._to_partnero[right] = right, left
        self._how[left] = how

    def result(self) -> PartnerMap:
        settled = {(Side.PARTNERO, id_) for id_ in self._to_tolt}
        settled |= {(Side.TOLT, id_) for id_ in self._to_partnero}
        return PartnerMap(
            partnero=self.known[Side.PARTNERO],
            tolt=self.known[Side.TOLT],
            to_tolt=self._to_tolt,
            to_partnero=self._to_partnero,
            ambiguous=frozenset(self._ambiguous - settled),
            suggestions=_suggestions(self.known, settled),
            how=self._how,
            ended=tuple(self._ended),
            conflicts=tuple(self._conflicts),
        )


def _lines(
    aliases: Iterable[Alias], matching: _Matching, stored: Iterable[PartnerLink]
) -> list[_Line]:
    """Return the lines with whom they name; one that says the same again is left out.

    The ids of stored matches are known, whether or not they are listed.
    """
    ids: dict[Side, set[str]] = {side: set(matching.known[side]) for side in Side}
    for link in stored:
        ids[Side.PARTNERO].add(link.partnero)
        ids[Side.TOLT].add(link.tolt)
    lines: dict[tuple[tuple[Side, bool, str], ...], _Line] = {}
    for alias in aliases:
        lefts, rights = (
            tuple(_named(alias.of(side), ids[side], matching.emails[side]))
            for side in Side
        )
        line = _Line(alias, lefts, rights)
        lines.setdefault(tuple(line.claims()), line)
    return list(lines.values())


def _everybody(lefts: Iterable[str], rights: Iterable[str]) -> set[tuple[Side, str]]:
    named = {(Side.PARTNERO, id_) for id_ in lefts}
    return named | {(Side.TOLT, id_) for id_ in rights}


def _ids(partners: PartnerMap) -> Iterable[tuple[str, str]]:
    return partners.to_tolt.items()


def _by_email(partners: People) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for partner in partners.values():
        if partner.email and is_address(partner.email):
            grouped[fold_email(partner.email)].append(partner.id)
    return grouped


def _named(
    name: str, ids: Collection[str], emails: Mapping[str, list[str]]
) -> Sequence[str]:
    return [name] if name in ids else emails.get(fold_email(name), ())


def _suggestions(
    known: Known, settled: Collection[tuple[Side, str]]
) -> dict[tuple[Side, str], str]:
    """Find unmatched partners whose e-mails differ only by a plus-tag or by dots."""
    free = {
        side: sorted(
            (
                (partner.id, _loose(partner.email))
                for partner in known[side].values()
                if partner.email
                and is_address(partner.email)
                and (side, partner.id) not in settled
            ),
            reverse=True,  # of several that are alike, the first one stays
        )
        for side in Side
    }
    alike = {loose: id_ for id_, loose in free[Side.TOLT]}
    pairs: dict[tuple[Side, str], str] = {}
    for id_, loose in free[Side.PARTNERO]:
        if other := alike.get(loose):
            pairs[Side.PARTNERO, id_] = other
            pairs[Side.TOLT, other] = id_
    return pairs


def _loose(email: str) -> str:
    name, _, domain = fold_email(email).partition("@")
    return f"{name.partition('+')[0].replace('.', '')}@{domain}"
