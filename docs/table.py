"""The decision table and the capability table as the documentation prints them."""

import sys
from collections.abc import Iterator

from connector.engine.decide import FIELD_ROWS, ROWS, Verb
from mappings.canonical import FIELDS, Side
from mappings.capability import CAPABILITIES

INTRODUCTION = """\
# The decisions, as the program executes them

This page is made from `connector/engine/decide.py` and `mappings/capability.py` by
`make pages`; a test compares it. `partnero-tolt explain CODE` names the row that a
code fell under.
"""


def reference() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, *_records(), "", *_fields(), "", *_capabilities()])


def _records() -> Iterator[str]:
    yield "## A record as a whole\n"
    yield "| row | base | Partnero | Tolt | result |"
    yield "|---|---|---|---|---|"
    for row in ROWS:
        result = row.verb.value + _toward(row.verb, row.toward)
        sides = f"{row.partnero.value} | {row.tolt.value}"
        yield f"| {row.number} | {row.base.value} | {sides} | {result} |"


def _fields() -> Iterator[str]:
    yield "## A field of a record that both sides have\n"
    yield "| row | field | base | changed on | both equal now | result |"
    yield "|---|---|---|---|---|---|"
    names = {
        (False, False): "neither",
        (True, False): "Partnero",
        (False, True): "Tolt",
        (True, True): "both",
    }
    for row in FIELD_ROWS:
        result = row.verb.value + _toward(row.verb, row.toward)
        changed = names[row.changed] if row.base.value != "none" else "-"
        same = "yes" if row.equal else "no"
        yield (
            f"| {row.number} | {row.field or 'any'} | {row.base.value} | {changed} | "
            f"{same} | {result} |"
        )


def _toward(verb: Verb, side: Side | None) -> str:
    if side is None:
        return ""
    if verb in (Verb.DELETE, Verb.CONFLICT):
        return f" ({side.label} still has it)"
    return f" on {side.label}"


def _capabilities() -> Iterator[str]:
    yield "## What each product can change of a code\n"
    yield f"| product | {' | '.join(FIELDS)} | its text may have |"
    yield f"|---|{'---|' * len(FIELDS)}---|"
    for dialect, can in CAPABILITIES.items():
        cells = [
            "update" if name in can.updates else "replace, held" for name in FIELDS
        ]
        yield f"| {dialect} | {' | '.join(cells)} | {can.code_rule} |"


if __name__ == "__main__":
    sys.stdout.write(reference() + "\n")
