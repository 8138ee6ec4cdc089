"""The words about a reading as a whole: what was unread, odd, or nearly used up."""

from typing import assert_never

from connector.engine.causes import readings as c
from connector.engine.partners import Alias
from connector.reports.messages.reader import Reader, sentence
from mappings.canonical import mask
from mappings.discreet import shown_key
from mappings.fields import shown_person


@sentence.register
def _(cause: c.NotReadWhole, _reader: Reader) -> str:
    return (
        f"{cause.side.label} could not be read completely ({cause.codes} codes seen): "
        f"{cause.missed}. Nothing that rests on it is decided."
    )


@sentence.register
def _(cause: c.CurrencyUntold, reader: Reader) -> str:
    if cause.asked:
        return f"Tolt does not tell whether its programme is in {cause.currency}"
    return (
        f"whether Tolt's programme is in {cause.currency} has not been asked yet; the "
        f"first run that writes asks, and so does: {reader.command('check')}"
    )


@sentence.register
def _(cause: c.UnknownFields, _reader: Reader) -> str:
    return (
        f"{cause.side.label} sends what its documentation does not name: "
        f"{', '.join(cause.fields)}. It is ignored."
    )


@sentence.register
def _(cause: c.FieldsNotSent, _reader: Reader) -> str:
    return (
        f"{cause.side.label} does not send {', '.join(cause.fields)} for any code: "
        "what it decides looks as if it were taken away."
    )


@sentence.register
def _(cause: c.ApiEnds, _reader: Reader) -> str:
    return (
        f"{cause.side.label} says that this version of its API ends: {cause.when}. "
        "Read its notes before then."
    )


@sentence.register
def _(cause: c.SlowerAllowed, _reader: Reader) -> str:
    return (
        f"Tolt allows {cause.allowed} requests a second, and "
        f"pairs.{cause.pair}.tolt.requests_per_second is higher: it will refuse some. "
        "Lower it in the configuration."
    )


@sentence.register
def _(cause: c.RowUnread, _reader: Reader) -> str:
    return (
        f"What {cause.side.label} sends of the {cause.row.shown} cannot be understood: "
        f"{cause.row.why}. It counts as neither absent nor changed: nothing is done "
        "about it, or what rests on it, and all else goes on."
    )


@sentence.register
def _(cause: c.MoreRowsUnread, _reader: Reader) -> str:
    return f"{cause.rows} more records of {cause.side.label} cannot be understood."


@sentence.register
def _(cause: c.CodeNearlyUsed, _reader: Reader) -> str:
    return (
        f"{cause.code} is used {cause.used} of {cause.limit} times on "
        f"{cause.side.label}; Tolt knows no such limit."
    )


@sentence.register
def _(cause: c.CouponNearlyUsed, _reader: Reader) -> str:
    return (
        f"The coupon {cause.coupon} is used {cause.used} of {cause.limit} times on "
        f"{cause.side.label}, by all of its codes together; Tolt knows no such limit."
    )


# -- a switch of the version --------------------------------------------------------


@sentence.register
def _(cause: c.VersionIsNew, _reader: Reader) -> str:
    return (
        f"Tolt is asked by {cause.version} of its API from now on, whose ids are "
        f"others. {cause.relinked} codes were found again by their text. The run that "
        "sees this first writes nothing to either side: it only remembers who is who."
    )


@sentence.register
def _(cause: c.CodesUnproven, _reader: Reader) -> str:
    before = " and ".join(cause.versions)
    return (
        f"{cause.codes} codes that are remembered from {before} cannot be found by "
        "their text: nothing that rests on their absence is done. To prove them, run "
        f"once with api_version {before}."
    )


# -- partners -----------------------------------------------------------------------


def _line(alias: Alias) -> str:
    names = (mask(name) if "@" in name else shown_key(name) for name in alias[:2])
    return f"{','.join(names)} (line {alias.line})"


@sentence.register
def _(cause: c.AliasUnknown, _reader: Reader) -> str:
    return (
        f"{cause.file} has the line {_line(cause.alias)}, but {cause.side.label} has "
        "no partner of that name: it joins nobody. Correct the e-mail or id, or remove "
        "the line."
    )


@sentence.register
def _(cause: c.AliasesContradict, _reader: Reader) -> str:
    return (
        f"{cause.file} has lines that contradict each other: "
        f"{'; '.join(map(_line, cause.aliases))}. They match nobody, whatever the "
        "e-mails are, and what was matched before is not used either. Leave one line "
        "for each partner."
    )


@sentence.register
def _(cause: c.MatchEnded, _reader: Reader) -> str:
    left, right = shown_person(cause.left), shown_person(cause.right)
    return (
        f"{left} on Partnero and {right} on Tolt counted as one person, and do so no "
        f"longer: {_why(cause)}."
    )


def _why(cause: c.MatchEnded) -> str:
    if cause.line is not None:
        return f"{cause.file} says otherwise, {_line(cause.line)}"
    match cause.why:
        case "replaced":
            return "another match of one of them is older"
        case "removed":
            file = cause.file or "the alias file"
            return f"the line about them was removed from {file}"
        case "left":
            return "one of them was erased, and came back under a new id"
        case "alike":
            return (
                "their e-mails are two mailboxes that look alike, or are no addresses"
            )
        case _ as unreachable:
            assert_never(unreachable)


@sentence.register
def _(cause: c.NowMatches, _reader: Reader) -> str:
    here, there = shown_person(cause.partner), shown_person(cause.other)
    return f"{here} is now {there} on {cause.side.label}."


@sentence.register
def _(_cause: c.LinksStay, _reader: Reader) -> str:
    return (
        "Their codes stay with whom they were: where the sides differ now, a person "
        "decides."
    )
