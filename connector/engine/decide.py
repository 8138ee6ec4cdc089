"""What follows from the facts about one record: the decision, on one screen.

A record is looked up by what each side shows of it. Where both sides have it, each
field is looked up on its own, so that rows 7 and 8 for two fields of one record are
row 10, a merge. "Newest wins" is no row, because Partnero's codes carry no time.
Whether any of it may be done is asked later (policy.py), and how it is done is said by
propose.py. The tables are data: the documentation is made of them (docs/table.md).
"""

from enum import StrEnum
from typing import NamedTuple

from mappings.canonical import Both, Side, Values
from mappings.fields import MERGED, Field, People
from state.model import Link


class Base(StrEnum):
    """What is remembered of a record, or of a field."""

    NONE = "none"
    AGREED = "x"
    DIFFERED = "x/y"
    TOMBSTONE = "tombstone"


class Sight(StrEnum):
    """What one side shows of a record. Absent is what is proven to be absent."""

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


class Row(NamedTuple):
    """One row about a record as a whole; ``toward`` is the side that it is about."""

    number: int
    base: Base
    partnero: Sight
    tolt: Sight
    verb: Verb
    toward: Side | None
    words: str


class FieldRow(NamedTuple):
    """One row about a field that both sides have.

    ``changed`` is (on Partnero, on Tolt) against the base; ``field`` narrows a row to
    one field, which then goes before the general row.
    """

    number: int
    base: Base
    changed: tuple[bool, bool]
    equal: bool
    verb: Verb
    toward: Side | None
    words: str
    field: str = ""


P, T = Side.PARTNERO, Side.TOLT
NONE, X, XY, TOMB = Base.NONE, Base.AGREED, Base.DIFFERED, Base.TOMBSTONE
HERE, SAME, NEW = Sight.PRESENT, Sight.SAME, Sight.CHANGED
GONE, UNSEEN = Sight.GONE, Sight.UNSEEN
GONE_LEFT = "gone on Partnero, edited on Tolt"
GONE_RIGHT = "gone on Tolt, edited on Partnero"
ANOTHER = "belongs to another partner now"
NEITHER, LEFT, RIGHT, BOTH = (False, False), (True, False), (False, True), (True, True)

