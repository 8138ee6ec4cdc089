"""A link's row has a column for every merged field of both sides."""

from mappings.canonical import FIELDS, Both, Side
from mappings.fields import parsed, texts
from state.model import Link
from state.tables import LinkRow

SAMPLES = {
    Side.PARTNERO: {"code": "sam20", "discount": "percentage:20", "partner": "part_1"},
    Side.TOLT: {"code": "tom20", "discount": "fixed:2500:USD", "partner": "prt_2"},
}


def sample(side):
    """Return values of which every field says something, also one that is new."""
    return parsed([SAMPLES[side].get(name, f"{name} of {side}") for name in FIELDS])


def test_every_merged_field_of_both_sides_has_a_column():
    columns = set(LinkRow.__table__.columns.keys())
    # Partnero's folded text is the key of the row.
    wanted = {f"{side}_{name}" for side in Side for name in FIELDS} - {"partnero_code"}

    assert wanted <= columns


def test_every_merged_field_of_both_sides_comes_back_from_the_state(opened):
    both = Both.per_side(sample)
    link = Link(Both("SAM20", "promo_1"), both, "SAM20", "v2", frozenset())
    store = opened()
    store.identity("2026-01-01T00:00:00Z")

    store.save_links([link])
    (read,) = store.links()

    assert [texts(values) for values in read.base] == [texts(v) for v in both]
