"""Records that one side does not have: made there, deleted here, or left alone.

Never made anew without being asked, never deleted without a base and a consent.
"""

from collections.abc import Iterable, Iterator, Sequence

from connector.engine import words
from connector.engine.causes import Causes
from connector.engine.change import Change, Grant, Status, Want, parse_note
from connector.engine.consent import Given, covers
from connector.engine.desk import Desk, blocked, written
from connector.engine.kept import coupon_of, kept_row
from connector.engine.match import Pairing
from connector.engine.partners import PartnerMap
from connector.engine.replaceable import why_not_under
from connector.engine.table import RecordRow, Verb
from mappings import partnero as partnero_mapping
from mappings import tolt as tolt_mapping
from mappings.canonical import Side, Values
from mappings.limits import looser, why_dead
from state.model import Decision, Unfinished

NAMED = 3
"""Records that are named of those that cannot be matched."""
_LOSSES = {Side.PARTNERO: partnero_mapping.losses, Side.TOLT: tolt_mapping.losses}


def answered(
    desk: Desk, pairing: Pairing, row: RecordRow, given: Given, drafts: Iterable[Change]
) -> Iterator[Change]:
    """Yield the proposals about a record as a whole, as a person has answered them."""
    proposals = [draft.with_id() for draft in drafts]
    given = given.with_older([one for one in proposals if not desk.goes(one)])
    for proposal in proposals:
        decision = given.to(proposal)
        if decision is None:
            yield proposal
        elif decision.take == "keep":
            yield proposal._replace(decision=decision)
        else:
            effects = list(_effects(desk, pairing, row, proposal, decision))
            yield from consented(given, [decision], effects) or [proposal]


def consented(
    given: Given, decisions: Sequence[Decision], effects: Sequence[Change]
) -> list[Change]:
    """Return what decisions bring about; [] where that is not what was agreed to."""
    ids = tuple(decision.id for decision in decisions)
    bound = [
        effect._replace(decided=True, decision=decisions[0], consents=ids)
        for effect in effects
    ]
    writes = [change for change in bound if change.target != "state"]
    if bound and all(covers(decisions, change) for change in writes):
        return bound
    for decision in decisions:
        given.refuse(decision)
    return []


def _effects(
    desk: Desk,
    pairing: Pairing,
    row: RecordRow,
    proposal: Change,
    decision: Decision,
) -> Iterable[Change]:
    """Return what an answer to a proposal means, before it is asked whether it may."""
    take = decision.take
    if take == "delete":
        return delete_wherever(desk, pairing, row)
    if take == "proposed":
        return [proposal]
    taken = Side(take)
    match proposal.action:
        case "create":
            return [proposal] if pairing.of(taken) is not None else []
        case "delete" if taken is proposal.side:
            return create(desk, pairing, row, taken.other, anew=True)
        case "delete":
            return [proposal]
        case _:
            return []


def create(
    desk: Desk, pairing: Pairing, row: RecordRow, target: Side, *, anew: bool = False
) -> Iterable[Change]:
    """Propose the missing half, or say why it cannot be made.

    ``anew`` makes again what was gone, because a person wants it.
    """
    source = target.other
    code = pairing.of(source)
    if code is None:
        return
    lost = _LOSSES[source](code)
    dead = why_dead(code.carried, desk.facts.today)
    message = f"{code.written} is only on {source.label}."
    if row.verb is Verb.REAPPEARED:
        message = _back(code.written, desk.facts.tombstones[pairing.key].where, target)
        reason, grant = "reappeared", Grant.DECIDE
    elif anew:
        reason, grant = f"gone_on_{target}", Grant.CREATE
    elif desk.unmatched and source is Side.TOLT:
        message = _perhaps(desk, code.written)
        reason, grant = "unproven", Grant.DECIDE
    else:
        reason, grant = _kind(source, lost=bool(lost), dead=bool(dead))
    if not desk.policy.allows(target):
        message += f" The direction is {desk.policy.direction}: nothing is written."
        desk.report(reason, (message,), code.written)
        return
    if reason == "dead" and desk.policy.dead == "never":
        desk.dead.append((code.written, source))
        return
    if dead:
        message += f" It is dead there: {words.death(dead)}."
    if lost:
        message += f" {target.label} cannot hold: {', '.join(lost)}."
    draft = desk.draft(
        pairing,
        "create",
        target,
        row=row.number,
        grant=grant,
        reason=reason,
        causes=(message,),
        source=source,
    )
    limits = looser(code.carried) if target is Side.TOLT else ()
    draft = draft._replace(
        lost=lost,
        raises_exposure=bool(lost),
        accepts=tuple(text for _kind, text in limits),
        values={"dead": dead.kind, "since": dead.facts} if dead else {},
    )
    draft = desk.expressible(draft, code, target)
    yield desk.carried(desk.owned(draft, code, source), code, target)


