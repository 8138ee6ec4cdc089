"""What each pass leaves: its cause, also where it could not begin, and no old runs."""

import json
import sqlite3
import threading
from contextlib import closing

from connector.commands.one_pass import Given, one_pass
from connector.commands.watch import Stores
from state.database import open_to_write
from state.journal import KEPT
from state.store import Store
from state.tables import PROGRAMME


def passed(town):
    config = town.loaded
    section = config.file.pairs[0]
    given = Given(config, section, Stores(config), threading.Event())
    return one_pass(given, threading.Event())


def test_a_pair_whose_key_is_missing_has_a_run_in_history_and_a_cause(town):
    town.settle("@hourly")
    assert passed(town).status == "complete" or town.call("sync")[0] == 0
    store = Store(open_to_write(town.loaded.location.state_url), "p0")
    assert store.transactions.rows(PROGRAMME)
    town.monkeypatch.delenv("PK_0")

    ended = passed(town)

    history = json.loads(town.call("history", "--format", "json")[1])
    (newest, *_) = history["runs"]
    assert (newest["run"], newest["status"]) == (ended.id, "failed")
    assert "PK_0 is not set" in newest["error"]
    status = town.call("status")[1]
    assert "failed" in status
    assert "PK_0 is not set" in status
    assert store.transactions.rows(PROGRAMME) == []


OLDER = (
    "INSERT INTO run (id, seq, pair, command, status, started_at, finished_at, document"
    ") VALUES (?, ?, 'p0', 'sync', 'failed', '2020-01-01', '2020-01-01', '')"
)


def test_an_idle_pass_forgets_what_is_older_than_is_kept(town):
    town.settle("@hourly")
    assert town.call("sync")[0] == 0
    assert passed(town).unchanged is None
    with closing(sqlite3.connect(town.folder / "connector.db")) as db, db:
        db.execute("UPDATE run SET seq = seq + 100")
        db.executemany(OLDER, [(f"r_{number}", number) for number in range(50)])

    idle = passed(town)

    store = Store(open_to_write(town.loaded.location.state_url), "p0")
    left = {run.id for run in store.journal.runs()}
    assert idle.unchanged is not None
    assert len(left) == KEPT
    assert {f"r_{number}" for number in range(50)} & left == {
        f"r_{number}" for number in range(50 - KEPT + 3, 50)
    }
