"""Old runs go, what they rest on stays, and quiet passes leave one row."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool

import state
from state.counts import PlanCounts
from state.database import open_to_write
from state.journal import APART
from state.model import Intent, RunSummary
from state.store import Store

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DOCUMENT = '{"plan": {"held": 0, "ready": 0}, "outcomes": []}' + " " * 700


def save(store, run):
    store.journal.save_run(run, DOCUMENT)


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def record(number, *, passes=0, status="complete", command="run", at=None, end=None):
    start = at or iso(BEGIN + timedelta(minutes=number))
    end = start if end is None else end
    since = start if passes else ""
    id_ = f"r_{number}"
    more = {"counts": PlanCounts(), "passes": passes, "since": since}
    return RunSummary(id_, "acme", command, status, start, end, **more)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def store(opened):
    return opened()


@pytest.fixture
def kept_in_a_file(path):
    """The disk is not waited for: how much is written is the same."""
    engine = open_to_write(f"sqlite:///{path}")
    event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
    return Store(engine, "acme")


def size(path):
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return sum(one.stat().st_size for one in path.parent.glob("state.db*"))


def ids(store):
    return [run.id for run in store.journal.runs()]


def intent(id_, run, state="confirmed"):
    names = (f"c_{id_}", "sam", "SAM", "create", "tolt")
    return Intent(id_, run, *names, state, "{}", at=iso(BEGIN))


@pytest.mark.parametrize("many", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_thousands_of_idle_passes_leave_the_file_as_large_as_forty(
    kept_in_a_file, path, many
):
    """C21: each left 0.9 kB for ever."""
    for number in range(40):
        save(kept_in_a_file, record(number, passes=1))
    before = size(path)

    for number in range(40, many):
        save(kept_in_a_file, record(number, passes=1))

    assert size(path) <= before + 8192
    runs = kept_in_a_file.journal.runs()
    assert len(runs) == APART + 1
    assert [run.passes for run in runs] == [1] * APART + [many - APART]
    assert runs[-1].since == iso(BEGIN)
    assert runs[0].finished_at == iso(BEGIN + timedelta(minutes=many - 1))


@pytest.mark.parametrize("many", [100, pytest.param(500, marks=pytest.mark.slow)])
def test_hundreds_of_failing_passes_leave_it_so_as_well(kept_in_a_file, path, many):
    """A full pass writes its row at its start, and again at its end."""

    def fail(number):
        begun = record(number, status="interrupted", end="")
        save(kept_in_a_file, begun)
        save(kept_in_a_file, record(number, passes=1, status="failed"))

    for number in range(40):
        fail(number)
    before = size(path)

    for number in range(40, many):
        fail(number)

    assert size(path) <= before + 8192
    assert sum(run.passes for run in kept_in_a_file.journal.runs()) == many
    assert len(kept_in_a_file.journal.runs()) <= APART + 2


def test_only_passes_that_ended_alike_one_after_the_other_are_one_row(store):
    told = ["complete", "complete", "failed", "failed", "complete"]
    for number, status in enumerate(told):
        save(store, record(number, passes=1, status=status))
    save(store, record(5, command="sync"))
    save(store, record(6, passes=1))
    for number in range(7, 7 + APART):
        save(store, record(number, passes=1))

    assert [(run.id, run.passes) for run in store.journal.runs()[APART:]] == [
        ("r_6", 1),
        ("r_5", 0),
        ("r_4", 1),
        ("r_3", 2),
        ("r_1", 2),
    ]


def test_a_quiet_pass_of_one_pair_takes_no_place_of_anothers(store, opened):
    other = opened("beta")
    save(store, record(1, passes=1))

    save(other, replace(record(2, passes=1), id="r_b", pair="beta"))

    assert len(store.journal.runs()) == len(other.journal.runs()) == 1


def test_old_runs_are_forgotten_with_what_they_settled(store):
    for number in range(60):
        save(store, record(number, command="sync"))
    store.journal.begin(intent("i_old", "r_5"))
    store.journal.begin(intent("i_new", "r_55"))

    done = store.journal.prune(iso(BEGIN + timedelta(minutes=30)))

    assert (done.runs, done.intents) == (30, 1)
    assert len(ids(store)) == 30
    assert store.journal.intents("r_5") == []
    assert len(store.journal.intents("r_55")) == 1


def test_the_last_twenty_runs_of_a_pair_stay_however_old_they_are(store, opened):
    other = opened("beta")
    for number in range(25):
        save(store, record(number, command="sync"))

    assert other.journal.prune("9999").runs == 0
    done = store.journal.prune("9999")

    assert done.runs == 5
    assert ids(store) == [f"r_{n}" for n in range(24, 4, -1)]


@pytest.mark.parametrize("state", ["planned", "sending", "uncertain"])
def test_what_is_open_is_never_forgotten_nor_the_run_that_began_it(store, state):
    for number in range(40):
        save(store, record(number, command="sync"))
    store.journal.begin(intent("i_open", "r_3", state))

    store.journal.prune("9999")

    assert [one.id for one in store.journal.open_intents()] == ["i_open"]
    assert "r_3" in ids(store)


def test_a_run_that_was_dated_in_the_future_goes_with_those_around_it(store):
    """By its number it is old, whatever its clock said."""
    save(store, record(0, command="sync", at="2039-01-01T00:00:00Z"))
    for number in range(1, 60):
        save(store, record(number, command="sync"))

    store.journal.prune(iso(BEGIN + timedelta(minutes=30)))

    assert "r_0" not in ids(store)


def test_the_newest_run_is_the_last_one_that_was_begun(store):
    """B12: a run dated 2039 was the newest for thirteen years."""
    save(store, record(1, command="sync", at="2039-01-01T00:00:00Z"))
    save(store, record(2, command="sync", status="failed"))

    assert ids(store) == ["r_2", "r_1"]
    assert [run.id for run in store.journal.runs(1)] == ["r_2"]
    found = store.journal.runs(9, until="2030-01-01T00:00:00Z")
    assert [run.id for run in found] == ["r_2"]


RUN = (
    "INSERT INTO run (id, pair, command, status, started_at, finished_at, document) "
    "VALUES (?, 'acme', 'sync', 'complete', ?, ?, '')"
)


def test_runs_of_an_earlier_schema_are_numbered_as_they_were_written(path):
    scripts, config = Path(state.__file__).parent / "migrations", Config()
    config.set_main_option("script_location", str(scripts))
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute(RUN, ("r_1", "2039-01-01T00:00:00Z", "2039-01-01T00:00:00Z"))
        opened.execute(RUN, ("r_2", iso(BEGIN), iso(BEGIN)))

    upgraded = Store(open_to_write(f"sqlite:///{path}"), "acme")

    assert ids(upgraded) == ["r_2", "r_1"]
    assert list(path.parent.glob("state.db.0004.*.backup"))
