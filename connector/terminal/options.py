"""The global options, wherever they stand on the command line."""

from collections.abc import Sequence

GLOBAL = ("--config", "--pair", "--format", "--log-level")


def hoisted(arguments: list[str]) -> list[str]:
    """Put the global options before the command, wherever they stand."""
    front: list[str] = []
    rest: list[str] = []
    left = iter(arguments)
    for argument in left:
        if argument == "--":
            rest += [argument, *left]
        elif argument in GLOBAL:
            front += [argument, *[value for value in [next(left, None)] if value]]
        elif argument.partition("=")[0] in GLOBAL:
            front.append(argument)
        else:
            rest.append(argument)
    return front + rest


def option(arguments: Sequence[str], name: str) -> str | None:
    """Return what a global option says, however it is written; the last one counts."""
    value = None
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if argument == name:
            value = following
        if argument.startswith(f"{name}="):
            value = argument.partition("=")[2]
    return value
