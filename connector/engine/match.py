"""Which records, and which partners, of the two sides are the same one.

Never a guess: stored ids first, then one exact key that is unique on both sides.
What is not unique is a collision and is left alone as a whole group. Names never
match; likeness of e-mails only ever becomes a suggestion.
"""

from collections import defaultdict
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from connector.engine.snapshot import Snapshot
from mappings.canonical import Partner, PromoCode, Side, Values, fold
from state.model import Halves, Ids, Link


class Pairing(NamedTuple):
    """One record: its link, and what each side shows (None: not in its listing)."""

    key: str
    link: Link | None
    partnero: PromoCode | None
    tolt: PromoCode | None

    def of(self, side: Side) -> PromoCode | None:
        return self.partnero if side is Side.PARTNERO else self.tolt


@dataclass(frozen=True, slots=True)
class Collision:
    """Several records that claim one key: nothing is done to any of them."""

    key: str
    partnero: tuple[PromoCode, ...]
    tolt: tuple[PromoCode, ...]


@dataclass(frozen=True, slots=True)
class PartnerMap:
    """Which partner of one side is which of the other, and who is ambiguous."""

    partnero: Mapping[str, Partner]
    tolt: Mapping[str, Partner]
    to_tolt: Mapping[str, str]
    to_partnero: Mapping[str, str]
    ambiguous: frozenset[tuple[Side, str]] = frozenset()
    suggestions: Mapping[tuple[Side, str], str] = field(default_factory=dict)

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
        known = self.partnero if side is Side.PARTNERO else self.tolt
        return known.get(owner) or Partner(owner, None)


def match_partners(
    partnero: Mapping[str, Partner],
    tolt: Mapping[str, Partner],
    *,
    stored: Iterable[tuple[str, str]] = (),
    aliases: Iterable[tuple[str, str]] = (),
) -> PartnerMap:
    """Match partners by stored ids, then by alias, then by exact folded e-mail.

    An alias names each side by e-mail or by id. Whoever shares a name with somebody
    who is another one's counterpart is ambiguous, not missing.
    """
    to_tolt = dict(stored)
    to_partnero = {right: left for left, right in to_tolt.items()}
    emails = {Side.PARTNERO: _by_email(partnero), Side.TOLT: _by_email(tolt)}
    ambiguous: set[tuple[Side, str]] = set()

    def join(lefts: Sequence[str], rights: Sequence[str]) -> None:
        if len(lefts) == 1 and len(rights) == 1:
            left, right = lefts[0], rights[0]
            if left not in to_tolt and right not in to_partnero:
                to_tolt[left], to_partnero[right] = right, left
        if len(lefts) > 1 or len(rights) > 1 or (lefts and rights):
            ambiguous.update((Side.PARTNERO, one) for one in lefts)
            ambiguous.update((Side.TOLT, one) for one in rights)

    for left_name, right_name in aliases:
        join(
            _named(left_name, partnero, emails[Side.PARTNERO]),
            _named(right_name, tolt, emails[Side.TOLT]),
        )
    for email in emails[Side.PARTNERO] | emails[Side.TOLT]:
        join(*(emails[side].get(email, ()) for side in Side))
    settled = {(Side.PARTNERO, one) for one in to_tolt}
    settled |= {(Side.TOLT, one) for one in to_partnero}
    return PartnerMap(
        partnero=partnero,
        tolt=tolt,
        to_tolt=to_tolt,
        to_partnero=to_partnero,
        ambiguous=frozenset(ambiguous - settled),
        suggestions=_suggestions(partnero, tolt, settled),
    )


def unknown_aliases(
    aliases: Iterable[tuple[str, str]], partners: PartnerMap
) -> Iterator[tuple[Side, tuple[str, str]]]:
    """Yield each alias with a side on which nobody has its name.

    A matched partner is not always listed: then nobody can say that the name is wrong.
    """
    people = {Side.PARTNERO: partners.partnero, Side.TOLT: partners.tolt}
    matched = {Side.PARTNERO: partners.to_tolt, Side.TOLT: partners.to_partnero}
    emails = {side: _by_email(people[side]) for side in Side}
    for alias in aliases:
        found = {
            side: _named(name, people[side], emails[side])
            for side, name in zip(Side, alias, strict=True)
        }
        for side, name in zip(Side, alias, strict=True):
            there = {matched[side.other].get(one) for one in found[side.other]}
            unlisted = there - {None, *people[side]}
            if not found[side] and name not in matched[side] and not unlisted:
                yield side, alias


