"""Records that one side does not have: made there, deleted here, or left alone.

Never made anew without being asked, never deleted without a base and a consent.
"""

from collections.abc import Iterator

from connector.engine.acts import Create, Delete, Forget, Reappeared, Want
from connector.engine.causes.cause import Cause, Causes
from connector.engine.causes.codes import (
    AbsenceNotProven,
    BackOnBoth,
    ComesBackAsItWas,
    DeadThere,
    DeleteToo,
    Gone,
    GoneOnBoth,
    MissingAfterReplace,
    NothingWritten,
    NotMadeAgain,
    NotRemovable,
    OnlyOn,
    PerhapsRenamed,
    Removed,
    WasDeleted,
    WouldLose,
)
from connector.engine.causes.needs import OwnerGone
from connector.engine.change import Change, Finding, Grant, Status, blocked
from connector.engine.decide import Verb
from connector.engine.notes import parse_note
from connector.engine.partners import PartnerMap
from connector.engine.proposals.items import Item, NotCarried
from connector.engine.proposals.kept import coupon_of, kept_row
from connector.engine.proposals.lost import LOSSES, dies_with
from connector.engine.proposals.needs import expressible, hung, owned, owner_inactive
from connector.engine.proposals.record import Record, hides
from connector.engine.proposals.replaceable import why_not_under
from mappings.canonical import FIELDS, PromoCode, Side, Values
from mappings.fields import MERGED
from mappings.limits import Death, looser, why_dead
from state.model import Unfinished, deleted_on

MISSING_AFTER_REPLACE = "missing_after_replace"
"""The reason of what makes again what a replace took away: its write asks for it."""


# -- made where it is missing -------------------------------------------------------


def create(record: Record, target: Side, *, anew: bool = False) -> Iterator[Item]:
    """Propose the missing half, or say why it cannot be made.

    ``anew`` makes again what was gone, because a person wants it.
    """
    source, policy = target.other, record.policy
    code = record.of(source)
    if code is None:
        return
    lost = LOSSES[source](code)
    dead = why_dead(code.carried, record.facts.today)
    why = _why_made(record, code, lost=bool(lost), dead=bool(dead), anew=anew)
    reason, grant, cause = why
    if not record.allows(target):
        forbidden = NothingWritten(policy.direction)
        yield Finding(reason, (cause, forbidden), code.written)
    elif reason == "dead" and policy.dead == "never":
        yield NotCarried(code.written, source)
    else:
        limits = looser(code.carried) if target is Side.TOLT else ()
        accepts = tuple(text for _kind, text in limits)
        raises = bool(lost)
        act = Create(target, None, lost, accepts, raises, dead)
        causes = (cause, *_what_goes(target, lost, dead))
        fields = record.fields(FIELDS, source)
        draft = record.draft(act, grant, reason, causes, fields=fields)
        draft = expressible(record, draft, code)
        yield hung(record, owned(record, draft, code))


def _why_made(
    record: Record, code: PromoCode, *, lost: bool, dead: bool, anew: bool
) -> tuple[str, Grant, Cause]:
    """Return why a record is to be made, and the permission that it needs."""
    text = code.written
    source = Side.PARTNERO if record.of(Side.PARTNERO) else Side.TOLT
    only = OnlyOn(text, source)
    if record.row.verb is Verb.REAPPEARED:
        where = record.facts.tombstones[record.key].where
        return "reappeared", Grant.DECIDE, _back(text, where, source)
    if anew:
        return f"gone_on_{source.other}", Grant.CREATE, only
    if record.unmatched and source is Side.TOLT:
        return "unproven", Grant.DECIDE, PerhapsRenamed(text, record.unmatched)
    if dead:
        return "dead", Grant.DEAD, only
    if lost:
        return "lossy", Grant.LOSSY, only
    return f"only_on_{source}", Grant.CREATE, only


def _back(text: str, where: str, side: Side) -> WasDeleted:
    """Say that a deleted record is there; its other half may never have gone."""
    never_went = where == deleted_on(side.other)
    return WasDeleted(text, where, side, never_went)


def _what_goes(target: Side, lost: tuple[str, ...], dead: Death | None) -> Causes:
    causes: Causes = (DeadThere(dead),) if dead else ()
    return (*causes, WouldLose(target, lost)) if lost else causes


# -- gone from one side -------------------------------------------------------------


def half_gone(record: Record, alive: Side) -> Iterator[Item]:
    """Propose to delete the other half; it is made anew only if a person says so."""
    gone = alive.other
    missing = record.facts.unfinished.get(record.key)
    if missing is not None and missing.target == gone:
        yield from _made_whole(record, missing, gone)
        return
    edited = record.row.verb is Verb.CONFLICT
    reason = "deleted_and_edited" if edited else f"gone_on_{gone}"
    cause = Gone(record.written, gone, edited)
    if not record.allows(alive):
        forbidden = NothingWritten(record.policy.direction)
        yield Finding(reason, (cause, forbidden), record.written)
        return
    grant = Grant.DECIDE if edited else Grant.DELETE
    yield delete(record, alive, grant, reason, (cause, DeleteToo(alive)))


