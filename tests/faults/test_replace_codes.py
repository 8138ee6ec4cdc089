"""A replace keeps a full copy, avoids the gap, and closes the one it must (D8)."""

import pytest

RESTRICTED = {"redemption_limit": 7, "metadata": {"campaign": "spring"}}


def _same_text(place):
    """A discount that changed on Tolt: Partnero knows a code by its text alone."""
    place.edit("partnero", "set_code", code="TWIN", **RESTRICTED)
    place.edit("tolt", "set_code", code="TWIN", value=10)


def _renamed(place):
    """Renamed on Tolt: on Partnero both texts can stand at the same time."""
    place.edit("partnero", "set_code", code="TWIN", **RESTRICTED)
    place.edit("tolt", "rename_code", code="TWIN", to="OTHER")


def _payee(place):
    """Moved on Partnero: Tolt cannot move a code, but holds two of one text."""
    place.edit("partnero", "move_partner", code="TWIN", partner="ben@example.com")


CASES = {
    "same text": (_same_text, "v2", ["DELETE", "POST"]),
    "renamed": (_renamed, "v2", ["POST", "DELETE"]),
    "payee on v2": (_payee, "v2", ["POST", "DELETE"]),
    "payee on v1": (_payee, "v1", ["POST", "DELETE"]),
}
SLOW = ("payee on v2", "payee on v1")


@pytest.fixture(
    params=[
        pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])
        for name in CASES
    ]
)
def case(request, open_place):
    prepare, version, order = CASES[request.param]
    place = open_place(("SAME", "both", "10"), ("TWIN", "both", "20"), version=version)
    assert place.sync().status == "complete"
    place.sandbox.requests.clear()
    prepare(place)
    return place, order


def test_a_replace_is_held_until_a_person_accepts_it(case):
    place, _ = case

    done = place.sync()

    assert place.writes == []
    assert [(c.action, c.status) for c in done.plan.changes] == [("replace", "held")]


def test_the_new_code_is_made_first_wherever_both_can_stand(case):
    place, order = case

    done = place.accept("replace")

    assert place.only(done).outcome == "confirmed"
    assert [w.method for w in place.writes] == order
    assert place.agrees()
    place.quiet()


def test_the_new_code_keeps_the_restrictions_of_the_old_one(place):
    _same_text(place)

    place.accept("replace")

    new = place.world.partnero.code("TWIN")
    assert (new.redemption_limit, new.metadata) == (7, {"campaign": "spring"})
