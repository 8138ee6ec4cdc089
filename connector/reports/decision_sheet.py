"""The inbox as a sheet for a spreadsheet program, and the sheet back with its answers.

What such programs do to a sheet is read all the same: other separators, other line
ends, another order, further columns. What they may have damaged is told row by row.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from connector.engine.asks import Ask
from connector.reports.inbox import Entry, Inbox
from connector.reports.safe import sheet_cell
from mappings.masking import masked
from state.model import Decision

MARK = "\ufeff"
COLUMNS = (
    *("pair", "id", "code", "reason", "action", "target"),
    *("partnero", "tolt", "partner", "lost", "decision", "note"),
)
KEPT = (*COLUMNS, "by", "at")
SEPARATORS = (",", ";", "\t")
_HINT = re.compile("sep=.\\s*$", re.IGNORECASE)
"""The first line by which some programs say how cells are separated."""
_NEUTRALISED = re.compile("^'(?=\\s*[=+\\-@])")


class Unfit(ValueError):
    """The file as a whole cannot be read as a sheet; its text says why."""


# -- out ------------------------------------------------------------------------------


def sheet(boxes: Iterable[Inbox], *, kept: bool = False) -> str:
    """Return what waits as a sheet with an empty column ``decision``.

    ``kept``: what was accepted instead, to take it back with the word withdraw.
    """
    written = io.StringIO()
    columns = KEPT if kept else COLUMNS
    rows = csv.DictWriter(
        written, columns, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n"
    )
    rows.writeheader()
    for box in boxes:
        lines = _accepted(box) if kept else map(_row, box.waiting)
        for line in lines:
            row = {"pair": box.pair} | line
            rows.writerow({name: sheet_cell(text) for name, text in row.items()})
    return MARK + written.getvalue().rstrip("\n")


def _row(entry: Entry) -> dict[str, str]:
    document = entry.document
    sights: Mapping[str, str] = document.get("sights", {})
    return {
        "id": entry.waiting.id,
        "code": entry.code,
        "reason": entry.reason,
        "action": document.get("action", ""),
        "target": document.get("target", ""),
        "partnero": sights.get("partnero", ""),
        "tolt": sights.get("tolt", ""),
        "partner": document.get("partner", ""),
        "lost": _lost(document),
    }


def _lost(document: Mapping[str, object]) -> str:
    """Say what is lost: by what is proposed, or else by which word but delete."""
    if isinstance(lost := document.get("lost"), list) and lost:
        return ", ".join(lost)
    options = document.get("options")
    words: Mapping[str, Mapping[str, Sequence[str]]]
    words = options if isinstance(options, dict) else {}
    losses = ((word, said.get("lost", ())) for word, said in words.items())
    losses = ((word, lost) for word, lost in losses if word != "delete")
    return "; ".join(f"{word}: {', '.join(lost)}" for word, lost in losses if lost)


def _accepted(box: Inbox) -> Iterator[dict[str, str]]:
    entries = {entry.waiting.id: entry for entry in box.entries}
    for decision in box.kept:
        known = entries.get(decision.id)
        yield (_row(known) if known else _bare(decision)) | {
            "note": masked(decision.note),
            "by": masked(decision.who),
            "at": decision.at,
        }


def _bare(decision: Decision) -> dict[str, str]:
    return {
        "id": decision.id,
        "code": decision.code,
        "action": decision.action,
        "target": decision.target,
    }


# -- back -----------------------------------------------------------------------------


def read_sheet(content: bytes) -> list[Ask]:
    """Return the answers of a sheet, one for each row; Unfit where it is none."""
    text = _text(content)
    first, _, rest = text.partition("\n")
    skipped = bool(_HINT.match(first))
    text = rest if skipped else text
    for separator in SEPARATORS:
        rows = _rows(text, separator, 1 + skipped)
        _, header = next(rows, (0, []))
        names = [name.strip(f"{MARK} \t").lower() for name in header]
        if "decision" in names:
            break
    else:
        raise Unfit("it has no column decision")
    if "id" not in names:
        raise Unfit("it has no column id, which says what each row is about")
    for name in ("id", "decision"):
        if names.count(name) > 1:
            raise Unfit(f"it has several columns {name}: which one counts?")
    return [_ask(dict(zip(names, cells, strict=False)), line) for line, cells in rows]


def _text(content: bytes) -> str:
    """Return the text of a file in UTF-8, with any line ends."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content:
        raise Unfit(
            "it is in UTF-16, or no text at all: save it as CSV UTF-8 (comma delimited)"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unfit(
            "it is not in UTF-8: save it as CSV UTF-8 (comma delimited)"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _rows(text: str, separator: str, first: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows with the line on which each begins; blank ones are none."""
    rows, line = csv.reader(io.StringIO(text), delimiter=separator), first
    try:
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = rows.line_num + first
    except csv.Error as error:
        raise Unfit(f"line {line} cannot be read: {error}") from None


def _ask(row: Mapping[str, str], line: int) -> Ask:
    return Ask(
        pair=row.get("pair", "").strip(),
        id=row.get("id", "").strip(),
        word=row.get("decision", ""),
        note=_NEUTRALISED.sub("", row.get("note", "").strip()),
        line=line,
        code=row.get("code", "").strip(),
    )