def rematch(
    links: Sequence[Link],
    tolt: Mapping[str, PromoCode],
    partners: PartnerMap,
    version: str,
) -> Sequence[Link]:
    """Carry links over a switch of Tolt's API version, whose ids are other ids."""
    if {link.version for link in links} <= {version}:
        return links
    by_key = _by_key(tolt.values())

    def carried(link: Link) -> Link:
        found = by_key.get(link.base.tolt.code, [])
        if link.version == version or len(found) != 1:
            return link
        return _carried_over(link, found[0], partners, version)

    return [carried(link) for link in links]


Codes = dict[str, PromoCode]
Claim = Callable[[Sequence[Link], Codes, Codes, Collection[str]], list[Pairing]]
"""Takes what each link stands for out of both sides; returns the pairings to look at.

It may leave out pairings about which there is nothing to say, unless several records
claim their text: those texts are the last argument.
"""


def claim_all(
    links: Sequence[Link], lefts: Codes, rights: Codes, _crowded: Collection[str]
) -> list[Pairing]:
    """Return every link with what both sides show under its ids."""
    return [
        Pairing(base[0][0], link, lefts.pop(ids[0], None), rights.pop(ids[1], None))
        for link in links
        for ids, base, *_ in (link,)
    ]


def pair_up(
    partnero: Snapshot,
    tolt: Snapshot,
    links: Sequence[Link],
    claim: Claim = claim_all,
) -> Iterator[Pairing | Collision]:
    """Yield every record once: linked ones by id, the rest by the folded text.

    A linked record whose old id is proven gone on one side, while its text stands
    there under a new id, was made anew: it keeps its link and is compared.
    """
    left_texts, right_texts = _texts(partnero), _texts(tolt)
    crowded = _crowded(partnero, left_texts) | _crowded(tolt, right_texts)

    def claimed(doubtful: set[str]) -> tuple[list[Pairing], Codes, Codes]:
        lefts, rights = dict(partnero.codes), dict(tolt.codes)
        linked = claim(links, lefts, rights, doubtful)
        return linked, _by_text(lefts), _by_text(rights)

    linked, lefts, rights = claimed(crowded)
    # A linked record may have the text of a free one of the other side.
    doubtful = (left_texts & rights.keys()) - lefts.keys()
    doubtful |= (right_texts & lefts.keys()) - rights.keys()
    if doubtful:
        linked, lefts, rights = claimed(crowded | doubtful)
    if partnero.gone or tolt.gone:
        linked = [_made_anew(one, partnero, tolt, lefts, rights) for one in linked]
    crowded |= _keys_of(linked, Side.PARTNERO) & rights.keys()
    crowded |= _keys_of(linked, Side.TOLT) & lefts.keys()
    if crowded:
        return _with_collisions(crowded, linked, (lefts, rights), partnero, tolt)
    return chain(linked, _unlinked(lefts, rights))


def _by_text(codes: Codes) -> Codes:
    return {code.values.code: code for code in codes.values()}


def _keys_of(linked: Iterable[Pairing], side: Side) -> set[str]:
    return {code.values.code for one in linked if (code := one.of(side))}


def _made_anew(
    pairing: Pairing,
    partnero: Snapshot,
    tolt: Snapshot,
    lefts: dict[str, PromoCode],
    rights: dict[str, PromoCode],
) -> Pairing:
    """Return the pairing with the free record that took the place of a gone one."""
    key, link, left, right = pairing
    if link is None:
        return pairing
    if left is None and link.ids.partnero in partnero.gone:
        left = lefts.pop(link.base.partnero.code, None)
    if right is None and link.ids.tolt in tolt.gone:
        right = rights.pop(link.base.tolt.code, None)
    return Pairing(key, link, left, right)


def _with_collisions(
    crowded: set[str],
    linked: list[Pairing],
    free: tuple[Mapping[str, PromoCode], Mapping[str, PromoCode]],
    partnero: Snapshot,
    tolt: Snapshot,
) -> Iterator[Pairing | Collision]:
    """Yield the records whose text is theirs alone, then each crowd as a whole."""
    involved = [pairing for pairing in linked if crowded & _keys(pairing)]
    yield from (pairing for pairing in linked if not crowded & _keys(pairing))
    for pairing in _unlinked(*free):
        if pairing.key not in crowded:
            yield pairing
    yield from _collisions(crowded, partnero.codes, tolt.codes, involved)


