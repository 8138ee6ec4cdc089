"""fleet pairs pause and resume: which pairs the workers leave alone."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from connector.commands.context import (
    DONE,
    FAILED,
    Context,
    confirmed,
    needs_terminal,
    note,
    now,
)
from connector.commands.fleet_state import engine_to_read, engine_to_write, refuse_file
from connector.commands.whoami import whoami
from connector.config.problems import nearest
from connector.errors import Misconfigured
from connector.reports import fleet
from connector.reports.fleet_pairs import changed_document, changed_text, question_text
from mappings.moments import iso
from state.fleet_pairs import FleetPairs

SIGNS = "*?["
"""What makes a name a pattern."""


def pause(
    context: Context, names: Sequence[str], *, every: bool, yes: bool, by: str, why: str
) -> int:
    """Pause pairs; who has paused one first stays the one who did."""
    meant, pairs = _meant(context, "pause", names, every=every, yes=yes)
    if pairs is None:
        return FAILED
    done = pairs.pause(meant, at=iso(now()), by=by or whoami(), note=why)
    return _told(context, "pause", meant, done)


def resume(context: Context, names: Sequence[str], *, every: bool, yes: bool) -> int:
    """Let pairs run again; what was missed is due at once, and counts once."""
    meant, pairs = _meant(context, "resume", names, every=every, yes=yes)
    if pairs is None:
        return FAILED
    return _told(context, "resume", meant, pairs.resume(meant))


def _told(
    context: Context, word: str, meant: Sequence[str], done: Sequence[str]
) -> int:
    already = [name for name in meant if name not in {*done}]
    document = changed_document(word, done, already)
    context.show(document, changed_text(word, done, already))
    return DONE


def _meant(
    context: Context, word: str, names: Sequence[str], *, every: bool, yes: bool
) -> tuple[list[str], FleetPairs | None]:
    """Return the pairs that are meant, and where they are; None after a no."""
    context.wants("text", "json")
    asked = [*names, *context.pairs_named]
    if every == bool(asked):
        raise Misconfigured(f"name pairs, or say --all: which ones do you {word}?")
    config = context.of_the_file()
    refuse_file(config)
    engine = engine_to_read(config)
    there = FleetPairs(engine).names() if engine else []
    meant = there if every else _named(config.location.path, asked, there)
    if every or any(sign in name for name in asked for sign in SIGNS):
        question = question_text(word, meant)
        nothing = f"{question.rstrip('?')} is asked about"
        needs_terminal(nothing, f"say --yes. {fleet.NOTHING_DONE}", yes=yes)
        if meant and not yes and not confirmed(question):
            note(fleet.NOTHING_DONE)
            return [], None
    return meant, FleetPairs(engine_to_write(config))


def _named(path: Path, asked: Sequence[str], there: Sequence[str]) -> list[str]:
    """Return the pairs that names and patterns mean; Misconfigured with odd ones."""
    meant: dict[str, None] = {}
    strange: list[str] = []
    for name in asked:
        found = [one for one in there if one == name or fnmatchcase(one, name)]
        if not found:
            strange.append(fleet.unknown_text(path, name, nearest(name, [*there])))
        meant |= dict.fromkeys(found)
    if strange:
        raise Misconfigured("\n".join([*strange, fleet.NOTHING_DONE]))
    return list(meant)
