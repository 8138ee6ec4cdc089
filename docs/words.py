"""docs/words.md: every word that the program says, with its cause and the way out.

It is made from the table that the reports themselves use. Run by `make pages`; a test
compares the page, and another one that no word is missing.
"""

import sys
from collections.abc import Iterator, Mapping

from connector.reports.words.endings import EXITS, OUTCOMES, STATUSES, TROUBLES
from connector.reports.words.guards import GUARDS
from connector.reports.words.reasons import REASONS
from connector.reports.words.sales import STANDINGS
from connector.reports.words.word import Word

INTRODUCTION = """\
# Every word, its cause and the way out

Reports, JSON, logs and metrics use the same few words. Here is each of them, with what
it is called in a report. This page is made by `make pages` from the table that the
reports are made from (`connector/reports/words`). What a line of an error says in full,
and what to do about the state, is in [troubleshooting.md](troubleshooting.md).

`CODE` stands for a promotion code, `ID` for the id of a change (`c_...`), `RUN` for
that of a run (`r_...`). Each command begins with `partnero-tolt`.
"""
SECTIONS: tuple[tuple[str, str, Mapping[str, Word] | Mapping[int, Word]], ...] = (
    ("Exit codes", "How the program ends.", EXITS),
    (
        "Guards",
        "Exit 5: the run was refused before its first write (`refused` in JSON).",
        GUARDS,
    ),
    (
        "Reasons and findings",
        (
            "Why a change is proposed, held or blocked (`reason`), and what is good to "
            "know (`kind`), in the order of every report."
        ),
        REASONS,
    ),
    ("Standings", "How a sale stands that is not in step (`standing`).", STANDINGS),
    ("How a run ends", "`status` of a run.", STATUSES),
    ("What became of a change", "`outcome` of a change in a run.", OUTCOMES),
    (
        "Why a run is not complete",
        "`reason` of a run, beside the name of a guard: in JSON, logs and metrics.",
        TROUBLES,
    ),
)


def reference() -> str:
    """Return the whole page."""
    parts = [INTRODUCTION]
    for title, sentence, words in SECTIONS:
        parts += [f"## {title}\n", f"{sentence}\n", *_table(words), ""]
    return "\n".join(parts).rstrip()


def _table(words: Mapping[str, Word] | Mapping[int, Word]) -> Iterator[str]:
    yield "| word | called | cause | way out |"
    yield "|---|---|---|---|"
    for name, word in words.items():
        cells = (f"`{name}`", word.said, word.cause, word.way_out)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    sys.stdout.write(reference() + "\n")
