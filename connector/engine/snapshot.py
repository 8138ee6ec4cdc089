"""Everything read from one side in one run, with the proof that it was complete."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mappings.canonical import Coupon, Partner, PromoCode, Side
from mappings.redemptions import Log
from mappings.rows import Unread
from mappings.wire import Json

CODE = "promotion code"
"""The noun of the rows on which a record rests."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One side as it was read.

    ``codes`` by id; ``missed`` says why the reading is not complete ("" where it
    is), ``reason`` the same in one of few words; ``doubled`` are ids that stand for
    several records; ``gone`` are linked ids
    whose absence was proven by a direct read; ``drift`` names unknown fields and
    ``absent`` those that decide about codes and are in no row; ``limit`` is how many
    requests a second the provider says that it allows, ``retired`` when it says that
    this version of its API ends;
    ``learned`` is what is worth remembering: the coupon of each Partnero code;
    ``identity`` is the programme behind the key, where it was asked; ``logs`` are
    the redemption logs of the Partnero codes that have one, ``unlogged`` counts the
    codes whose row shows none at all. ``marks`` are those of states in the sentinel's
    metadata, by code id; None where its row shows no metadata.
    ``unread`` are rows that could not be understood; ``hidden`` and ``hidden_texts``
    are ids, and folded texts, of the promotion codes that are listed in such rows, or
    hang on such a coupon: neither absent, nor changed, nor as they were.
    """

    side: Side
    codes: Mapping[str, PromoCode]
    partners: Mapping[str, Partner]
    coupons: Mapping[str, Coupon] = field(default_factory=dict)
    missed: str = ""
    reason: str = ""
    unreachable: bool = False
    doubled: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    drift: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    limit: str = ""
    retired: str = ""
    requests: int = 0
    learned: Mapping[str, str] = field(default_factory=dict)
    identity: str = ""
    logs: Mapping[str, Log] = field(default_factory=dict)
    unlogged: int = 0
    marks: Mapping[str, Mapping[str, Json] | None] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
    hidden: frozenset[str] = frozenset()
    hidden_texts: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        return not self.missed

    @property
    def listed(self) -> int:
        """How many promotion codes the listing holds, understood or not."""
        nameless = sum(row.noun == CODE and not row.name for row in self.unread)
        return len(self.codes) + len(self.hidden - self.codes.keys()) + nameless

    def hides(self, id_: str, text: str) -> bool:
        """Say whether a code is listed in a row that could not be understood."""
        return id_ in self.hidden or text in self.hidden_texts
