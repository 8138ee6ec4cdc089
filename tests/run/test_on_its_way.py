"""Noted as sent right before it leaves; a consent ends with its effect, and once."""

import time
from dataclasses import replace

import pytest

from connector.errors import Unauthorised
from connector.providers.memory.programme import Kind
from connector.run.waits import Waiting
from state.model import Decision
from tests.run.kinds import CASES
from tests.run.places import LEFT, RIGHT

CONSENT = Decision("c_yes", "new", "NEW", "partnero", "seen", "me@here", "t")


def states_at(place, side, request):
    """Note the states of the open intents when a request comes."""
    seen = []
    place.meanwhile(
        side,
        request,
        lambda _: seen.extend(one.state for one in place.open_intents()),
    )
    return seen


@pytest.mark.parametrize("name", CASES)
def test_an_intent_is_only_planned_until_its_request_leaves(new_place, name):
    case = CASES[name]
    place = new_place(case.version)
    change = case.change(place)
    looked = states_at(place, case.side, "read")
    left = states_at(place, case.side, "write")

    place.open().carry_out(change)

    assert (looked, left) == (["planned"], ["sending"])


def test_what_was_never_sent_is_closed_and_proposed_anew(place):
    """A kill before the request leaves: nothing was done, and nothing is in doubt."""
    change = CASES["a code on Tolt"].change(place)
    work = place.open()
    work.process.ends = 2
    assert work.carry_out(change) is None
    (open_one,) = place.open_intents()

    assert place.open().resume() == []

    (closed,) = place.store().journal.intents(open_one.run)
    assert (open_one.state, closed.state) == ("planned", "failed")
    assert closed.detail == "was never sent"
    assert place.writes == []


def taken_over(place):
    """Let another process hold the pair from now on."""
    other = place.store()
    assert other.leases.take("elsewhere", 60, now=int(time.time()) + 120) is None


def test_a_run_that_lost_the_pair_before_its_request_left_says_that_it_failed(place):
    """Not that it may have happened."""
    change = CASES["a code on Tolt"].change(place)
    place.meanwhile(LEFT, "read", lambda _: taken_over(place))
    work = place.open()

    outcome = work.carry_out(change)

    assert outcome.outcome == "failed"
    assert place.writes == []
    assert work.settling.halted
    assert [one.state for one in place.open_intents()] == ["planned"]


def test_a_run_that_lost_the_pair_after_its_request_left_says_that_it_is_uncertain(
    place,
):
    change = CASES["a code on Tolt"].change(place)
    place.meanwhile(RIGHT, "write", lambda _: taken_over(place))

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "uncertain"
    assert place.writes == ["create"]
    assert [one.state for one in place.open_intents()] == ["sending"]


@pytest.mark.parametrize("name", ["a text on Partnero", "a payee on Tolt"])
def test_the_second_request_of_a_write_does_not_leave_once_the_pair_is_lost(
    place, name
):
    """The new code is there; the old one is the next holder's to delete."""
    change = CASES[name].change(place)
    place.meanwhile(CASES[name].side, "create", lambda _: taken_over(place))

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "uncertain"
    assert place.writes == ["create"]
    assert [one.state for one in place.open_intents()] == ["sending"]


def test_what_cannot_even_be_begun_is_failed_and_not_uncertain(place):
    """A replace whose own look right before the deletion cannot be had."""
    change = CASES["a discount on Partnero"].change(place)
    place.fault(LEFT, Kind.NOT_SENT, "coupon", nth=0)

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "failed"
    assert place.writes == []
    assert place.remembered()["open"] == []


def test_a_stop_during_the_waiting_leaves_it_open_and_sends_nothing_more(place):
    change = CASES["a code on Tolt"].change(place)
    place.fault(RIGHT, Kind.LOST_BEFORE)
    work = place.open()
    work.settling.waiting.pause = lambda _seconds: work.settling.stop.set()

    outcome = work.carry_out(change)

    assert outcome.outcome == "uncertain"
    assert place.writes == ["create"]
    assert place.open().resume() == []  # proven absent: proposed anew
    assert place.remembered()["open"] == []


def test_what_is_not_proven_absent_in_time_is_not_sent_again(place):
    """The time of a run is shared: an item that got none of it stays open."""
    change = CASES["a code on Tolt"].change(place)
    place.fault(RIGHT, Kind.LOST_BEFORE)
    work = place.open()
    work.settling.waiting.run = 0.0

    outcome = work.carry_out(change)

    assert outcome.outcome == "uncertain"
    assert place.writes == ["create"]


@pytest.mark.parametrize("kind", [Kind.LOST_BEFORE, Kind.LOST_AFTER])
def test_what_cannot_be_read_back_stays_open_and_the_next_run_settles_it(place, kind):
    """D3, D4: an answer that is lost, and then nothing can be read either."""
    change = CASES["a code on Tolt"].change(place)
    place.fault(RIGHT, kind)
    place.meanwhile(
        RIGHT, "create", lambda _: place.fault(RIGHT, Kind.NOT_SENT, "read", nth=0)
    )

    outcome = place.open().carry_out(change)
    (left,) = place.open_intents()
    place.right.faults.clear()
    settled = [one.outcome for one in place.open().resume()]

    assert (outcome.outcome, left.state) == ("uncertain", "uncertain")
    assert settled == ([] if kind is Kind.LOST_BEFORE else ["confirmed"])
    assert place.remembered()["open"] == []
    assert len(place.writes) == 1


