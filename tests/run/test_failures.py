"""In how many runs a change has failed is stored with its verdict."""

import pytest
from msgspec import structs

from connector.providers.memory.programme import Kind
from mappings.canonical import Side
from tests.run.kinds import CASES


def carried_out(place, change, *, counts=True):
    """Carry a change out in a run of its own; return what became of it."""
    work = place.open()
    work.settling.verdicts.counts_failures = counts
    return work.carry_out(change)


def failures(place):
    """Return in how many runs each change has failed, and which are parked."""
    known = place.store().journal.failures().values()
    return [(failure.code, failure.runs, failure.parked) for failure in known]


@pytest.fixture
def change(place):
    return CASES["a code on Tolt"].change(place)


def test_what_is_refused_in_each_run_is_counted_until_it_is_done(place, change):
    place.fault(Side.TOLT, Kind.REFUSED, "create", nth=0)
    for runs in (1, 2):
        assert carried_out(place, change).outcome == "failed"
        assert failures(place) == [(change.code, runs, False)]
    place.right.faults.clear()

    assert carried_out(place, change).outcome == "confirmed"

    assert failures(place) == []


def test_a_run_that_counts_for_nothing_counts_no_failure(place, change):
    place.fault(Side.TOLT, Kind.REFUSED, "create", nth=0)

    assert carried_out(place, change, counts=False).outcome == "failed"

    assert failures(place) == []


def test_what_stays_open_is_counted_as_well(place, change):
    place.fault(Side.TOLT, Kind.LOST_BEFORE, "create", nth=0)

    assert carried_out(place, change).outcome == "uncertain"

    assert failures(place) == [(change.code, 1, False)]


def test_what_nobody_can_explain_is_parked_at_once(place):
    """Tolt takes a customer with a code that it does not know, and credits nobody."""
    customer = CASES["a customer on Tolt"].change(place)
    sale = customer.push._replace(text="NONE")
    other = customer._replace(act=structs.replace(customer.act, sale=sale))

    outcome = carried_out(place, other)

    assert outcome.outcome == "quarantined"
    assert failures(place) == [(customer.code, 1, True)]
