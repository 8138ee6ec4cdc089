"""A plan as Markdown, for a pull request or a ticket.

It stays below the 65,536 characters of a comment on GitHub: each section has its
share, and says how many entries it leaves out.
"""

import re
from collections.abc import Iterator

from connector.engine.change import Change, Finding
from connector.engine.planned import Plan
from connector.reports.meaning import (
    action_text,
    commands,
    message_of,
    news,
    reason_text,
)
from connector.reports.messages.say import not_compared, reader_of, said
from connector.reports.money import money_tables
from connector.reports.money_markdown import money_markdown
from connector.reports.partner_view import HEADS as PARTNER_HEADS
from connector.reports.partner_view import partner_rows
from connector.reports.persons import OneQuestion, answers, together
from connector.reports.safe import cell
from connector.reports.sections import (
    Section,
    banners,
    counts,
    headline,
    redemptions,
    sections,
)

MOST_PARTNERS = 50
"""Partners of whom something is open that have a row."""
MONEY = 3
"""The tables on money have this part of a section's share each."""
SHARE = 10_000
"""Characters of the rows of one section."""
_MARKS = re.compile(r"[\\`*_{}\[\]~#!$^]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
# A mention tells somebody, and an address becomes a link: neither is wanted here.
_REACHES = re.compile(r"@|://|(?i:www)(?=\.)")


def plan_markdown(plan: Plan, *, share: int = SHARE) -> str:
    """Return the report as Markdown with tables, as GitHub and GitLab read them."""
    return "\n".join(_lines(plan, share))


def plain(text: str) -> str:
    """Return text that is nothing but text to a reader of Markdown."""
    text = _MARKS.sub(r"\\\g<0>", cell(text))
    text = "".join(_ENTITIES.get(char, char) for char in text)
    return _REACHES.sub(r"\g<0>&#8203;", text)


def code(text: str) -> str:
    """Return text as code, where no sign in it could end the code or the cell."""
    shown = cell(text)
    return plain(shown) if re.search(r"[`|\\]", shown) else f"`{shown}`"


def _lines(plan: Plan, share: int) -> Iterator[str]:
    of = f"{plain(plan.pair)}: " if plan.several else ""
    yield f"## {plain(plan.pair)}: Partnero and Tolt"
    yield ""
    yield f"**{plain(headline(plan))}**"
    for title, message in banners(plan):
        yield ""
        yield f"> **{plain(title)}.** {plain(message)}"
    for section in sections(plan):
        yield ""
        yield f"### {of}{section.heading}"
        if section.name == "remembered":
            continue
        yield ""
        yield from _table(plan, section, share)
    if rows := partner_rows(plan)[:MOST_PARTNERS]:
        yield from ("", f"### {of}By partner", "")
        yield _row([*PARTNER_HEADS])
        yield _row(["---", *["---:"] * (len(PARTNER_HEADS) - 1)])
        yield from (_row([plain(text) for text in row]) for row in rows)
    tables = money_tables(plan.redemption_report, reader_of(plan))
    yield from money_markdown(tables, of, share // MONEY, plain)
    yield ""
    yield f"### {of}In numbers"
    yield ""
    yield from _numbers(plan)
    yield ""
    yield f"Plan `{plan.digest}`, made {plan.created_at}, good until {plan.expires_at}."


def _table(plan: Plan, section: Section, share: int) -> Iterator[str]:
    wide = not all(isinstance(item, Finding) for item in section.items)
    names = ["Code", "What", "Why"] if wide else ["Code", "Why"]
    yield _row([*names, "Details"])
    yield _row(["---"] * (len(names) + 1))
    room = share
    entries = list(together(plan, section.items))
    for number, item in enumerate(entries):
        cells = _cells(plan, item)
        if wide and isinstance(item, Finding):
            cells.insert(1, "")
        row = _row(cells)
        room -= len(row)
        if room < 0:
            left = len(entries) - number
            yield ""
            yield f"... and {left} more; all of them: `--format html`, `csv` or `json`"
            break
        yield row
    for told in section.notes:
        yield from ("", told)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(plan: Plan, item: Change | Finding | OneQuestion) -> list[str]:
    """Return the cells of a row; the last has what can be typed below the rest."""
    if isinstance(item, OneQuestion):
        return _question(plan, item)
    *cells, details = (
        _finding(plan, item) if isinstance(item, Finding) else _change(plan, item)
    )
    typed = [f"{effect}: {code(command)}" for command, effect in commands(plan, item)]
    return [*cells, "<br>".join([details, *typed])]


def _question(plan: Plan, item: OneQuestion) -> list[str]:
    why = plain(reason_text(item.changes[0].reason))
    typed = [f"{effect}: {code(command)}" for command, effect in answers(plan, item)]
    codes = ", ".join(map(code, item.codes))
    details = "<br>".join([plain(item.text), *typed])
    return [codes, plain(item.title), why, details]


def _finding(plan: Plan, item: Finding) -> list[str]:
    named = [item.code] if item.code is not None else item.codes
    shown = ", ".join(code(name) for name in named)
    return [shown, reason_text(item.kind), plain(said(item, reader_of(plan)))]


def _change(plan: Plan, item: Change) -> list[str]:
    parts = [plain(message_of(item, reader_of(plan)))]
    if new := news(item):
        parts.append(f"New: {plain(new)}.")
    if item.lost:
        parts.append(f"**Lost: {plain(', '.join(item.lost))}.**")
    if item.raises_exposure:
        parts.append("Customers could get more off than now.")
    what = f"{action_text(item)}<br>{code(item.id)}"
    return [code(item.code), what, plain(reason_text(item.reason)), " ".join(parts)]


def _numbers(plan: Plan) -> Iterator[str]:
    yield _row(["", "Count"])
    yield _row(["---", "---:"])
    for count in counts(plan):
        yield _row([plain(count.words), str(count.number)])
    for count in redemptions(plan):
        yield _row([f"redemptions: {count.words}", str(count.number)])
    for what, why in not_compared(plan):
        yield _row([what, f"not compared: {plain(why)}"])
    for side, read in plan.sides.items():
        for what in ("codes", "partners", "requests"):
            yield _row([f"{side.capitalize()}: {what}", str(getattr(read, what))])
