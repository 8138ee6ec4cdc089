"""Whose a line is: where there are several pairs, no line leaves it open."""

from connector.reports.safe import cell


def named(pair: str, text: str) -> str:
    """Put the pair before each line that begins something, unless it stands there.

    What is indented belongs to the line above it, and a command to be copied stays as
    it is typed.
    """
    name = cell(pair)
    return "\n".join(
        f"{name}: {line}" if _is_open(line, name) else line for line in text.split("\n")
    )


def _is_open(line: str, name: str) -> bool:
    """Say whether a line begins something and does not say of which pair."""
    begins = line and not line.startswith(" ")
    words = line.split(" ")[:2]
    return bool(begins) and f"{name}:" not in words and f"(pair {name})" not in line
