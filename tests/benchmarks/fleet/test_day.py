"""The simulated day keeps the rules of the fleet, and shows when they cost."""

from datetime import timedelta

import pytest

from connector.service.schedule import timetable
from tests.benchmarks.fleet import model, simulation
from tests.benchmarks.fleet.day import Simulation, quantile
from tests.benchmarks.fleet.model import (
    DAY,
    MIDNIGHT,
    Costs,
    Fleet,
    SimulatedPair,
    Trouble,
    due_times,
    fleet,
    of_one_key,
)

QUIET = Trouble(deaths_a_worker=0, outage_seconds=0, broken=0)


@pytest.mark.parametrize("schedule", [schedule for schedule, _ in model.SCHEDULES])
@pytest.mark.parametrize("jitter", [0, 5, 840])
def test_the_due_times_of_a_day_are_those_of_the_program(schedule, jitter):
    pair = SimulatedPair("acme", schedule, 0, 1, 1, 1, broken=False, jitter=jitter)
    times, moment, expected = timetable(pair), MIDNIGHT - timedelta(seconds=1), []
    while (due := times.after(moment)) and due < MIDNIGHT + timedelta(days=1):
        expected.append(int((due - MIDNIGHT).total_seconds()))
        moment = due

    assert list(due_times(pair)) == expected


def test_the_same_seed_is_the_same_day_and_another_one_another():
    rows = [simulation.row(60, Costs(), seed) for seed in (1, 1, 2)]

    assert rows[0] == rows[1] != rows[2]


def test_every_due_time_is_one_pass_where_nothing_is_wrong():
    of = fleet(100, jitter=840)
    seen = Simulation(of, 2, Costs(), QUIET).run()

    assert seen.passes == sum(map(len, of.due))
    assert seen.missed == seen.never == 0
    assert max(seen.late) <= 5


def test_pairs_of_one_key_run_one_after_the_other():
    """The whole key is one row of passes, however many workers there are."""
    of = of_one_key(60, jitter=0)
    alone = Simulation(of, 1, Costs()).run()
    many = Simulation(of, 20, Costs()).run()

    longest = sum(alone.key_seconds.values()) / 1000
    assert longest <= DAY
    assert quantile(alone.late, 0.99) == pytest.approx(quantile(many.late, 0.99), abs=2)
    assert quantile(many.late, 0.99) > 10  # they wait for each other
    assert quantile(many.waited, 0.99) <= 1  # and not for a worker


def test_what_one_key_cannot_bear_is_missed_and_hurts_no_other_pair():
    crowded, small = of_one_key(1500, jitter=840), fleet(100, jitter=840)
    others = [
        SimulatedPair(**{**_fields(pair), "key": pair.key + 1}) for pair in small.pairs
    ]
    both = Fleet((*crowded.pairs, *others), (*crowded.due, *small.due))
    seen = Simulation(both, 4, Costs(), seconds=DAY // 4).run()

    assert seen.missed > 500
    assert max(seen.late_by_key[pair.key] for pair in others if pair.key > 0) < 600
    assert quantile(seen.waited, 0.99) <= 1


def _fields(pair):
    return {name: getattr(pair, name) for name in SimulatedPair.__slots__}


def test_the_pairs_of_a_dead_worker_run_again_when_they_are_healed():
    trouble = Trouble(deaths_a_worker=20, outage_seconds=0, broken=0)
    of = fleet(100, jitter=840)
    seen = Simulation(of, 2, Costs(latency=5), trouble).run()

    assert seen.again.total() > 10
    assert trouble.healing_seconds <= min(seen.again)
    assert quantile(seen.again, 0.5) == trouble.healing_seconds
    assert seen.never == 0


def test_nothing_begins_while_the_server_is_away_and_all_is_made_up_for():
    trouble = Trouble(deaths_a_worker=0, outage_seconds=600, broken=0)
    of = fleet(100, jitter=840)
    seen = Simulation(of, 2, Costs(), trouble).run()

    assert 500 <= max(seen.late) <= 700
    assert seen.passes + seen.missed >= sum(map(len, of.due)) - 100
    assert seen.never == 0


def test_too_few_workers_are_seen_by_the_waits():
    of, slow = fleet(300, jitter=840), Costs(cpu=6.0)
    few = Simulation(of, 1, slow, seconds=7200).run()
    enough = simulation.needed(of, slow)
    many = Simulation(of, enough, slow, seconds=7200).run()

    assert quantile(few.waited, 0.99) > simulation.PROMPT
    assert enough > 1
    assert quantile(many.waited, 0.99) <= simulation.PROMPT


def test_the_tables_are_put_between_the_marks_of_the_page(tmp_path):
    page = tmp_path / "fleet.md"
    page.write_text(f"before\n{simulation.BEGIN}old\n{simulation.END}after\n")

    simulation.put_into(page, "| new |\n")

    assert page.read_text() == (
        f"before\n{simulation.BEGIN}\n| new |\n\n{simulation.END}after\n"
    )