def _keys(pairing: Pairing) -> set[str]:
    both = (pairing.partnero, pairing.tolt)
    return {pairing.key, *(code.values.code for code in both if code)}


def _unlinked(
    lefts: Mapping[str, PromoCode], rights: Mapping[str, PromoCode]
) -> Iterator[Pairing]:
    for key, left in lefts.items():
        yield Pairing(key, None, left, rights.get(key))
    for key, right in rights.items():
        if key not in lefts:
            yield Pairing(key, None, None, right)


def _texts(side: Snapshot) -> set[str]:
    """Return the folded texts of all records of a side."""
    return {values[0] for _id, _written, values, _carried in side.codes.values()}


def _crowded(side: Snapshot, texts: set[str]) -> set[str]:
    """Name the keys that more than one record of this side has."""
    doubled = {fold(text) for text in side.doubled}
    if len(texts) == len(side.codes):
        return doubled
    return doubled | {
        key for key, group in _by_key(side.codes.values()).items() if len(group) > 1
    }


def _collisions(
    crowded: set[str],
    left_codes: Mapping[str, PromoCode],
    right_codes: Mapping[str, PromoCode],
    involved: Iterable[Pairing],
) -> Iterator[Collision]:
    """Yield each group with the other halves of the linked records that are in it."""
    lefts, rights = _by_key(left_codes.values()), _by_key(right_codes.values())
    for pairing in involved:
        for key in crowded & _keys(pairing):
            if pairing.partnero and pairing.partnero not in lefts[key]:
                lefts[key].append(pairing.partnero)
            if pairing.tolt and pairing.tolt not in rights[key]:
                rights[key].append(pairing.tolt)
    for key in sorted(crowded):
        yield Collision(key, tuple(lefts.get(key, ())), tuple(rights.get(key, ())))


def _by_key(codes: Iterable[PromoCode]) -> dict[str, list[PromoCode]]:
    grouped: dict[str, list[PromoCode]] = defaultdict(list)
    for code in codes:
        grouped[code.values.code].append(code)
    return grouped


def _carried_over(
    link: Link, found: PromoCode, partners: PartnerMap, version: str
) -> Link:
    """Return the link with the new ids; the owner's new id is looked up, not taken."""
    owner = partners.counterpart(Side.PARTNERO, link.base.partnero.partner)
    was: Values = link.base.tolt._replace(partner=owner or link.base.tolt.partner)
    ids = Ids(link.ids.partnero, found.id)
    return link._replace(ids=ids, version=version, base=Halves(link.base.partnero, was))


def _by_email(partners: Mapping[str, Partner]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for partner in partners.values():
        if partner.email:
            grouped[fold(partner.email)].append(partner.id)
    return grouped


def _named(
    name: str, partners: Mapping[str, Partner], emails: Mapping[str, list[str]]
) -> Sequence[str]:
    return [name] if name in partners else emails.get(fold(name), ())


def _suggestions(
    partnero: Mapping[str, Partner],
    tolt: Mapping[str, Partner],
    settled: set[tuple[Side, str]],
) -> dict[tuple[Side, str], str]:
    """Find unmatched partners whose e-mails differ only by a plus-tag or by dots."""
    free = {
        side: sorted(
            (one for one in known.values() if (side, one.id) not in settled),
            key=lambda one: one.id,
            reverse=True,  # of several that are alike, the first one stays
        )
        for side, known in ((Side.PARTNERO, partnero), (Side.TOLT, tolt))
    }
    alike = {_loose(one.email): one.id for one in free[Side.TOLT] if one.email}
    found: dict[tuple[Side, str], str] = {}
    for partner in free[Side.PARTNERO]:
        other = alike.get(_loose(partner.email)) if partner.email else None
        if other:
            found[Side.PARTNERO, partner.id] = other
            found[Side.TOLT, other] = partner.id
    return found


def _loose(email: str) -> str:
    name, _, domain = fold(email).partition("@")
    return f"{name.partition('+')[0].replace('.', '')}@{domain}"
