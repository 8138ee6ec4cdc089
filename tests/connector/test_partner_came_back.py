"""A partner who was erased and registers anew with the same address (trial 8)."""

import shlex

import pytest

from connector.sandbox import seed
from connector.sandbox.world import World

ANNA = "anna@example.com"


@pytest.fixture
def settled(place):
    """One partner with two codes of ten, in step."""
    build = seed.Builder(World(tag="w"))
    build.programme(seed.PARTNERO_KEY, "Acme")
    build.organization(seed.TOLT_KEY, "Acme")
    build.partner("Anna", ANNA, ANNA)
    build.partner("Ben", "ben@example.com", "ben@example.com")
    for number in range(10):
        build.both(f"CODE{number}", "Anna" if number < 2 else "Ben", "10")
    place.inhabit(build.world)
    assert place.run("sync").code == 0
    return place


@pytest.mark.parametrize(
    ("side", "right"), [("partnero", "tolt"), ("tolt", "partnero")]
)
def test_they_are_matched_again_and_the_advice_that_is_printed_works(
    settled, side, right
):
    place = settled
    place.edit(side, "invite_again", email=ANNA)
    place.edit(side, "create_code", **new_code(side))

    place.run("sync")

    plan = place.json("plan").document
    waits = {one["code"]: one for one in plan["changes"]}
    assert set(waits) == {"CODE0", "CODE1"}
    assert len(place.sandbox.world.tolt.codes_named("NEW")) == 1
    assert place.sandbox.world.partnero.codes.named("NEW")
    for change in waits.values():
        assert change["reason"] == "payee_change"
        (advice,) = [one for one in change["commands"] if f"--take {right}" in one]
        assert place.run(*shlex.split(advice)[1:], "--yes").code == 0
    done = place.json("sync")
    assert set(done.outcomes.values()) == {"confirmed"}
    after = place.json("plan").document
    assert (after["changes"], after["summary"]["in_sync"]) == ([], 11)


def new_code(side):
    """A code of theirs that is only made after they came back."""
    text = {"code": "NEW", "partner": ANNA}
    return text | ({"coupon": "PCT10"} if side == "partnero" else {})
