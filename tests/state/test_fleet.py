"""The rows of a fleet: a pair is claimed once, and its claim is good once."""

import threading

import pytest
from sqlalchemy import delete, update

from state import fleet_tables as t
from state.database import open_to_write
from state.fleet import SECOND, Claim, Fleet
from state.fleet_pairs import FleetPairs, NewPair
from state.model import ProgrammeMark
from state.store import Store

AT = "2026-11-30T12:00:00Z"


def nowhere(_connection, _claims):
    """A queue that keeps nothing."""


def new(name, partnero="", tolt="", section="{}"):
    return NewPair(
        name, section, f"partnero {partnero or name}", f"tolt {tolt or name}"
    )


@pytest.fixture
def engine(state_url):
    return open_to_write(state_url)


@pytest.fixture
def fleet(engine):
    return Fleet(engine)


@pytest.fixture
def pairs(engine):
    return FleetPairs(engine)


@pytest.fixture
def bring(pairs):
    return lambda *some: pairs.bring(some, at=AT, by="ann@host")


def mark(engine, pair, key):
    """Keep by which mark a pass has known Tolt's key of a pair."""
    kept = [ProgrammeMark("tolt", "", key, "a place")]
    Store(engine, pair).programmes.keep(kept)


def claimed(fleet, limit=100):
    return [claim.pair for claim in fleet.claim(limit, nowhere)]


def make_due(engine, **due):
    with engine.begin() as connection:
        for pair, moment in due.items():
            row = update(t.FLEET_PAIR).where(t.FLEET_PAIR.c.pair == pair)
            connection.execute(row.values(due=moment))


def test_what_is_due_is_claimed_once(fleet, bring):
    bring(new("a"), new("b"))
    assert claimed(fleet) == ["a", "b"]
    assert claimed(fleet) == []


def test_the_longest_due_is_claimed_first(fleet, bring, engine):
    bring(new("a"), new("b"), new("c"))
    make_due(engine, a=30, b=10, c=20)
    assert claimed(fleet, 2) == ["b", "c"]
    assert claimed(fleet, 2) == ["a"]


def test_what_is_not_due_or_paused_is_not_claimed(fleet, bring, pairs, engine):
    bring(new("a"), new("b"), new("c"))
    make_due(engine, a=fleet.now() + 60 * SECOND)
    pairs.pause(["b"], at=AT, by="ann", note="holiday")
    assert claimed(fleet) == ["c"]


def test_of_pairs_that_share_a_key_one_is_claimed_at_a_time(fleet, bring, engine):
    bring(new("a", tolt="T"), new("b", tolt="T"), new("c"))
    make_due(engine, a=20, b=10, c=30)
    first, other = fleet.claim(10, nowhere)
    assert [first.pair, other.pair] == ["b", "c"]
    assert claimed(fleet) == []
    fleet.end(first, fleet.now() + 60 * SECOND)
    assert claimed(fleet) == ["a"]


def test_a_paused_pair_keeps_no_other_of_its_key_waiting(fleet, bring, pairs, engine):
    bring(new("a", tolt="T"), new("b", tolt="T"))
    make_due(engine, a=10, b=20)
    pairs.pause(["a"], at=AT, by="ann")
    assert claimed(fleet) == ["b"]


def test_with_an_error_of_the_queue_nothing_is_claimed(fleet, bring):
    def full(_connection, _claims):
        raise LookupError

    bring(new("a"))
    with pytest.raises(LookupError):
        fleet.claim(10, full)
    assert claimed(fleet) == ["a"]


def test_a_claim_begins_and_ends_once(fleet, bring, pairs):
    bring(new("a", section='{"name": "a"}'))
    (claim,) = fleet.claim(1, nowhere)
    begun = fleet.begin(claim, "host/1")
    assert (begun.section, begun.worker, begun.queued) == (
        '{"name": "a"}',
        "host/1",
        claim.at,
    )
    assert fleet.begin(claim, "host/2") is None
    assert fleet.end(claim, 5, failures=2)
    assert not fleet.end(claim, 7)
    row = pairs.one("a")
    assert (row.due, row.queued, row.begun, row.worker) == (5, None, None, "")
    assert row.failures == 2


