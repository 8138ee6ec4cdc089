"""A plan for people at a terminal: one sentence first, then what matters most.

Only prose is wrapped to the width. Codes, values and commands stay in one piece,
so that they can be copied.
"""

from collections.abc import Iterator
from textwrap import wrap

from connector.engine.change import Change, Finding, Plan
from connector.reports.meaning import action_text, commands, news, told
from connector.reports.safe import cell
from connector.reports.sections import (
    Section,
    banners,
    counts,
    headline,
    redemptions,
    sections,
)

MOST = 20
"""Entries of one section before it says how many more there are."""
_STRONG, _WARN, _PLAIN = "\x1b[1m", "\x1b[1;33m", "\x1b[0m"


def plan_text(plan: Plan, *, width: int = 88, color: bool = False) -> str:
    """Return the diff report as text; ``color`` adds weight to the headings alone."""
    return "\n".join(_Page(width, color=color).lines(plan))


class _Page:
    def __init__(self, width: int, *, color: bool) -> None:
        self.width = max(40, min(width, 100))
        self.color = color

    def lines(self, plan: Plan) -> Iterator[str]:
        yield from self.wrapped(headline(plan), "", strong=True)
        for title, message in banners(plan):
            yield ""
            yield from self.wrapped(f"{title.upper()}: {message}", "", warn=True)
        for section in sections(plan):
            yield ""
            yield from self.section(plan, section)
        yield ""
        yield from self.counts(plan)
        yield from self.source(plan)

    def section(self, plan: Plan, section: Section) -> Iterator[str]:
        if section.name == "remembered":
            kind = "on both sides, or gone from both; remembered as such"
            yield from self.wrapped(f"{section.heading}: {kind}.", "")
            return
        yield self.painted(section.heading, _STRONG)
        left = MOST
        for reason, items in section.by_reason():
            if left > 0:
                yield from self.wrapped(f"{reason} ({len(items)})", "  ")
            for item in items[: max(left, 0)]:
                yield from self.entry(plan, item)
            left -= len(items)
        if left < 0:
            yield f"  ... and {-left} more; all of them: --format html, csv or json"
        if section.elsewhere:
            yield f"  {section.elsewhere} more, told with the changes above."

    def entry(self, plan: Plan, item: Change | Finding) -> Iterator[str]:
        if isinstance(item, Finding):
            yield from self.wrapped(f"[{item.kind}] {item.message}", "    ")
            return
        tail = f"{action_text(item)}  [{item.reason}]  {item.id}"
        head = f"    {cell(item.code)}"
        if len(head) + len(tail) + 2 <= self.width:
            yield f"{head}  {tail}"
        else:
            yield head
            yield from self.wrapped(tail, "      ")
        yield from self.wrapped(told(item), "      ")
        if item.lost:
            yield from self.wrapped(f"Lost: {', '.join(item.lost)}.", "      ")
        if item.raises_exposure:
            yield from self.wrapped("Customers could get more off than now.", "      ")
        if new := news(item):
            yield from self.wrapped(f"New: {new}", "      ")
        typed = tuple(commands(plan, item))
        longest = max((len(command) for command, _ in typed), default=0)
        for command, effect in typed:
            line = f"      {command:{longest}}  # {effect}"
            yield line if len(line) <= self.width else f"      {command}"

    def counts(self, plan: Plan) -> Iterator[str]:
        shown = {"In numbers": counts(plan), "Redemptions": redemptions(plan)}
        for title, found in shown.items():
            said = ", ".join(f"{one.number} {one.words}" for one in found)
            if said:
                yield from self.wrapped(f"{title}: {said}.", "")

    def source(self, plan: Plan) -> Iterator[str]:
        sides = "; ".join(
            f"{side.capitalize()} {read.codes} codes, {read.partners} partners, "
            f"{read.requests} requests"
            for side, read in plan.sides.items()
        )
        yield from self.wrapped(f"Read: {sides}.", "")
        until = f"Plan {plan.digest[7:19]}, good until {plan.expires_at}."
        yield from self.wrapped(until, "")

    def wrapped(
        self, text: str, indent: str, *, strong: bool = False, warn: bool = False
    ) -> Iterator[str]:
        style = _WARN if warn else _STRONG if strong else ""
        for line in wrap(
            cell(text),
            self.width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ):
            yield self.painted(line, style)

    def painted(self, line: str, style: str) -> str:
        return f"{style}{line}{_PLAIN}" if self.color and style else line
