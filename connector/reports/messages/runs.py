"""The words about a run as a whole: why not all of it was written."""

from connector.engine.causes import runs as c
from connector.reports.messages.reader import Reader, sentence


@sentence.register
def _(_cause: c.Declined, _reader: Reader) -> str:
    return "A person said no: nothing was written."


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
