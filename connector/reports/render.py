"""One plan in each of the formats that there are, as a pure function."""

import json
from collections.abc import Callable, Mapping, Sequence

from connector.engine.planned import Plan
from connector.reports.documents import plan_document
from connector.reports.lines import WIDTH
from connector.reports.markdown import plan_markdown
from connector.reports.safe import inert
from connector.reports.several import SEVERAL, plans_text
from connector.reports.sheet import plan_csv
from connector.reports.text import plan_text
from mappings.masking import masked


def plan_json(plan: Plan) -> str:
    """Return the JSON document; what a terminal would obey is escaped in it."""
    return inert(json.dumps(plan_document(plan), indent=2, ensure_ascii=False))


def plan_html(plan: Plan) -> str:
    """Return the page; only who wants it waits for the templates to be loaded."""
    from connector.reports.html import plan_html

    return plan_html(plan)


RENDERERS: Mapping[str, Callable[[Plan], str]] = {
    "text": plan_text,
    "json": plan_json,
    "markdown": plan_markdown,
    "html": plan_html,
    "csv": plan_csv,
}


def render_all(
    plans: Sequence[Plan],
    format: str,  # noqa: A002 (the option's name)
    width: int = WIDTH,
) -> str:
    """Return one plan as ever, several in one report that begins with an overview.

    ``width`` is that of the text; other formats have their own.
    """
    if format == "text":
        one = len(plans) == 1
        return masked(plan_text(plans[0], width) if one else plans_text(plans, width))
    if len(plans) == 1:
        return render(plans[0], format)
    return masked(SEVERAL[format](plans))


def render(plan: Plan, format: str) -> str:  # noqa: A002 (the option's name)
    """Return the plan in a format of ``RENDERERS``, without a line end at its end."""
    text = RENDERERS[format](plan)
    return text if format == "json" else masked(text)  # JSON is, value by value
