"""What the passes did is counted for all processes of a state, and told as metrics."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from connector.engine.outcome import Run
from connector.engine.trouble import failed
from connector.service.counting import Counting
from connector.service.metrics import Metrics
from state.database import StateProblem
from state.tallies import Key


class Book:
    """Counters in memory; ``away`` is a state that cannot be used."""

    def __init__(self):
        self.numbers, self.away = {}, False

    def add_counts(self, pair, counts):
        if self.away:
            raise StateProblem("away")
        for count in counts:
            assert count.key.pair == pair
            before = 0 if count.latest else self.numbers.get(count.key, 0)
            self.numbers[count.key] = before + count.value

    def read_counts(self, since):
        if self.away:
            raise StateProblem("away")
        return self.numbers.items(), since + 1


@pytest.fixture
def book():
    return Book()


def run(pair="p0", trouble=None, **more):
    return Run("r_1", pair, "run", "2026-01-01T00:00:00Z", trouble, **more)


class Process:
    """Counts into a book, and tells what is in it."""

    def __init__(self, book):
        counting = Counting(book)
        self.heard = counting.heard
        self.metrics = Metrics(list, counting.changed)


def told(process):
    text = process.metrics.text().decode()
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name != "partnero_tolt_state_readable"
    }


def test_two_processes_tell_the_same_numbers(book):
    one, other = Process(book), Process(book)

    one.heard(run(requests={"tolt": 3}), 1.5)
    other.heard(run(requests={"tolt": 2}), 0.5)

    assert told(one) == told(other)
    assert told(one)["partnero_tolt_requests_total", "p0", "tolt"] == 5
    assert told(one)["partnero_tolt_run_seconds_count", "p0"] == 2
    assert told(one)["partnero_tolt_run_seconds_sum", "p0"] == 2


def test_what_cannot_be_written_is_told_all_the_same_and_written_later(book):
    process = Process(book)
    process.heard(run(), 1)
    told(process)
    book.away = True
    process.heard(run(), 1)
    process.heard(run("p1"), 1)

    assert told(process)["partnero_tolt_run_seconds_count", "p0"] == 2
    book.away = False
    assert told(process)["partnero_tolt_run_seconds_count", "p0"] == 2

    assert book.numbers[Key("p0", "run_seconds_count")] == 2
    assert book.numbers[Key("p1", "run_seconds_count")] == 1


def test_a_number_of_another_process_is_told_after_one_of_our_own_that_waited(book):
    """What waited was added to what had been read: the sum is told once, not twice."""
    one, other = Process(book), Process(book)
    one.heard(run(), 1)
    assert told(one)["partnero_tolt_run_seconds_count", "p0"] == 1
    book.away = True
    one.heard(run(), 1)
    assert told(one)["partnero_tolt_run_seconds_count", "p0"] == 2

    book.away = False
    other.heard(run(), 1)

    assert told(one)["partnero_tolt_run_seconds_count", "p0"] == 3
    assert told(one)["partnero_tolt_run_seconds_count", "p0"] == 3


def test_a_name_of_a_newer_version_and_odd_labels_break_nothing(book):
    book.numbers[Key("p0", "of_tomorrow", ("x",))] = 1
    book.numbers[Key("p0", "troubles", ("failed", 'a "\\\n'))] = 1

    names = told(Process(book))

    assert ("partnero_tolt_troubles_total", 'a "\\\n', "failed", "p0") in names
    assert not [name for name, *_ in names if "tomorrow" in name]


def test_a_trouble_is_counted_by_its_reason(book):
    process = Process(book)

    process.heard(run(trouble=failed("a disk", "state")), 1)

    numbers = told(process)
    assert numbers["partnero_tolt_troubles_total", "failed", "p0", "state"] == 1