def _kind(source: Side, *, lost: bool, dead: bool) -> tuple[str, Grant]:
    """Return why a record is to be made, and the permission that it needs."""
    if dead:
        return "dead", Grant.DEAD
    return ("lossy", Grant.LOSSY) if lost else (f"only_on_{source}", Grant.CREATE)


def _perhaps(desk: Desk, text: str) -> str:
    """Say that a code may be a linked one that was renamed before a switch."""
    known, many = desk.unmatched, len(desk.unmatched) > NAMED
    rest = f" and {len(known) - NAMED} more" if many else ""
    return (
        f"{text} is on Tolt alone, or it is one of those that another version of its "
        f"API has shown under other ids ({', '.join(known[:NAMED])}{rest}), renamed. "
        "It is not made on Partnero, where it could be the second code of one record, "
        "unless you say that it is another one."
    )


def _back(text: str, where: str, target: Side) -> str:
    """Say that a deleted record is there; its other half may never have gone."""
    if where == f"deleted on {target.label}":
        return f"{text} was {where} and stands on {target.other.label}."
    return f"{text} was deleted ({where}) and is back on {target.other.label}."


def half_gone(
    desk: Desk, pairing: Pairing, row: RecordRow, alive: Side
) -> Iterable[Change]:
    """Propose to delete the other half; it is made anew only if a person says so."""
    gone = alive.other
    missing = desk.facts.unfinished.get(pairing.key)
    if missing is not None and missing.target == gone:
        yield from _made_whole(desk, pairing, row, missing, gone)
        return
    edited = row.verb is Verb.CONFLICT
    text = written(pairing)
    message = f"{text} is gone on {gone.label}"
    message += f" and was edited on {alive.label}." if edited else "."
    reason = "deleted_and_edited" if edited else f"gone_on_{gone}"
    if not desk.policy.allows(alive):
        message += f" The direction is {desk.policy.direction}: nothing is written."
        desk.report(reason, (message,), text)
        return
    message += f" Delete it on {alive.label} too?"
    grant = Grant.DECIDE if edited else Grant.DELETE
    causes = (message,)
    yield delete(desk, pairing, alive, row, grant=grant, reason=reason, causes=causes)


def _made_whole(
    desk: Desk, pairing: Pairing, row: RecordRow, missing: Unfinished, gone: Side
) -> Iterable[Change]:
    """Propose to make again what a replace took away and could not put in place."""
    want = _to_be_made(pairing, missing, gone, desk.partners)
    message = f"{missing.code} is missing on {gone.label}: a replace took the old one "
    message += "away, and neither the new nor the old one could be made: "
    message += f"{missing.detail.rstrip('.')}. Customers who type it there get "
    message += "nothing, and nobody is credited."
    if want is not None and not want.fields:
        message += f" {gone.other.label} shows other values by now, so it comes back "
        message += "as it was."
    if not desk.policy.allows(gone):
        message += f" The direction is {desk.policy.direction}: nothing is written."
        desk.report("missing_after_replace", (message,), missing.code)
        return
    draft = desk.draft(
        pairing,
        "create",
        gone,
        row=row.number,
        grant=Grant.DECIDE,
        reason="missing_after_replace",
        causes=(message,),
        source=gone.other,
    )
    if want is None:
        yield draft._replace(status=Status.BLOCKED)
    elif why := _why_no_owner(desk, gone, want.partner):
        yield blocked(draft, "partner_inactive", why)
    elif why := why_not_under(want, desk.facts.of(gone).coupons):
        yield blocked(draft, "not_expressible", f"It cannot be made again: {why}.")
    else:
        yield draft._replace(want=want, fields=desk.wanted(pairing, want, gone))


