"""A worker on a real server: what is due is passed once, whatever goes wrong."""

import threading

import psycopg

from connector.fleet.heal import Healer
from connector.fleet.timing import Ended
from connector.run.lease import holding
from state.fleet import SECOND
from state.fleet_pairs import NewPair
from state.store import Store
from tests.fleet.conftest import AT, LATER


def rows_of(yard):
    return {row.pair: row for row in yard.pairs.listed().pairs}


def nowhere(_connection, _claims):
    """A queue that loses all that is put into it."""


def test_one_worker_passes_three_pairs_and_sets_their_next_time(yard):
    yard.bring("a", "b", "c")
    worker = yard.worker()
    yard.all_ended(3)
    worker.stop(5)
    assert sorted(yard.diary.passes) == ["a", "b", "c"]
    rows = yard.pairs.listed().pairs
    assert [row.due for row in rows] == [int(LATER.timestamp()) * SECOND] * 3
    assert {(row.queued, row.worker, row.failures) for row in rows} == {(None, "", 0)}
    assert yard.queue.queued() == set()
    assert yard.fleet.workers() == []


def test_a_worker_is_counted_as_soon_as_it_begins(yard):
    yard.worker(slots=3, heal_every=3600.0)
    yard.until(yard.fleet.workers)
    (alone,) = yard.fleet.workers()
    assert (alone.slots, alone.running) == (3, 0)


def test_two_workers_pass_each_pair_once_and_never_two_of_one_key(yard):
    yard.bring(*(f"p{n}" for n in range(12)))
    yard.bring(*(f"k{n}" for n in range(6)), tolt="shared")
    yard.seconds = 0.01
    yard.worker()
    yard.worker()
    yard.all_ended(18)
    assert sorted(yard.diary.passes) == sorted({*yard.diary.passes})
    for pairs in yard.diary.together:
        assert len([pair for pair in pairs if pair.startswith("k")]) < 2


def test_a_pass_that_takes_too_long_is_ended_and_waits_longer_each_time(yard):
    yard.bring("slow", "b")
    yard.seconds = 0

    def work(row, stop):
        if row.pair == "slow":
            assert stop.wait(20)
            return Ended("failed" if stop.late else "done", LATER)
        return yard.work(row, stop)

    yard.worker(work, timeout=0.1)
    yard.until(lambda: rows_of(yard)["slow"].failures == 1)
    assert rows_of(yard)["slow"].due > yard.fleet.now() + 20 * SECOND
    assert yard.diary.passes == ["b"]


def test_a_bug_around_a_pass_ends_nothing_else(yard):
    def work(row, stop):
        if row.pair == "broken":
            raise LookupError
        return yard.work(row, stop)

    yard.bring("broken", "well")
    yard.worker(work, slots=1)
    yard.until(lambda: yard.diary.passes == ["well"])
    yard.until(lambda: rows_of(yard)["broken"].failures == 1)


def test_pairs_that_hang_take_their_own_slots_alone(yard):
    hanging = threading.Event()

    def work(row, stop):
        if row.pair.startswith("hangs"):
            hanging.wait(20)
            return Ended("done", LATER)
        return yard.work(row, stop)

    yard.bring(*(f"hangs{n}" for n in range(9)), tolt="of one provider")
    yard.bring(*(f"well{n}" for n in range(9)))
    yard.worker(work, slots=2)
    yard.until(lambda: len(yard.diary.passes) == 9)
    yard.until(lambda: yard.pairs.count().running == 1)
    assert [row.pair[:5] for row in rows_of(yard).values() if row.begun] == ["hangs"]
    hanging.set()


def test_a_pair_that_somebody_holds_is_due_again_soon_and_has_not_failed(yard):
    yard.bring("a")
    yard.worker(lambda _row, _stop: Ended("held", LATER))
    yard.until(lambda: rows_of(yard)["a"].due > yard.fleet.now())
    row = rows_of(yard)["a"]
    assert row.due < yard.fleet.now() + 11 * SECOND
    assert row.failures == 0


