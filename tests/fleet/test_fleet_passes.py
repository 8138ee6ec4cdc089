"""The pass of a row is the pass of the background job, from a claim to its end."""

import json
from dataclasses import replace

import httpx
import pytest

from connector.commands.context import Context
from connector.commands.fleet_passes import FleetPasses, how, in_time
from connector.commands.gates import gate_of_job
from connector.commands.runs import unbegun
from connector.config.resolve import read_pair
from connector.config.row import Row
from connector.config.table import joined
from connector.engine.trouble import STOPPED, failed, failing
from connector.errors import Locked
from connector.fleet.passes import Stop
from connector.fleet.queue import Queue
from connector.fleet.site import serving
from connector.fleet.worker import Settings, Worker
from connector.run.identify import programme_kept
from connector.run.lease import holding
from state.fleet import SECOND
from state.store import Store


@pytest.fixture
def passes(works):
    context = Context(works.config, format="json")
    return FleetPasses(context, works.loaded)


def working(works, passes):
    settings = Settings("host/1", 4, 60, tick=0.05)
    return Worker(works.fleet, Queue(works.url), passes.work, settings)


def taken(works, pair):
    """Claim everything, and return the begun row of one pair."""
    claims = {claim.pair: claim for claim in works.fleet.claim(100, nowhere)}
    return works.fleet.begin(claims[pair], "host/1")


def told(capsys):
    """Return the one document that was printed; the log stands beside it here."""
    lines = capsys.readouterr().out.splitlines()
    (document,) = [json.loads(line) for line in lines if line.startswith("{")]
    return document


def nowhere(_connection, _claims):
    """A queue that keeps nothing."""


def test_a_worker_makes_the_passes_of_three_pairs_of_the_database(
    works, passes, capsys
):
    names = works.bring(3)
    worker = working(works, passes)
    worker.start()
    works.wait_for(lambda: works.passed() == {*names})
    worker.stop(10)
    assert capsys.readouterr().out.count('"status": "complete"') == 3
    rows = works.table.listed().pairs
    hour = 3600 * SECOND
    assert {(row.queued, row.begun, row.failures) for row in rows} == {(None, None, 0)}
    assert all(0 < row.due - works.fleet.now() <= hour + 6 * SECOND for row in rows)


def test_a_row_that_cannot_be_read_is_told_and_waits(works, passes, capsys):
    (pair,) = works.bring(1)
    row = replace(taken(works, pair), section='{"schedule": "no cron"}')
    ended = passes.work(row, Stop())
    assert (ended.how, ended.due) == ("failed", None)
    document = told(capsys)
    assert (document["status"], document["pair"]) == ("failed", pair)
    assert "the database: pair p0: schedule" in document["error"]


def test_a_key_that_is_missing_waits_for_the_timetable(
    works, passes, capsys, monkeypatch
):
    (pair,) = works.bring(1)
    row = taken(works, pair)
    monkeypatch.delenv("PK_0")
    ended = passes.work(row, Stop())
    assert ended.how == "done"
    assert ended.due.timestamp() * SECOND > row.begun
    assert "PK_0 is not set" in told(capsys)["error"]


def test_a_pair_that_another_process_holds_is_held_and_nothing_is_done(
    works, passes, capsys
):
    (pair,) = works.bring(1, codes=6, only_partnero=0.34)
    row = taken(works, pair)
    with holding(Store(works.engine, pair)):
        assert passes.work(row, Stop()).how == "held"
    assert told(capsys)["status"] == "locked"
    assert works.writes == []


def test_a_bug_in_a_pass_is_told_like_any_failure(works, passes, capsys, monkeypatch):
    def broken(*_):
        raise LookupError("s3cret")

    (pair,) = works.bring(1)
    monkeypatch.setattr("connector.commands.fleet_passes.one_pass", broken)
    assert passes.work(taken(works, pair), Stop()).how == "failed"
    error = told(capsys)["error"]
    assert "a bug: LookupError" in error
    assert "s3cret" not in error


def test_two_references_to_one_key_bring_their_pairs_into_one_group(
    works, passes, monkeypatch
):
    first, second = works.bring(2)
    monkeypatch.setenv("TLT_1", "tlt_0")
    for pair in (first, second):
        works.fleet.free(works.fleet.claimed())
        passes.work(taken(works, pair), Stop())
    assert works.fleet.regroup() == 2
    rows = works.table.listed().pairs
    assert rows[0].key_group == rows[1].key_group
    assert "tlt_0" not in repr(rows)


def test_a_pair_of_a_file_does_not_ask_the_programme_of_one_of_the_fleet(works, passes):
    """Both are in one state, under other names; neither knows the other's words."""
    (name,) = works.bring(1)
    row = taken(works, name)
    passes.work(row, Stop())
    config = joined(works.loaded, [Row("other", row.section)])
    other, store = read_pair(config, config.pair("other")), Store(works.engine, "other")
    refusal = programme_kept(other, store)
    assert refusal is not None
    assert refusal.guard == "same_program"
    works.fleet.free(works.fleet.claimed())
    works.table.pause([name], at="2026-11-30T12:00:00Z", by="ann")
    assert programme_kept(other, store) is None


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        pytest.param(None, "done", id="complete"),
        pytest.param(failing(Locked("held")), "held", id="another run has it"),
        pytest.param(STOPPED, "stopped", id="a signal"),
        pytest.param(failed("a bug", "bug"), "failed", id="a bug"),
        pytest.param(failed("used up", "memory"), "failed", id="memory"),
        pytest.param(failed("too long", "too_long"), "failed", id="time-out"),
        pytest.param(failed("503", "server_error"), "done", id="a provider's trouble"),
    ],
)
def test_how_a_pass_ended(trouble, expected):
    finished = replace(unbegun("p0", "run", STOPPED), trouble=trouble)
    assert how(finished) == expected


def test_only_what_its_time_out_has_stopped_took_too_long():
    stopped, late = unbegun("p0", "run", STOPPED), Stop()
    assert in_time(stopped, late, 60).trouble == STOPPED
    late.time_out()
    assert in_time(stopped, late, 60).trouble.reason == "too_long"
    complete = replace(stopped, trouble=None)
    assert in_time(complete, late, 60) is complete


def test_a_worker_is_ready_while_it_reaches_its_server_and_counts_its_fleet(
    works, passes
):
    works.bring(2)
    works.configure('[serve]\nlisten = "127.0.0.1:1"')
    worker, gate = working(works, passes), gate_of_job(works.loaded)
    served = (worker, works.fleet, works.table)
    with serving(("127.0.0.1", works.port), gate, *served) as heard:
        passes.heard.append(heard)
        address = f"http://127.0.0.1:{works.port}"
        starting = httpx.get(f"{address}/readyz")
        assert starting.status_code == 503
        assert "just starting" in starting.text
        worker.start()
        works.wait_for(lambda: httpx.get(f"{address}/readyz").status_code == 200)
        works.wait_for(lambda: len(works.passed()) == 2)
        worker.health.bad("disk", "the server is away")
        gone = httpx.get(f"{address}/readyz")
        assert httpx.get(f"{address}/healthz").text == "ok\n"
        metrics = httpx.get(f"{address}/metrics").text
        worker.stop(10)
    assert (gone.status_code, gone.text) == (503, "the server is away\n")
    assert "partnero_tolt_fleet_pairs 2.0" in metrics
    assert "partnero_tolt_worker_slots 4.0" in metrics
    assert "partnero_tolt_state_readable 1.0" in metrics
