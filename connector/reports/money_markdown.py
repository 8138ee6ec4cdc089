"""Redemptions as Markdown tables, which share the room that a comment has."""

from collections.abc import Callable, Generator, Iterator, Sequence

from connector.reports.money import FOOTNOTE, MoneyTables, Row, first_open

Plain = Callable[[str], str]
"""What makes text inert for a reader of Markdown."""
SIDES = ("Partnero counts", "Tolt counts", "On both sides", "Not the same")
SALE = ("Key", "How it stands", "When (UTC)", "Amount", "Code", "Partner", "Why")


def money_markdown(
    tables: MoneyTables | None, of: str, share: int, plain: Plain
) -> Iterator[str]:
    """Yield the part on money; ``share`` are the characters of each table."""
    if tables is None:
        return
    yield from ("", f"### {of}Money", "", plain(FOOTNOTE))
    yield from _group("All money", "", tables.totals, share, plain)
    yield from _group("By partner", "Partner", tables.partners, share, plain)
    yield from _group("By code", "Code", first_open(tables.codes), share, plain)
    if not tables.number:
        return
    yield from ("", f"**Sales that are not the same on both sides ({tables.number})**")
    rows = [
        [row.key, row.standing, row.at, row.amount, row.code, row.partner, row.why]
        for row in tables.rows(share // len("| --- ") // len(SALE))
    ]
    shown = yield from _table(SALE, rows, share, plain)
    if left := tables.number - shown:
        yield from ("", f"... and {left} more; all of them: `{tables.command}`")


def _group(
    title: str, name: str, rows: Sequence[Row], share: int, plain: Plain
) -> Iterator[str]:
    if not rows:
        return
    yield from ("", f"**{title} ({len(rows)})**")
    cells = [
        [
            row.name or "All",
            *(row.partnero, row.tolt, str(row.in_step)),
            ", ".join(part.text for part in row.parts) or "nothing",
        ]
        for row in rows
    ]
    shown = yield from _table((name, *SIDES), cells, share, plain)
    if left := len(rows) - shown:
        yield from ("", f"... and {left} more; all of them: `--format json`")


def _table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], share: int, plain: Plain
) -> Generator[str, None, int]:
    """Yield as many rows as there is room for; return how many these were."""
    yield from ("", _row(heads), _row(["---"] * len(heads)))
    room = share
    for number, cells in enumerate(rows):
        row = _row([plain(text) for text in cells])
        room -= len(row)
        if room < 0:
            return number
        yield row
    return len(rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
