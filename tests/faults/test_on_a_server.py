"""The whole story with the state on a PostgreSQL server, from the command line."""

import json
import signal

import pytest

from state import servers
from tests.harness.place import Place


@pytest.fixture
def place(open_place, postgres, monkeypatch):
    """A pair of which the first run has something to do, its state on a server."""
    there = open_place(
        ("SAME", "both", "10"), ("NEW20", "left", "20"), ("THERE5", "right", "5")
    )
    url = postgres.database("CREATE TABLE run (anothers TEXT)")
    text = there.config.read_text(encoding="utf-8")
    head, _, rest = text.partition("[state]")
    rest = rest.partition("[[pairs]]")[2]
    there.config.write_text(f'{head}[state]\nurl = "{url}"\n[[pairs]]{rest}')
    monkeypatch.chdir(there.folder)
    yield there
    servers.opened(url).dispose()


def _done(result, code=0):
    assert result.code == code, (result.out, result.err)
    return result


def _document(place: Place, *arguments, code=0):
    done = _done(place.json(*arguments), code)
    return json.loads(done.out.splitlines()[-1])


def test_a_programme_is_brought_into_step_and_told_about(place):
    assert _document(place, "plan")["summary"]["create"] == 2
    _done(place.run("sync"))

    again = _document(place, "plan")
    assert (again["summary"]["in_sync"], again["changes"]) == (3, [])
    assert _document(place, "state", "check")["ok"]
    assert "NEW20" in _done(place.run("explain", "NEW20")).out
    _done(place.run("history"))
    _done(place.run("inbox"))
    _done(place.run("verify"))
    for command in (("backup",), ("restore", "x.db")):
        refused = place.run("state", *command)
        assert refused.code == 2
        assert "pg_dump" in refused.err


@pytest.mark.slow
def test_a_run_that_is_killed_with_its_request_under_way_is_resumed(place):
    place.fault("slow", "POST", "/tolt/v2/promotion-codes", seconds=30)
    killed = place.start("sync")
    place.wait_for(lambda: place.sandbox.requests.writes)
    killed.send_signal(signal.SIGKILL)
    place.end(killed)
    place.sandbox.faults.clear()

    _done(place.process("sync"))

    assert _document(place, "plan")["changes"] == []
    assert len(place.world.tolt.codes_named("NEW20")) == 1


@pytest.mark.slow
def test_of_two_runs_at_the_same_time_one_is_told_that_the_pair_is_held(place):
    place.fault("slow", "GET", "/partnero/v1/coupons", seconds=4)
    first = place.start("sync")
    place.wait_for(lambda: place.sandbox.requests)

    second = _document(place, "sync", code=6)

    assert second["status"] == "locked"
    _done(place.end(first))


def test_a_server_that_is_down_is_one_sentence_and_the_document(place, postgres):
    _done(place.run("sync"))
    postgres.stop()
    try:
        for command in ("plan", "sync", "inbox", "history", "state check"):
            told = place.json(*command.split())
            assert told.code == 1, (command, told.out, told.err)
            assert "Traceback" not in told.err
            assert "move the file" not in told.out + told.err
            assert json.loads(told.out.splitlines()[-1])["format"].startswith(
                "partnero"
            )
    finally:
        postgres.start()
    _done(place.run("sync"))
