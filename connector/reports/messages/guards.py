"""The words of the guards: why a run is refused, with its numbers and what goes on."""

from connector.engine.causes import refusals as r
from connector.engine.marks import ID_LENGTH, Mark
from connector.reports.messages.reader import Reader, sentence
from mappings.canonical import Side

UNTOUCHED = "Nothing was written."


@sentence.register
def _(cause: r.SharedProgramme, _reader: Reader) -> str:
    return (
        f"The pairs {cause.pair} and {cause.other} share one {cause.side.value} "
        f"programme: each would undo what the other does. {UNTOUCHED} Remove one of "
        f"them from {cause.configuration}."
    )


@sentence.register
def _(cause: r.OtherProgramme, _reader: Reader) -> str:
    return (
        f"{cause.side.label} answers for programme {cause.answers}, but this state "
        f"belongs to {cause.known}. {UNTOUCHED} Use the key of {cause.known}, or give "
        "the other programme a pair and a state of its own."
    )


@sentence.register
def _(cause: r.NothingListed, reader: Reader) -> str:
    return (
        f"{cause.side.label} lists no code at all, last time it listed {cause.last}. "
        f"{UNTOUCHED} {_if_gone(cause.gone, reader)}"
    )


@sentence.register
def _(cause: r.FewerListed, reader: Reader) -> str:
    return (
        f"{cause.side.label} lists {cause.listed} codes, last time {cause.last}: "
        f"{cause.missing} fewer, allowed are {cause.share:.0%}. {UNTOUCHED} "
        f"{_if_gone(cause.gone, reader)}"
    )


@sentence.register
def _(cause: r.StrangersListed, reader: Reader) -> str:
    return (
        f"{cause.missing} of {cause.linked} known codes are not among the "
        f"{cause.listed} codes of {cause.side.label}, and {cause.unknown} unknown ones "
        "stand there: it looks like the list of another programme. "
        f"{UNTOUCHED} {_if_gone(cause.gone, reader)}"
    )


def _if_gone(code: str, reader: Reader) -> str:
    if not code:
        return f"Look with: {reader.command('check')}"
    decide = reader.command("decide", "--delete", "--", code)
    return f"If they really are gone, decide about each, beginning with: {decide}"


@sentence.register
def _(cause: r.SentinelNotListed, reader: Reader) -> str:
    return (
        f"The code {cause.sentinel}, which limits.sentinel says must be there, is not "
        f"among the {cause.listed} codes of {cause.side.label}. {UNTOUCHED} Look "
        f"with: {reader.command('check')}"
    )


@sentence.register
def _(cause: r.NothingToMark, reader: Reader) -> str:
    return (
        f"The code {cause.sentinel} of limits.sentinel is not on Partnero, so that no "
        f"other machine would be noticed. {UNTOUCHED} Look with: "
        f"{reader.command('check')}"
    )


@sentence.register
def _(cause: r.TooMany, reader: Reader) -> str:
    allowed = f"{cause.limit} a run"
    if cause.share is not None:
        allowed += f" and {cause.share:.0%} of {cause.linked} known codes"
    plan = reader.command("plan", "--out", "plan.json")
    apply = reader.command("apply", "plan.json", "--accept", "ID")
    start = f"This would {cause.action} {cause.changes} codes, allowed are {allowed}."
    return (
        f"{start} {UNTOUCHED} {_if_it_moves(cause.moves_to, reader)}Read the report, "
        f"then accept them by name ({plan}; {apply}) or raise limits.{cause.action}s "
        "in the configuration."
    )


def _if_it_moves(to: Side | None, reader: Reader) -> str:
    """Name the command that carries a whole programme: it has no such limit."""
    if to is None:
        return ""
    move = reader.command("migrate", "--from", to.other.value, "--to", to.value)
    return f"If all of them are to move to {to.label}, type: {move}. If not: "


@sentence.register
def _(cause: r.AllChanged, reader: Reader) -> str:
    first, *_ = cause.sample
    return (
        f"All {cause.codes} known codes changed on {cause.side.label} at once "
        f"({', '.join(cause.sample)}, ...), which looks like another programme or "
        f"another unit. {UNTOUCHED} Look at one: "
        f"{reader.command('explain', '--', first)}"
    )


@sentence.register
def _(cause: r.TooManyPushes, _reader: Reader) -> str:
    return (
        f"This would push {cause.redemptions} redemptions or more, allowed are "
        f"{cause.limit} a run. {UNTOUCHED} Read the report; then set "
        "policy.redemptions_since to leave old ones out, or raise limits.creates in "
        "the configuration."
    )


# -- one state per programme --------------------------------------------------------


def since(mark: Mark, *, ahead: bool) -> str:
    """Say since when a mark is there, and what is odd about it."""
    if mark.at is None:
        return "since a time that cannot be read"
    later = ", which is in the future by this machine's clock" if ahead else ""
    return f"since {mark.at:%Y-%m-%dT%H:%M:%SZ}{later}"


def named(mark: Mark) -> str:
    """Return who a mark is, as far as its key says."""
    return mark.state[:ID_LENGTH] or "without a name"


@sentence.register
def _(cause: r.OtherState, _reader: Reader) -> str:
    mark = cause.mark
    taken = "took this programme over" if mark.claims else "keeps this programme"
    return (
        f"Another state ({named(mark)}) {taken}: its mark is on Partnero's code "
        f"{cause.sentinel} {since(mark, ahead=cause.ahead)}. It may be a second "
        "machine, or this one before its state was lost."
    )


@sentence.register
def _(cause: r.StopTheOther, _reader: Reader) -> str:
    return (
        f"{_WRITTEN[cause.written]} Stop the other one; if from now on it is to be "
        f"this state, type: {Reader(cause.pair).command('state', 'claim')}"
    )


_WRITTEN = {
    r.Written.NOTHING: UNTOUCHED,
    r.Written.OWN_MARK: "Nothing was written but this state's own mark.",
    r.Written.SOME: "Nothing more was written, and it was not paid.",
}


@sentence.register
def _(cause: r.RunsAreRefused, _reader: Reader) -> str:
    claim = Reader(cause.pair).command("state", "claim")
    return f"A run that writes is refused until somebody types: {claim}"


@sentence.register
def _(cause: r.NobodyNotices, _reader: Reader) -> str:
    return (
        "Redemptions are pushed, and nothing prevents a second machine, with a state "
        "of its own, from pushing them as well. Name a code that stands on both sides "
        f"in pairs.{cause.pair}.limits.sentinel."
    )


@sentence.register
def _(_cause: r.SentinelIsSpared, _reader: Reader) -> str:
    return (
        "It is the code that limits.sentinel names, which is never replaced or deleted "
        "by this program: name another code there first."
    )
