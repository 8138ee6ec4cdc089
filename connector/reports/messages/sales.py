"""The words about redemptions: what a comparison shows, and what was not compared."""

from typing import assert_never

from connector.engine.causes import sales as c
from connector.reports.messages.reader import Reader, sentence
from mappings.redemptions import Money, shown


def _amount(money: Money | None) -> str:
    return str(money or "not an exact amount")


# -- what a comparison found --------------------------------------------------------


@sentence.register
def _(cause: c.LoggedWithoutKey, _reader: Reader) -> str:
    one = cause.logged == 1
    entries = "a log entry" if one else f"{cause.logged} log entries"
    return (
        f"{cause.code} has {entries} on Partnero that {'names' if one else 'name'} no "
        "transaction: there is nothing to match, and nothing is ever pushed for it."
    )


@sentence.register
def _(cause: c.ThereTwice, _reader: Reader) -> str:
    sales = "an unknown number of" if cause.sales is None else cause.sales
    return (
        f"{shown(cause.key)} of {cause.code} is there more than once: {cause.logged} "
        f"log entries and {sales} transactions on Partnero, {cause.on_tolt} "
        "transactions on Tolt. Nothing is pushed; look whether it was paid twice."
    )


@sentence.register
def _(cause: c.MoneyDiffers, _reader: Reader) -> str:
    sold, charged = _amount(cause.sold), _amount(cause.charged)
    return (
        f"{shown(cause.key)} of {cause.code} is {sold} on Partnero and {charged} on "
        "Tolt. Neither is changed, and nothing is sent a second time."
    )


@sentence.register
def _(cause: c.SaleUnread, _reader: Reader) -> str:
    return (
        f"{shown(cause.key)} of {cause.code} is on both sides, and Partnero has not "
        f"told its amount: whether it is the {_amount(cause.charged)} of Tolt is not "
        "known. It is asked for again in every run."
    )


@sentence.register
def _(cause: c.TakenBackOnce, _reader: Reader) -> str:
    return (
        f"{shown(cause.key)} of {cause.code} is on both sides and was taken back on "
        f"{cause.side.label} alone. Take it back on the other side too, or its "
        "commission stays; a redemption itself cannot be undone on Partnero."
    )


@sentence.register
def _(cause: c.InDoubt, _reader: Reader) -> str:
    return f"{shown(cause.key)} of {cause.code} is not pushed: {_doubt(cause)}."


def _doubt(cause: c.InDoubt) -> str:
    match cause.doubt:
        case "open":
            return (
                "a payment of it was sent, and nobody can tell yet whether it "
                "arrived; it is looked for in every run, and not sent again by itself"
            )
        case "parked":
            return (
                "a payment of it was sent and never found; look whether it is there, "
                "and decide about it"
            )
        case "unmatched":
            return (
                "Tolt's API version was switched, and under its new id nobody can "
                "tell whether it was pushed before; look for it on Partnero"
            )
        case _ as unreachable:
            assert_never(unreachable)


@sentence.register
def _(cause: c.CodeOnOneSide, _reader: Reader) -> str:
    return f"The code is not on {cause.side.label}."


@sentence.register
def _(cause: c.CreditedDifferently, _reader: Reader) -> str:
    return (
        f"The code credits {cause.partnero} on Partnero and {cause.tolt} on Tolt: one "
        "of them is paid for the other's sales."
    )


@sentence.register
def _(cause: c.KeptAsItIs, _reader: Reader) -> str:
    note = f": {cause.note}" if cause.note else ""
    return f"Accepted as it is by {cause.by}, {cause.at[:10]}{note}."


@sentence.register
def _(cause: c.SalesMissing, _reader: Reader) -> str:
    one = cause.number == 1
    noun, verb = ("sale", "is") if one else ("sales", "are")
    money = ", ".join(map(str, cause.money)) or "no exact amount"
    keys = ", ".join(map(shown, cause.keys))
    more = cause.number - len(cause.keys)
    rest = f" and {more} more" if more else ""
    where = cause.side.label
    return f"{cause.number} {noun} {verb} missing on {where} ({money}): {keys}{rest}."


@sentence.register
def _(cause: c.MoreOfTheKind, _reader: Reader) -> str:
    return f"{cause.number} more redemptions are of the kind {cause.kind}."


@sentence.register
def _(cause: c.CountersAhead, _reader: Reader) -> str:
    return (
        f"{cause.codes} codes count more redemptions on Partnero than their log holds: "
        "those that a billing integration counted are not logged. The counter is "
        "information; what is compared is the log."
    )


@sentence.register
def _(cause: c.LogShrank, _reader: Reader) -> str:
    return (
        f"The redemption log of {cause.code} is shorter than it was, or lost its "
        "beginning. What it said before is remembered and still counts."
    )


@sentence.register
def _(cause: c.UsesNearlyUp, _reader: Reader) -> str:
    return (
        f"{cause.code} is used {cause.used} of {cause.limit} times if both sides are "
        f"counted; Partnero believes {cause.counted}."
    )


@sentence.register
def _(cause: c.SalesMatchedAnew, _reader: Reader) -> str:
    return (
        f"Tolt's API version is {cause.version} now. This run reads and matches sales "
        "anew; it pushes none. What cannot be matched is named as not certain and "
        "not pushed."
    )


@sentence.register
def _(cause: c.CodesUntold, _reader: Reader) -> str:
    return (
        f"Tolt {cause.version} does not tell the promotion code of "
        f"{cause.transactions} transactions: they are not compared."
    )


@sentence.register
def _(_cause: c.LogsNotListed, _reader: Reader) -> str:
    return (
        "Partnero lists codes without their redemptions, so redemptions are not "
        "compared and none is pushed."
    )


@sentence.register
def _(cause: c.SalesUnread, _reader: Reader) -> str:
    return f"Redemptions could not be read completely: {cause.error}. None is pushed."


# -- what was not compared: parts of a sentence ---------------------------------------


@sentence.register
def _(cause: c.SidesUnread, _reader: Reader) -> str:
    names = " and ".join(side.label for side in cause.sides)
    return f"{names} was not read completely"


@sentence.register
def _(_cause: c.WithoutLogs, _reader: Reader) -> str:
    return "Partnero lists codes without their redemptions"


@sentence.register
def _(cause: c.CutShort, _reader: Reader) -> str:
    return f"they could not be read completely: {cause.error}"


@sentence.register
def _(_cause: c.RefusedBefore, _reader: Reader) -> str:
    return "the run was refused before they were read"


@sentence.register
def _(_cause: c.NotRead, _reader: Reader) -> str:
    return "they were not read"


@sentence.register
def _(cause: c.BeforeTheDate, _reader: Reader) -> str:
    return f"those before {cause.date} (redemptions_since)"


@sentence.register
def _(cause: c.WithoutCodes, _reader: Reader) -> str:
    return (
        f"{cause.transactions} transactions whose code Tolt {cause.version} does not "
        "tell"
    )
