"""What the state says of a pair when a run begins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.engine.match import Former
from mappings.moments import CLOCKS_APART, iso
from state.model import (
    Decision,
    Failure,
    Link,
    PairFacts,
    PartnerLink,
    Tombstone,
    Unfinished,
)

if TYPE_CHECKING:
    from state.ledger import Ledger
    from state.programmes import Programmes
    from state.store import Store


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that is remembered of a pair; empty where there is no state yet.

    ``bases`` reads all links, and by their keys why some cannot be read: most of the
    state, for which there is time while the sides are read. ``recheck`` is how many
    remembered coupons are asked for again. ``switched``: no complete run has been made
    under this version of Tolt's API, but under the other one, whose partners are in
    ``former``.
    """

    identity: str | None = None
    salt: str = ""
    bases: Callable[[], tuple[list[Link], dict[str, str]]] = lambda: ([], {})
    tombstones: Mapping[str, Tombstone] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    partners: tuple[PartnerLink, ...] = ()
    coupons: Mapping[str, str] = field(default_factory=dict)
    known: PairFacts = field(default_factory=PairFacts)
    ledger: "Ledger | None" = None
    programmes: "Programmes | None" = None
    failures: Mapping[str, Failure] = field(default_factory=dict)
    unfinished: Mapping[str, Unfinished] = field(default_factory=dict)
    recheck: int = 0
    switched: bool = False
    former: Former = field(default_factory=dict)

    def quarantined(self, attempts: int) -> dict[str, str]:
        """Return by id the changes that are not tried any more, and why."""
        return {
            change: failure.detail
            for change, failure in self.failures.items()
            if failure.runs >= attempts or failure.parked
        }


def recall(store: "Store | None", version: str, *, recheck: int = 0) -> Memory:
    """Return everything that is remembered of the pair."""
    if store is None:
        return Memory()
    meta, decisions = store.meta(), store.decisions()
    others = store.tolt_versions() | {
        decision.version for decision in decisions.values()
    }
    former = {
        other: {link.tolt: link.partnero for link in store.partner_links(other)}
        for other in others - {version, ""}
    }
    return Memory(
        identity=meta.get("identity"),
        salt=meta.get("salt", ""),
        bases=store.links_and_unreadable,
        tombstones=store.tombstones(),
        decisions=decisions,
        partners=tuple(store.partner_links(version)),
        coupons=store.coupons(iso(datetime.now(UTC) + CLOCKS_APART)),
        known=store.facts.pair(),
        failures=store.journal.failures(),
        unfinished=store.unfinished(),
        ledger=store.ledger,
        programmes=store.programmes,
        recheck=recheck,
        switched=is_first_under(store, version),
        former=former,
    )


def is_first_under(store: "Store", version: str) -> bool:
    """Say whether another version of Tolt's API was spoken, and this one not since."""
    known = store.facts.pair().version
    return known != version if known else bool(store.tolt_versions() - {version})
