"""What a plan consists of: changes, findings, and the plan itself. Plain data."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from connector.engine.causes import Causes
from mappings.canonical import FIELDS, Discount, PromoCode, Side, Values
from mappings.discounts import discount_text, parse_discount
from mappings.fields import marks, parsed, texts
from mappings.redemptions import Push
from state.model import Decision, Link

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class Status(StrEnum):
    """READY is done by an apply, HELD waits for a person, BLOCKED cannot be done."""

    READY = "ready"
    HELD = "held"
    BLOCKED = "blocked"


class Grant(StrEnum):
    """The class of policy that a change falls under."""

    FREE = "free"
    CREATE = "create"
    UPDATE = "update"
    LOSSY = "lossy"
    DEAD = "dead"
    PAYEE = "payee"
    REPLACE = "replace"
    DELETE = "delete"
    DECIDE = "decide"


class FieldValue(NamedTuple):
    """One field of a change, as text for people; ``new`` is what would be written."""

    field: str
    base: str | None
    partnero: str | None
    tolt: str | None
    new: str | None


class Seen(NamedTuple):
    """What the plan saw on one side; None in its place means: no such record.

    ``written`` is the text as it stands there, ``limits`` the restrictions that the
    other side cannot hold, as people read them.
    """

    id: str
    values: Values
    written: str = ""
    limits: tuple[str, ...] = ()


class Want(NamedTuple):
    """What the target shall hold: ``partner`` is an id there, ``coupon`` Partnero's.

    ``kept`` is the whole row, as JSON, of a record that is made anew after a deletion.
    """

    written: str
    discount: Discount | None
    partner: str | None
    fields: frozenset[str] = frozenset()
    coupon: str | None = None
    duration: str | None = None
    kept: str = ""


class Change(NamedTuple):
    """One thing that a plan proposes to do.

    ``seen`` are its preconditions by side, ``want`` its result, ``link`` the base
    that an adopt writes, ``needs`` the ids of changes that must be done before it.
    ``members`` are all the records of a collision, ``values`` facts of the reason
    (JSON), ``consents`` the ids of the decisions that are used up by carrying it out,
    ``decision`` the person's word that it follows, ``accepts`` the restrictions whose
    loss is accepted with it, ``parts`` the proposals that became this one change.
    """

    action: str
    target: str
    key: str
    code: str
    row: int
    grant: Grant
    reason: str
    causes: Causes
    fields: tuple[FieldValue, ...] = ()
    lost: tuple[str, ...] = ()
    raises_exposure: bool = False
    seen: Mapping[Side, Seen | None] = MappingProxyType({})
    want: Want | None = None
    push: Push | None = None
    link: Link | None = None
    needs: tuple[str, ...] = ()
    status: Status = Status.READY
    decided: bool = False
    id: str = ""
    members: tuple[str, ...] = ()
    values: Mapping[str, Any] = MappingProxyType({})
    consents: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    decision: Decision | None = None

    @property
    def side(self) -> Side:
        """The side that is written to; ValueError for a change of the state."""
        return Side(self.target)

    @property
    def executable(self) -> bool:
        """Whether a yes is enough, or a person has to say which value is right."""
        stated = (self.want, self.push, self.link)
        return self.action == "delete" or any(one is not None for one in stated)

    @property
    def scope(self) -> tuple[str, ...]:
        """The fields that it is about; () where it is about a record as a whole."""
        if self.action not in ("update", "replace") or self.push is not None:
            return ()
        names = self.want.fields if self.want else (f.field for f in self.fields)
        return tuple(sorted(names))

    @property
    def mark(self) -> str:
        """The mark of the values by which a person decides about it."""
        if self.members:
            return digest(list(self.members))[:16]
        return seen_digest(self.seen, self.scope)

    def with_id(self) -> "Change":
        """Return the change under its id: a digest of what it does and on what.

        A change of some fields does not depend on the others: those may move on while
        it waits for a person.
        """
        content: list[Any] = [self.action, self.target, self.key]
        if names := self.scope:
            content += [names, values_seen(self.seen, names), self._wanted_of(names)]
        else:
            content += [self.precondition, self.wanted]
        content += [list(more) for more in (self.lost, self.members) if more]
        return self._replace(id="c_" + digest(content)[:12])

    def _wanted_of(self, names: tuple[str, ...]) -> list[Any]:
        want = self.want
        if want is None:
            return []
        values = Values(want.written, want.discount, want.partner)
        return [*marks(values, names), want.coupon, want.duration]

    @property
    def precondition(self) -> dict[str, list[str | None] | None]:
        """What each side must still hold, as JSON."""
        return dict(sorted(values_seen(self.seen).items()))

    @property
    def wanted(self) -> list[Any]:
        """What shall be there afterwards, as JSON."""
        want = self.want
        if self.push is not None:
            return list(self.push)
        if want is None:
            return []
        texts = [want.written, discount_text(want.discount), want.partner]
        return [*texts, sorted(want.fields), want.coupon, want.duration]


class Finding(NamedTuple):
    """Something a person should know that is not a change.

    ``id`` stands where it can be accepted, ``decision`` where it was, ``limits`` are
    the restrictions that it is about.
    """

    kind: str
    causes: Causes
    code: str | None = None
    codes: tuple[str, ...] = ()
    id: str = ""
    decision: Decision | None = None
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A guard that refuses the whole run, with its numbers and what to type next."""

    guard: str
    side: str | None
    causes: Causes


