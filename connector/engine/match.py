"""Which records of the two sides are the same one.

Never a guess: stored ids first, then one exact key that is unique on both sides.
What is not unique is a collision and is left alone as a whole group.
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
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from connector.engine.partners import PartnerMap
from connector.engine.snapshot import Snapshot
from mappings.canonical import Both, PromoCode, Side, fold
from state.model import Link

Former = Mapping[str, Mapping[str, str]]
"""By version of Tolt's API: Partnero's id of each partner, by the id on Tolt there."""
NOBODY: Former = {}
make = tuple.__new__


class Pairing(NamedTuple):
    """One record: its link, and what each side shows (None: not in its listing)."""

    key: str
    link: Link | None
    partnero: PromoCode | None
    tolt: PromoCode | None

    def of(self, side: Side) -> PromoCode | None:
        return self.partnero if side is Side.PARTNERO else self.tolt


@dataclass(frozen=True, slots=True)
class Crowd:
    """Several records that claim one key: nothing is done to any of them."""

    key: str
    partnero: tuple[PromoCode, ...]
    tolt: tuple[PromoCode, ...]

    @property
    def sides(self) -> Both[tuple[PromoCode, ...]]:
        return Both(self.partnero, self.tolt)


def rematch(
    links: Sequence[Link],
    tolt: Mapping[str, PromoCode],
    partners: PartnerMap,
    version: str,
    former: Former = NOBODY,
) -> Sequence[Link]:
    """Carry links over a switch of Tolt's API version, whose ids are other ids.

    ``former`` names, by version and id there, Partnero's id of each partner.
    """
    if {link[3] for link in links} <= {version}:
        return links
    taken = {link.ids.right for link in links if link.version == version}
    by_key = _by_key(code for code in tolt.values() if code.id not in taken)

    def carried(link: Link) -> Link:
        namesakes = by_key.get(link.base.right.code, [])
        if link.version == version or len(namesakes) != 1:
            return link
        known = former.get(link.version, {}).get(link.base.right.partner or "")
        owner = partners.counterpart(Side.PARTNERO, known)
        return _carried_over(link, namesakes[0], owner, version)

    return [carried(link) for link in links]


def unlisted(links: Sequence[Link], side: Snapshot) -> list[Link]:
    """Return the links whose id a listing does not show: nearly always none."""
    place = list(Side).index(side.side)  # as Both has them: links are many
    ids = map(itemgetter(place), map(itemgetter(0), links))
    if all(map(side.codes.__contains__, ids)):
        return []
    return [link for link in links if link[0][place] not in side.codes]


Codes = dict[str, PromoCode]
Claim = Callable[[Sequence[Link], Codes, Codes, Collection[str]], list[Pairing]]
"""Takes what each link stands for out of both sides; returns the pairings to look at.

It may leave out pairings about which there is nothing to say, unless several records
claim their text: those texts are the last argument.
"""


Take = Callable[[Codes, Codes, Collection[str]], None]
"""Takes records out of the free ones of both sides, which are given by their texts.

None whose text several records claim: those texts are the last argument.
"""


def take_none(_lefts: Codes, _rights: Codes, _crowded: Collection[str]) -> None:
    """Leave every free record to be looked at."""


def claim_all(
    links: Sequence[Link], lefts: Codes, rights: Codes, _crowded: Collection[str]
) -> list[Pairing]:
    """Return every link with what both sides show under its ids."""
    take_left, take_right = lefts.pop, rights.pop
    return [
        # What Pairing() does, without a call of Python for each.
        make(
            Pairing,
            (base[0][0], link, take_left(ids[0], None), take_right(ids[1], None)),
        )
        for link in links
        for ids, base, _written, _version, _unset in (link,)
    ]


def pair_up(
    partnero: Snapshot,
    tolt: Snapshot,
    links: Sequence[Link],
    claim: Claim = claim_all,
    take: Take = take_none,
) -> Iterator[Pairing | Crowd]:
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
        linked = [
            _made_anew(pairing, partnero, tolt, lefts, rights) for pairing in linked
        ]
    if rights:
        crowded |= _keys_of(linked, Side.PARTNERO) & rights.keys()
    if lefts:
        crowded |= _keys_of(linked, Side.TOLT) & lefts.keys()
    take(lefts, rights, crowded)
    if crowded:
        return _with_collisions(crowded, linked, (lefts, rights), partnero, tolt)
    return chain(linked, _unlinked(lefts, rights))


def _by_text(codes: Codes) -> Codes:
    return {code.values.code: code for code in codes.values()}


def _keys_of(linked: Iterable[Pairing], side: Side) -> set[str]:
    return {code.values.code for pairing in linked if (code := pairing.of(side))}


def _made_anew(
    pairing: Pairing,
    partnero: Snapshot,
    tolt: Snapshot,
    lefts: Codes,
    rights: Codes,
) -> Pairing:
    """Return the pairing with the free record that took the place of a gone one.

    It has the text that the record had, or the one that its other half has by now:
    renamed on both sides, or made anew. Where both are there, nobody can say.
    """
    key, link, left, right = pairing
    if link is None:
        return pairing
    if left is None and link.ids.left in partnero.gone:
        left = _only(link.base.left.code, right, lefts)
    if right is None and link.ids.right in tolt.gone:
        right = _only(link.base.right.code, left, rights)
    return Pairing(key, link, left, right)


def _only(text: str, other: PromoCode | None, free: Codes) -> PromoCode | None:
    """Take the only free record with the old text or with that of the other half."""
    texts = {text, other.values.code if other else text}
    there = [spelling for spelling in texts if spelling in free]
    return free.pop(there[0]) if len(there) == 1 else None


def _with_collisions(
    crowded: set[str],
    linked: list[Pairing],
    free: tuple[Mapping[str, PromoCode], Mapping[str, PromoCode]],
    partnero: Snapshot,
    tolt: Snapshot,
) -> Iterator[Pairing | Crowd]:
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
) -> Iterator[Crowd]:
    """Yield each group with the other halves of the linked records that are in it."""
    lefts, rights = _by_key(left_codes.values()), _by_key(right_codes.values())
    for pairing in involved:
        for key in crowded & _keys(pairing):
            if pairing.partnero and pairing.partnero not in lefts[key]:
                lefts[key].append(pairing.partnero)
            if pairing.tolt and pairing.tolt not in rights[key]:
                rights[key].append(pairing.tolt)
    for key in sorted(crowded):
        yield Crowd(key, tuple(lefts.get(key, ())), tuple(rights.get(key, ())))


def _by_key(codes: Iterable[PromoCode]) -> dict[str, list[PromoCode]]:
    grouped: dict[str, list[PromoCode]] = defaultdict(list)
    for code in codes:
        grouped[code.values.code].append(code)
    return grouped


def _carried_over(link: Link, code: PromoCode, owner: str | None, version: str) -> Link:
    """Return the link with the new ids; whose owner cannot be told has no base there.

    What both sides agreed on says nothing of who it is under the new version.
    """
    was = link.base.right
    unknown = {"partner"} if was.partner and owner is None else set()
    base = Both(link.base.left, was._replace(partner=owner))
    ids = Both(link.ids.left, code.id)
    unset = link.unset | unknown
    return link._replace(ids=ids, version=version, base=base, unset=unset)
