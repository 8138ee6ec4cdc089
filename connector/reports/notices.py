"""What a notice says: the pair, what is so and since when, why, and what to type.

A notice is read far from the configuration, on a phone perhaps: it names its pair in
each command, and no body is ever empty.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connector.engine.trouble import OUTAGE
from connector.reports import typed
from connector.reports.meaning import REASONS, reason_text
from connector.reports.safe import cell
from mappings.masking import masked

NAMED = 10
"""Questions of who is paid that are named before the rest is counted."""
_TO_CHECK = OUTAGE | {"key_refused", "key_not_allowed", "configuration"}
_LASTS = "Each run tries again, and the end of it is told. To look: "


class Notice(NamedTuple):
    """What is told, to whoever hears of a pair."""

    title: str
    body: str


class Spell(NamedTuple):
    """A trouble of a pair: the word for it, why, since when, and in which run."""

    status: str
    why: str
    reason: str = ""
    run: str = ""
    since: str = ""


class Waits(NamedTuple):
    """What waits for a person: counts by reason, questions of who is paid, money."""

    held: Mapping[str, int]
    payees: Mapping[str, str]
    missing: Sequence[str] = ()
    as_of: str = ""


def alarm(pair: str, spell: Spell) -> Notice:
    since = f" since {spell.since}" if spell.since else ""
    run = f" (run {spell.run})" if spell.run else ""
    why = cell(spell.why) or "nothing more is known"
    lines = [f"{pair}: {spell.status}{since}{run}.", f"Why: {why}"]
    return _notice(f"{pair}: {spell.status}", [*lines, _advice(pair, spell)])


def many_silent(since: Mapping[str, str]) -> Notice:
    """Tell of many pairs of a fleet at once: what keeps all of them is no pair's."""
    title = f"{len(since)} pairs are silent"
    named = [f"{pair}, since {begun}" for pair, begun in sorted(since.items())]
    lines = [f"{title}: no verified success for two intervals of their schedules."]
    lines += [*_few(named), "That many at once are no trouble of a pair: workers that "]
    lines[-1] += "have died, or are too few. Those that come back are not told of."
    return _notice(title, [*lines, f"Type: {typed.command('fleet', 'status')}"])


def _advice(pair: str, spell: Spell) -> str:
    """Say what to type about a trouble of a pair."""
    if spell.reason in OUTAGE:
        return _LASTS + typed.command("check", pair=pair)
    if spell.reason in _TO_CHECK:
        return f"Type: {typed.command('check', pair=pair)}"
    if spell.reason == "state":
        return f"Type: {typed.command('state', 'check')}"
    if spell.run:
        return f"Type: {typed.command('show', spell.run, pair=pair)}"
    return f"Type: {typed.command('status', pair=pair)}"


def recovery(pair: str, since: str, run: str, at: str) -> Notice:
    named = f" (run {run})" if run else ""
    begun = f" The trouble had begun at {since}." if since else ""
    lines = [f"{pair}: complete since {at}{named}.{begun} Nothing has to be done."]
    lines += [f"To look back: {typed.command('history', pair=pair)}"]
    return _notice(f"{pair} is well again", lines)


def payee_questions(pair: str, new: Sequence[str]) -> Notice:
    """Ask who is paid: it cannot wait for the next digest."""
    one = len(new) == 1
    title = f"{pair}: {'a new question' if one else f'{len(new)} new questions'} of "
    type_ = typed.command("inbox", "--reason", "payee_change", pair=pair)
    lines = [f"{pair}: the two sides credit different people.", *_few(new)]
    return _notice(f"{title}who is paid", [*lines, f"Type: {type_}"])


def digest(pair: str, waits: Waits, new: Sequence[str]) -> Notice:
    """Sum up what waits for a person, with the new questions of who is paid."""
    number = sum(waits.held.values())
    title = f"{pair}: {number} {'waits' if number == 1 else 'wait'} for a decision"
    lines = [f"{title}, as of {waits.as_of}."]
    ordered = sorted(waits.held.items(), key=lambda item: _weight(item[0]))
    lines += [f"- {reason_text(reason)}: {count}" for reason, count in ordered]
    lines += ["New questions of who is paid:", *_few(new)] if new else []
    lines += [f"Missing sales: {'; '.join(waits.missing)}."] if waits.missing else []
    return _notice(title, [*lines, f"Type: {typed.command('inbox', pair=pair)}"])


def _weight(reason: str) -> int:
    """Return the place of a reason in every report."""
    known = list(REASONS)
    return known.index(reason) if reason in known else len(known)


def _few(texts: Sequence[str]) -> list[str]:
    more = len(texts) - NAMED
    shown = [f"- {cell(text)}" for text in texts[:NAMED]]
    return [*shown, f"- and {more} more"] if more > 0 else shown


def _notice(title: str, lines: Sequence[str]) -> Notice:
    return Notice(masked(cell(title)), masked("\n".join(lines)))
