"""What changed while a run was under way is told by the command line, and left."""

import pytest

from tests.standins.faults import Fault

ANNA, BEN = "partner00000@example.com", "partner00001@example.com"

EDITS = {
    "another payee": {"action": "move_partner", "code": "NEW", "partner": BEN},
    "a limit": {"action": "set_code", "code": "NEW", "redemption_limit": 3},
    "gone": {"action": "delete_code", "code": "NEW"},
}


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("another payee", "NEW on Partnero: partner: "),
        ("a limit", "NEW on Partnero: now: at most 3 redemptions"),
        ("gone", "NEW is gone on Partnero"),
    ],
)
def test_a_code_that_changed_after_it_was_listed_is_stale(place, edit, said):
    place.settle(12, partners=3, coupons=2)
    place.edit("partnero", "create_code", code="NEW", coupon="PCT5", partner=ANNA)
    place.sandbox.requests.clear()
    listed = Fault("edit", "GET", r"partnero/v1/promotion-codes\?")
    listed.edit = {"side": "partnero", **EDITS[edit]}
    place.sandbox.faults.add(listed)

    synced = place.json("sync")

    assert synced.code == 4
    assert synced.outcomes == {"NEW": "stale"}
    (outcome,) = synced.document["outcomes"]
    assert outcome["detail"].startswith(said)
    assert "@" not in outcome["detail"]
    assert place.writes == []