def test_times_that_are_imported_while_a_pass_is_under_way_stay(fleet, bring, pairs):
    """A pass ends with the times it began with: once a year, or never again."""
    bring(new("a"), new("b"))
    claims = fleet.claim(2, nowhere)
    ended = [(claim, fleet.begin(claim, "host/1").due) for claim in claims]
    soon = fleet.now() + 300 * SECOND
    changed = [new("a", section='{"schedule": "*/5 * * * *"}')]
    pairs.bring(changed, at=AT, by="ann", due=lambda *_: soon)
    for claim, was in ended:
        assert fleet.end(claim, 2**60, 3, was=was)
    first, second = pairs.one("a"), pairs.one("b")
    assert (first.due, first.failures, first.queued, first.begun) == (
        soon,
        0,
        None,
        None,
    )
    assert (second.due, second.failures, second.queued) == (2**60, 3, None)


def test_a_claim_that_was_set_free_neither_begins_nor_ends(fleet, bring, pairs):
    bring(new("a"))
    (old,) = fleet.claim(1, nowhere)
    assert fleet.free([old, Claim("gone", 1)]) == ["a"]
    (newer,) = fleet.claim(1, nowhere)
    assert newer.at > old.at
    assert fleet.begin(old, "host/1") is None
    assert not fleet.end(old, 1)
    assert pairs.one("a").queued == newer.at


def test_to_set_a_failed_pass_free_counts_the_failure(fleet, bring, pairs):
    bring(new("a"))
    fleet.free(fleet.claim(1, nowhere), failed=True)
    assert pairs.one("a").failures == 1
    assert pairs.one("a").queued is None


def test_a_pair_of_a_dead_worker_goes_before_what_became_due_later_but_once(
    fleet, bring, pairs
):
    """A row of others waits: without its place it would be due, and not passed."""
    bring(new("a"))
    (claim,) = fleet.claim(1, nowhere)
    due = pairs.one("a").due
    assert fleet.begin(claim, "host/1")

    fleet.free([claim])

    assert (pairs.one("a").due, pairs.one("a").failures) == (due, 1)
    (again,) = fleet.claim(1, nowhere)
    assert fleet.begin(again, "host/2")
    fleet.free([again])
    assert pairs.one("a").due > due
    assert pairs.one("a").failures == 2


def test_a_pair_that_was_paused_in_the_queue_does_not_begin(fleet, bring, pairs):
    bring(new("a"))
    (claim,) = fleet.claim(1, nowhere)
    assert pairs.pause(["a"], at=AT, by="ann") == ["a"]
    assert pairs.pause(["a"], at=AT, by="ann") == []
    assert fleet.begin(claim, "host/1") is None
    assert pairs.one("a").queued is None
    assert pairs.resume(["a"]) == ["a"]
    assert claimed(fleet) == ["a"]


def test_old_claims_are_named(fleet, bring):
    bring(new("a"))
    claims = fleet.claim(1, nowhere)
    assert fleet.claimed() == claims
    assert fleet.claimed(longer_than=60) == []
    assert fleet.waiting() == 1
    fleet.begin(claims[0], "host/1")
    assert fleet.waiting() == 0


def test_a_hint_makes_a_pair_due_earlier_and_never_later(fleet, bring, pairs, engine):
    bring(new("a"))
    make_due(engine, a=100)
    fleet.hint("a", 200)
    assert pairs.one("a").due == 100
    fleet.hint("a", 50)
    assert pairs.one("a").due == 50


def test_what_passes_say_of_their_keys_moves_pairs_into_one_group(
    engine, fleet, bring, pairs
):
    bring(new("a"), new("b"), new("c"))
    assert fleet.regroup() == 0
    mark(engine, "a", "one")
    mark(engine, "b", "one")
    assert fleet.regroup() == 1
    assert pairs.one("a").key_group == pairs.one("b").key_group == "partnero a"
    assert pairs.one("c").key_group == "partnero c"
    assert fleet.regroup() == 0


def test_what_is_imported_anew_keeps_its_place(fleet, bring, pairs, engine):
    assert bring(new("a"), new("b"), new("c")).new == ("a", "b", "c")
    future = fleet.now() + 60 * SECOND
    make_due(engine, a=future, b=future, c=5)
    pairs.pause(["b"], at=AT, by="ann", note="holiday")
    again = bring(new("a"), new("b", section='{"x": 1}'), new("c", section="{ }"))
    assert (again.new, again.changed, again.same) == ((), ("b", "c"), ("a",))
    assert pairs.one("a").due == future
    assert pairs.one("b").due < future
    assert (pairs.one("b").paused, pairs.one("b").note) == (True, "holiday")
    assert pairs.one("c").due < future


