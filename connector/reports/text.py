"""A plan for people at a terminal: one sentence first, then what matters most.

Only prose is wrapped to the width. Codes, values and commands stay in one piece,
so that they can be copied.
"""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from connector.engine.change import Change, Finding
from connector.engine.planned import Plan
from connector.reports.meaning import action_text, commands, message_of, news
from connector.reports.messages.say import not_compared, reader_of, said
from connector.reports.money import money_tables
from connector.reports.money_text import money_lines
from connector.reports.partner_view import partner_lines_text
from connector.reports.persons import OneQuestion, answers, together
from connector.reports.safe import cell
from connector.reports.sections import (
    Section,
    banners,
    counts,
    headline,
    inbox_sections,
    reason_of,
    redemptions,
    sections,
)
from connector.reports.typed import PROGRAM
from connector.reports.whose import named

MOST = 20
"""Entries of one section before it says how many more there are."""
WIDTH = 88
NAMED = 10
"""Codes of one finding that are named before the rest is counted."""


def plan_text(plan: Plan) -> str:
    """Return the diff report as text."""
    text = "\n".join(_lines(plan))
    return named(plan.pair, text) if plan.several else text


def inbox_text(plan: Plan) -> str:
    """Return what waits for a person, with what can be typed about each."""
    inbox = inbox_sections(plan)
    waiting = sum(len(section.items) for section in inbox if section.name == "held")
    lines = [f"{plan.pair}: {waiting or 'nothing'} waits for a decision."]
    if waiting > 1:
        lines = [f"{plan.pair}: {waiting} wait for a decision."]
    for title, message in banners(plan):
        lines += ["", *_wrapped(f"{title}: {message}")]
    for section in inbox:
        lines += ["", *_section(plan, section)]
    return "\n".join(lines)


def _lines(plan: Plan) -> Iterator[str]:
    yield from _wrapped(headline(plan))
    for title, message in banners(plan):
        yield ""
        yield from _wrapped(f"{title}: {message}")
    for section in sections(plan):
        yield ""
        yield from _section(plan, section)
    if people := [*partner_lines_text(plan)]:
        yield ""
        for indent, line in people:
            yield from _wrapped(line, indent)
    yield ""
    shown = {"In numbers": counts(plan), "Redemptions": redemptions(plan)}
    for title, numbers in shown.items():
        if listed := ", ".join(f"{count.number} {count.words}" for count in numbers):
            yield from _wrapped(f"{title}: {listed}.")
    for what, why in not_compared(plan):
        yield from _wrapped(f"{what.capitalize()} not compared: {why}.")
    yield from _money(plan)
    sides = "; ".join(
        f"{side.capitalize()} {read.codes} codes, {read.partners} partners, "
        f"{read.requests} requests"
        for side, read in plan.sides.items()
    )
    yield from _wrapped(f"Read: {sides}.")
    yield from _wrapped(f"Plan {plan.digest[7:19]}, good until {plan.expires_at}.")


def _money(plan: Plan) -> Iterator[str]:
    of = f"{plan.pair}: " if plan.several else ""
    tables = money_tables(plan.redemption_report, reader_of(plan))
    for indent, line in money_lines(tables, of):
        if line.startswith(PROGRAM):  # a command stays in one piece
            yield f"{indent}{line}"
        else:
            yield from _wrapped(line, indent) or [""]
    if tables is not None:
        yield ""


def _section(plan: Plan, section: Section) -> Iterator[str]:
    if section.name == "remembered":
        kind = "what agrees on both sides, or is gone from both; remembered as such"
        yield from _wrapped(f"{section.heading}: {kind}.")
        return
    yield section.heading
    left = MOST
    for reason, items in section.by_reason():
        if left > 0:
            word = reason_of(items[0])
            yield from _wrapped(f"{reason} ({len(items)})  [{word}]", "  ")
        entries = list(together(plan, items))
        for item in entries[: max(left, 0)]:
            yield from _entry(plan, item)
        left -= len(entries)
    if left < 0:
        yield f"  ... and {-left} more; all of them: --format html, csv or json"
    if section.elsewhere:
        yield f"  {section.elsewhere} more, told with the changes above."


def _entry(plan: Plan, item: Change | Finding | OneQuestion) -> Iterator[str]:
    if isinstance(item, OneQuestion):
        yield from _question(plan, item)
        return
    if isinstance(item, Finding):
        yield from _wrapped(said(item, reader_of(plan)), "    ")
        if item.code is None and item.codes:
            yield from _wrapped(f"Codes: {few(item.codes)}.", "      ")
    else:
        yield from _change(plan, item)
    yield from _typed(tuple(commands(plan, item)))


def _question(plan: Plan, item: OneQuestion) -> Iterator[str]:
    yield from _wrapped(item.title, "    ")
    yield from _wrapped(item.text, "      ")
    yield from _wrapped(f"Codes: {', '.join(item.codes)}.", "      ")
    yield from _typed(tuple(answers(plan, item)))


def _change(plan: Plan, item: Change) -> Iterator[str]:
    tail = f"{action_text(item)}  {item.id}"
    head = f"    {cell(item.code)}"
    if len(head) + len(tail) + 2 <= WIDTH:
        yield f"{head}  {tail}"
    else:
        yield head
        yield from _wrapped(tail, "      ")
    lines = [message_of(item, reader_of(plan))]
    lines += [f"Lost: {', '.join(item.lost)}."] if item.lost else []
    lines += ["Customers could get more off than now."] if item.raises_exposure else []
    lines += [f"New: {new}"] if (new := news(item)) else []
    for line in lines:
        yield from _wrapped(line, "      ")


def _typed(typed: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield what can be typed, a line each; what it says stands below each other."""
    longest = max((len(command) for command, _ in typed), default=0)
    lines = [f"      {command:{longest}}  # {effect}" for command, effect in typed]
    if any(len(line) > WIDTH for line in lines):
        lines = [f"      {command}  # {effect}" for command, effect in typed]
    yield from lines


def few(codes: Sequence[str]) -> str:
    """Name the first codes of several, and count the rest."""
    more = f" and {len(codes) - NAMED} more" if len(codes) > NAMED else ""
    return f"{', '.join(map(cell, codes[:NAMED]))}{more}"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return wrap(
        cell(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
