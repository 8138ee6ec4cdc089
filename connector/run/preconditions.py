"""What must still be as the plan saw it when a code is written, beside the target.

Each function says what is different by now, as text for people, or "".
"""

from collections.abc import Iterable

from connector.engine.acts import Create
from connector.engine.change import Change, Seen
from connector.engine.diff import differences
from connector.engine.proposals.lost import LOSSES, changed_terms
from connector.engine.undo import UNDO
from connector.run.write import Shared
from mappings.canonical import (
    FIELDS,
    Carried,
    Coupon,
    PromoCode,
    Side,
    Values,
    mask,
)


def other_half(
    change: Change, shared: Shared, version: str, fields: Iterable[str] = FIELDS
) -> str:
    """Say how the other half differs from what the plan saw there.

    What this run itself wrote, or took away, is not different. ``version`` is the one
    of Tolt's API that the ids of the change belong to.
    """
    side, text = change.side.other, change.code
    seen = change.seen.get(side)
    if seen is None:
        return _back(change, shared)
    if side is Side.TOLT and version != shared.version:
        return f"{text} on {side.label} is known by an id of {version} alone"
    id_ = shared.written.moved.get((side, seen.id), seen.id)
    if not id_:
        return ""
    code = shared.read(side, id_)
    if code is None:
        return f"{text} is gone on {side.label}"
    ours = shared.written.values.get((side, id_))
    why = difference(ours or seen.values, code.values, fields)
    if not why and not ours:
        why = _spelled(seen, code)
    if not why and isinstance(change.act, Create):
        why = _limits(change, shared, seen, code)
    return f"{text} on {side.label}: {why}" if why else ""


def _spelled(seen: Seen, code: PromoCode) -> str:
    """Say how the text is spelled by now, where it is another spelling."""
    same = seen.written in ("", code.written)
    return "" if same else f"code: {seen.written} -> {code.written}"


def _back(change: Change, shared: Shared) -> str:
    """Say so when the other half, gone at plan time, is back: by id or by text."""
    side = change.side.other
    link, known = shared.link(change.key), ""
    there: list[PromoCode] = []
    if link and (side is Side.PARTNERO or link.version == shared.version):
        known = link.ids.of(side)
        code = shared.read(side, known)
        there += [code] if code else []
    texts = [change.code, link.written if link else change.code]
    if side is Side.PARTNERO:  # it may tell upper and lower case apart
        texts += [texts[0].upper(), texts[0].lower()]
        texts = [text for text in texts if text != known]
    for text in texts[:1] if side is Side.TOLT else dict.fromkeys(texts):
        there += [] if there else shared.writers.of(side).find(text)
    there = [code for code in there if (side, code.id) not in shared.written.values]
    if not there:
        return ""
    return f"{change.code} is back on {side.label} as {there[0].written}"


def _limits(change: Change, shared: Shared, seen: Seen, code: PromoCode) -> str:
    """Say which restrictions came or went: what is lost was agreed to by name."""
    side, undone = change.side.other, change.reason == UNDO
    if side is Side.TOLT and shared.version == "v1":
        return ""  # its lists do not say `active`: what a plan saw was no answer
    known = set(seen.limits) if undone else {*seen.limits, *change.lost}
    now = set(LOSSES[side](code))
    came, went = sorted(now - known), sorted(set(seen.limits) - now)
    if undone and not seen.limits:
        return ""
    new = [f"now: {limit}" for limit in came]
    return "; ".join(new + [f"no longer: {limit}" for limit in went])


def other_coupon(change: Change, shared: Shared) -> str:
    """Say how the coupon that the code would hang on has changed."""
    want = change.want
    if change.side is not Side.PARTNERO or want is None or want.coupon is None:
        return ""
    uuid = want.coupon
    now = shared.coupon(uuid)
    if now is None:
        return f"coupon {uuid} is gone on Partnero"
    was = shared.coupons.get(uuid)
    if was is None:  # made by this run, or by whoever made what is undone
        plain = Carried() if want.duration else now.restrictions
        was = Coupon(uuid, want.discount, want.duration or now.duration, plain)
    terms = changed_terms(was, now)
    return f"coupon {uuid} on Partnero: {terms}" if terms else ""


def difference(expected: Values, now: Values, fields: Iterable[str] = FIELDS) -> str:
    """Say what differs, with what it is now; an id that is an e-mail is masked."""
    names = [name for name in fields if getattr(expected, name) != getattr(now, name)]
    before, after = (
        {name: _shown(getattr(values, name)) for name in names}
        for values in (expected, now)
    )
    if names and before == after:  # two addresses that are masked alike
        return f"{', '.join(names)}: another one"
    return "; ".join(differences(before, after))


def _shown(value: object) -> str:
    text = str(value)
    return mask(text) if "@" in text else text