def test_a_worker_that_is_stopped_ends_its_passes_and_leaves_them_due(yard):
    yard.bring("a", "b")
    yard.seconds = 60
    worker = yard.worker(slots=1)
    yard.until(lambda: len(yard.diary.under) == 1)
    assert worker.ailing() == ""
    worker.stop(0.1)
    assert worker.ailing() == "stopping"
    assert len(yard.diary.passes) == 1
    assert yard.pairs.count().due >= 1
    yard.seconds = 0
    yard.worker()
    yard.until(lambda: {*yard.diary.passes} == {"a", "b"} and not yard.diary.under)


def test_what_was_claimed_and_never_queued_is_healed(yard):
    yard.bring("a", "b")
    lost, kept = yard.fleet.claim(2, nowhere)
    healer = Healer(yard.fleet, yard.queue, 60)
    healer.look(None, ())
    assert yard.pairs.count().queued == 2
    with psycopg.connect(**yard.queue._arguments) as connection:
        yard.queue.defer(connection, [kept])
        connection.execute(
            "UPDATE partnero_tolt.fleet_pair SET queued = queued - 61 * 1000000"
        )
        connection.execute(
            "UPDATE partnero_tolt_queue.procrastinate_jobs SET args = "
            "jsonb_set(args, '{claim}', to_jsonb((args->>'claim')::bigint - 61000000))"
        )
    healer.look(None, ())
    assert rows_of(yard)[lost.pair].queued is None
    assert rows_of(yard)[kept.pair].queued == kept.at - 61 * SECOND


def test_the_jobs_of_a_dead_worker_are_due_again_at_once(yard):
    yard.bring("a", "b")
    yard.fleet.claim(2, yard.queue.defer)
    with yard.queue.connected() as connection:
        for silent in (5, 31):
            connection.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) "
                "VALUES (now() - make_interval(secs => %s))",
                [silent],
            )
        connection.execute(
            "UPDATE procrastinate_jobs j SET status = 'doing', worker_id = "
            "CASE j.queueing_lock WHEN 'a' THEN 2 ELSE 1 END"
        )
    Healer(yard.fleet, yard.queue, 60).look(None, ())
    assert rows_of(yard)["a"].queued is None
    assert rows_of(yard)["b"].queued is not None
    assert [one.claim.pair for one in yard.queue.doing()] == ["b"]
    yard.worker()
    yard.until(lambda: "a" in yard.diary.passes)


def test_a_worker_that_died_before_the_clock_was_set_back_is_found_dead(yard):
    yard.bring("a")
    yard.fleet.claim(1, yard.queue.defer)
    with yard.queue.connected() as connection:
        connection.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now() + interval '1 day')"
        )
        connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = 1"
        )
        healer = Healer(yard.fleet, yard.queue, 60)
        healer.look(None, ())
        assert rows_of(yard)["a"].queued is not None
        connection.execute(
            "UPDATE procrastinate_workers "
            "SET last_heartbeat = last_heartbeat - interval '31 seconds'"
        )
    healer.look(None, ())
    assert rows_of(yard)["a"].queued is None


def test_a_job_that_is_wedged_under_a_living_worker_is_due_again(yard):
    """To note the end of a job has failed: it stays in doing, its worker lives."""
    yard.bring("a")
    worker = yard.worker(heal_every=0.1)
    yard.all_ended(1)
    job = ('{"pair": "a", "claim": 1}', worker._session.worker_id)
    with yard.queue.connected() as connection:
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, "
            "queueing_lock, status, args, worker_id) VALUES "
            "('passes', 'pass_of', 'partnero a', 'a', 'doing', %s, %s)",
            job,
        )
    yard.until(lambda: not yard.queue.doing())
    yard.fleet.hint("a", yard.fleet.now())
    yard.until(lambda: len(yard.diary.passes) == 2)


