"""What a plan consists of: changes, findings, and what refuses it. Plain data."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, assert_never

from msgspec.structs import replace

from connector.engine import acts
from connector.engine.acts import (
    Act,
    Adopt,
    Collision,
    Create,
    Delete,
    Forget,
    NeedCoupon,
    NeedPartner,
    PushSale,
    Question,
    Reappeared,
    Replace,
    Update,
    Want,
)
from connector.engine.causes.cause import Cause, Causes
from mappings.canonical import FIELDS, PromoCode, Side, Values
from mappings.fields import marks, texts
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


class Change(NamedTuple):
    """One thing that a plan proposes to do: ``act`` is what, the rest is why and how.

    ``seen`` are its preconditions by side, ``needs`` the ids of changes that must be
    done before it, ``requires`` those of them that are made for it alone: a coupon, a
    partner. ``consents`` are the ids of the decisions that are used up by carrying it
    out, ``decision`` the person's word that it follows, ``by`` whose that was, as far
    as a note keeps it. ``parts`` are the proposals that became this one change.
    """

    act: Act
    key: str
    code: str
    row: int
    grant: Grant
    reason: str
    causes: Causes
    fields: tuple[FieldValue, ...] = ()
    seen: Mapping[Side, Seen | None] = MappingProxyType({})
    needs: tuple[str, ...] = ()
    requires: tuple["Change", ...] = ()
    status: Status = Status.READY
    decided: bool = False
    id: str = ""
    consents: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    decision: Decision | None = None
    by: str = ""

    @property
    def action(self) -> str:
        return acts.action(self.act)

    @property
    def target(self) -> str:
        return acts.target(self.act)

    @property
    def side(self) -> Side:
        """The side that is written to; ValueError for a change of the state."""
        return Side(self.target)

    @property
    def want(self) -> Want | None:
        return acts.want(self.act)

    @property
    def push(self) -> Push | None:
        return self.act.sale if isinstance(self.act, PushSale) else None

    @property
    def link(self) -> Link | None:
        return self.act.link if isinstance(self.act, Adopt | Forget) else None

    @property
    def members(self) -> tuple[str, ...]:
        return self.act.members if isinstance(self.act, Collision) else ()

    @property
    def accepts(self) -> tuple[str, ...]:
        return self.act.accepts if isinstance(self.act, Create) else ()

    @property
    def lost(self) -> tuple[str, ...]:
        return acts.lost(self.act)

    @property
    def raises_exposure(self) -> bool:
        return acts.raises_exposure(self.act)

    @property
    def values(self) -> Mapping[str, Any]:
        """Facts of the reason, as JSON."""
        return acts.facts(self.act)

    @property
    def scope(self) -> tuple[str, ...]:
        """The fields that it is about; () where it is about a record as a whole."""
        return acts.names(self.act)

    @property
    def executable(self) -> bool:
        """Whether a yes is enough, or a person has to say which value is right."""
        match self.act:
            case Delete() | Adopt() | PushSale() | NeedCoupon() | NeedPartner():
                return True
            case Forget(link=link):
                return link is not None
            case Create() | Update() | Replace():
                return self.act.want is not None
            case Question() | Reappeared() | Collision():
                return False
            case _:
                assert_never(self.act)

    @property
    def mark(self) -> str:
        """The mark of the values by which a person decides about it."""
        if self.members:
            return digest(list(self.members))[:16]
        return seen_digest(self.seen, self.scope)

    def wanting(self, want: Want) -> "Change":
        """Return the change with another want."""
        return self._replace(act=acts.wanting(self.act, want))

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
        return [*marks(want.values, names), want.coupon, want.duration]

    @property
    def precondition(self) -> dict[str, list[str | None] | None]:
        """What each side must still hold, as JSON."""
        return dict(sorted(values_seen(self.seen).items()))

    @property
    def wanted(self) -> list[Any]:
        """What shall be there afterwards, as JSON."""
        if self.push is not None:
            return list(self.push)
        want = self.want
        if want is None:
            return []
        written = texts(want.values)
        return [*written, sorted(want.fields), want.coupon, want.duration]


def blocked(draft: Change, reason: str, cause: Cause) -> Change:
    """Return a change that cannot be done as things are, and why."""
    act = draft.act
    if isinstance(act, Create | Update | Replace):
        act = replace(act, want=None)
    causes = (*draft.causes, cause)
    return draft._replace(act=act, status=Status.BLOCKED, reason=reason, causes=causes)


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


def order(change: Change) -> tuple[str, str, str, str]:
    """Return the place of a change among those of codes."""
    return (change.key, change.action, change.target, change.id)


def canonical(content: Any) -> str:  # noqa: ANN401 (any JSON)
    """Return a value as canonical JSON: equal ones are equal bytes."""
    return _CANONICAL.encode(content)


def digest(content: Any) -> str:  # noqa: ANN401 (any JSON)
    """Return the SHA-256 of a value as canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def digest_of(parts: Iterable[str]) -> str:
    """Return the same of canonical JSON that comes in pieces."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part.encode())
    return found.hexdigest()
