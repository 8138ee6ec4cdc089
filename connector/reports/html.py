"""A plan as one HTML page that needs nothing else: no network, no server.

The rows are data in the page and are drawn by its own script, a few at a time, so
that ten thousand of them stay usable. The policy of the page allows its own style
and script by their digests and nothing more; text from a provider is never markup.
"""

from collections.abc import Sequence
from urllib.parse import quote

from connector.engine.change import Change, Finding
from connector.engine.planned import Plan
from connector.reports.documents import summary
from connector.reports.meaning import (
    action_text,
    commands,
    message_of,
    news,
    reason_text,
    verb,
)
from connector.reports.messages.codes import equal_codes
from connector.reports.messages.say import Reader, not_compared, reader_of, said
from connector.reports.money import money_tables
from connector.reports.page import Json, embedded, own_parts, pages
from connector.reports.partner_view import HEADS, partner_rows, partners_in_step
from connector.reports.persons import OneQuestion, answers, together
from connector.reports.safe import cell
from connector.reports.sections import (
    COUNTED,
    Section,
    banners,
    counts,
    headline,
    reason_of,
    redemptions,
    sections,
)

_PARTS = ("only_on_partnero", "in_sync", "differ", "collisions", "only_on_tolt")
LEAST = 2.5
"""Per cent of the picture's width that a part with anything in it has at least."""
SALES = 500
"""Rows of each table about money before a page says how many more there are ..."""
LEAST_SALES = 50
"""... which several pairs share, so many each at least."""
UNSCRIPTED_ROWS = 300
"""Rows of a section that are shown where no script runs."""


def plan_html(plan: Plan) -> str:
    environment = pages()
    filed, data = sections(plan), plan_data(plan)
    return environment.get_template("report.html.j2").render(
        plan=plan,
        pair=cell(plan.pair),
        made=f"{plan.created_at[:10]}, {plan.created_at[11:16]} UTC",
        headline=headline(plan).replace(". ", ".\n").split("\n"),
        banners=[(title, cell(message)) for title, message in banners(plan)],
        picture=_picture(plan),
        sections=[
            (section.name, section.title, shown_of(section)) for section in filed
        ],
        total=sum(map(shown_of, filed)),
        elsewhere=sum(section.elsewhere for section in filed),
        numbers=counts(plan),
        redemptions=redemptions(plan),
        not_compared=uncompared(plan),
        by=people(plan),
        money=money_tables(plan.redemption_report, reader_of(plan)),
        most=SALES,
        listed=[listed(section, data["rows"]) for section in filed],
        data=embedded(data),
        **own_parts(environment, "report", "report.js"),
    )


def shown_of(section: Section) -> int:
    """Count the rows of a section; what is in bulk is one of them."""
    return len(section.items) + bool(section.bulk)


def listed(
    section: Section, rows: Sequence[Json], title: str = ""
) -> tuple[str, str, Sequence[Json], int]:
    """Return the first rows of a section, for those whose browser runs no script."""
    inside = [row for row in rows if row["in"] == section.name]
    more = max(0, len(inside) - UNSCRIPTED_ROWS)
    return section.name, title or section.title, inside[:UNSCRIPTED_ROWS], more


def people(plan: Plan) -> Json:
    """Return the partner view, as its part of a page has it."""
    return {
        "people": partner_rows(plan),
        "people_heads": HEADS,
        "people_in_step": partners_in_step(plan),
        "people_of": quote(plan.pair, safe="") if plan.several else "",
    }


def _picture(plan: Plan) -> list[Json]:
    """Return where each part of the picture stands, in per cent of its width."""
    counted = summary(plan)
    shown = [name for name in _PARTS if counted[name]]
    room = 100 - LEAST * len(shown)
    total = sum(counted[name] for name in shown)
    parts, start = [], 0.0
    for name in _PARTS:
        count = counted[name]
        width = LEAST + room * count / total if count else 0.0
        parts.append(
            {
                "name": name,
                "count": count,
                "words": COUNTED[name],
                "x": round(start, 3),
                "width": round(width, 3),
            }
        )
        start += width
    return parts


def plan_data(plan: Plan) -> Json:
    filed = sections(plan)
    rows = [
        _row(plan, section.name, item)
        for section in filed
        for item in together(plan, section.items)
    ]
    rows += [_bulk(section) for section in filed if section.bulk]
    items = [item for section in filed for item in section.items]
    reasons = {reason_of(item) for item in items}
    reasons |= {row["why"] for row in rows}
    return {
        "rows": rows,
        "titles": {section.name: section.title for section in filed},
        "verbs": {change.action: verb(change.action) for change in plan.changes},
        "reasons": {reason: reason_text(reason) for reason in sorted(reasons)},
    }


def _bulk(section: Section) -> Json:
    """Return the one row of what is only remembered, however much it is."""
    text = equal_codes(section.bulk)
    return {"in": section.name, "why": "equal", "text": text}


def _row(plan: Plan, section: str, item: Change | Finding | OneQuestion) -> Json:
    """Return one row under short names; what is empty is left out."""
    if isinstance(item, OneQuestion):
        return {
            "in": section,
            "why": item.changes[0].reason,
            "code": ", ".join(item.codes),
            "text": item.text,
            "type": [list(command) for command in answers(plan, item)],
        }
    if isinstance(item, Finding):
        named = ", ".join(item.codes) if item.code is None else item.code
        row: Json = {"code": cell(named), "text": cell(said(item, reader_of(plan)))}
    else:
        row = _change(item, reader_of(plan))
    typed = [list(command) for command in commands(plan, item)]
    full = {"in": section, "why": reason_of(item), **row, "type": typed}
    return {name: value for name, value in full.items() if value}


def _change(item: Change, reader: Reader) -> Json:
    values = [
        [row.field, *map(_shown, (row.base, row.partnero, row.tolt, row.new))]
        for row in item.fields
    ]
    return {
        "code": cell(item.code),
        "text": message_of(item, reader),
        "new": news(item),
        "id": item.id,
        "verb": item.action,
        "what": action_text(item),
        "values": values,
        "lost": [cell(text) for text in item.lost],
        "more": item.raises_exposure,
        "decided": item.decided,
        "needs": list(item.needs),
    }


def _shown(value: str | None) -> str | None:
    return None if value is None else cell(value)


def uncompared(plan: Plan) -> list[str]:
    lines = (
        f"{what.capitalize()} not compared: {why}." for what, why in not_compared(plan)
    )
    return list(map(cell, lines))
