"""A plan for people at a terminal: one sentence first, then what matters most."""

from collections.abc import Iterator, Sequence

from connector.engine.change import Change, Finding
from connector.engine.planned import Plan
from connector.reports.lines import (
    NARROWEST,
    WIDTH,
    Commands,
    Head,
    Line,
    Prose,
    laid_out,
)
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
    reason_of,
    redemptions,
    sections,
)
from connector.reports.typed import PROGRAM
from connector.reports.whose import named

MOST = 20
"""Entries of one section before it says how many more there are."""
NAMED = 10
"""Codes of one finding that are named before the rest is counted."""


def plan_text(plan: Plan, width: int = WIDTH) -> str:
    """Return the diff report as text of a width."""
    if not plan.several:
        return laid_out(_lines(plan), width)
    room = max(NARROWEST, width - len(plan.pair) - 2)
    return named(plan.pair, laid_out(_lines(plan), room))


def _lines(plan: Plan) -> Iterator[Line]:
    yield Prose(headline(plan))
    for title, message in banners(plan):
        yield ""
        yield Prose(f"{title}: {message}")
    for section in sections(plan):
        yield ""
        yield from _section(plan, section)
    if people := [*partner_lines_text(plan)]:
        yield ""
        for indent, line in people:
            yield Prose(line, indent)
    yield ""
    shown = {"In numbers": counts(plan), "Redemptions": redemptions(plan)}
    for title, numbers in shown.items():
        if listed := ", ".join(f"{count.number} {count.words}" for count in numbers):
            yield Prose(f"{title}: {listed}.")
    for what, why in not_compared(plan):
        yield Prose(f"{what.capitalize()} not compared: {why}.")
    yield from _money(plan)
    sides = "; ".join(
        f"{side.capitalize()} {read.codes} codes, {read.partners} partners, "
        f"{read.requests} requests"
        for side, read in plan.sides.items()
    )
    yield Prose(f"Read: {sides}.")
    yield Prose(f"Plan {plan.digest[7:19]}, good until {plan.expires_at}.")


def _money(plan: Plan) -> Iterator[Line]:
    of = f"{plan.pair}: " if plan.several else ""
    tables = money_tables(plan.redemption_report, reader_of(plan))
    for indent, line in money_lines(tables, of):
        if line.startswith(PROGRAM):  # a command stays in one piece
            yield f"{indent}{line}"
        else:
            yield Prose(line, indent) if line else ""
    if tables is not None:
        yield ""


def _section(plan: Plan, section: Section) -> Iterator[Line]:
    if section.name == "remembered":
        kind = "what agrees on both sides, or is gone from both; remembered as such"
        yield Prose(f"{section.heading}: {kind}.")
        return
    yield section.heading
    left = MOST
    for reason, items in section.by_reason():
        if left > 0:
            word = reason_of(items[0])
            yield Prose(f"{reason} ({len(items)})  [{word}]", "  ")
        entries = list(together(plan, items))
        for item in entries[: max(left, 0)]:
            yield from _entry(plan, item)
        left -= len(entries)
    if left < 0:
        yield f"  ... and {-left} more; all of them: --format html, csv or json"
    for told in section.notes:
        yield f"  {told}"


def _entry(plan: Plan, item: Change | Finding | OneQuestion) -> Iterator[Line]:
    if isinstance(item, OneQuestion):
        yield from _question(plan, item)
        return
    if isinstance(item, Finding):
        yield Prose(said(item, reader_of(plan)), "    ")
        if item.code is None and item.codes:
            yield Prose(f"Codes: {few(item.codes)}.", "      ")
    else:
        yield from _change(plan, item)
    yield Commands(tuple(commands(plan, item)), "      ")


def _question(plan: Plan, item: OneQuestion) -> Iterator[Line]:
    yield Prose(item.title, "    ")
    yield Prose(item.text, "      ")
    yield Prose(f"Codes: {', '.join(item.codes)}.", "      ")
    yield Commands(tuple(answers(plan, item)), "      ")


def _change(plan: Plan, item: Change) -> Iterator[Line]:
    yield Head(cell(item.code), f"{action_text(item)}  {item.id}", "    ")
    lines = [message_of(item, reader_of(plan))]
    lines += [f"Lost: {', '.join(item.lost)}."] if item.lost else []
    lines += ["Customers could get more off than now."] if item.raises_exposure else []
    lines += [f"New: {new}"] if (new := news(item)) else []
    for line in lines:
        yield Prose(line, "      ")


def few(codes: Sequence[str]) -> str:
    """Name the first codes of several, and count the rest."""
    more = f" and {len(codes) - NAMED} more" if len(codes) > NAMED else ""
    return f"{', '.join(map(cell, codes[:NAMED]))}{more}"