def test_a_worker_whose_heartbeat_has_ended_begins_anew(yard):
    """Procrastinate does not notice that by itself: to all others it is dead."""
    yard.bring("a")
    worker = yard.worker(heal_every=0.1)
    yard.all_ended(1)
    first = worker._session.worker_id
    with yard.queue.connected() as connection:
        connection.execute("DELETE FROM procrastinate_workers")
    yard.until(lambda: worker._session and (worker._session.worker_id or first) > first)
    yard.fleet.hint("a", yard.fleet.now())
    yard.until(lambda: len(yard.diary.passes) == 2)


def test_a_job_whose_claim_is_another_one_by_now_passes_nothing(yard):
    yard.bring("a")
    (old,) = yard.fleet.claim(1, yard.queue.defer)
    yard.fleet.free([old])
    (newer,) = yard.fleet.claim(1, nowhere)
    worker = yard.worker()
    yard.until(lambda: not yard.queue.queued())
    worker.stop(5)
    assert yard.diary.passes == []
    assert rows_of(yard)["a"].queued == newer.at


def test_a_claim_replaces_the_job_that_still_waits_for_an_older_one(yard):
    yard.bring("a")
    (old,) = yard.fleet.claim(1, yard.queue.defer)
    yard.fleet.free([old])
    (newer,) = yard.fleet.claim(1, yard.queue.defer)
    assert yard.queue.queued() == {newer}


def test_no_more_is_claimed_than_can_soon_be_passed(yard):
    yard.bring(*(f"p{n:02}" for n in range(40)))
    yard.seconds = 30
    yard.worker(slots=2)
    yard.until(lambda: len(yard.diary.under) == 2)
    yard.until(lambda: yard.fleet.waiting() == 4)
    assert yard.pairs.count().due == 34
    for worker in yard.workers:
        worker.interrupt()


def test_a_pass_that_does_not_even_end_when_told_ends_its_worker(yard, monkeypatch):
    """Nothing can be done about a thread: the process has to be started anew."""
    monkeypatch.setattr("connector.fleet.passes.STUCK", 0.1)
    hanging = threading.Event()

    def work(row, stop):
        assert hanging.wait(20)
        return Ended("done", LATER)

    yard.bring("stuck")
    worker = yard.worker(work, timeout=0.1)
    yard.until(lambda: worker.has_died)
    assert worker.ailing() == "passes that do not end: stuck"
    hanging.set()


def test_a_pair_that_is_imported_with_new_times_during_its_pass_keeps_them(yard):
    """Its old timetable has ended; without the new one it would never be due again."""
    again = threading.Event()

    def work(row, stop):
        yard.diary.begin(row.pair)
        again.wait(20)
        yard.diary.end(row.pair)
        return Ended("done", None)

    yard.bring("a")
    yard.worker(work)
    yard.until(lambda: yard.diary.under)
    soon = yard.fleet.now() + 600 * SECOND
    changed = NewPair("a", '{"schedule": "*/10 * * * *"}', "partnero a", "tolt a")
    yard.pairs.bring([changed], at=AT, by="ann", due=lambda *_: soon)
    again.set()
    yard.all_ended(1)
    assert yard.pairs.one("a").due == soon


def test_a_pass_that_goes_on_without_its_job_is_left_alone_while_its_worker_lives(yard):
    """Else another pair of the same key would run beside it."""
    yard.bring("a", "b", tolt="T")
    store = Store(yard.engine, "a")
    (claim,) = yard.fleet.claim(2, nowhere)
    yard.fleet.begin(claim, "host/9")
    yard.fleet.alive("host/9", 4, 1, 0)
    healer = Healer(yard.fleet, yard.queue, 60)
    with yard.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE fleet_pair SET queued = queued - 61000000")
    with holding(store):
        healer.look(None, ())
        assert rows_of(yard)["a"].begun is not None
        assert yard.fleet.claim(2, nowhere) == []
        yard.fleet.gone("host/9")
        healer.look(None, ())
        assert rows_of(yard)["a"].begun is None
