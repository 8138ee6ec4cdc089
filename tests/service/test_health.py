"""status and health: the age of the last verified success is what counts (H16)."""

import json
import sqlite3
from contextlib import closing
from importlib.resources import files

import pytest
from jsonschema import validate


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

    with closing(sqlite3.connect(town.folder / "connector.db")) as db, db:
        db.execute("UPDATE run SET finished_at = '2026-01-01T00:00:00Z'")

    ended, out = town.call("health", "--format", "json")
    assert ended == 1
    assert '"stale": true' in out
    assert '"last_success": "2026-01-01T00:00:00Z"' in out


@pytest.mark.parametrize(
    ("status", "ready"),
    [("partial", 0), ("refused", 0), ("failed", None), ("complete", 2)],
    ids=["partial", "refused", "failed", "asked and answered no"],
)
def test_what_is_no_success_does_not_count_as_one(town, status, ready):
    town.settle("@hourly")
    assert town.call("sync")[0] == 0
    rewrite(town, "UPDATE run SET status = ?, ready = ?, outcomes = 0", status, ready)

    assert town.call("health")[0] == 1


@pytest.mark.parametrize("word", ["status", "health"])
def test_what_was_printed_of_a_run_is_never_read_back(town, word):
    """The words of a report may change: what is asked of a run is kept beside it."""
    town.settle("@hourly")
    assert town.call("sync")[0] == 0
    rewrite(town, "UPDATE run SET document = 'no document at all', held = 3")

    ended, out = town.call(word, "--format", "json")

    shown = json.loads(out)
    assert (ended, shown["ok"], shown["held"]) == (0, True, 3)


def test_several_pairs_are_one_object_a_line_as_published(town):
    town.settle("@hourly", "@hourly")
    assert town.call("sync")[0] == 0

    for word in ("status", "health"):
        schema = files("connector") / "schemas" / f"{word}.schema.json"
        lines = town.call(word, "--format", "json")[1].splitlines()
        found = [json.loads(line) for line in lines]
        assert [one["pair"] for one in found] == ["p0", "p1"]
        for one in found:
            validate(one, json.loads(schema.read_text(encoding="utf-8")))
            assert one["last_status"] == "complete"


COPY = (
    "INSERT INTO run (id, seq, status, started_at, finished_at, command, document, "
    "pair, ready, held) SELECT ?, ?, ?, ?, ?, command, document, pair, ready, held "
    "FROM run LIMIT 1"
)


def rewrite(town, statement, *values):
    with closing(sqlite3.connect(town.folder / "connector.db")) as db, db:
        db.execute(statement, values)


@pytest.mark.parametrize("word", ["status", "health"])
def test_a_run_of_a_clock_that_was_ahead_is_no_success(town, word):
    """B12: a run dated 2039 said ok through three days of failures."""
    town.settle("@hourly")
    assert town.call("sync")[0] == 0
    ahead = "2039-01-01T00:00:00Z"
    rewrite(town, "UPDATE run SET started_at = ?, finished_at = ?", ahead, ahead)

    ended, out = town.call(word)

    assert ended == 1
    assert "never was a verified success" in out


def test_behind_runs_that_are_dated_in_the_future_the_last_success_is_found(town):
    """The newest run is the last one, whatever its clock has said."""
    town.settle("@hourly")
    assert town.call("sync")[0] == 0
    rewrite(town, "UPDATE run SET finished_at = '2026-01-01T00:00:00Z'")
    for number in range(12):
        ahead = f"2039-01-01T00:00:{number:02d}Z"
        rewrite(town, COPY, f"r_ahead{number}", number + 2, "complete", ahead, ahead)
    later = "2026-01-02T00:00:00Z"
    rewrite(town, COPY, "r_last", 99, "failed", later, later)

    ended, out = town.call("health", "--format", "json")

    one = json.loads(out)
    assert (ended, one["stale"], one["last_run"]) == (1, True, "r_last")
    assert one["last_success"] == "2026-01-01T00:00:00Z"