def test_an_import_may_say_when_a_pair_is_due_and_leave_it_as_it_was(bring, pairs):
    bring(new("a"), new("b"))
    before = pairs.one("b").due
    seen = []

    def due(pair, was, now):
        seen.append((pair.pair, was))
        return now + 90 * SECOND if pair.pair == "a" else None

    changed = [new("a", section='{"x": 1}'), new("b", section='{"x": 1}')]
    pairs.bring(changed, at=AT, by="ann", due=due)

    assert seen == [("a", "{}"), ("b", "{}")]
    assert pairs.one("a").due > before + 80 * SECOND
    assert pairs.one("b").due == before
    assert pairs.one("b").section == '{"x": 1}'


def test_pairs_of_one_key_stay_together_when_they_are_imported_anew(
    engine, fleet, bring, pairs
):
    """Two references lead to one key of Tolt; then one of them leads elsewhere."""
    bring(new("a"), new("b"))
    for name in "ab":
        mark(engine, name, "one")
    assert fleet.regroup() == 1
    assert pairs.one("a").key_group == pairs.one("b").key_group

    bring(*(new(name, section='{"x": 2}') for name in "ab"))
    assert pairs.one("a").key_group == pairs.one("b").key_group

    bring(new("b", section='{"x": 3}', tolt="another"))
    assert pairs.one("a").key_group != pairs.one("b").key_group


def test_a_pair_that_waits_for_its_failures_is_tried_at_once_when_it_has_changed(
    fleet, bring, pairs
):
    bring(new("a"), new("b"))
    later = fleet.now() + 3600 * SECOND
    for claim, failures in zip(fleet.claim(2, nowhere), (7, 0), strict=True):
        fleet.begin(claim, "host/1")
        fleet.end(claim, later, failures)
    changed = [new("a", section='{"x": 1}'), new("b", section='{"x": 1}')]
    pairs.bring(changed, at=AT, by="ann", due=lambda *_: None)
    assert pairs.one("a").due <= fleet.now()
    assert pairs.one("a").failures == 0
    assert pairs.one("b").due == later


def test_a_dry_import_says_what_would_be_and_writes_nothing(bring, pairs):
    bring(new("a"), new("b"))
    some = [new("a"), new("b", section="[]"), new("c")]

    brought = pairs.bring(some, at=AT, by="ann", dry=True)

    assert brought == (("c",), ("b",), ("a",))
    assert pairs.names() == ["a", "b"]
    assert pairs.one("b").section == "{}"


def test_an_import_that_fails_has_imported_nothing(bring, pairs):
    def due(pair, _was, now):
        if pair.pair == "c":
            raise RuntimeError
        return now

    with pytest.raises(RuntimeError):
        pairs.bring([new("a"), new("b"), new("c")], at=AT, by="ann", due=due)

    assert pairs.names() == []


def test_one_pair_is_asked_for_without_reading_the_others(bring, pairs):
    bring(new("a"), new("b", section='{"x": 1}'), new("c"))
    pairs.pause(["b"], at=AT, by="ann")

    assert pairs.sections(["b", "nobody"]) == [("b", '{"x": 1}', True)]
    assert [each.pair for each in pairs.sections()] == ["a", "b", "c"]
    assert pairs.any_but(["a"])
    assert not pairs.any_but(["a", "b", "c"])


def test_pairs_are_listed_by_name_in_parts_and_by_what_is_looked_for(bring, pairs):
    bring(*(new(name) for name in ("Acme", "acme_2", "acmex2", "zeta")))
    pairs.pause(["zeta"], at=AT, by="ann")

    def names(**asked):
        return [row.pair for row in pairs.listed(**asked).pairs]

    assert names(limit=2) == ["Acme", "acme_2"]
    assert names(skip=2) == ["acmex2", "zeta"]
    assert names(search="ACME_") == ["acme_2"]
    assert names(state="paused") == ["zeta"]
    assert names(state="due", limit=1) == ["Acme"]
    assert names(state="running") == names(state="failing") == []
    assert pairs.listed(search="acme", limit=1).total == 3
    assert pairs.names() == ["Acme", "acme_2", "acmex2", "zeta"]


