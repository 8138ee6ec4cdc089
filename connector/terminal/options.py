"""The global options, wherever they stand on the command line."""

from collections.abc import Sequence

GLOBAL = ("--config", "--pair", "--format", "--log-level")
"""Those with a value, in the word after them or behind "="."""
FLAGS = ("--version", "--verbose", "--quiet", "-v", "-vv", "-q")


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
        elif argument in FLAGS or argument.partition("=")[0] in GLOBAL:
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


def level_of(stated: str | None, verbose: int, *, quiet: bool) -> str:
    """Return from which level on the log is shown; a stated one counts before all."""
    if stated is not None:
        return stated
    if verbose:
        return "debug" if verbose > 1 else "info"
    return "error" if quiet else "warning"


def level_typed(arguments: Sequence[str]) -> str:
    """Return the level that a command line asks for, also where it was not run."""
    flags = [argument for argument in arguments if argument in FLAGS]
    verbose = sum(flag.count("v") for flag in flags if flag in ("-v", "-vv"))
    verbose += flags.count("--verbose")
    quiet = "-q" in flags or "--quiet" in flags
    return level_of(option(arguments, "--log-level"), verbose, quiet=quiet)
