"""A partner who was turned away gets no code, however little a listing tells."""

import pytest

from connector.reports.messages.say import message


@pytest.mark.parametrize("version", ["v2", "v1"])
@pytest.mark.parametrize("how", ["suspend_partner", "reject_partner"])
def test_nobody_who_was_turned_away_on_tolt_gets_a_code_there(open_place, version, how):
    """The lists of v1 show no status: it is asked for before anything is made."""
    place = open_place(("NEW", "left", "10"), version=version)
    place.edit("tolt", how, email="anna@example.com")

    done = place.sync()

    assert place.writes == []
    assert "NEW" not in place.right()
    word = "suspended" if how == "suspend_partner" else "rejected"
    texts = [message(change.causes) for change in done.plan.changes]
    texts += [outcome.detail for outcome in done.outcomes]
    assert any(word in text for text in texts)


def test_whoever_is_active_gets_their_code_on_v1(open_place):
    place = open_place(("NEW", "left", "10"), version="v1")

    assert place.sync().status == "complete"
    assert "NEW" in place.right()
