"""The words about redemptions: what a comparison found, and what is pushed or not."""

from typing import assert_never

from connector.engine import sale_causes as c
from connector.reports.messages.reader import Reader, sentence
from mappings.redemptions import LONGEST_KEY, KeyFlaw, Money, shown


def _amount(money: Money | None) -> str:
    return str(money or "not an exact amount")


# -- what a comparison found --------------------------------------------------------


@sentence.register
def _(cause: c.LoggedWithoutKey, _reader: Reader) -> str:
    return (
        f"{cause.code} has {cause.logged} log entries on Partnero that name no "
        "transaction: they cannot be matched and are never pushed."
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
        "beginning. What it held before is remembered and still counts."
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
        "anew; it pushes none. What cannot be matched is named as unproven and not "
        "pushed."
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
def _(_cause: c.NobodyAsks, _reader: Reader) -> str:
    return (
        "Tolt's sales are not read for it, because the configuration has no line for "
        "them and no code on Partnero was ever redeemed. To have them compared: "
        'redemptions = "report" in [pairs.policy]'
    )


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


# -- what is not pushed, as a whole -------------------------------------------------


@sentence.register
def _(cause: c.CodesNotPushed, reader: Reader) -> str:
    named = [f"{code}: {sentence(why, reader)}" for code, why in cause.named]
    return (
        f"Redemptions of {cause.codes} codes are not pushed to {cause.target.label}: "
        f"{'; '.join(named)}."
    )


@sentence.register
def _(_cause: c.NotOnBothSides, _reader: Reader) -> str:
    return "it is not on both sides"


@sentence.register
def _(_cause: c.NotOnePartners, _reader: Reader) -> str:
    return "both sides do not credit the same partner"


@sentence.register
def _(cause: c.CommissionsNeeded, _reader: Reader) -> str:
    return (
        f"{cause.number} redemptions are not pushed to Tolt: it pays a commission for "
        "each, and policy.commissions is false."
    )


@sentence.register
def _(cause: c.OneBillingSystem, _reader: Reader) -> str:
    return (
        f"{cause.shared} redemptions came to both sides without us: both hang on one "
        f"billing system. Nothing is pushed to {cause.target.label}, it would count "
        "and pay twice. If that was so only in the past, leave it behind: set "
        f"policy.redemptions_since = {cause.today or 'the date of today'}."
    )


# -- one sale, and its steps --------------------------------------------------------


def _only_there(cause: c.OnlyThere) -> str:
    money = cause.money or "no exact amount"
    return f"{shown(cause.key)} of {cause.date} ({money}) is on {cause.side.label} only"


@sentence.register
def _(cause: c.OnlyThere, _reader: Reader) -> str:
    return f"{_only_there(cause)}."


@sentence.register
def _(cause: c.NotPushed, reader: Reader) -> str:
    why = sentence(cause.why, reader)
    return f"{_only_there(cause.sale)}, and is not pushed: {why}."


@sentence.register
def _(cause: c.MakesCustomer, _reader: Reader) -> str:
    return f"{cause.buyer} becomes a customer on {cause.target.label}, by this code."


@sentence.register
def _(cause: c.MakesTransaction, _reader: Reader) -> str:
    pays = "pays a commission" if cause.pays else "pays nothing"
    return (
        f"It becomes a transaction of {cause.buyer} on {cause.target.label}, which "
        f"{pays}."
    )


@sentence.register
def _(_cause: c.CountsAsUse, _reader: Reader) -> str:
    return "It is recorded as a use of the code; that cannot be undone."


@sentence.register
def _(cause: c.PaymentNeverFound, _reader: Reader) -> str:
    return (
        f"A payment of it was sent to {cause.target.label} and never found there; it "
        "is not sent again by itself."
    )


@sentence.register
def _(cause: c.LooksAlike, _reader: Reader) -> str:
    other = cause.other
    date, amount = other.at[:10] or "no date", other.money or "no exact amount"
    return (
        f"{cause.target.label} has {shown(other.key)} of {date} ({amount}) of the same "
        "buyer or nearly the same key: perhaps it is the same sale."
    )


@sentence.register
def _(_cause: c.IsItTheSame, _reader: Reader) -> str:
    return "Is it there already (keep), or is it to be pushed (as proposed)?"


@sentence.register
def _(cause: c.FailedBefore, reader: Reader) -> str:
    again = reader.command("apply", "--accept", cause.change)
    return (
        f"It failed before ({cause.detail}) and is not tried again by itself. Once "
        f"more: {again}"
    )


# -- why one sale is not pushed -----------------------------------------------------


@sentence.register
def _(cause: c.KeyMayChange, _reader: Reader) -> str:
    match cause.flaw:
        case KeyFlaw.BLANK_AT_AN_END:
            return "its key begins or ends with a blank, which a server may cut off"
        case KeyFlaw.INVISIBLE:
            return "its key holds an invisible character, which a server may drop"
        case KeyFlaw.BLANKS:
            return "its key holds blanks that a server may change"
        case KeyFlaw.UNICODE_FORM:
            return "its key has a Unicode form that a server may change"
        case KeyFlaw.TOO_LONG:
            return f"its key is longer than {LONGEST_KEY} characters"
        case _ as unreachable:
            assert_never(unreachable)


@sentence.register
def _(cause: c.Untold, _reader: Reader) -> str:
    return cause.error


@sentence.register
def _(_cause: c.CurrencyUnknown, _reader: Reader) -> str:
    return "nobody knows the programme's currency; set pairs.currency"


@sentence.register
def _(_cause: c.AmountNotExact, _reader: Reader) -> str:
    return "its amount is not exact"


@sentence.register
def _(cause: c.OtherCurrency, _reader: Reader) -> str:
    return f"it is in {cause.currency}, and the programme in {cause.programme}"


@sentence.register
def _(_cause: c.BuyerGone, _reader: Reader) -> str:
    return "its customer is not there any more"


@sentence.register
def _(_cause: c.KeyOfAnotherCode, _reader: Reader) -> str:
    return "its key stands on another code too, for another customer"


@sentence.register
def _(cause: c.PayeeInactive, _reader: Reader) -> str:
    return f"its partner is {cause.status} on {cause.side.label}"


@sentence.register
def _(cause: c.PayeesDiffer, _reader: Reader) -> str:
    return f"the sale, the code and {cause.buyer} are not one partner's on both sides"


@sentence.register
def _(cause: c.NumberOfAnother, _reader: Reader) -> str:
    return (
        f"{cause.target.label} has the number of {cause.buyer} for {cause.other}: two "
        "people"
    )


@sentence.register
def _(cause: c.SeveralBuyers, _reader: Reader) -> str:
    return (
        f"{cause.target.label} has {cause.customers} customers with the e-mail of "
        f"{cause.buyer}, and their number does not tell which it is"
    )


@sentence.register
def _(cause: c.NotACustomer, _reader: Reader) -> str:
    return (
        f"{cause.buyer} is no customer on {cause.target.label}, and create_customers "
        "is false"
    )


@sentence.register
def _(cause: c.CameByAnotherCode, _reader: Reader) -> str:
    return f"{cause.buyer} came by another code there"


@sentence.register
def _(cause: c.KeyThereTwice, _reader: Reader) -> str:
    return f"{cause.target.label} has {cause.transactions} transactions under this key"


@sentence.register
def _(_cause: c.TakenBackThere, _reader: Reader) -> str:
    return "it was taken back there"


@sentence.register
def _(cause: c.OtherAmountThere, _reader: Reader) -> str:
    return (
        f"{cause.target.label} has it already, with {cause.money or 'another amount'}"
    )


@sentence.register
def _(cause: c.OtherBuyerThere, _reader: Reader) -> str:
    return f"{cause.target.label} has it already, for another customer"


@sentence.register
def _(cause: c.NoUseOfTheCode, _reader: Reader) -> str:
    return f"{cause.target.label} has it already, but not as a use of this code"
