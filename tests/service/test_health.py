"""status and health: the age of the last verified success is what counts (H16)."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from connector.config import marker
from connector.config.timetable import timetable
from connector.run.lease import holding
from connector.run.record import begun_run, summary
from mappings.moments import iso
from state.counts import PlanCounts
from state.database import open_to_write
from state.model import RunSummary
from state.store import Store
from tests.harness.documents import validator_of


@pytest.mark.parametrize("word", ["status", "health"])
def test_a_pair_without_any_success_is_stale(town, word):
    town.settle("@hourly")

    ended, out = town.call(word)

    assert ended == 1
    assert "never was a verified success" in out
    assert not (town.folder / "connector.db").exists()


def test_health_is_well_after_a_sync_and_stale_after_two_intervals(town):
    town.settle("@hourly", more='timezone = "Europe/Berlin"')
    assert town.call("sync")[0] == 0
    assert town.call("health")[0] == 0

    succeeded(town, "2026-01-01T00:00:00Z")

    ended, out = town.call("health", "--format", "json")
    assert ended == 1
    assert '"stale": true' in out
    assert '"last_success": "2026-01-01T00:00:00Z"' in out


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("partial", PlanCounts()),
        ("refused", PlanCounts()),
        ("failed", None),
        ("complete", PlanCounts(ready=2)),
    ],
    ids=["partial", "refused", "failed", "asked and answered no"],
)
def test_what_is_no_success_does_not_count_as_one(town, status, counts):
    town.settle("@hourly")
    begun(town)
    keep(town, "r_1", iso(datetime.now(UTC)), status=status, counts=counts)

    assert town.call("health")[0] == 1


@pytest.mark.parametrize("word", ["status", "health"])
def test_what_was_printed_of_a_run_is_never_read_back(town, word):
    """The words of a report may change: what is asked of a run is kept beside it."""
    town.settle("@hourly")
    assert town.call("sync")[0] == 0
    with closing(sqlite3.connect(town.folder / "connector.db")) as db, db:
        db.execute("UPDATE run SET document = 'no document at all'")
    keep(town, "r_2", iso(datetime.now(UTC)), counts=PlanCounts(held=3))

    ended, out = town.call(word, "--format", "json")

    shown = json.loads(out)
    assert (ended, shown["ok"], shown["held"]) == (0, True, 3)


def test_several_pairs_are_one_object_a_line_as_published(town):
    town.settle("@hourly", "@hourly")
    assert town.call("sync")[0] == 0

    for word in ("status", "health"):
        lines = town.call(word, "--format", "json")[1].splitlines()
        found = [json.loads(line) for line in lines]
        assert [one["pair"] for one in found] == ["p0", "p1"]
        for one in found:
            validator_of(word).validate(one)
            assert one["last_status"] == "complete"


EMPTY = PlanCounts()


def begun(town):
    """Return the memory of the pair; it is made where it is not there."""
    store = Store(open_to_write(town.loaded.location.state_url), "p0")
    marker.keep(town.loaded.location, store.identity("2026-01-01T00:00:00Z"))
    return store


def keep(town, id_, ended, *, status="complete", counts=EMPTY):
    run = RunSummary(id_, "p0", "sync", status, ended, ended, counts=counts)
    begun(town).journal.save_run(run, times=timetable(town.loaded.file.pairs[0]))


def succeeded(town, ended):
    """Let the last success be of another time."""
    keep(town, "r_success", ended)


@pytest.mark.parametrize("word", ["status", "health"])
def test_a_run_of_a_clock_that_was_ahead_is_no_success(town, word):
    """B12: a run dated 2039 said ok through three days of failures."""
    town.settle("@hourly")
    succeeded(town, "2039-01-01T00:00:00Z")

    ended, out = town.call(word)

    assert ended == 1
    assert "never was a verified success" in out


def test_behind_runs_that_are_dated_in_the_future_the_last_success_is_found(town):
    """The newest run is the last one, whatever its clock has said."""
    town.settle("@hourly")
    succeeded(town, "2026-01-01T00:00:00Z")
    for number in range(12):
        keep(town, f"r_ahead{number}", f"2039-01-01T00:00:{number:02d}Z")
    keep(town, "r_last", "2026-01-02T00:00:00Z", status="failed", counts=None)

    ended, out = town.call("health", "--format", "json")

    one = json.loads(out)
    assert (ended, one["stale"], one["last_run"]) == (1, True, "r_last")
    assert one["last_success"] == "2026-01-01T00:00:00Z"


def test_a_run_that_goes_on_is_not_called_interrupted(town):
    town.settle("@hourly")
    assert town.call("sync")[0] == 0
    store = begun(town)
    going_on = begun_run("p0", "sync")

    with holding(store):
        store.journal.save_run(summary(going_on))
        one = json.loads(town.call("health", "--format", "json")[1])
        said = town.call("status")[1]
    left = json.loads(town.call("health", "--format", "json")[1])

    assert (one["last_status"], one["error"]) == ("complete", None)
    assert (one["running"], one["running_since"]) == (
        going_on.id,
        going_on.started_at,
    )
    assert f"run {going_on.id} (sync) goes on, since" in said
    assert (left["last_run"], left["last_status"]) == (going_on.id, "interrupted")
    assert (left["running"], left["reason"]) == (None, "cut_off")


def test_another_schedule_counts_at_once_and_not_from_the_next_run_on(town):
    """What was worked out with the last run was by the timetable of that time."""
    town.settle("* * * * *")
    succeeded(town, iso(datetime.now(UTC) - timedelta(hours=12)))
    assert town.call("health")[0] == 1

    town.settle("0 0 1 * *")

    assert town.call("health")[0] == 0
