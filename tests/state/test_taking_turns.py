"""Threads of one process that write to one file: in turn, and never told it is busy."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from state.database import open_to_write
from state.model import RunSummary
from state.store import Store
from state.transactions import TURN


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'connector.db'}"


def run_of(pair, number):
    at = "2026-06-01T09:00:00Z"
    return RunSummary(f"r_{pair}_{number}", pair, "sync", "complete", at, at)


def turn_of(store):
    return store.transactions.engine.get_execution_options()[TURN]


def test_all_who_write_to_a_file_here_have_one_turn(url):
    first, second = (Store(open_to_write(url), name) for name in ("acme", "beta"))

    with first.transactions.writing(fenced=False):
        assert turn_of(second).locked()

    assert not turn_of(second).locked()


def test_who_writes_waits_for_its_turn_before_it_waits_for_the_file(url):
    """Nobody holds the file: without a turn the write would be done at once."""
    store, done = Store(open_to_write(url), "acme"), threading.Event()

    def write():
        store.journal.save_run(run_of("acme", 1))
        done.set()

    with turn_of(store):
        waiting = threading.Thread(target=write)
        waiting.start()
        assert not done.wait(0.3)
    waiting.join(20)

    assert done.is_set()


def test_many_pairs_that_write_at_the_same_time_are_all_written(url):
    stores = [Store(open_to_write(url), f"p{number}") for number in range(8)]
    all_there = threading.Barrier(len(stores))

    def write(store):
        all_there.wait(20)
        for number in range(10):
            store.journal.save_run(run_of(store.pair, number))
        return len(store.journal.runs())

    with ThreadPoolExecutor(len(stores)) as pool:
        assert list(pool.map(write, stores)) == [10] * len(stores)


def test_a_transaction_that_fails_gives_its_turn_back(url):
    store = Store(open_to_write(url), "acme")

    with (
        pytest.raises(ZeroDivisionError),
        store.transactions.writing(fenced=False),
    ):
        raise ZeroDivisionError

    store.journal.save_run(run_of("acme", 1))
    assert len(store.journal.runs()) == 1


def test_two_files_do_not_wait_for_each_other(tmp_path):
    one, other = (
        Store(open_to_write(f"sqlite:///{tmp_path / name}.db"), "acme") for name in "ab"
    )

    with one.transactions.writing(fenced=False):
        other.journal.save_run(run_of("acme", 1))

    assert len(other.journal.runs()) == 1
