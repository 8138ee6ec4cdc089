"""The words about a wave of a migration: what is left for another, what is nowhere."""

from connector.engine.causes import waves as c
from connector.reports.messages.reader import says
from mappings.canonical import Side


@says
def _not_in_this_wave(cause: c.NotInThisWave) -> str:
    if cause.codes == 1:
        return "1 code is not in this wave: it stays as it is."
    return f"{cause.codes} codes are not in this wave: they stay as they are."


@says
def _code_nowhere(cause: c.CodeNowhere) -> str:
    start = f"{cause.code} was named for this wave and "
    if cause.unread:
        return f"{start}not seen. {_unread(*cause.unread)}"
    return f"{start}is on neither side."


@says
def _partner_unseen(cause: c.PartnerUnseen) -> str:
    start = f"{cause.name} was named for this wave, and nobody seen has that e-mail "
    return f"{start}or id. {_unread(*cause.unread)}"


def _unread(*sides: Side) -> str:
    named = " and ".join(side.label for side in sides)
    return f"{named} could not be read completely."