# fmt: off
ROWS: tuple[Row, ...] = (
    #   base  Partnero Tolt
    Row(1,  NONE, HERE,   GONE,   Verb.CREATE,     T,    "only on Partnero"),
    Row(2,  NONE, GONE,   HERE,   Verb.CREATE,     P,    "only on Tolt"),
    Row(4,  NONE, HERE,   HERE,   Verb.COMPARE,    None, "on both, never linked"),
    Row(10, X,    SAME,   SAME,   Verb.COMPARE,    None, "on both, linked"),
    Row(10, X,    NEW,    SAME,   Verb.COMPARE,    None, "on both, linked"),
    Row(10, X,    SAME,   NEW,    Verb.COMPARE,    None, "on both, linked"),
    Row(10, X,    NEW,    NEW,    Verb.COMPARE,    None, "on both, linked"),
    Row(12, X,    GONE,   SAME,   Verb.DELETE,     T,    "gone on Partnero"),
    Row(13, X,    SAME,   GONE,   Verb.DELETE,     P,    "gone on Tolt"),
    Row(14, X,    GONE,   NEW,    Verb.CONFLICT,   T,    GONE_LEFT),
    Row(15, X,    NEW,    GONE,   Verb.CONFLICT,   P,    GONE_RIGHT),
    Row(16, X,    GONE,   GONE,   Verb.FORGET,     None, "gone on both"),
    Row(17, NONE, UNSEEN, HERE,   Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, NONE, HERE,   UNSEEN, Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, NONE, UNSEEN, GONE,   Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, NONE, GONE,   UNSEEN, Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, NONE, UNSEEN, UNSEEN, Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, X,    UNSEEN, SAME,   Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, X,    SAME,   UNSEEN, Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, X,    UNSEEN, NEW,    Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, X,    NEW,    UNSEEN, Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, X,    UNSEEN, GONE,   Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, X,    GONE,   UNSEEN, Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, X,    UNSEEN, UNSEEN, Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, TOMB, UNSEEN, HERE,   Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, TOMB, HERE,   UNSEEN, Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, TOMB, UNSEEN, GONE,   Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, TOMB, GONE,   UNSEEN, Verb.UNPROVEN,   None, "one side is unknown"),
    Row(17, TOMB, UNSEEN, UNSEEN, Verb.UNPROVEN,   None, "one side is unknown"),
    Row(18, TOMB, HERE,   GONE,   Verb.REAPPEARED, T,    "was deleted, is back"),
    Row(19, TOMB, GONE,   HERE,   Verb.REAPPEARED, P,    "was deleted, is back"),
    Row(18, TOMB, HERE,   HERE,   Verb.REAPPEARED, None, "was deleted, is back"),
)
FIELD_ROWS: tuple[FieldRow, ...] = (
    #        base  changed  equal
    FieldRow(3,  NONE, NEITHER, True,  Verb.ADOPT,    None, "equal, no base yet"),
    FieldRow(4,  NONE, NEITHER, False, Verb.DIVERGED, None, "differ, no base yet"),
    FieldRow(5,  X,    NEITHER, True,  Verb.NOTHING,  None, "nobody changed it"),
    FieldRow(6,  X,    NEITHER, False, Verb.DIVERGED, None, "matched otherwise now"),
    FieldRow(6,  XY,   NEITHER, False, Verb.DIVERGED, None, "nobody changed it"),
    FieldRow(9,  XY,   NEITHER, True,  Verb.ADOPT,    None, "counts as equal now"),
    FieldRow(7,  X,    LEFT,    False, Verb.UPDATE,   T,    "changed on Partnero"),
    FieldRow(8,  X,    RIGHT,   False, Verb.UPDATE,   P,    "changed on Tolt"),
    FieldRow(9,  X,    LEFT,    True,  Verb.ADOPT,    None, "now equal"),
    FieldRow(9,  X,    RIGHT,   True,  Verb.ADOPT,    None, "now equal"),
    FieldRow(9,  X,    BOTH,    True,  Verb.ADOPT,    None, "same change on both"),
    FieldRow(11, X,    BOTH,    False, Verb.CONFLICT, None, "both changed it"),
    FieldRow(20, X,    LEFT,    False, Verb.UPDATE,   T,    ANOTHER, "partner"),
    FieldRow(20, X,    RIGHT,   False, Verb.UPDATE,   P,    ANOTHER, "partner"),
    FieldRow(21, X,    LEFT,    False, Verb.UPDATE,   T,    "renamed", "code"),
    FieldRow(21, X,    RIGHT,   False, Verb.UPDATE,   P,    "renamed", "code"),
    FieldRow(7,  XY,   LEFT,    False, Verb.UPDATE,   T,    "changed on Partnero"),
    FieldRow(8,  XY,   RIGHT,   False, Verb.UPDATE,   P,    "changed on Tolt"),
    FieldRow(9,  XY,   LEFT,    True,  Verb.ADOPT,    None, "now equal"),
    FieldRow(9,  XY,   RIGHT,   True,  Verb.ADOPT,    None, "now equal"),
    FieldRow(9,  XY,   BOTH,    True,  Verb.ADOPT,    None, "same change on both"),
    FieldRow(11, XY,   BOTH,    False, Verb.CONFLICT, None, "both changed it"),
    FieldRow(20, XY,   LEFT,    False, Verb.UPDATE,   T,    ANOTHER, "partner"),
    FieldRow(20, XY,   RIGHT,   False, Verb.UPDATE,   P,    ANOTHER, "partner"),
    FieldRow(21, XY,   LEFT,    False, Verb.UPDATE,   T,    "renamed", "code"),
    FieldRow(21, XY,   RIGHT,   False, Verb.UPDATE,   P,    "renamed", "code"),
)
# fmt: on
_ROWS = {(row.base, row.partnero, row.tolt): row for row in ROWS}
_FIELDS = {(row.field, row.base, row.changed, row.equal): row for row in FIELD_ROWS}


class FieldVerdict(NamedTuple):
    """What the table says of one field; ``row`` is None where it cannot be read."""

    field: str
    row: FieldRow | None

    @property
    def verb(self) -> Verb | None:
        return self.row.verb if self.row else None

    @property
    def equal(self) -> bool:
        return self.row is not None and self.row.equal


def decide(base: Base, sights: Both[Sight]) -> Row:
    """Look a record up in the table."""
    return _ROWS[base, sights.left, sights.right]


def merge(
    link: Link | None, now: Both[Values], people: People
) -> tuple[FieldVerdict, ...]:
    """Look every field of a record that both sides have up in the table."""
    return tuple(
        FieldVerdict(field.name, _field_row(field, link, now, people))
        for field in MERGED
    )


def _field_row(
    field: Field, link: Link | None, now: Both[Values], people: People
) -> FieldRow | None:
    if field.unreadable(now.left) or field.unreadable(now.right):
        return None
    base, changed = Base.NONE, NEITHER
    if link is not None and field.name not in link.unset:
        was = link.base
        base = Base.AGREED if field.same(*was, people) else Base.DIFFERED
        changed = (
            field.changed(was.left, now.left),
            field.changed(was.right, now.right),
        )
    equal = field.same(*now, people)
    # The row that names the field goes first.
    own = _FIELDS.get((field.name, base, changed, equal))
    return own or _FIELDS["", base, changed, equal]
