"""Which records of the two sides are the same one.

Never a guess: stored ids first, then one exact key that is unique on both sides.
What is not unique is a collision and is left alone as a whole group.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import NamedTuple

from connector.engine.partners import PartnerMap
from connector.engine.snapshot import Snapshot
from mappings.canonical import Both, PromoCode, Side, fold
from state.model import Link

Former = Mapping[str, Mapping[str, str]]
"""By version of Tolt's API: Partnero's id of each partner, by the id on Tolt there."""
NOBODY: Former = {}
make = tuple.__new__
_TEXT = attrgetter("values.code")


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


class Paired(NamedTuple):
    """Every record once: with a link, without one, or in a crowd with others."""

    linked: Sequence[Pairing]
    free: Sequence[Pairing]
    crowds: Sequence[Crowd]


NOTHING_PAIRED = Paired((), (), ())


def pair_up(
    partnero: Snapshot, tolt: Snapshot, links: Sequence[Link], version: str
) -> Paired:
    """Match linked records by id, the rest by the folded text.

    A linked record whose old id is proven gone on one side, while its text stands
    there under a new id, was made anew: it keeps its link and is compared. An id of
    Tolt that a link has under another ``version`` means nothing here.
    """
    crowded = _crowded(partnero) | _crowded(tolt)
    if not links:
        free = _by_text(partnero.codes), _by_text(tolt.codes)
        return _apart(crowded, [], free, partnero, tolt)
    mine = (ids[0] for ids, _base, _written, _spoken, _unset in links)
    theirs = (ids[1] if spoken == version else "" for ids, _, _, spoken, _ in links)
    claimed, lefts = _claimed(mine, partnero)
    claimed_there, rights = _claimed(theirs, tolt)
    linked = [
        # What Pairing() does, without a call of Python for each.
        make(Pairing, (link[1][0][0], link, left, right))
        for link, left, right in zip(links, claimed, claimed_there, strict=True)
    ]
    if partnero.gone or tolt.gone:
        linked = [
            _made_anew(pairing, partnero, tolt, lefts, rights) for pairing in linked
        ]
    # A linked record may have the text of a free one of the other side.
    if rights:
        crowded |= _texts(linked, Side.PARTNERO) & rights.keys()
    if lefts:
        crowded |= _texts(linked, Side.TOLT) & lefts.keys()
    return _apart(crowded, linked, (lefts, rights), partnero, tolt)


def _claimed(
    ids: Iterable[str], side: Snapshot
) -> tuple[list[PromoCode | None], Codes]:
    """Return the record of each id, once at most, and the others by their texts."""
    others = dict(side.codes)
    take = others.pop
    return [take(id_, None) for id_ in ids], _by_text(others)


def _texts(linked: Iterable[Pairing], side: Side) -> set[str]:
    return {code.values.code for pairing in linked if (code := pairing.of(side))}


def _by_text(codes: Mapping[str, PromoCode]) -> Codes:
    return dict(zip(map(_TEXT, codes.values()), codes.values(), strict=True))


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


def _apart(
    crowded: set[str],
    linked: list[Pairing],
    free: tuple[Codes, Codes],
    partnero: Snapshot,
    tolt: Snapshot,
) -> Paired:
    """Return the records whose text is theirs alone, and each crowd as a whole."""
    unlinked = _unlinked(*free)
    if not crowded:
        return Paired(linked, unlinked, [])
    involved = [pairing for pairing in linked if crowded & _keys(pairing)]
    return Paired(
        [pairing for pairing in linked if not crowded & _keys(pairing)],
        [pairing for pairing in unlinked if pairing.key not in crowded],
        list(_collisions(crowded, partnero.codes, tolt.codes, involved)),
    )


def _keys(pairing: Pairing) -> set[str]:
    both = (pairing.partnero, pairing.tolt)
    return {pairing.key, *(code.values.code for code in both if code)}


def _unlinked(lefts: Codes, rights: Codes) -> list[Pairing]:
    there = rights.get
    return [
        *(make(Pairing, (key, None, left, there(key))) for key, left in lefts.items()),
        *(
            make(Pairing, (key, None, None, right))
            for key, right in rights.items()
            if key not in lefts
        ),
    ]


def _crowded(side: Snapshot) -> set[str]:
    """Name the keys that more than one record of this side has."""
    doubled = {fold(text) for text in side.doubled}
    if len(set(map(_TEXT, side.codes.values()))) == len(side.codes):
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
