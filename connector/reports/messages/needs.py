"""What is said about what a new code needs: its text, its partner, its coupon."""

from connector.engine.causes import needs as why
from connector.reports.messages.reader import says
from mappings.fields import shown_person

# -- what a new code needs ----------------------------------------------------------


@says
def _inexpressible(cause: why.Inexpressible) -> str:
    return f"{cause.side.label} cannot hold it: {cause.why}."


@says
def _not_taken_away(cause: why.NotTakenAway) -> str:
    return f"It cannot be taken away: {cause.why}. The code stays as it is."


@says
def _owner_unread(cause: why.OwnerUnread) -> str:
    start = f"Its partner may be {cause.side.label}'s {cause.row}, which cannot be "
    return f"{start}understood. It goes on once that can be read."


@says
def _owner_inactive(cause: why.OwnerInactive) -> str:
    who = f"{shown_person(cause.partner)} is {cause.partner.inactive}"
    return f"{who} on {cause.side.label} and gets no code. Make them active there."


@says
def _owner_gone(cause: why.OwnerGone) -> str:
    gone = f"Its partner ({cause.id}) is not on {cause.side.label} any more."
    return f"{gone} Give the code another partner there."


@says
def _no_owner(cause: why.NoOwner) -> str:
    nobody = f"It belongs to no partner on {cause.side.label}."
    return f"{nobody} Give it one there, or delete it there."


@says
def _owner_ambiguous(cause: why.OwnerAmbiguous) -> str:
    return (
        f"It is not certain who {shown_person(cause.partner)} is: several partners "
        "have the e-mail, or lines of the alias file contradict each other. Name the "
        "right one there, in one line (ids are allowed)."
    )


@says
def _owner_missing(cause: why.OwnerMissing) -> str:
    start = f"Its partner {shown_person(cause.partner)} is not on {cause.side.label}."
    if cause.alike is None:
        return f"{start} Add them there, or name both e-mails in the alias file."
    other = shown_person(cause.alike)
    return f"{start} Is it {other}? Then add both to the alias file."


@says
def _partner_would_be_made(cause: why.PartnerWouldBeMade) -> str:
    start = f"{shown_person(cause.partner)} becomes a partner on {cause.side.label}, "
    return f"{start}which may send an e-mail."


@says
def _coupon_would_be_made(cause: why.CouponWouldBeMade) -> str:
    start = f"Partnero needs a coupon for {cause.discount}, {cause.duration}"
    return f"{start}: {cause.uuid}."


@says
def _hangs_on(cause: why.HangsOn) -> str:
    match cause.how:
        case "new":
            return f"It uses the new coupon {cause.uuid}."
        case "configured":
            reach = f" It reaches {cause.reaches}." if cause.reaches else ""
            return f"It uses coupon {cause.uuid} of the configuration.{reach}"
        case "equal":
            return f"It uses coupon {cause.uuid}."


@says
def _coupon_unread(cause: why.CouponUnread) -> str:
    if cause.configured:
        return f"coupon {cause.uuid} of [pairs.coupons] map cannot be understood."
    return f"coupon {cause.uuid} is there and cannot be understood."


@says
def _coupon_not_plain(cause: why.CouponNotPlain) -> str:
    return (
        f"coupon {cause.uuid} exists, but is not a plain {cause.discount} "
        f"{cause.duration} one; name another one in [pairs.coupons] map."
    )


@says
def _coupon_not_there(cause: why.CouponNotThere) -> str:
    return f"coupon {cause.uuid} of [pairs.coupons] map does not exist."


@says
def _coupon_gives_other(cause: why.CouponGivesOther) -> str:
    start = f"coupon {cause.uuid} of [pairs.coupons] map gives {cause.gives}, not"
    return f"{start} {cause.wanted}."


@says
def _text_taken(cause: why.TextTaken) -> str:
    if cause.in_circle:
        return "Its new text belongs to a code that is renamed in turn."
    return "Its new text belongs to another code there."
