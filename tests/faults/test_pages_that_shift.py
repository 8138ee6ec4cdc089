"""Partnero's pages begin with the newest and move while they are read."""

import pytest

from connector.sandbox import seed

CODES = 230


@pytest.fixture
def linked(open_place):
    """Three pages of codes on each side, all of them linked."""
    place = open_place(world=seed.big(CODES, partners=3))
    place.configure('[pairs.policy]\ndelete = "auto"')
    assert place.sync().status == "complete"
    return place


def test_a_code_that_slipped_from_one_page_to_the_one_before_is_not_taken_for_gone(
    linked,
):
    """Somebody deletes while the pages are read: each time another row is missed."""
    place, runs = linked, 2
    texts = set(place.left())
    place.sandbox.switches.partnero_pages_shift = "delete"

    for _ in range(runs):
        place.sync()

    gone = texts - set(place.left())
    assert len(gone) == 2 * runs
    place.sandbox.switches.partnero_pages_shift = "no"
    place.sync()
    assert set(place.right()) == texts - gone
    assert set(place.left()) == texts - gone


def test_a_code_that_came_twice_is_one_and_one_that_came_meanwhile_is_made_later(
    linked,
):
    place = linked
    texts = set(place.left())
    place.sandbox.switches.partnero_pages_shift = "insert"

    first = place.sync()

    made = set(place.left()) - texts
    assert len(made) == 2
    assert set(place.right()) == texts
    assert first.status == "complete"
    assert not [c for c in first.plan.changes if c.action == "create"]
    place.sandbox.switches.partnero_pages_shift = "no"
    plan = place.sync().plan
    # They belong to nobody, and Tolt has no code without a partner.
    assert {c.code for c in plan.changes} == made