def delete(
    record: Record, side: Side, grant: Grant, reason: str, causes: Causes
) -> Change:
    """Return the deletion of one half, with what dies with it."""
    code = record.of(side)
    lost = dies_with(side, code) if code else ()
    used = code.carried.redeemed if code else None
    return record.draft(Delete(side, lost, used), grant, reason, causes)


def delete_wherever(record: Record) -> Iterator[Item]:
    """Do what a person asked for twice: remove the record on each side it is on."""
    there = {side: code for side in Side if (code := record.of(side)) is not None}
    if not all(record.allows(side) for side in there):
        cause = NotRemovable(record.written, record.policy.direction)
        yield Finding("decided", (cause,), record.written)
        return
    for side, code in there.items():
        gone = (Removed(code.written, side),)
        yield delete(record, side, Grant.DELETE, "decided", gone)


# -- what a replace left missing ----------------------------------------------------


def _made_whole(record: Record, missing: Unfinished, gone: Side) -> Iterator[Item]:
    """Propose to make again what a replace took away and could not put in place."""
    want = _to_be_made(record, missing, gone)
    causes: Causes = (MissingAfterReplace(missing.code, gone, missing.detail),)
    if want is not None and not want.fields:
        causes = (*causes, ComesBackAsItWas(gone.other))
    if not record.allows(gone):
        causes = (*causes, NothingWritten(record.policy.direction))
        yield Finding(MISSING_AFTER_REPLACE, causes, missing.code)
        return
    fields = record.fields(FIELDS, gone.other)
    reason = MISSING_AFTER_REPLACE
    draft = record.draft(Create(gone), Grant.DECIDE, reason, causes, fields=fields)
    if want is None:
        yield draft._replace(status=Status.BLOCKED)
    elif absent := _why_no_owner(record, gone, want.partner):
        yield blocked(draft, "partner_inactive", absent)
    elif why := why_not_under(want, record.facts.of(gone).coupons):
        yield blocked(draft, "not_expressible", NotMadeAgain(why))
    else:
        yield _coming(record, draft, want)


def _coming(record: Record, draft: Change, want: Want) -> Change:
    """Return the draft with all that it writes, wherever that comes from."""
    people = record.facts.partners
    fields = tuple(
        shown._replace(new=field.shown(draft.side, want.values, people))
        for field, shown in zip(MERGED, record.fields(FIELDS), strict=True)
    )
    return draft.wanting(want)._replace(fields=fields)


def _to_be_made(record: Record, missing: Unfinished, gone: Side) -> Want | None:
    """Return what closes the gap: the new code, or the old one as it was.

    The new one is only right while the other side still shows what it was made for.
    Its ``fields`` are those whose base moves with it.
    """
    try:
        replace = parse_note(missing.change)
    except ValueError:
        return None  # the gap is told and blocked, and ends no plan
    there, then = record.of(gone.other), replace.seen.get(gone.other)
    want, old = replace.want, replace.seen.get(gone)
    if there is None or want is None:
        return None
    people = record.facts.partners
    if then is None or _shows_the_same(then.values, there.values, want, people):
        return want._replace(kept=missing.copied)
    if old is None:
        return None
    values = old.values._replace(code=old.written or old.id)
    coupon = coupon_of(kept_row(missing.copied))
    return Want(values, coupon=coupon, kept=missing.copied)


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


def _why_no_owner(record: Record, side: Side, partner: str | None) -> Cause | None:
    """Say why a partner gets no code: not active, or proven not to be there."""
    known = record.facts.of(side)
    if partner and known.complete and partner not in known.partners:
        return OwnerGone(partner, side)
    return owner_inactive(record, side, partner)


# -- gone from both, back on both, or not known -------------------------------------


def back_on_both(record: Record) -> Change:
    """Hold a record that was deleted and now stands on both sides again."""
    causes = (BackOnBoth(record.written),)
    return record.draft(Reappeared(), Grant.DECIDE, "reappeared", causes)


def forget(record: Record) -> Change:
    """Close the base of a record that is gone on both sides."""
    act = Forget(record.link)
    causes = (GoneOnBoth(record.written),)
    return record.draft(act, Grant.FREE, "gone_on_both", causes)


def unproven(record: Record) -> Iterator[Item]:
    """Name a linked record that a complete listing does not show, unproven.

    A row that is listed and not understood is named by itself.
    """
    facts, link = record.facts, record.link
    if any(hides(facts, side, record.pairing) for side in Side):
        return
    if link and facts.complete:
        side = Side.PARTNERO if record.of(Side.PARTNERO) is None else Side.TOLT
        cause = AbsenceNotProven(link.written, side)
        yield Finding("unproven", (cause,), link.written)
