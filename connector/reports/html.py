"""A plan as one HTML page that needs nothing else: no network, no server.

The rows are data in the page and are drawn by its own script, a few at a time, so
that ten thousand of them stay usable. The policy of the page allows its own style
and script by their digests and nothing more; text from a provider is never markup.
"""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from connector.engine.change import Change, Finding
from connector.engine.planned import Plan
from connector.reports.documents import summary
from connector.reports.meaning import (
    action_text,
    commands,
    message_of,
    news,
    reason_text,
)
from connector.reports.messages.say import Reader, not_compared, reader_of, said
from connector.reports.money import money_tables
from connector.reports.overview import sentence, table
from connector.reports.partner_view import HEADS, partner_rows, partners_in_step
from connector.reports.persons import OneQuestion, answers, together
from connector.reports.safe import cell
from connector.reports.sections import (
    COUNTED,
    TITLES,
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
Json = dict[str, Any]


def pages() -> Environment:
    """Return where the templates are; what is put into them is never markup."""
    return Environment(
        loader=PackageLoader("connector.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def plan_html(plan: Plan) -> str:
    environment = pages()
    filed = sections(plan)
    return environment.get_template("report.html.j2").render(
        plan=plan,
        pair=cell(plan.pair),
        made=f"{plan.created_at[:10]}, {plan.created_at[11:16]} UTC",
        headline=headline(plan).replace(". ", ".\n").split("\n"),
        banners=[(title, cell(message)) for title, message in banners(plan)],
        picture=_picture(plan),
        sections=[
            (section.name, section.title, len(section.items)) for section in filed
        ],
        total=sum(len(section.items) for section in filed),
        elsewhere=sum(section.elsewhere for section in filed),
        numbers=counts(plan),
        redemptions=redemptions(plan),
        not_compared=_not_compared(plan),
        by=_people(plan),
        money=money_tables(plan.redemption_report, reader_of(plan)),
        most=SALES,
        data=_embedded(_data(plan)),
        **_own_parts(environment),
    )


def plans_html(plans: Sequence[Plan]) -> str:
    """Return one page for several pairs: all of them first, then each, then one list.

    The list can be narrowed to a pair, and searched through all of them.
    """
    environment = pages()
    filed = [section for plan in plans for section in sections(plan)]
    counted = Counter[str]()
    for section in filed:
        counted[section.name] += len(section.items)
    heads, *rows = table(plans)
    return environment.get_template("reports.html.j2").render(
        plan=plans[0],
        pair=f"{len(plans)} pairs",
        pairs=[_pair(plan) for plan in plans],
        heads=heads,
        rows=rows,
        made=f"{plans[0].created_at[:10]}, {plans[0].created_at[11:16]} UTC",
        headline=sentence(plans).replace(". ", ".\n").split("\n"),
        sections=[(name, TITLES[name], counted[name]) for name in TITLES],
        total=counted.total(),
        elsewhere=sum(section.elsewhere for section in filed),
        most=max(LEAST_SALES, SALES // len(plans)),
        data=_embedded(_joined([(plan.pair, _data(plan)) for plan in plans])),
        **_own_parts(environment),
    )


def _people(plan: Plan) -> Json:
    """Return the partner view, as its part of a page has it."""
    return {
        "people": partner_rows(plan),
        "people_heads": HEADS,
        "people_in_step": partners_in_step(plan),
        "people_of": quote(plan.pair, safe="") if plan.several else "",
    }


def _pair(plan: Plan) -> Json:
    """Return what stands on the page of several about one of them."""
    return {
        "name": cell(plan.pair),
        "anchor": f"pair-{quote(plan.pair, safe='')}",
        "only": urlencode({"pair": cell(plan.pair)}),
        "headline": headline(plan),
        "banners": [(title, cell(message)) for title, message in banners(plan)],
        "numbers": counts(plan),
        "redemptions": redemptions(plan),
        "not_compared": _not_compared(plan),
        "money": money_tables(plan.redemption_report, reader_of(plan)),
        "listed": any(section.items for section in sections(plan)),
        "plan": plan,
        **_people(plan),
    }


def _joined(several: Sequence[tuple[str, Json]]) -> Json:
    """Return the data of several plans as those of one; each row names its pair."""
    rows = [
        {"pair": cell(pair), **row} for pair, data in several for row in data["rows"]
    ]
    words = {
        name: {key: said for _, data in several for key, said in data[name].items()}
        for name in ("titles", "reasons")
    }
    return {"rows": rows, **words}


def _own_parts(environment: Environment) -> Json:
    """Return the page's style and script, and the policy that allows nothing else."""
    style, script = (_source(environment, f"report.{kind}") for kind in ("css", "js"))
    return {
        "policy": f"default-src 'none'; style-src {_hash(style)}; script-src "
        f"{_hash(script)}; base-uri 'none'; form-action 'none'",
        "style": Markup(style),  # noqa: S704 (a packaged file)
        "script": Markup(script),  # noqa: S704 (the same)
    }


def _source(environment: Environment, name: str) -> str:
    """Return a packaged file; a browser takes its digest with plain line ends."""
    if environment.loader is None:
        raise LookupError(name)
    text, _, _ = environment.loader.get_source(environment, name)
    return text.replace("\r\n", "\n")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _embedded(data: Json) -> Markup:
    """Return data for a script element: it holds no end tag, and is ASCII alone."""
    text = json.dumps(data, separators=(",", ":"))
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 (made inert just now)


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


def _data(plan: Plan) -> Json:
    filed = sections(plan)
    rows = [
        _row(plan, section.name, item)
        for section in filed
        for item in together(plan, section.items)
    ]
    items = [item for section in filed for item in section.items]
    return {
        "rows": rows,
        "titles": {section.name: section.title for section in filed},
        "reasons": {reason_of(item): reason_text(reason_of(item)) for item in items},
    }


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


def _not_compared(plan: Plan) -> list[str]:
    lines = (
        f"{what.capitalize()} not compared: {why}." for what, why in not_compared(plan)
    )
    return list(map(cell, lines))
