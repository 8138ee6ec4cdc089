"""Records that one side does not have: made there, deleted here, or left alone.

Never made anew without being asked, never deleted without a base and a consent.
"""

from collections.abc import Iterable

from connector.engine import words
from connector.engine.change import Change, Grant
from connector.engine.desk import Desk, written
from connector.engine.match import Pairing
from connector.engine.table import RecordRow, Verb
from mappings import partnero as partnero_mapping
from mappings import tolt as tolt_mapping
from mappings.canonical import Side

_LOSSES = {Side.PARTNERO: partnero_mapping.losses, Side.TOLT: tolt_mapping.losses}


def create(
    desk: Desk, pairing: Pairing, row: RecordRow, target: Side, winner: Side | None
) -> Iterable[Change]:
    """Propose the missing half, or say why it cannot be made."""
    source = target.other
    code = pairing.of(source)
    if code is None:
        return
    reason, grant = f"only_on_{source}", Grant.CREATE
    message = f"{code.written} is only on {source.label}."
    lost = _LOSSES[source](code)
    if row.verb is Verb.REAPPEARED:
        where = desk.facts.tombstones[pairing.key].where
        message = f"{code.written} was deleted ({where}) and is back on {source.label}."
        reason, grant = "reappeared", Grant.DECIDE
    elif pairing.link is not None:
        reason = f"gone_on_{target}"
    elif lost:
        reason, grant = "lossy", Grant.LOSSY
        if code.carried.switched_off:
            reason = "switched_off"
    if not desk.policy.allows(target):
        message += f" The direction is {desk.policy.direction}: nothing is written."
        desk.report(reason, message, code.written)
        return
    if lost:
        message += f" {target.label} cannot hold: {', '.join(lost)}."
    draft = desk.draft(
        pairing,
        "create",
        target,
        row=row.number,
        grant=grant,
        reason=reason,
        message=message,
        source=source,
    )
    draft = draft._replace(
        lost=lost, raises_exposure=bool(lost), decided=winner is source
    )
    draft = desk.expressible(draft, code, target)
    yield desk.carried(desk.owned(draft, code, source), code, target)


def half_gone(
    desk: Desk, pairing: Pairing, row: RecordRow, alive: Side, winner: Side | None
) -> Iterable[Change]:
    """Propose to delete the other half; make the missing one anew only if decided."""
    gone = alive.other
    if winner is alive:
        yield from create(desk, pairing, row, gone, winner)
        return
    edited = row.verb is Verb.CONFLICT
    text = written(pairing)
    message = f"{text} is gone on {gone.label}"
    message += f" and was edited on {alive.label}." if edited else "."
    message += f" Delete it on {alive.label} too? partnero-tolt decide "
    message += f"{words.typed(text)} --take {gone} (or --take {alive} to make it anew)"
    reason = "deleted_and_edited" if edited else f"gone_on_{gone}"
    if not desk.policy.allows(alive):
        desk.report(reason, message, text)
        return
    grant = Grant.DECIDE if edited else Grant.DELETE
    yield delete(
        desk,
        pairing,
        alive,
        row,
        grant=grant,
        reason=reason,
        message=message,
        decided=winner is not None,
    )


def delete(
    desk: Desk,
    pairing: Pairing,
    side: Side,
    row: RecordRow,
    *,
    grant: Grant,
    reason: str,
    message: str,
    decided: bool,
) -> Change:
    """Return the deletion of one half, with what dies with it."""
    code = pairing.of(side)
    draft = desk.draft(
        pairing,
        "delete",
        side,
        row=row.number,
        grant=grant,
        reason=reason,
        message=message,
    )
    return draft._replace(
        lost=words.dies_with(side, code) if code else (), decided=decided
    )


def delete_wherever(desk: Desk, pairing: Pairing, row: RecordRow) -> Iterable[Change]:
    """Do what a person asked for twice: remove the record on each side it is on."""
    for side in Side:
        code = pairing.of(side)
        if code is not None:
            message = f"{code.written} is removed from {side.label}, as decided."
            yield delete(
                desk,
                pairing,
                side,
                row,
                grant=Grant.DELETE,
                reason="decided",
                message=message,
                decided=True,
            )


def reappeared(desk: Desk, pairing: Pairing, row: RecordRow) -> Iterable[Change]:
    """Hold a record that was deleted and now stands on both sides again."""
    text = written(pairing)
    message = f"{text} was deleted and is on both sides again. Keep it? partnero-tolt "
    message += f"decide {words.typed(text)} --take partnero"
    yield desk.draft(
        pairing,
        "adopt",
        None,
        row=row.number,
        grant=Grant.DECIDE,
        reason="reappeared",
        message=message,
    )


def forget(desk: Desk, pairing: Pairing, row: RecordRow) -> Iterable[Change]:
    """Close the base of a record that is gone on both sides."""
    message = f"{written(pairing)} is gone on both sides and is remembered as such."
    draft = desk.draft(
        pairing,
        "forget",
        None,
        row=row.number,
        grant=Grant.FREE,
        reason="gone_on_both",
        message=message,
    )
    yield draft._replace(link=pairing.link)


def unproven(desk: Desk, pairing: Pairing) -> None:
    """Name a linked record that a complete listing does not show, unproven."""
    if pairing.link and all(desk.facts.of(side).complete for side in Side):
        side = Side.PARTNERO if pairing.partnero is None else Side.TOLT
        text = pairing.link.written
        message = f"{text} is not in {side.label}'s listing, but its absence is not "
        desk.report("unproven", f"{message}proven. Nothing is done about it.", text)