def test_a_write_that_never_has_an_effect_is_sent_twice_at_most_in_a_run(place):
    """E4: proven absent after its settling time, sent once more, then left."""
    change = CASES["a code on Tolt"].change(place)
    place.fault(RIGHT, Kind.LOST_BEFORE, nth=0)

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "uncertain"
    assert place.writes == ["create", "create"]


def test_a_key_that_is_refused_while_an_open_write_is_settled_leaves_it_open(place):
    change = CASES["a code on Tolt"].change(place)
    work = place.open()
    work.store.ends(2, "after")
    work.carry_out(change)
    again = place.open()
    tolt = again.settling.verdicts.shared.writers.tolt

    def refused(_text):
        raise Unauthorised("Tolt: 401")

    tolt.find = refused

    with pytest.raises(Unauthorised):
        again.resume()

    assert [one.state for one in place.open_intents()] == ["sending"]


def test_a_note_that_cannot_be_read_is_parked_and_the_others_go_on(place):
    """G7: one corrupt row does not stop the pair for good."""
    change = CASES["a code on Tolt"].change(place)
    work = place.open()
    work.store.ends(2, "after")
    work.carry_out(change)
    (left,) = place.open_intents()
    again = place.open()
    again.store.journal.begin(replace(left, change="{"))

    (parked,) = again.resume()

    assert (parked.outcome, parked.code) == ("quarantined", "NEW")
    assert "cannot be read" in parked.detail
    assert place.remembered()["open"] == []


@pytest.mark.parametrize("rubbish", ["{", "[]", "null", '{"seen": []}', "3"])
def test_what_nobody_can_tell_any_more_waits_for_a_person_before_it_is_sent_again(
    place, rubbish
):
    """It may have paid: its change is not tried again by itself."""
    change = CASES["a charge on Tolt"].change(place)
    work = place.open()
    work.store.ends(2, "after")
    work.carry_out(change)
    (left,) = place.open_intents()
    again = place.open()
    again.store.journal.begin(replace(left, change=rubbish))

    (outcome,) = again.resume()

    assert outcome.outcome == "quarantined"
    failure = place.store().journal.failures()[change.id]
    assert (failure.parked, failure.runs) == (True, 1)
    assert again.settling.verdicts.counted == {change.id}


def test_the_time_of_a_run_is_shared_by_its_items():
    waiting = Waiting(item=0.2, run=0.5)

    granted = [waiting.grant(0.0), waiting.grant(0.0), waiting.grant(0.0)]

    assert [enough for _, enough in granted] == [True, True, False]
    assert sum(seconds for seconds, _ in granted) == pytest.approx(0.5)
    assert waiting.grant(waited=0.2) == (0.0, True)


# -- consents ------------------------------------------------------------------------


@pytest.fixture
def agreed(place):
    """A create for which a person has given their consent."""
    change = CASES["a code on Tolt"].change(place)._replace(consents=(CONSENT.id,))
    place.open().store.decide([CONSENT])
    return place, change


def consents(place):
    return list(place.store().decisions())


def test_a_consent_ends_when_it_is_carried_out(agreed):
    place, change = agreed

    assert place.open().carry_out(change).outcome == "confirmed"

    assert consents(place) == []


def test_a_consent_ends_as_well_where_it_was_so_already(agreed):
    place, change = agreed
    place.code(RIGHT, "NEW", 10, "Ben")

    assert place.open().carry_out(change).outcome == "adopted"

    assert consents(place) == []


def test_a_consent_stays_where_nothing_was_done(agreed):
    """Stale or refused: the values decide whether it may still be used."""
    place, change = agreed
    place.fault(RIGHT, Kind.REFUSED, status=422)

    refused = place.open().carry_out(change)
    place.gone(LEFT, "NEW")
    stale = place.open().carry_out(change)

    assert (refused.outcome, stale.outcome) == ("failed", "stale")
    assert consents(place) == [CONSENT.id]


def test_a_consent_to_what_a_crash_left_open_ends_when_that_is_settled(agreed):
    place, change = agreed
    work = place.open()
    work.process.ends, work.process.after = 4, True  # carried out, and never heard of
    assert work.carry_out(change) is None
    assert place.writes == ["create"]
    assert consents(place) == [CONSENT.id]

    assert [one.outcome for one in place.open().resume()] == ["confirmed"]

    assert consents(place) == []


@pytest.mark.parametrize("name", ["a sale on Partnero", "a charge on Tolt v1"])
def test_a_consent_to_a_payment_ends_when_its_request_leaves(new_place, name):
    """It must not be agreed to twice, whatever becomes of it."""
    case = CASES[name]
    place = new_place(case.version)
    change = case.change(place)._replace(consents=(CONSENT.id,))
    place.open().store.decide([CONSENT])
    place.fault(case.side, Kind.LOST_BEFORE)

    assert place.open().carry_out(change).outcome == "uncertain"

    assert consents(place) == []