def test_a_pair_whose_row_is_gone_does_not_begin(engine, fleet, bring, pairs):
    bring(new("a"))
    (claim,) = fleet.claim(10, nowhere)
    with engine.begin() as connection:
        connection.execute(delete(t.FLEET_PAIR))
    assert fleet.begin(claim, "host/1") is None
    assert pairs.one("a") is None


def test_a_fleet_is_counted(fleet, bring, pairs, engine):
    bring(*(new(name) for name in "abcdef"))
    now = fleet.now()
    make_due(engine, a=now - 9 * SECOND, b=now, c=now, d=now + 60 * SECOND, f=now)
    pairs.pause(["f"], at=AT, by="ann")
    queued, running, *_ = fleet.claim(2, nowhere)
    fleet.begin(running, "host/1")
    counted = pairs.count()
    assert (counted.pairs, counted.paused, counted.due) == (6, 1, 2)
    assert (counted.queued, counted.running, counted.failing) == (1, 1, 0)
    assert 9 <= counted.late < 60
    fleet.end(queued, now, failures=1)
    assert pairs.count().failing == 1


def test_one_process_at_a_time_has_its_turn(fleet, state_url):
    if state_url.startswith("sqlite"):
        pytest.skip("a file has no fleet")
    with fleet.turn(1) as mine, fleet.turn(1) as theirs, fleet.turn(2) as another:
        assert (mine, theirs, another) == (True, False, True)
    with fleet.turn(1) as mine:
        assert mine


@pytest.mark.parametrize("_try", range(4))
def test_who_claims_at_the_same_time_gets_other_pairs(fleet, bring, _try):
    """40 pairs, 10 of one key, four who claim: each pair is claimed once."""
    bring(*(new(f"p{n:02}", tolt="T" if n % 4 == 0 else "") for n in range(40)))
    lock, seen, together = threading.Lock(), [], threading.Barrier(4)

    def work():
        together.wait(20)
        while claims := fleet.claim(3, nowhere):
            with lock:
                seen.extend(claim.pair for claim in claims)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == len(set(seen))
    assert len([pair for pair in seen if int(pair[1:]) % 4 == 0]) == 1
    seen += claimed(fleet)  # what was locked by another one's look was passed over
    assert len(seen) == len(set(seen)) == 31


def test_a_clock_that_was_set_back_takes_all_times_with_it_once(
    fleet, bring, pairs, engine
):
    """Its pairs were due in the time that is no more; so were its signs of life."""
    hour = 3600 * SECOND
    bring(new("a"), new("b"), new("c"))
    fleet.alive("host/1", 8, 0, 0)
    fleet.alive("host/2", 8, 0, 0)
    (lost,) = fleet.claim(1, nowhere)
    now = fleet.now()
    make_due(engine, b=now + 1000 * hour + 90 * SECOND, c=now + 300 * SECOND)
    with engine.begin() as connection:
        ahead = {"seen": t.FLEET_WORKER.c.seen + 1000 * hour}
        connection.execute(update(t.FLEET_WORKER).values(ahead))
        claimed = t.FLEET_PAIR.c.pair == lost.pair
        moved = update(t.FLEET_PAIR).where(claimed)
        connection.execute(moved.values(queued=lost.at + 1000 * hour))

    fleet.alive("host/1", 8, 0, 0)
    fleet.alive("host/2", 8, 0, 0)

    assert 0 < pairs.one("b").due - now < 120 * SECOND
    assert pairs.one("c").due <= fleet.now()
    assert [claim.pair for claim in fleet.claimed(longer_than=60)] == [lost.pair]
    assert [0 <= worker.silent < 30 for worker in fleet.workers()] == [True, True]


def test_workers_say_that_they_live_until_they_end(fleet):
    fleet.alive("host/1", 8, 3, 20)
    fleet.alive("host/2", 4, 0, 0)
    fleet.alive("host/1", 8, 5, 25)
    first, second = fleet.workers()
    assert first[:4] == ("host/1", 8, 5, 25)
    assert 0 <= first.silent <= first.age < 30
    fleet.gone("host/1")
    assert fleet.workers()[0][:4] == second[:4]
