"""Whole runs between two products in memory, killed at any step of them (D1 to D8)."""

import gc
from dataclasses import replace

import pytest

from connector.engine.change import Status
from connector.providers.memory.programme import Kind
from connector.run.run import run
from tests.run.places import LEFT, RIGHT


def troubled(runs):
    """Let a run have something of most kinds to do."""
    place = runs.place
    place.both("GOES", 10, "Ben")
    assert runs.sync().status == "complete"
    place.code(LEFT, "NEWLEFT", 10, "Ben")
    place.code(RIGHT, "NEWRIGHT", 20, "Anna")
    place.code(LEFT, "TWIN", 10, "Anna")
    place.gone(LEFT, "GOES")
    return place


GOAL = [
    ("NEWLEFT", "10%", "ben@example.com"),
    ("NEWRIGHT", "20%", "anna@example.com"),
    ("TWIN", "10%", "anna@example.com"),
]


def agree(place):
    shape = place.shape()
    return (shape["partnero"]["codes"], shape["tolt"]["codes"])


def test_a_run_does_what_there_is_to_do_and_the_next_one_nothing(new_runs):
    runs = new_runs()
    place = troubled(runs)

    done = runs.sync()
    sent = list(place.writes)
    again = runs.sync()

    assert (done.status, again.status) == ("complete", "complete")
    assert agree(place) == (GOAL, GOAL)
    assert sorted(sent) == ["create", "create", "delete", "update"]
    assert place.writes == sent
    assert place.remembered()["open"] == []


@pytest.mark.parametrize("last", [False, True])
def test_only_the_last_run_of_a_process_is_spared_the_search_for_cycles(
    new_runs, monkeypatch, last
):
    """A background job does many, and setting apart starts the collector's count anew:
    nothing old would ever be searched, and the job would grow.
    """
    apart = []
    monkeypatch.setattr(gc, "freeze", lambda: apart.append(True))
    runs = new_runs()
    troubled(runs)

    _, _, session = runs.begin()

    run(replace(session, last=last))

    assert apart == [True] * last


@pytest.mark.parametrize("kind", [Kind.LOST_BEFORE, Kind.LOST_AFTER])
@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_a_run_whose_answers_are_lost_settles_them_itself(new_runs, side, kind):
    runs = new_runs()
    place = troubled(runs)
    place.fault(side, kind)

    assert runs.sync().status == "complete"

    assert agree(place) == (GOAL, GOAL)


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_a_listing_that_breaks_off_deletes_nothing_and_makes_nothing(new_runs, side):
    runs = new_runs()
    place = troubled(runs)
    before = place.shape()
    place.of(side).cut = 1
    place.of(side).asked.clear()

    assert runs.sync().status == "partial"

    assert "get" not in place.of(side).asked
    assert (place.writes, place.shape()) == ([], before)
    place.of(side).cut = None
    assert runs.sync().status == "complete"
    assert agree(place) == (GOAL, GOAL)


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_a_code_that_no_listing_shows_is_asked_for_and_not_taken_for_gone(
    new_runs, side
):
    runs = new_runs()
    place = runs.place
    place.both("OTHER", 10, "Ben")
    assert runs.sync().status == "complete"
    place.of(side).unlisted.add(place.standing(side, "TWIN").id)

    assert runs.sync().status == "complete"

    assert place.writes == []


def test_an_undo_does_not_take_away_what_is_the_sentinel_by_now(new_runs):
    runs = new_runs()
    troubled(runs)
    made = runs.sync().id
    place, policy = runs.place, runs.pair.policy
    limits = replace(policy.limits, sentinel="NEWLEFT")
    runs.pair = replace(runs.pair, policy=replace(policy, limits=limits))
    session = replace(runs.begin()[2], command="undo", undoes=made)

    undone = run(session)

    statuses = {c.code: c.status for c in undone.plan.changes if c.action == "delete"}
    assert statuses["NEWRIGHT"] is not Status.BLOCKED
    assert statuses["NEWLEFT"] is Status.BLOCKED
    assert place.standing(RIGHT, "NEWLEFT")


def test_what_fails_in_a_run_is_counted_as_soon_as_it_has_its_verdict(new_runs):
    """And not only at the end, which a run may not live to see."""
    runs = new_runs()
    place = troubled(runs)
    place.fault(RIGHT, Kind.REFUSED, "create", nth=0)
    seen = []
    session = runs.begin()[2]
    session.on_done = lambda _: seen.append(
        {failure.code for failure in place.store().journal.failures().values()}
    )

    assert run(session).status == "partial"

    assert seen[-1] == {"NEWLEFT"}


def end_of(runs, place):
    """Run until nothing is left to do."""
    assert runs.sync().status == "complete"
    assert agree(place) == (GOAL, GOAL)
    sent = list(place.writes)
    assert runs.sync().status == "complete"
    assert place.writes == sent
    assert place.remembered()["open"] == []


@pytest.mark.parametrize("apart", [8, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("what", ["request", "transaction"])
def test_a_run_that_is_killed_anywhere_ends_as_if_it_had_not_been(
    new_runs, what, moment, apart
):
    """A spread of the steps, or each: records are written in parallel."""
    step, killed = 2, True
    while killed:
        runs = new_runs()
        place = troubled(runs)

        killed = runs.killed(what, moment, step)

        end_of(runs, place)
        step += apart
    assert step > 16
