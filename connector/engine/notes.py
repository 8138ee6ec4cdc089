"""A change as an intent keeps it: enough to settle the write later, as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from connector.engine.acts import (
    Act,
    Create,
    Delete,
    Forget,
    NeedCoupon,
    NeedPartner,
    PushSale,
    Question,
    Reappeared,
    Replace,
    Step,
    Update,
    Want,
)
from connector.engine.change import Change, Grant, Seen
from mappings.canonical import FIELDS, Side, Values
from mappings.fields import parsed, texts
from mappings.redemptions import Push


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
            side.value: None if code is None else _seen_note(code)
            for side, code in change.seen.items()
        },
        "want": change.want and change.wanted,
        "push": change.push,
        "consents": change.consents,
        "accepts": change.accepts,
        "by": change.decision.who if change.decision else "",
    }
    return json.dumps(content, sort_keys=True)


def parse_note(text: str) -> Change:
    """Return the change that an intent was made for; ValueError where it is no note."""
    try:
        return _parsed(json.loads(text))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no note: {type(error).__name__}") from error


def _parsed(stored: Mapping[str, Any]) -> Change:
    seen_by_side = {
        Side(side): None if note is None else _parse_seen(note)
        for side, note in stored["seen"].items()
    }
    return Change(
        _parse_act(stored),
        key=stored["key"],
        code=stored["code"],
        row=stored["row"],
        grant=Grant.FREE,
        reason=stored["reason"],
        causes=(),
        seen=seen_by_side,
        id=stored["id"],
        consents=tuple(stored.get("consents", ())),
        by=stored.get("by", ""),
    )


def _parse_act(stored: Mapping[str, Any]) -> Act:
    """Return what was to be done; what is lost, and a link, stand in no note."""
    action, target = stored["action"], stored["target"]
    want = _parse_want(stored["want"])
    if stored.get("push"):
        return PushSale(Step(action), Side(target), Push(*stored["push"]))
    match action:
        case "adopt":
            return Reappeared()
        case "forget":
            return Forget(None)
        case "coupon" | "partner":
            return _parse_need(Side(target), want)
        case _:
            return _parse_write(action, target, want, tuple(stored.get("accepts", ())))


def _parse_write(
    action: str, target: str, want: Want | None, accepts: tuple[str, ...]
) -> Act:
    if action == "delete":
        return Delete(None if target == "both" else Side(target))
    side, names = Side(target), want.fields if want else frozenset()
    match action, want:
        case "create", _:
            return Create(side, want, accepts=accepts)
        case "update", None:
            return Question(side, names)
        case "update", _:
            return Update(side, names, want)
        case "replace", _:
            return Replace(side, names, want)
        case _:
            raise ValueError(f"a note knows no {action} on {target}")


def _parse_need(side: Side, want: Want | None) -> Act:
    """Return what is made for a code: a coupon has a discount, a partner has none."""
    match want:
        case Want(values=Values(discount=None) as values):
            return NeedPartner(side, values.code, values.partner or "")
        case Want(values=Values(discount=discount)) if discount:
            return NeedCoupon(want.coupon or "", discount, want.duration or "")
        case _:
            raise ValueError("a note of a coupon or a partner says what is made")


def _parse_want(stored: list[Any]) -> Want | None:
    if not stored:
        return None
    *values, names, coupon, duration = stored
    return Want(parsed(values), frozenset(names), coupon, duration)


def decided_by(text: str) -> str:
    """Return who decided about the change of a note; "" where nobody had to."""
    return str(json.loads(text or "{}").get("by", ""))


def _seen_note(seen: Seen) -> list[Any]:
    return [seen.id, *texts(seen.values), seen.written, list(seen.limits)]


def _parse_seen(stored: list[Any]) -> Seen:
    """Return what was seen; notes of earlier versions end after the values."""
    id_, rest = stored[0], stored[1 + len(FIELDS) :]
    written, limits = rest or ("", ())
    return Seen(id_, parsed(stored[1 : 1 + len(FIELDS)]), written, tuple(limits))
