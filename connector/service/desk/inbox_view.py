"""One page of the inbox: what was asked for, and all that is shown of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from connector.reports.meaning import reason_text
from connector.service.desk import inbox
from connector.service.desk.inbox import Group, Item
from connector.service.desk.known import Seen
from state.model import Take


class Filter(NamedTuple):
    """What is looked for: in one pair or in all, for one reason or any, by words."""

    pair: str = ""
    reason: str = ""
    query: str = ""
    page: int = 1

    @property
    def is_narrow(self) -> bool:
        return bool(self.reason or self.query)

    @property
    def address(self) -> str:
        """The query of another page of the same, which goes on with its number."""
        kept = {"pair": self.pair, "reason": self.reason, "q": self.query}
        said = {name: value for name, value in kept.items() if value}
        return "".join(f"{urlencode({name: said[name]})}&" for name in said) + "page="


@dataclass(frozen=True, slots=True)
class View:
    """What is shown.

    ``everything`` counts what is open in the pairs that are looked at, ``found`` what
    matches of that, ``groups`` is one page of it. ``words`` fit anything on this page.
    """

    filter: Filter
    held: int
    everything: int
    found: int
    pages: int
    groups: Sequence[Group]
    words: Sequence[Take]
    reasons: Mapping[str, str]
    decided: Sequence[Item]
    kept: Sequence[Item]


def view(seen: Mapping[str, Seen], wanted: Filter) -> View:
    """Return the page of the inbox that is asked for, or the nearest there is."""
    looked_at = [wanted.pair] if wanted.pair in seen else list(seen)
    items = {name: inbox.items_of(name, seen[name]) for name in seen}
    everything = inbox.in_order(item for name in looked_at for item in items[name])
    open_, decided = inbox.without_decided(everything)
    found = inbox.matching(open_, query=wanted.query, reason=wanted.reason)
    pending = [i for name in looked_at for i in inbox.pending_in(name, seen[name])]
    number, pages, some = _part(found, wanted.page)
    fits = {take for item in some for take in item.fits}
    return View(
        filter=wanted._replace(page=number),
        held=inbox.held(open_),
        everything=len(open_),
        found=len(found),
        pages=pages,
        groups=inbox.grouped(some),
        words=[take for take in inbox.TAKES if take in fits],
        reasons={item.reason: reason_text(item.reason) for item in open_},
        decided=[*decided, *pending],
        kept=[item for name in looked_at for item in inbox.kept_in(name, seen[name])],
    )


def _part(items: Sequence[Item], asked: int) -> tuple[int, int, Sequence[Item]]:
    """Return the page that is asked for, how many there are, and what is on it."""
    pages = max(1, -(-len(items) // inbox.PAGE))
    number = min(max(1, asked), pages)
    return number, pages, items[(number - 1) * inbox.PAGE : number * inbox.PAGE]
