"""What the stand-ins themselves saw: the record that no worker writes.

A pass talks to each side through a client of its own, and so over connections that no
other pass uses; the first of them begins as every pass does, by asking whose the key is
or for a list. Two connections of that kind to one side of one pair whose spans cross
are two passes at the same time, whoever began them and whatever their leases say.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import groupby
from time import time

from connector.sandbox.gate import Gate
from connector.sandbox.partnero_store import Programme
from connector.sandbox.tolt_store import Organization
from connector.sandbox.world import World

BEGINNINGS = ("test", "programs", "partners", "coupons", "promotion-codes")
"""What a pass asks first; where it writes, it may open one connection more."""


@dataclass(slots=True)
class Span:
    """From the first request of a connection to its last answer, in Unix seconds."""

    key: str
    port: int
    first: str
    begun: float
    ended: float = 0.0
    requests: int = 0
    writes: int = 0

    @property
    def begins_a_pass(self) -> bool:
        method, _, noun = self.first.partition(" ")
        return method == "GET" and noun in BEGINNINGS


@dataclass(slots=True)
class Recorder:
    """Stands before the gate and notes which key was used over which connection."""

    gate: Gate
    spans: list[Span] = field(default_factory=list)
    _open: dict[object, Span] = field(default_factory=dict)

    async def __call__(self, scope, receive, send) -> None:
        span = self._span(scope)
        span.requests += 1
        span.writes += scope["method"] not in ("GET", "HEAD")
        try:
            await self.gate(scope, receive, send)
        finally:
            span.ended = time()
            self.gate.site.requests.clear()

    def _span(self, scope) -> Span:
        """Return the span that a request belongs to: a port may come back."""
        port, key = scope["client"][1], _key_in(scope)
        connection = (scope["state"]["transport"], key)
        known = self._open.get(connection)
        if known is None:
            known = self._open[connection] = Span(key, port, _asked(scope), time())
            self.spans.append(known)
        return known

    def told(self, world: World) -> dict[str, object]:
        return {
            "spans": [asdict(span) for span in self.spans],
            "effects": [
                *(_on_partnero(*one) for one in world.programmes.items()),
                *(_on_tolt(*one) for one in world.organizations.items()),
            ],
        }


def _asked(scope) -> str:
    found = b"search=" in scope["query_string"]
    noun = scope["path"].rpartition("/")[2]
    return f"{scope['method']} {noun}{'?search' if found else ''}"


def _key_in(scope) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return str(value.decode("latin-1").partition(" ")[2])
    return ""


def _on_partnero(key: str, programme: Programme) -> dict[str, object]:
    return {
        "key": key,
        "codes": Counter(row.code for row in programme.codes),
        "sales": Counter(str(row.key) for row in programme.transactions),
    }


def _on_tolt(key: str, owner: Organization) -> dict[str, object]:
    return {
        "key": key,
        "codes": Counter(str(row.code) for row in owner.codes),
        "sales": Counter(str(row.charge_id) for row in owner.transactions),
        "paid": len(owner.commissions),
    }


def overlaps(spans: Iterable[Span]) -> list[tuple[Span, Span]]:
    """Return each two passes of one key of which one began before the other ended."""
    passes = [span for span in spans if span.begins_a_pass]
    ordered = sorted(passes, key=lambda span: (span.key, span.begun))
    return [
        crossed
        for _, own in groupby(ordered, key=lambda span: span.key)
        for crossed in _crossing(own)
    ]


def _crossing(own: Iterable[Span]) -> Iterator[tuple[Span, Span]]:
    latest: Span | None = None
    for span in own:
        if latest is not None and span.begun < latest.ended:
            yield latest, span
        if latest is None or span.ended > latest.ended:
            latest = span


def twice(effects: Iterable[dict]) -> list[str]:
    """Name each code and sale that is there more than once, and each double payment."""
    return [
        f"{one['key']}: {what} {text} {count} times"
        for one in effects
        for what in ("codes", "sales")
        for text, count in one[what].items()
        if count > 1
    ] + [
        f"{one['key']}: {one['paid']} commissions for {len(one['sales'])} sales"
        for one in effects
        if one.get("paid", 0) > len(one["sales"])
    ]
