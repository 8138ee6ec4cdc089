"""The three-way table, as data that the planner executes and the docs are made of.

A record is looked up by what each side shows of it. Where both sides have it, each
field is looked up on its own: rows 7 and 8 for two different fields of one record
are row 10, a merge. "Newest wins" is no row, because Partnero's codes carry no time.
"""

from dataclasses import dataclass
from enum import StrEnum

from mappings.canonical import Side


class Base(StrEnum):
    """What is remembered of a record, or of a field."""

    NONE = "none"
    AGREED = "x"
    DIFFERED = "x/y"
    TOMBSTONE = "tombstone"


class Sight(StrEnum):
    """What one side shows of a record."""

    PRESENT = "present"
    SAME = "as it was"
    CHANGED = "changed"
    GONE = "absent"
    UNSEEN = "unknown"


class Verb(StrEnum):
    """What follows from the facts, before anybody asks whether it is allowed."""

    CREATE = "create"
    COMPARE = "compare field by field"
    DELETE = "delete, held"
    CONFLICT = "conflict, held"
    FORGET = "close the base, keep a tombstone"
    UNPROVEN = "nothing that rests on it"
    REAPPEARED = "reappeared, held"
    NOTHING = "nothing"
    ADOPT = "write the base, no remote call"
    DIVERGED = "held until equal or decided"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row about a record as a whole."""

    number: int
    base: Base
    partnero: Sight
    tolt: Sight
    verb: Verb
    toward: Side | None
    words: str


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One row about a field of a record that both sides have.

    ``changed`` is (on Partnero, on Tolt) against the base; ``field`` narrows a row
    to one field, which then goes before the general row.
    """

    number: int
    base: Base
    changed: tuple[bool, bool]
    equal: bool
    verb: Verb
    toward: Side | None
    words: str
    field: str = ""


_P, _T = Side.PARTNERO, Side.TOLT
_N, _X, _XY, _TOMB = Base.NONE, Base.AGREED, Base.DIFFERED, Base.TOMBSTONE
_HERE, _SAME, _NEW = Sight.PRESENT, Sight.SAME, Sight.CHANGED
_GONE, _BLIND = Sight.GONE, Sight.UNSEEN

RECORD_ROWS: tuple[RecordRow, ...] = (
    RecordRow(1, _N, _HERE, _GONE, Verb.CREATE, _T, "only on Partnero"),
    RecordRow(2, _N, _GONE, _HERE, Verb.CREATE, _P, "only on Tolt"),
    RecordRow(4, _N, _HERE, _HERE, Verb.COMPARE, None, "on both, never linked"),
    RecordRow(10, _X, _SAME, _SAME, Verb.COMPARE, None, "on both, linked"),
    RecordRow(10, _X, _NEW, _SAME, Verb.COMPARE, None, "on both, linked"),
    RecordRow(10, _X, _SAME, _NEW, Verb.COMPARE, None, "on both, linked"),
    RecordRow(10, _X, _NEW, _NEW, Verb.COMPARE, None, "on both, linked"),
    RecordRow(12, _X, _GONE, _SAME, Verb.DELETE, _T, "gone on Partnero"),
    RecordRow(13, _X, _SAME, _GONE, Verb.DELETE, _P, "gone on Tolt"),
    RecordRow(
        14, _X, _GONE, _NEW, Verb.CONFLICT, _T, "gone on Partnero, edited on Tolt"
    ),
    RecordRow(
        15, _X, _NEW, _GONE, Verb.CONFLICT, _P, "gone on Tolt, edited on Partnero"
    ),
    RecordRow(16, _X, _GONE, _GONE, Verb.FORGET, None, "gone on both"),
    *(
        RecordRow(17, base, left, right, Verb.UNPROVEN, None, "one side is unknown")
        for base, sights in (
            (_N, (_HERE, _GONE)),
            (_X, (_SAME, _NEW, _GONE)),
            (_TOMB, (_HERE, _GONE)),
        )
        for seen in (*sights, _BLIND)
        for left, right in dict.fromkeys(((_BLIND, seen), (seen, _BLIND)))
    ),
    RecordRow(18, _TOMB, _HERE, _GONE, Verb.REAPPEARED, _T, "was deleted, is back"),
    RecordRow(19, _TOMB, _GONE, _HERE, Verb.REAPPEARED, _P, "was deleted, is back"),
    RecordRow(18, _TOMB, _HERE, _HERE, Verb.REAPPEARED, None, "was deleted, is back"),
)

FIELD_ROWS: tuple[FieldRow, ...] = (
    FieldRow(3, _N, (False, False), True, Verb.ADOPT, None, "equal, no base yet"),
    FieldRow(4, _N, (False, False), False, Verb.DIVERGED, None, "differ, no base yet"),
    FieldRow(5, _X, (False, False), True, Verb.NOTHING, None, "nobody changed it"),
    FieldRow(
        6, _X, (False, False), False, Verb.DIVERGED, None, "matched otherwise now"
    ),
    FieldRow(6, _XY, (False, False), False, Verb.DIVERGED, None, "nobody changed it"),
    FieldRow(9, _XY, (False, False), True, Verb.ADOPT, None, "counts as equal now"),
    *(
        row
        for base in (_X, _XY)
        for row in (
            FieldRow(
                7, base, (True, False), False, Verb.UPDATE, _T, "changed on Partnero"
            ),
            FieldRow(8, base, (False, True), False, Verb.UPDATE, _P, "changed on Tolt"),
            FieldRow(9, base, (True, False), True, Verb.ADOPT, None, "now equal"),
            FieldRow(9, base, (False, True), True, Verb.ADOPT, None, "now equal"),
            FieldRow(
                9, base, (True, True), True, Verb.ADOPT, None, "same change on both"
            ),
            FieldRow(
                11, base, (True, True), False, Verb.CONFLICT, None, "both changed it"
            ),
            *(
                FieldRow(number, base, changed, False, Verb.UPDATE, side, words, field)
                for number, field, words in (
                    (20, "partner", "belongs to another partner now"),
                    (21, "code", "renamed"),
                )
                for changed, side in (((True, False), _T), ((False, True), _P))
            ),
        )
    ),
)

RECORDS = {(row.base, row.partnero, row.tolt): row for row in RECORD_ROWS}
_FIELDS = {(row.field, row.base, row.changed, row.equal): row for row in FIELD_ROWS}


def field_row(
    field: str, base: Base, changed: tuple[bool, bool], *, equal: bool
) -> FieldRow:
    """Return the row of a field; the one that names the field goes first."""
    if base is Base.NONE:
        changed = (False, False)
    own = _FIELDS.get((field, base, changed, equal))
    return own or _FIELDS["", base, changed, equal]
