"""Every kind of write under every fault, and killed at every step.

What holds of all of them: the effect is there once, the journal is closed, and the
state knows what stands, as if nothing had happened. What pays and may have been paid is
the exception: it is looked for, and never sent again by itself.
"""

import pytest

from connector.providers.memory.programme import Kind
from tests.run.kinds import CASES

kinds = pytest.mark.parametrize("name", CASES)


def prepared(new_place, name):
    """Return a place in which a write of a kind is proposed, and that change."""
    case = CASES[name]
    place = new_place(case.version)
    return place, case.change(place)


def undisturbed(new_place, name):
    """Return what a write brings about where nothing goes wrong."""
    place, change = prepared(new_place, name)
    assert place.open().carry_out(change).outcome == "confirmed"
    return place


@kinds
def test_what_nothing_hinders_is_confirmed_with_its_requests_and_no_other(
    new_place, name
):
    place, change = prepared(new_place, name)
    before = place.shape()

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "confirmed"
    assert tuple(place.writes) == CASES[name].writes
    assert place.shape() != before
    assert place.remembered()["open"] == []


@kinds
def test_what_is_so_already_is_adopted_without_a_request(new_place, name):
    """Somebody else has done it since the plan."""
    goal, side = undisturbed(new_place, name), CASES[name].side
    place, change = prepared(new_place, name)
    place.of(side).tables = goal.of(side).tables.copy()

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "adopted"
    assert (place.shape(), place.writes) == (goal.shape(), [])
    # A log does not say who has redeemed; the mark of the sale that it names does.
    assert place.remembered() == goal.remembered()


# -- a fault of one request -----------------------------------------------------------

ONE = {
    Kind.LOST_BEFORE: ("confirmed", 2),  # sent once more, once it is proven absent
    Kind.LOST_AFTER: ("confirmed", 1),
    Kind.NOT_SENT: ("failed", 1),
    Kind.THROTTLED: ("failed", 1),
    Kind.REFUSED: ("failed", 1),
}
"""What becomes of a write of one request, and how many requests came."""
PAYS = {**ONE, Kind.LOST_BEFORE: ("uncertain", 1)}
FIRST_OF_TWO = {
    Kind.LOST_BEFORE: ("confirmed", 3),
    Kind.LOST_AFTER: ("confirmed", 2),
    Kind.NOT_SENT: ("uncertain", 1),
    Kind.THROTTLED: ("uncertain", 1),
    Kind.REFUSED: ("failed", 1),
}
SECOND_OF_TWO = {
    Kind.LOST_BEFORE: ("confirmed", 3),
    Kind.LOST_AFTER: ("confirmed", 2),
    Kind.NOT_SENT: ("uncertain", 2),
    Kind.THROTTLED: ("uncertain", 2),
    Kind.REFUSED: ("failed", 2),
}
PUT_BACK = ("failed", 3)
"""The old code is made anew where the refused new one has left nothing."""


def expected(name, kind, nth):
    case = CASES[name]
    if len(case.writes) == 1:
        return (PAYS if case.pays else ONE)[kind]
    if nth == 2 and kind is Kind.REFUSED and case.writes[1] == "create":
        return PUT_BACK
    return (FIRST_OF_TWO if nth == 1 else SECOND_OF_TWO)[kind]


def each_fault():
    for name, case in CASES.items():
        for kind in Kind:
            for nth in range(1, len(case.writes) + 1):
                yield pytest.param(name, kind, nth, id=f"{name}-{kind.name}-{nth}")


@pytest.mark.parametrize(("name", "kind", "nth"), list(each_fault()))
def test_what_becomes_of_a_write_under_a_fault(new_place, name, kind, nth):
    case = CASES[name]
    place, change = prepared(new_place, name)
    before = place.shape()
    place.fault(case.side, kind, nth=nth, status=422)

    work = place.open()
    outcome = work.carry_out(change)

    assert (outcome.outcome, len(place.writes)) == expected(name, kind, nth)
    assert (work.settling.ending is not None) is (kind is Kind.THROTTLED)
    goal = undisturbed(new_place, name)
    if outcome.outcome == "failed":
        assert place.remembered()["open"] == []
    if both_stand(name, kind, nth):
        assert place.shape() not in (before, goal.shape())
        return
    if outcome.outcome == "confirmed":
        assert place.shape() == goal.shape()
        assert place.remembered() == goal.remembered()
    in_doubt = case.pays and outcome.outcome == "uncertain"

    again(place, change, goal, in_doubt=in_doubt)

    assert place.shape() == (before if in_doubt else goal.shape())
    assert place.remembered()["open"] == (["transaction"] if in_doubt else [])


