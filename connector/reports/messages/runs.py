"""The words about a run as a whole: why not all of it was written."""

from connector.engine.causes import runs as c
from connector.reports.messages.reader import Reader, sentence
from mappings.canonical import Side


@sentence.register
def _(_cause: c.Declined, _reader: Reader) -> str:
    return "A person said no: nothing was written."


@sentence.register
def _(_cause: c.StopAsked, _reader: Reader) -> str:
    return "It was asked to stop before it was done; the next run goes on."


@sentence.register
def _(_cause: c.NotEnded, _reader: Reader) -> str:
    return (
        "It has not said how it ended: it is still going on, or it was ended in the "
        "middle. The next run settles what it began."
    )


@sentence.register
def _(cause: c.NotAllDone, _reader: Reader) -> str:
    on = "" if cause.target == "state" else f" on {Side(cause.target).label}"
    detail = f": {cause.detail.rstrip('.')}" if cause.detail else ""
    like = ", ".join(f"{count} more {word}" for word, count in cause.others)
    more = f" (and {like})" if like else ""
    return f"{cause.code}: {cause.action}{on} {cause.outcome}{detail}{more}"


@sentence.register
def _(cause: c.FirstUnderVersion, reader: Reader) -> str:
    waiting = ""
    if cause.open:
        waiting = f"{cause.open} writes that an earlier run left open were not looked "
        waiting += "at; the next run does. "
    if cause.undoes:
        why = "nothing is taken back before a run has found out who is who. Type first:"
        why += f" {reader.command('sync')}"
    else:
        why = "this run only remembers who is who. The next run goes on. Type: "
        why += reader.command("plan")
    return (
        f"{waiting}{cause.later} changes were not written: Tolt is asked by "
        f"{cause.version} of its API for the first time, and {why}"
    )
