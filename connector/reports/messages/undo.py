"""The words about an undo: what is taken back, and why it is not."""

from connector.engine.causes import undo as c
from connector.reports.messages.reader import Reader, sentence
from mappings.fields import shown_person

_LASTING = {
    "coupon": "a coupon is never deleted",
    "partner": "a partner is never deleted",
    "redeem": "Partnero cannot take a redemption back",
    "customer": "a customer is never deleted",
    "transaction": "a transaction is only refunded by a person",
}


@sentence.register
def _(cause: c.Lasts, _reader: Reader) -> str:
    why = _LASTING[cause.action]
    return f"{cause.code}: {cause.action} on {cause.target}: {why}."


@sentence.register
def _(cause: c.OfAnotherVersion, _reader: Reader) -> str:
    was = cause.was or "an unknown version"
    return (
        f"{cause.code}: {cause.action} on {cause.target} was done under {was} of "
        f"Tolt's API, whose ids {cause.version} does not know."
    )


@sentence.register
def _(cause: c.NoteUnreadable, _reader: Reader) -> str:
    what = f"{cause.code}: {cause.action} on {cause.target}"
    return f"{what}: what was noted of it cannot be read."


@sentence.register
def _(cause: c.TakesBack, reader: Reader) -> str:
    about = reader.about(cause.code)
    return f"{about}takes the {cause.action} on {cause.side.label} back."


@sentence.register
def _(cause: c.ChangedSince, reader: Reader) -> str:
    return f"Somebody changed it since: {sentence(cause.how, reader)}."


@sentence.register
def _(cause: c.ThereAgain, _reader: Reader) -> str:
    return f"it is there again as {cause.written}"


@sentence.register
def _(_cause: c.GoneSince, _reader: Reader) -> str:
    return "it is gone"


@sentence.register
def _(cause: c.ValueChanged, _reader: Reader) -> str:
    return f"{cause.field} is {cause.now}, the run left {cause.left}"


@sentence.register
def _(cause: c.DirectionForbids, _reader: Reader) -> str:
    return f"The direction is {cause.direction}: nothing is written."


@sentence.register
def _(_cause: c.PolicyForbids, _reader: Reader) -> str:
    return "The policy says never to do this."


@sentence.register
def _(cause: c.PartnerGone, _reader: Reader) -> str:
    return f"Its partner ({cause.partner}) is not there any more."


@sentence.register
def _(cause: c.PartnerGetsNone, _reader: Reader) -> str:
    who = shown_person(cause.partner)
    return f"{who} is {cause.status} on {cause.side.label} and gets no code."