def both_stand(name, kind, nth):
    """The new code came and the old one was refused to go: a person removes one."""
    last = CASES[name].writes[-1]
    return nth == 2 and kind is Kind.REFUSED and last == "delete"


def again(place, change, goal, *, in_doubt=False):
    """Do what the next run would: settle what is open, and propose what is not done."""
    work = place.open()
    settled = work.resume()
    if in_doubt:
        assert [one.outcome for one in settled] == ["uncertain"]
        return
    assert all(one.outcome == "confirmed" for one in settled)
    if place.shape() != goal.shape():
        assert work.carry_out(change).outcome in ("confirmed", "adopted")


# -- a kill at any step ---------------------------------------------------------------


def each_kind_and_step():
    for name in CASES:
        for what in ("request", "transaction"):
            for moment in ("before", "after"):
                yield pytest.param(name, what, moment, id=f"{name}-{moment} a {what}")


def ends_at(work, what, moment, step):
    """Have a process end at one of its requests, or at one of its transactions."""
    if what == "request":
        work.process.ends, work.process.after = step, moment == "after"
    else:
        work.store.ends(step, moment)


@pytest.mark.parametrize(("name", "what", "moment"), list(each_kind_and_step()))
def test_a_write_that_is_killed_anywhere_ends_as_if_it_had_not_been(
    new_place, name, what, moment
):
    goal, step, killed = undisturbed(new_place, name), 0, True
    while killed:
        step += 1
        place, change = prepared(new_place, name)
        before = place.shape()
        work = place.open()
        ends_at(work, what, moment, step)

        killed = work.carry_out(change) is None

        assert killed is not work.process.alive
        if killed:
            in_doubt = left_in_doubt(place, CASES[name], before)
            again(place, change, goal, in_doubt=in_doubt)
            if in_doubt:
                assert place.shape() == before
                continue
        assert place.shape() == goal.shape(), step
        assert place.remembered() == goal.remembered(), step
    assert step > len(CASES[name].writes)


def left_in_doubt(place, case, before):
    """Whether a payment is on its way, as far as the state knows, and not there."""
    intents = place.open_intents()
    going = any(intent.state != "planned" for intent in intents)
    return case.pays and going and place.shape() == before


@kinds
def test_a_second_process_that_dies_while_it_settles_loses_nothing(new_place, name):
    """Every step of the settling of every write that was killed on its way."""
    goal = undisturbed(new_place, name)
    for moment in ("before", "after"):
        step, killed = 0, True
        while killed:
            step += 1
            place, change = prepared(new_place, name)
            before = place.shape()
            first = place.open()
            first.store.ends(2, "after")  # its request is on its way, for all it knows
            assert first.carry_out(change) is None
            second = place.open()
            second.store.ends(step, moment)
            try:
                second.resume()
                killed = False
            except BaseException:  # noqa: BLE001 (whatever a kill is)
                killed = not second.process.alive
                assert killed
            in_doubt = left_in_doubt(place, CASES[name], before)
            again(place, change, goal, in_doubt=in_doubt)
            assert place.shape() == (before if in_doubt else goal.shape())


# -- a side that shows late what was written ------------------------------------------


@kinds
def test_what_shows_a_little_late_is_waited_for_and_sent_once(new_place, name):
    place, change = prepared(new_place, name)
    place.of(CASES[name].side).lag = 2

    outcome = place.open().carry_out(change)

    assert outcome.outcome == "confirmed"
    assert tuple(place.writes) == CASES[name].writes


NEVER_SHOWN = {
    "a redeem on Partnero": "confirmed",  # its answer has shown the log
    "a payee on Tolt": "confirmed",  # a second deletion is as good as one
    "a payee on Tolt v1": "confirmed",
    "a text on Partnero": "failed",  # a second deletion is refused
}


@kinds
def test_what_never_shows_stays_open_and_is_settled_by_the_next_run(new_place, name):
    goal = undisturbed(new_place, name)
    place, change = prepared(new_place, name)
    side = place.of(CASES[name].side)
    side.lag = 1000

    outcome = place.open().carry_out(change)

    assert outcome.outcome == NEVER_SHOWN.get(name, "uncertain")
    sent = list(place.writes)
    side.show()
    settled = [one.outcome for one in place.open().resume()]
    assert settled == (["confirmed"] if outcome.outcome == "uncertain" else [])
    assert (place.writes, place.shape()) == (sent, goal.shape())