@dataclass(frozen=True, slots=True)
class SideReport:
    """How much of one side was read, and whether it was all of it."""

    codes: int
    partners: int
    complete: bool
    requests: int
    missed: str = ""


@dataclass(slots=True)
class Tally:
    """How many records were compared, each counted once, by what was found.

    ``unproven`` are those of which one side is unknown: they are not compared.
    """

    in_sync: int = 0
    only_on_partnero: int = 0
    only_on_tolt: int = 0
    differ: int = 0
    collisions: int = 0
    unproven: int = 0

    @property
    def compared(self) -> int:
        alone = self.only_on_partnero + self.only_on_tolt
        return self.in_sync + alone + self.differ + self.collisions


class MoneyLine(NamedTuple):
    """What the redemptions of one code or partner come to, in one currency."""

    name: str
    currency: str
    counts: Mapping[str, int]
    partnero: str
    tolt: str


@dataclass(frozen=True, slots=True)
class RedemptionReport:
    """Counts and money by code and by partner; amounts are exact major units."""

    codes: tuple[MoneyLine, ...] = ()
    partners: tuple[MoneyLine, ...] = ()


UNREAD = "they were not read"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that one comparison says. Times are UTC in ISO 8601.

    ``several``: the configuration has more pairs, and commands name theirs.
    ``redemptions`` is empty where none were compared; ``uncompared`` says what of them
    was not, and why.
    """

    pair: str
    created_at: str
    expires_at: str
    config: str
    state: str | None
    sides: Mapping[str, SideReport]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    tally: Tally
    refused: Refusal | None = None
    accepted: tuple[Finding, ...] = ()
    acceptable: tuple[Finding, ...] = ()
    failed: str = ""
    undoes: str = ""
    several: bool = False
    redemptions: Mapping[str, int] = field(default_factory=dict)
    redemption_report: RedemptionReport | None = None
    uncompared: str = ""

    @property
    def not_compared(self) -> str:
        """What of the redemptions was not compared, and why; "" where all were."""
        return self.uncompared or ("" if self.redemptions else UNREAD)

    @property
    def digest(self) -> str:
        """Digest of the changes, their preconditions and the config behind them."""
        content = [
            [
                change.id,
                change.status,
                change.reason,
                change.precondition,
                change.wanted,
            ]
            for change in self.changes
        ]
        return "sha256:" + digest([self.pair, self.config, self.state, content])

    @property
    def complete(self) -> bool:
        return all(side.complete for side in self.sides.values())

    def ready(self) -> tuple[Change, ...]:
        return tuple(c for c in self.changes if c.status is Status.READY)


def seen(code: PromoCode | None) -> Seen | None:
    """Return what a plan remembers of a record that it looked at."""
    return None if code is None else Seen(code.id, code.values, code.written)


def seen_digest(sides: Mapping[Side, Seen | None], names: tuple[str, ...] = ()) -> str:
    """Return the mark of the exact values that a person saw when they decided."""
    content: Any = values_seen(sides, names)
    if not names:  # the order of the older form, whose marks still count
        content = [content[side] for side in sorted(content)]
    return digest(content)[:16]


def values_seen(
    sides: Mapping[Side, Seen | None], names: tuple[str, ...] = ()
) -> dict[str, list[str | None] | None]:
    """Return id and values on each side as JSON; of all fields, or of these."""
    shown: dict[str, list[str | None] | None] = {}
    for side, seen in sides.items():
        shown[side.value] = None
        if seen is not None:
            shown[side.value] = [seen.id, *marks(seen.values, names or FIELDS)]
    return shown


def value_texts(values: Values) -> list[str | None]:
    """Return merged values as JSON."""
    return marks(values)


def note(change: Change) -> str:
    """Return what an intent keeps of a change, as JSON: enough to settle it later."""
    content = {
        "id": change.id,
        "action": change.action,
        "target": change.target,
        "key": change.key,
        "code": change.code,
        "row": change.row,
        "reason": change.reason,
        "seen": {
            side.value: None if one is None else _seen_note(one)
            for side, one in change.seen.items()
        },
        "want": change.want and change.wanted,
        "push": change.push,
        "consents": change.consents,
        "accepts": change.accepts,
        "by": change.decision.who if change.decision else "",
    }
    return json.dumps(content, sort_keys=True)


def parse_note(text: str) -> Change:
    """Return the change that an intent was made for."""
    stored = json.loads(text)
    seen_by_side = {
        Side(side): None if one is None else _parse_seen(one)
        for side, one in stored["seen"].items()
    }
    want = None
    if stored["want"]:
        written, discount, partner, names, coupon, duration = stored["want"]
        stated = parse_discount(discount)
        want = Want(written, stated, partner, frozenset(names), coupon, duration)
    plain = {name: stored[name] for name in ("id", "action", "target", "key", "code")}
    return Change(
        **plain,
        row=stored["row"],
        reason=stored["reason"],
        grant=Grant.FREE,
        causes=(),
        seen=seen_by_side,
        want=want,
        push=Push(*stored["push"]) if stored.get("push") else None,
        consents=tuple(stored.get("consents", ())),
        accepts=tuple(stored.get("accepts", ())),
        values={"by": stored.get("by", "")},
    )


def decided_by(text: str) -> str:
    """Return who decided about the change of a note; "" where nobody had to."""
    return str(json.loads(text or "{}").get("by", ""))


def _seen_note(seen: Seen) -> list[Any]:
    return [seen.id, *_stored(seen.values), seen.written, list(seen.limits)]


def _parse_seen(stored: list[Any]) -> Seen:
    """Return what was seen; notes of earlier versions end after the values."""
    id_, rest = stored[0], stored[1 + len(FIELDS) :]
    written, limits = rest or ("", ())
    return Seen(id_, parsed(stored[1 : 1 + len(FIELDS)]), written, tuple(limits))


def _stored(values: Values) -> list[str | None]:
    return texts(values)


def digest(content: Any) -> str:  # noqa: ANN401 (any JSON)
    """Return the SHA-256 of a value as canonical JSON, in hexadecimal."""
    return hashlib.sha256(_CANONICAL.encode(content).encode()).hexdigest()
