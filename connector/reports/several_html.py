"""Several plans as one HTML page: all pairs first, then each, then one list."""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from connector.engine.planned import Plan
from connector.reports.html import (
    LEAST_SALES,
    SALES,
    listed,
    people,
    plan_data,
    shown_of,
    uncompared,
)
from connector.reports.messages.say import reader_of
from connector.reports.money import money_tables
from connector.reports.overview import sentence, table
from connector.reports.page import Json, embedded, own_parts, pages
from connector.reports.safe import cell
from connector.reports.sections import (
    TITLES,
    banners,
    counts,
    headline,
    redemptions,
    sections,
)


def plans_html(plans: Sequence[Plan]) -> str:
    """Return one page for several pairs: all of them first, then each, then one list.

    The list can be narrowed to a pair, and searched through all of them.
    """
    environment = pages()
    filed = [section for plan in plans for section in sections(plan)]
    counted = Counter[str]()
    for section in filed:
        counted[section.name] += shown_of(section)
    heads, *rows = table(plans)
    known = [(plan, plan_data(plan)) for plan in plans]
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
        listed=[
            listed(section, data["rows"], f"{cell(plan.pair)}: {section.title}")
            for plan, data in known
            for section in sections(plan)
        ],
        data=embedded(_joined([(plan.pair, data) for plan, data in known])),
        **own_parts(environment, "report", "report.js"),
    )


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
        "not_compared": uncompared(plan),
        "money": money_tables(plan.redemption_report, reader_of(plan)),
        "listed": any(map(shown_of, sections(plan))),
        "plan": plan,
        **people(plan),
    }


def _joined(several: Sequence[tuple[str, Json]]) -> Json:
    """Return the data of several plans as those of one; each row names its pair."""
    rows = [
        {"pair": cell(pair), **row} for pair, data in several for row in data["rows"]
    ]
    words = {
        name: {key: said for _, data in several for key, said in data[name].items()}
        for name in ("titles", "reasons", "verbs")
    }
    return {"rows": rows, **words}
