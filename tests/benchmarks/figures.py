"""The measured rows as a table and a plot, and where they are written."""

import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, BOTTOM = 420, 260, 58, 40
COLOURS = ("#1f77b4", "#d95f02", "#666666")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: ``met`` is None where there is no target or nothing was measured."""

    order: int
    what: str
    target: str
    reached: str
    ratio: str
    met: bool | None
    limit: str

    @property
    def verdict(self) -> str:
        return {True: "reached", False: "missed", None: "-"}[self.met]


@dataclass(slots=True)
class Board:
    """Everything that one run of the benchmarks has measured."""

    rows: list[Row] = field(default_factory=list)
    lines: dict[str, dict[str, list[tuple[int, float]]]] = field(default_factory=dict)

    def add(self, order, what, target, reached, *, limit, ratio="", met=None) -> None:
        self.rows.append(Row(order, what, target, reached, ratio, met, limit))

    def point(self, plot: str, line: str, at: int, value: float) -> None:
        self.lines.setdefault(plot, {}).setdefault(line, []).append((at, value))

    def table(self) -> str:
        head = "| what | target | measured | ratio | | what limits it |\n"
        head += "|---|---|---|---|---|---|\n"
        rows = sorted(self.rows, key=lambda row: row.order)
        return head + "".join(
            f"| {row.what} | {row.target} | {row.reached} | {row.ratio} | "
            f"{row.verdict} | {row.limit} |\n"
            for row in rows
        )


def conditions() -> str:
    load = os.getloadavg()[0]
    cores = len(os.sched_getaffinity(0))
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.python_implementation()} "
        f"{platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{cores} cores, load average {load:.1f} when it ended"
    )


def plots(board: Board) -> str:
    """Return all plots as one SVG, side by side; both axes are logarithmic."""
    names = list(board.lines)
    parts = [
        f'<g transform="translate({index * (WIDTH + 20)},0)">'
        f"{_plot(name, board.lines[name])}</g>"
        for index, name in enumerate(names)
    ]
    size = f'width="{len(names) * (WIDTH + 20)}" height="{HEIGHT + 20}"'
    style = 'font-family="sans-serif" font-size="11"'
    background = '<rect width="100%" height="100%" fill="white"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>'
    return f"{head}{background}{''.join(parts)}</svg>\n"


def _plot(name: str, lines: dict[str, list[tuple[int, float]]]) -> str:
    points = [point for line in lines.values() for point in line]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    low, high = _decade(min(ys), up=False), _decade(max(ys), up=True)
    across = _scale(min(xs), max(xs), LEFT, WIDTH - 20)
    upward = _scale(low, high, HEIGHT - BOTTOM, 30)
    drawn = [f'<text x="{LEFT}" y="16" font-weight="bold">{escape(name)}</text>']
    tick = low
    while tick <= high * 1.001:
        y = upward(tick)
        drawn.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - 20}" stroke="#ddd"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>'
        )
        tick *= 10
    drawn += [
        f'<text x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">'
        f"{x:,}</text>"
        for x in sorted(set(xs))
    ]
    for place, (label, line) in enumerate(lines.items()):
        colour = COLOURS[place % len(COLOURS)]
        path = "L".join(f"{across(x):.1f} {upward(y):.1f}" for x, y in sorted(line))
        dots = "".join(
            f'<circle cx="{across(x):.1f}" cy="{upward(y):.1f}" r="3"/>'
            for x, y in line
        )
        drawn.append(f'<path d="M{path}" fill="none" stroke="{colour}"/>')
        drawn.append(f'<g fill="{colour}">{dots}</g>')
        drawn.append(
            f'<text x="{LEFT + 8}" y="{44 + 14 * place}" fill="{colour}">'
            f"{escape(label)}</text>"
        )
    drawn.append(
        f'<text x="{(LEFT + WIDTH) / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle">'
        "codes a side</text>"
    )
    return "".join(drawn)


def _decade(value: float, *, up: bool) -> float:
    """Return the power of ten around a value."""
    found = 1.0
    while found > value:
        found /= 10
    while found * 10 <= value:
        found *= 10
    return found * 10 if up and found < value else found


def _scale(low: float, high: float, start: float, end: float):
    from math import log10

    span = log10(high / low) or 1.0
    return lambda value: start + (end - start) * log10(value / low) / span


def write(board: Board, folder: Path, around: str) -> None:
    """Put table and plot into the pages; the words around the table are kept."""
    before, _, rest = around.partition("<!-- figures -->\n")
    after = rest.partition("<!-- end of figures -->\n")[2]
    middle = f"{conditions()}\n\n{board.table()}\n![plot](benchmarks.svg)\n\n"
    page = f"{before}<!-- figures -->\n{middle}<!-- end of figures -->\n{after}"
    (folder / "benchmarks.md").write_text(page, encoding="utf-8")
    (folder / "benchmarks.svg").write_text(plots(board), encoding="utf-8")
