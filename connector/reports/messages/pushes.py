"""The words about pushes: what becomes of a sale, and why it is not pushed."""

from typing import assert_never

from connector.engine.causes import pushes as c
from connector.reports.messages.reader import Reader, sentence
from mappings.redemptions import LONGEST_KEY, KeyFlaw, shown

# -- what is not pushed, as a whole -------------------------------------------------


@sentence.register
def _(cause: c.CodesNotPushed, reader: Reader) -> str:
    named = [f"{code}: {sentence(why, reader)}" for code, why in cause.named]
    return (
        f"Redemptions of {cause.codes} codes are not pushed to {cause.target.label}: "
        f"{'; '.join(named)}."
    )


@sentence.register
def _(cause: c.CameFromThere, _reader: Reader) -> str:
    source, more = cause.target.other.label, cause.sales - len(cause.named)
    named = ", ".join(map(shown, cause.named)) + (f" and {more} more" if more else "")
    return (
        f"{cause.sales} of the sales that {cause.target.label} lacks came from there: "
        f"they have our mark on {source} ({named}). What was taken back is not sent "
        f"back: take them back on {source} too, or their commission stays."
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
        f"{cause.shared} redemptions came to both sides by themselves: both get their "
        f"sales from one billing system. Nothing is pushed to {cause.target.label}, "
        "it would count and pay twice. If that was so only in the past, leave it "
        f"behind: set policy.redemptions_since = {cause.today or 'the date of today'}."
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
def _(cause: c.LookedAlike, _reader: Reader) -> str:
    return (
        f"{cause.target.label} had {shown(cause.other.key)}, which may have been this "
        "sale: it was deleted since, or the two are not alike any more, or somebody "
        "has said so under another code. Perhaps this one was taken back."
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
