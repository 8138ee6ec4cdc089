"""Which pairs of one configuration share a programme, as far as it says so itself.

No key is read for it: Tolt's programme stands in the configuration, and a key that is
at the same place is the same key. One key at two places is found by the marks that
passes keep in the state, and, where a command looks at several pairs, by the keys that
it reads for them anyway.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from connector.config.schema import PairSection
from connector.engine.guards import Programmes
from mappings.canonical import Side


class Sharing:
    """The pairs of a configuration by what they ask; made once for all of them."""

    def __init__(self, pairs: Sequence[PairSection]) -> None:
        self._by_tolt: dict[str, list[str]] = {}
        self._by_place: dict[str, list[str]] = {}
        self._by_owner: dict[str, list[str]] = {}
        self._references: dict[str, dict[str, str]] = {}
        for pair in pairs:
            places = references_of(pair)
            self._references[pair.name] = places
            self._by_tolt.setdefault(tolt_of(pair), []).append(pair.name)
            place = places[Side.PARTNERO.value]
            self._by_place.setdefault(place, []).append(pair.name)

    def meet(self, mine: Programmes) -> None:
        """Note whose key this is, as it was read for a command."""
        met = self._by_owner.setdefault(mine.partnero, [])
        if mine.partnero and mine.pair not in met:
            met.append(mine.pair)

    def others(self, mine: Programmes) -> Iterator[Programmes]:
        """Yield the other pairs that have a programme of these, each with that one."""
        place = self._references[mine.pair][Side.PARTNERO.value]
        owners = {*self._by_place[place], *self._by_owner.get(mine.partnero, ())}
        tolt = {*self._by_tolt.get(mine.tolt, ())}
        if others := (owners | tolt) - {mine.pair}:
            for pair in filter(others.__contains__, self._references):
                partnero = mine.partnero if pair in owners else ""
                yield Programmes(pair, partnero, mine.tolt if pair in tolt else "")

    def reference(self, pair: str, side: str) -> str | None:
        """Return where a pair has a key; None where there is no such pair."""
        return self._references.get(pair, {}).get(side)


def tolt_of(section: PairSection) -> str:
    """Name Tolt's programme, whichever version of the API is asked."""
    host = urlsplit(section.tolt.base_url).netloc
    tolt = "tolt" if host.endswith(".tolt.com") else host
    return f"{tolt} {section.tolt.program_id}"


def references_of(section: PairSection) -> dict[str, str]:
    """Say of each side what is asked, and with the key of which place."""
    key, other = section.partnero.api_key, section.tolt.api_key
    return {
        Side.PARTNERO.value: f"{section.partnero.base_url} {key.place}",
        Side.TOLT.value: f"{tolt_of(section)} {other.place}",
    }
