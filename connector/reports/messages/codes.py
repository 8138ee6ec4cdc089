"""What is said about codes that both sides have, or one side alone."""

from collections.abc import Iterable

from connector.engine.causes import codes as why
from connector.reports.messages.phrases import dead
from connector.reports.messages.reader import Reader, says, sentence
from mappings.canonical import Side
from mappings.fields import NOBODY

NAMED = 3
"""Records that are named of those that cannot be matched."""

# -- on both sides ------------------------------------------------------------------


@says
def _on_both_sides(cause: why.OnBothSides) -> str:
    return equal_code(cause.code)


def equal_code(code: str) -> str:
    """Say of one code that it agrees."""
    return f"{code} is on both sides; what agrees is remembered."


def equal_codes(number: int) -> str:
    """Say of many codes at once that they agree."""
    codes = "1 code is" if number == 1 else f"{number} codes are"
    return f"{codes} the same on both sides; what agrees is remembered."


@says
def _still_one_record(cause: why.StillOneRecord) -> str:
    left, right = cause.now
    return (
        f"{cause.was} was renamed, or made anew: it is {left} on Partnero and "
        f"{right} on Tolt now, and still one record."
    )


@sentence.register
def _incomparable(cause: why.Incomparable, reader: Reader) -> str:
    return f"{reader.about(cause.code)}the discounts cannot be compared: {cause.why}."


@says
def _would_change(cause: why.WouldChange) -> str:
    moves = _moves(cause.fields, cause.side, "becomes")
    return f"{cause.code} on {cause.side.label}: {moves}."


@says
def _needs_new_code(cause: why.NeedsNewCode) -> str:
    moves = _moves(cause.fields, cause.side, "would become")
    return (
        f"{cause.side.label} cannot change this: {cause.code}, {moves}. It takes a new "
        "code in place of the old one, and the old one's history is lost."
    )


def _moves(fields: Iterable[why.Shown], side: Side, verb: str) -> str:
    return "; ".join(
        f"{f.name} {f.of(side)} {verb} {f.new or 'another one'}" for f in fields
    )


@sentence.register
def _differs(cause: why.Differs, reader: Reader) -> str:
    differences = "; ".join(
        f"{f.name} is {_value(f.left)} on Partnero and {_value(f.right)} on Tolt"
        for f in cause.fields
    )
    return f"{reader.about(cause.code)}{differences}."


def _value(shown: str | None) -> str | None:
    return "nobody" if shown == NOBODY else shown


@says
def _perhaps_wrong_unit(cause: why.PerhapsWrongUnit) -> str:
    del cause
    return (
        "They look like one amount in whole units and in cents: one side is probably "
        "in another unit."
    )


@says
def _perhaps_one_person(cause: why.PerhapsOnePerson) -> str:
    left, right = cause.ids
    return f"If both are one person, add {left},{right} to the alias file."


@says
def _not_carried_over(cause: why.NotCarriedOver) -> str:
    return (
        f"{cause.code}: {cause.field} of {cause.source.label} is not carried over; the "
        f"direction is {cause.direction}, so nothing is written."
    )


@says
def _spelled_in_two_ways(cause: why.SpelledInTwoWays) -> str:
    left, right = cause.written
    return (
        f"Written {left} on Partnero and {right} on Tolt; letter case and blanks do "
        "not make two codes. Both are kept."
    )


# -- on one side --------------------------------------------------------------------


@says
def _only_on(cause: why.OnlyOn) -> str:
    return f"{cause.code} is only on {cause.side.label}."


@says
def _perhaps_renamed(cause: why.PerhapsRenamed) -> str:
    known = cause.unmatched
    rest = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
    return (
        f"{cause.code} is on Tolt alone, or it is one of those that another version "
        f"of its API has shown under other ids ({', '.join(known[:NAMED])}{rest}), "
        "renamed. It is not made on Partnero, where it could be the second code of one "
        "record, unless you say that it is another one."
    )


@says
def _was_deleted(cause: why.WasDeleted) -> str:
    if cause.other_half:
        return f"{cause.code} was {cause.where} and stands on {cause.side.label}."
    return (
        f"{cause.code} was deleted ({cause.where}) and is back on {cause.side.label}."
    )


@says
def _nothing_written(cause: why.NothingWritten) -> str:
    return f"The direction is {cause.direction}: nothing is written."


@says
def _dead_there(cause: why.DeadThere) -> str:
    return f"Nobody can use it there any more: {dead(cause.death)}."


@says
def _would_lose(cause: why.WouldLose) -> str:
    return f"{cause.side.label} cannot hold: {', '.join(cause.lost)}."


@says
def _gone(cause: why.Gone) -> str:
    end = f" and was edited on {cause.side.other.label}." if cause.edited else "."
    return f"{cause.code} is gone on {cause.side.label}{end}"


@says
def _delete_too(cause: why.DeleteToo) -> str:
    return f"Delete it on {cause.side.label} too?"


@says
def _missing_after_replace(cause: why.MissingAfterReplace) -> str:
    return (
        f"{cause.code} is missing on {cause.side.label}: a replace took the old one "
        "away, and neither the new nor the old one could be made: "
        f"{cause.detail.rstrip('.')}. Customers who type it there get nothing, and "
        "nobody is credited."
    )


@says
def _comes_back_as_it_was(cause: why.ComesBackAsItWas) -> str:
    side = cause.side.label
    return f"{side} shows other values by now, so it comes back as it was."


@says
def _not_made_again(cause: why.NotMadeAgain) -> str:
    return f"It cannot be made again: {cause.why}."


@says
def _not_removable(cause: why.NotRemovable) -> str:
    start = f"{cause.code} cannot be removed everywhere: the direction is "
    return f"{start}{cause.direction}."


@says
def _removed(cause: why.Removed) -> str:
    return f"{cause.code} is removed from {cause.side.label}, as decided."


@says
def _back_on_both(cause: why.BackOnBoth) -> str:
    return f"{cause.code} was deleted and is on both sides again."


@says
def _gone_on_both(cause: why.GoneOnBoth) -> str:
    return f"{cause.code} is gone on both sides and is remembered as such."


@says
def _absence_not_proven(cause: why.AbsenceNotProven) -> str:
    return (
        f"{cause.code} is not in {cause.side.label}'s list, but nothing proves that it "
        "is gone. Nothing is done about it."
    )
