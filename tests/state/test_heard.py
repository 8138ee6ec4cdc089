"""Signed messages and counters are known to all processes of a state."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text, update

from state import heard as module
from state import tallies
from state.heard import Heard
from state.shared_tables import COUNTER, WEBHOOK_SEEN
from state.tallies import Count, Key


def test_a_message_is_new_once_for_all_processes(opened):
    one, other, another = opened(), opened(), opened("another")

    assert Heard(one.transactions).is_new("msg_1")
    assert not Heard(other.transactions).is_new("msg_1")
    assert not Heard(one.transactions).is_new("msg_1")
    assert Heard(other.transactions).is_new("msg_2")
    assert Heard(another.transactions).is_new("msg_1")


def test_of_many_who_hear_the_same_at_once_one_is_told_that_it_is_new(opened):
    opened()
    with ThreadPoolExecutor(4) as threads:
        heard = [Heard(opened().transactions) for _ in range(4)]
        said = list(threads.map(lambda one: one.is_new("msg_1"), heard))

    assert sorted(said) == [False, False, False, True]


def test_only_the_newest_messages_of_a_pair_are_kept(opened, monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 3)
    monkeypatch.setattr(module, "SWEPT", 1)
    store, another = opened(), opened("another")
    Heard(another.transactions).is_new("msg_0")
    one = Heard(store.transactions)

    for number in range(6):
        assert one.is_new(f"msg_{number}")

    with store.transactions.reading() as connection:
        count = select(WEBHOOK_SEEN.c.pair, func.count()).group_by("pair")
        kept = {tuple(row) for row in connection.execute(count)}
    assert kept == {("acme", 3), ("another", 1)}
    assert not one.is_new("msg_5")


def test_the_id_of_a_message_is_kept_as_a_mark_however_long(opened):
    store = opened()

    assert Heard(store.transactions).is_new("é" * 100_000)
    assert not Heard(store.transactions).is_new("é" * 100_000)


RUNS = Key("acme", "runs", ("complete",))
CODES = Key("acme", "codes", ("tolt",))


def test_what_processes_count_is_added_up_and_what_was_seen_last_replaces(opened):
    one, other = opened(), opened()

    tallies.add(one.transactions, [Count(RUNS, 1), Count(CODES, 7, latest=True)])
    tallies.add(other.transactions, [Count(RUNS, 2), Count(CODES, 5, latest=True)])

    numbers, _ = tallies.read(one.transactions.engine, 0)
    assert dict(numbers) == {RUNS: 3, CODES: 5}


def test_many_who_count_at_once_lose_nothing(opened):
    opened()

    def count(_number):
        tallies.add(opened().transactions, [Count(RUNS, 1), Count(CODES, 1)])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count, range(20)))

    numbers, _ = tallies.read(opened().transactions.engine, 0)
    assert dict(numbers) == {RUNS: 20, CODES: 20}


def test_who_has_read_before_reads_what_has_changed_since(opened):
    store = opened()
    engine = store.transactions.engine
    tallies.add(store.transactions, [Count(RUNS, 1), Count(CODES, 1)])
    numbers, since = tallies.read(engine, 0)
    assert len(numbers) == 2
    _date(engine, CODES, since - 1)

    tallies.add(store.transactions, [Count(RUNS, 1)])

    assert tallies.read(engine, since)[0] == [(RUNS, 2)]


def test_numbers_that_have_not_changed_for_months_are_forgotten(opened):
    store, another = opened(), opened("another")
    tallies.add(store.transactions, [Count(CODES, 1)])
    tallies.add(another.transactions, [Count(CODES._replace(pair="another"), 1)])
    engine = store.transactions.engine
    _, since = tallies.read(engine, 0)
    _date(engine, None, since - tallies.KEPT)

    tallies.add(store.transactions, [Count(RUNS, 1)])

    assert set(dict(tallies.read(engine, 0)[0])) == {
        RUNS,
        CODES._replace(pair="another"),
    }


def _date(engine, key, at):
    aged = update(COUNTER).values(changed=at)
    if key is not None:
        aged = aged.where(COUNTER.c.name == key.name)
    with engine.begin() as connection:
        connection.execute(aged)


def test_reading_does_not_wait_for_who_counts(opened, state_url):
    if state_url.startswith("sqlite"):
        pytest.skip("one writes at a time, and readers see what was before")
    store = opened()
    tallies.add(store.transactions, [Count(RUNS, 1)])

    with store.transactions.engine.begin() as another:
        another.execute(text("SELECT * FROM counter FOR UPDATE"))
        numbers, _ = tallies.read(opened().transactions.engine, 0)

    assert numbers == [(RUNS, 1)]
