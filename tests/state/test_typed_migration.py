"""Revision 0006: what was read back from printed runs and words is typed by now.

The state in ``older`` was made by the version before: two runs of the background job,
a code that was deleted on one side, two more passes, and a run that was cut off.
"""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.reports.runs import recorded
from connector.service.health import standings
from connector.service.schedule import Timetable
from mappings.canonical import Side
from state.counts import PlanCounts, RedemptionCounts
from state.database import open_to_write
from state.model import (
    Failure,
    LastReading,
    Programme,
    Window,
)
from state.store import Store

OLDER = Path(__file__).parent / "older" / "schema-0005.sql"
LAST = datetime(2026, 11, 22, 13, 15, 4, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "connector.db"
    with closing(sqlite3.connect(file)) as made, made:
        made.executescript(OLDER.read_text(encoding="utf-8"))
    return file


@pytest.fixture
def store(path):
    return Store(open_to_write(f"sqlite:///{path}"), "p0")


def test_what_a_run_had_counted_is_asked_of_its_columns(store):
    cut, idle, *_, first = store.journal.runs()

    assert (cut.id, cut.counts, cut.outcomes) == ("r_cut", None, 0)
    assert idle.counts == PlanCounts(
        in_sync=3, only_on_tolt=1, held=1, delete=1, redemptions=idle.counts.redemptions
    )
    assert first.counts == PlanCounts(in_sync=4, adopt=4, ready=4)
    assert first.outcomes == 4
    assert first.tried_everything


def test_why_a_run_was_not_complete_is_read_once_from_what_was_printed(path):
    refused = '{"refused": {"guard": "empty_side", "message": "It lists none."}}'
    bad = '{"outcomes": [{"code": "A", "outcome": "failed", "detail": "no"}]}'
    documents = {"failed": '{"error": "It\\nfailed."}', "refused": refused}
    documents |= {"partial": bad, "interrupted": "", "locked": "no document"}
    with closing(sqlite3.connect(path)) as opened, opened:
        for status, document in documents.items():
            row = (f"r_{status}", "p0", "sync", status, "1", "2", document)
            opened.execute(
                "INSERT INTO run (id, pair, command, status, started_at, finished_at,"
                " document) VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    journal = Store(open_to_write(f"sqlite:///{path}"), "p0").journal

    known = {status: journal.run(f"r_{status}") for status in documents}
    assert {status: run.error for status, run in known.items()} == {
        "failed": "It failed.",
        "refused": "It lists none.",
        "partial": "A: no",
        "interrupted": "",
        "locked": "",
    }
    assert known["refused"].reason == "empty_side"
    assert all(map(recorded, known.values()))


def test_the_documents_stay_as_they_were_printed(path, store):
    with closing(sqlite3.connect(path)) as opened:
        printed = dict(opened.execute("SELECT id, document FROM run"))

    assert {id_: store.journal.document(id_) for id_ in printed} == printed
    assert '"plan": {"compared": 4' in store.journal.document()


def test_redemptions_that_were_compared_are_counted_and_others_are_unknown(path):
    compared = '{"in_sync": 7, "missing_on_tolt": 2, "twice": 0}'
    text = f'{{"plan": {{"ready": 0, "redemptions": {compared}}}, "outcomes": []}}'
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("UPDATE run SET document = ? WHERE id = 'r_cut'", (text,))

    run = Store(open_to_write(f"sqlite:///{path}"), "p0").journal.run("r_cut")

    assert run.counts.redemptions == RedemptionCounts(in_sync=7, missing_on_tolt=2)


def test_a_document_that_cannot_be_read_is_a_run_without_counts(path):
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("UPDATE run SET document = '{'")

    runs = Store(open_to_write(f"sqlite:///{path}"), "p0").journal.runs()

    assert {run.counts for run in runs} == {None}


def test_a_failure_that_nobody_could_explain_is_parked(store):
    failures = store.journal.failures()

    assert failures["c_parked"].parked
    assert failures["c_failed"] == Failure("CODE000002", "Tolt: 400")


def test_the_facts_of_the_pair_are_there(store):
    facts = store.facts.pair()

    assert facts.programme(Side.TOLT) == Programme(
        "prg_t000000003", "f544a842495d7037fdcb466b", "USD"
    )
    assert facts.programme(Side.PARTNERO).kind
    assert (facts.version, facts.counts) == ("v2", {Side.PARTNERO: 3, Side.TOLT: 4})
    assert store.facts.window() == replace(
        Window("2026-11-22T12:40:03Z", "", "", "2026-11-22T12:45:03Z", ""),
        inputs=store.facts.window().inputs,
        partnero=store.facts.window().partnero,
        run="r_20261122T131504_d3db76",
    )
    assert store.facts.probed() == {"tolt.11": "yes"}
    assert store.facts.mark() == "2026-11-22T12:00:00Z"
    assert store.facts.alarm() == {"partial"}


def test_what_an_earlier_version_left_to_read_is_read_for_what_is_asked(store):
    assert store.facts.last_reading() == LastReading()


def test_the_pair_is_as_well_as_it_was(store):
    now = LAST + timedelta(minutes=20)

    engine, times = store.transactions.engine, {"p0": Timetable("*/15 * * * *")}
    (found,) = standings(engine, times, now)

    assert (found.success, found.held, found.stale) == (LAST, 1, False)


def test_what_was_open_is_open(store):
    assert [write.id for write in store.journal.open_intents()] == ["i_open"]


def test_what_waited_before_there_were_looks_is_no_look(store):
    """Revision 0007: what could be answered to it is not known, so it is read anew."""
    assert store.looked() is None
    (waiting,) = store.waiting().values()
    assert (waiting.code, waiting.people) == ("CODE000003", "")
