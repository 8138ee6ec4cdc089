"""Every merged field has a descriptor, and no field is left out of anything."""

import ast
from decimal import Decimal
from pathlib import Path

import pytest

from connector.engine.change import Seen
from connector.engine.notes import note, parse_note
from connector.reports.sheet import COLUMNS
from mappings.canonical import (
    FIELDS,
    Fixed,
    Partner,
    Percentage,
    PromoCode,
    Side,
    Unreadable,
    Values,
)
from mappings.capability import CAPABILITIES
from mappings.fields import (
    BY_NAME,
    MERGED,
    fields_of,
    marks,
    parsed,
    pays,
    taken,
    texts,
    why_inexpressible,
)
from tests.reports.samples import change

LEFT = Values("sam20", Percentage(Decimal(20)), "part_1")
RIGHT = Values("tom20", Fixed(2500, "USD"), "part_2")


class Alike:
    """Partners of whom part_1 and prt_1 are one person."""

    def same(self, on_left, on_right):
        return (on_left, on_right) in {("part_1", "prt_1"), (None, None)}

    def counterpart(self, side, owner):
        known = {"part_1": "prt_1"}
        known = known if side is Side.PARTNERO else {b: a for a, b in known.items()}
        return known.get(owner)

    def person(self, side, owner):
        return Partner(owner, "sam@example.com")


def test_every_merged_field_has_one_descriptor_in_the_order_of_the_values():
    assert tuple(field.name for field in MERGED) == FIELDS


def test_all_values_survive_being_stored():
    assert parsed(texts(LEFT)) == LEFT
    assert parsed(texts(RIGHT)) == RIGHT


@pytest.mark.parametrize("field", MERGED, ids=lambda field: field.name)
def test_another_value_is_noticed_in_every_field(field):
    moved = taken(RIGHT, LEFT, [field.name])

    assert field.changed(LEFT, moved)
    assert not field.same(LEFT, moved, Alike())
    assert marks(LEFT) != marks(moved)
    assert texts(LEFT) != texts(moved)
    code = PromoCode("1", moved.code, moved)
    assert field.shown_of(Side.PARTNERO, code, Alike()) != (
        field.shown_of(Side.PARTNERO, PromoCode("1", "SAM20", LEFT), Alike())
    )


def test_an_owner_is_compared_and_shown_as_a_person():
    owner = BY_NAME["partner"]
    there = LEFT._replace(partner="prt_1")

    assert owner.same(LEFT, there, Alike())
    assert owner.crossed(Side.PARTNERO, LEFT, Alike()) == "prt_1"
    code = PromoCode("1", "SAM20", LEFT)
    shown = owner.shown_across(Side.PARTNERO, code, Alike())
    assert shown == "s***@example.com (prt_1)"


def test_what_cannot_be_read_is_marked_as_it_stands_and_stored_as_nothing():
    odd = LEFT._replace(discount=Unreadable("why", "25"))

    assert marks(odd, ["discount"]) == ["25 (why)"]
    assert BY_NAME["discount"].text(odd) == ""
    assert BY_NAME["discount"].unreadable(odd) is odd.discount
    assert "cannot be read" in why_inexpressible(odd, CAPABILITIES["partnero"])


def test_who_is_paid_is_a_trait_of_a_field():
    assert [field.name for field in MERGED if field.pays] == ["partner"]
    assert pays(["discount", "partner"])
    assert not pays(["discount", "code"])
    assert [f.name for f in fields_of(["partner", "code"])] == ["code", "partner"]


def test_a_note_keeps_every_field():
    both = {Side.PARTNERO: Seen("1", LEFT, "SAM20"), Side.TOLT: Seen("2", RIGHT)}

    assert parse_note(note(change("SAM20", seen=both))).seen == both


def test_a_sheet_has_columns_for_every_field():
    assert {f"{name}_new" for name in FIELDS} <= set(COLUMNS)


def test_nothing_takes_merged_values_apart_by_a_number_of_its_own():
    """The one loop that does fails at once where there is a field more."""
    root = Path(__file__).parents[2]
    found = {
        path.relative_to(root).as_posix()
        for folder in ("connector", "state")
        for path in (root / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Values"
    }

    assert found <= MAKERS


MAKERS = {"connector/engine/acts.py"}
"""Who may make values of single fields: what a write wants is told field by field."""
