"""What a person can type, quoted for a shell and safe for codes that begin with "-"."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from connector.engine.acts import Create, Delete
from connector.engine.change import Change
from connector.reports.safe import cell
from mappings.canonical import Side
from mappings.masking import masked

PROGRAM = "partnero-tolt"
_VERBS = {
    "create": "is made on",
    "update": "is changed on",
    "replace": "is replaced by a new code on",
    "delete": "is deleted for good on",
}
_WORDS = {"--keep": "keep", "--delete": "delete", "--as-proposed": "proposed"}


def command(*words: str, pair: str | None = None) -> str:
    """Return a command of this program; the pair goes in front, where one is named."""
    named = ["--pair", pair] if pair else []
    return " ".join([PROGRAM, *map(shlex.quote, [*named, *words])])


def paired(line: str, pair: str | None) -> str:
    """Return a command that was printed before, for who has several pairs by now."""
    named = f"{PROGRAM} --pair "
    if pair is None or line.startswith(named) or not line.startswith(f"{PROGRAM} "):
        return line
    return named + shlex.quote(pair) + line.removeprefix(PROGRAM)


def explain(code: str, *, pair: str | None = None) -> str:
    """Return the command that says all about a code."""
    words = ["--", code] if code.startswith("-") else [code]
    return command("explain", *words, pair=pair)


def file(path: Path) -> str:
    """Return a file's name as a word that is no option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def decide(code: str, option: str, *, pair: str | None = None) -> str:
    """Return the command that decides about one code or id."""
    return decide_all([code], option, pair=pair)


def decide_all(codes: Sequence[str], option: str, *, pair: str | None = None) -> str:
    """Return the command; after a ``--`` nothing more would count as an option."""
    words = option.split()
    if any(code.startswith("-") for code in codes):
        return command("decide", *words, "--", *codes, pair=pair)
    return command("decide", *codes, *words, pair=pair)


def said_by(line: str) -> str | None:
    """Return the word that a command decides by; None of a command that does not."""
    words = shlex.split(line)
    if "decide" not in words:
        return None
    options = words[: words.index("--")] if "--" in words else words
    if "--take" in options:
        return options[options.index("--take") + 1]
    said = (word for option, word in _WORDS.items() if option in options)
    return next(said, None)


def migration(
    source: str,
    target: str,
    partners: Sequence[str] = (),
    codes: Path | None = None,
    *,
    pair: str | None = None,
) -> str:
    """Return the command of a migration or of one wave; an address has to be typed."""
    words = ["migrate", "--from", source, "--to", target]
    for partner in partners:
        words += ["--partner", partner if speakable(partner) else "EMAIL"]
    words += ["--codes", file(codes)] if codes else []
    return command(*words, pair=pair or None)


def speakable(name: str) -> bool:
    """Say whether a code can be typed as it is shown; if not, its id has to be."""
    return cell(name) == name and masked(name) == name


def apply_only(id_: str, *, pair: str | None = None) -> str:
    """Return the command that does one held change, and nothing else."""
    return command("apply", "--only", id_, "--accept", id_, pair=pair)


def effect(change: Change) -> str:
    """Say in a line what a change will do, and what is lost by it."""
    if change.target == "state":
        return f"{change.code}: what both sides show is remembered; nothing is written."
    line = f"{change.code} {_VERBS[change.action]} {Side(change.target).label}"
    if not isinstance(change.act, Delete):
        word = "is" if isinstance(change.act, Create) else "becomes"
        values = [f"{f.field} {word} {f.new}" for f in change.fields if f.new]
        line += f": {'; '.join(values)}" if values else ""
    lost = f" Lost: {', '.join(change.lost)}." if change.lost else ""
    return f"{line}.{lost}"
