"""Several pairs in one report, in each format that holds more than one."""

from collections.abc import Callable, Mapping, Sequence
from textwrap import wrap

from connector.engine.planned import Plan
from connector.reports.lines import WIDTH, wrapped
from connector.reports.markdown import SHARE, plain, plan_markdown
from connector.reports.overview import sentence, table
from connector.reports.sheet import plans_csv
from connector.reports.text import plan_text

LEAST = 24
"""Signs of a line that the last column of the overview has at least."""


def plans_text(plans: Sequence[Plan], width: int = WIDTH) -> str:
    """Return the overview and then each pair, whose lines name it."""
    blocks = [*wrapped(sentence(plans), width), "", *_columns(table(plans), width)]
    return "\n\n".join(["\n".join(blocks), *[plan_text(plan, width) for plan in plans]])


def _columns(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return the rows below each other: names left, numbers right, the rest wrapped."""
    *widths, _ = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *numbers, last in rows:
        start = f"  {name:{widths[0]}}"
        for number, wide in zip(numbers, widths[1:], strict=True):
            start += f"  {number:>{wide}}"
        told = wrap(last, max(LEAST, width - len(start) - 2)) or [""]
        indent = " " * (len(start) + 2)
        lines += [f"{start}  {told[0]}", *(indent + line for line in told[1:])]
    return lines


def plans_markdown(plans: Sequence[Plan]) -> str:
    """Return the overview as a table, then each pair, which share the room there is."""
    heads, *rows = table(plans)
    lines = [
        f"# {len(plans)} pairs: Partnero and Tolt",
        "",
        f"**{plain(sentence(plans))}**",
    ]
    lines += ["", _row(heads), _row(["---", *["---:"] * (len(heads) - 2), "---"])]
    lines += [_row([plain(text) for text in row]) for row in rows]
    share = SHARE // len(plans)
    blocks = [plan_markdown(plan, share=share) for plan in plans]
    return "\n\n".join(["\n".join(lines), *blocks])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def plans_html(plans: Sequence[Plan]) -> str:
    """Return one page; only who wants it waits for the templates to be loaded."""
    from connector.reports.several_html import plans_html

    return plans_html(plans)


SEVERAL: Mapping[str, Callable[[Sequence[Plan]], str]] = {
    "text": plans_text,
    "markdown": plans_markdown,
    "html": plans_html,
    "csv": plans_csv,
}
