"""The words of a saved plan that is refused."""

from connector.engine.causes import saved_plans as p
from connector.reports.messages.reader import Reader, sentence
from mappings.discreet import HIDDEN


@sentence.register
def _(cause: p.PlanAhead, reader: Reader) -> str:
    return (
        f"The plan says that it was made at {cause.made_at}, which is in the future by "
        f"this machine's clock: its age is unknown. {_again(reader)}"
    )


@sentence.register
def _(cause: p.PlanExpired, reader: Reader) -> str:
    return f"The plan was good until {cause.until}. {_again(reader)}"


@sentence.register
def _(_cause: p.PlanEdited, reader: Reader) -> str:
    return f"The plan was edited after it was made. {_again(reader)}"


@sentence.register
def _(_cause: p.PlanOfOtherConfiguration, reader: Reader) -> str:
    return f"The plan was made with another configuration. {_again(reader)}"


@sentence.register
def _(_cause: p.PlanOfOtherState, reader: Reader) -> str:
    return f"The plan was made beside another state. {_again(reader)}"


@sentence.register
def _(cause: p.PlanOfOtherPair, reader: Reader) -> str:
    return (
        f"The plan is one of the pair {cause.pair or HIDDEN}, not of "
        f"{', '.join(cause.ours)}. {_again(reader)}"
    )


def _again(reader: Reader) -> str:
    new = reader.command("plan", "--out", "FILE")
    return f"Nothing was written. Make a new one: {new}"