def _shows_the_same(
    then: Values, now: Values, want: Want, partners: PartnerMap
) -> bool:
    """Say whether a side still shows what a replace was made for.

    Its partner may have another id by now, after a switch of Tolt's API version: then
    it is the one whom the new code on Partnero was to credit.
    """
    if then == now:
        return True
    owner = partners.counterpart(Side.TOLT, now.partner)
    return then._replace(partner=now.partner) == now and owner == want.partner


def _to_be_made(
    pairing: Pairing, missing: Unfinished, gone: Side, partners: PartnerMap
) -> Want | None:
    """Return what closes the gap: the new code, or the old one as it was.

    The new one is only right while the other side still shows what it was made for.
    Its ``fields`` are those whose base moves with it.
    """
    replace = parse_note(missing.change)
    there, then = pairing.of(gone.other), replace.seen.get(gone.other)
    want, old = replace.want, replace.seen.get(gone)
    if there is None or want is None:
        return None
    if then is None or _shows_the_same(then.values, there.values, want, partners):
        return want._replace(kept=missing.copied)
    if old is None:
        return None
    row = kept_row(missing.copied)
    return Want(
        written=old.written or old.id,
        discount=old.values.discount,
        partner=old.values.partner,
        coupon=coupon_of(row),
        kept=missing.copied,
    )


def _why_no_owner(desk: Desk, side: Side, partner: str | None) -> str:
    """Say why a partner gets no code: not active, or proven not to be there."""
    known = desk.facts.of(side)
    if partner and known.complete and partner not in known.partners:
        return f"Its partner ({partner}) is not on {side.label} any more."
    return desk.why_inactive(side, partner)


def delete(
    desk: Desk,
    pairing: Pairing,
    side: Side,
    row: RecordRow,
    *,
    grant: Grant,
    reason: str,
    causes: Causes,
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
        causes=causes,
    )
    used = code.carried.redeemed if code else None
    return draft._replace(
        lost=words.dies_with(side, code) if code else (),
        values={} if used is None else {"redeemed": used},
    )


def delete_wherever(desk: Desk, pairing: Pairing, row: RecordRow) -> Iterable[Change]:
    """Do what a person asked for twice: remove the record on each side it is on."""
    sides = [side for side in Side if pairing.of(side) is not None]
    if not all(desk.policy.allows(side) for side in sides):
        text = written(pairing)
        message = f"{text} cannot be removed everywhere: the direction is "
        desk.report("decided", (f"{message}{desk.policy.direction}.",), text)
        return
    for side in sides:
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
                causes=(message,),
            )


def reappeared(desk: Desk, pairing: Pairing, row: RecordRow) -> Iterable[Change]:
    """Hold a record that was deleted and now stands on both sides again."""
    text = written(pairing)
    message = f"{text} was deleted and is on both sides again."
    yield desk.draft(
        pairing,
        "adopt",
        None,
        row=row.number,
        grant=Grant.DECIDE,
        reason="reappeared",
        causes=(message,),
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
        causes=(message,),
    )
    yield draft._replace(link=pairing.link)


def unproven(desk: Desk, pairing: Pairing) -> None:
    """Name a linked record that a complete listing does not show, unproven.

    A row that is listed and not understood is named by itself.
    """
    if any(desk.hides(side, pairing) for side in Side):
        return
    if pairing.link and all(desk.facts.of(side).complete for side in Side):
        side = Side.PARTNERO if pairing.partnero is None else Side.TOLT
        text = pairing.link.written
        message = f"{text} is not in {side.label}'s listing, but its absence is not "
        told = f"{message}proven. Nothing is done about it."
        desk.report("unproven", (told,), text)
