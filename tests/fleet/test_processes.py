"""Workers as processes: killed, stopped, and beside a server that goes away."""

import signal
import time
from collections import Counter
from itertools import pairwise

import pytest

from connector.fleet.heal import EVERY
from connector.fleet.queue import HEARTBEAT
from mappings.canonical import fold
from state import servers
from state.fleet import SILENT
from tests.fleet.works import Works
from tests.harness.ground import enter, wait_for
from tests.harness.servers import running, short_folder
from tests.standins.front import Sandbox

UNSHARED = {"limits": {"settle_seconds": 0.1, "share": 1.0}}


def made_twice(works):
    """Codes that were made more than once on Tolt, by the key that made them."""
    twice = []
    for number in range(works.pairs):
        codes = works.world.organizations[f"tlt_{number}"].codes
        named = Counter(fold(code.code) for code in codes)
        twice += [(number, code) for code, times in named.items() if times > 1]
    return twice


def overlapping(works):
    """Pairs of which a run began before the run before it had ended."""
    found = []
    for name in works.table.names():
        runs = [run for run in works.runs(name) if run.finished_at]
        for before, after in pairwise(sorted(runs, key=lambda run: run.started_at)):
            if after.started_at < before.finished_at:
                found.append((name, before, after))
    return found


def test_what_a_dead_worker_had_is_due_again_within_a_minute():
    assert HEARTBEAT * 3 < SILENT
    assert SILENT + EVERY < 45


@pytest.mark.slow
def test_a_worker_is_told_to_stop_and_says_with_which_code(works):
    names = works.bring(2)
    worker = works.worker()
    wait_for(lambda: works.passed() == {*names}, 120)
    worker.send_signal(signal.SIGTERM)
    ended = works.end(worker)
    assert ended.code == 143
    assert [document["status"] for document in ended.documents] == ["complete"] * 2
    assert "Traceback" not in ended.err
    assert works.fleet.workers() == []


@pytest.mark.slow
def test_of_two_workers_one_is_killed_in_the_middle_of_writes(works):
    """Nothing is written twice, no pair overlaps, and the dead one's are passed."""
    names = works.bring(40, codes=6, only_partnero=0.34, **UNSHARED)
    killed, other = works.worker(), works.worker()
    wait_for(lambda: len(works.writes) >= 12, 120)
    killed.kill()
    wait_for(lambda: works.passed() == {*names}, 240)
    wait_for(lambda: works.table.count()[3:5] == (0, 0), 60)
    assert made_twice(works) == []
    assert overlapping(works) == []
    for number in range(40):
        assert len(works.world.organizations[f"tlt_{number}"].codes) == 6
    other.send_signal(signal.SIGTERM)
    ended = works.end(other)
    assert ended.code == 143
    assert "Traceback" not in ended.err


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """A fleet on a server of its own, whose database nobody has opened yet."""
    folder = enter(monkeypatch, tmp_path)
    monkeypatch.chdir(folder)
    with short_folder() as place, running(place) as server, Sandbox() as sandbox:
        sandbox.switches.tolt_rate_limit = 0
        works = Works(folder, sandbox, server.database())
        works.server = server
        yield works
        works.end_all()
        servers.opened(works.url).dispose()


@pytest.mark.slow
def test_two_workers_go_on_after_a_restart_of_the_server(fresh):
    """They begin together on an empty database; the server is away for some seconds."""
    names = fresh.bring(12)
    workers = [fresh.worker(), fresh.worker()]
    wait_for(lambda: fresh.passed() == {*names}, 120)
    fresh.hint_all()
    wait_for(lambda: fresh.table.count().running, 60)
    fresh.server.stop()
    time.sleep(5)
    fresh.server.start()
    back = fresh.fleet.now()
    fresh.hint_all()
    wait_for(lambda: all(fresh.last_start(name) > back for name in names), 240)
    assert overlapping(fresh) == []
    for worker in workers:
        assert worker.poll() is None
        worker.send_signal(signal.SIGTERM)
    for worker in workers:
        ended = fresh.end(worker)
        assert ended.code == 143
        assert "Traceback" not in ended.err


@pytest.mark.slow
def test_a_worker_without_a_server_ends_with_a_code_of_its_own(fresh):
    (name,) = fresh.bring(1)
    worker = fresh.worker(patience=2, grace=1)
    wait_for(lambda: fresh.passed() == {name}, 120)
    fresh.server.stop()
    ended = fresh.end(worker)
    assert ended.code == 75
    assert "START IT ANEW" in ended.err
    assert "Traceback" not in ended.err
    late = fresh.end(fresh.worker(patience=1))
    assert late.code == 75
    assert "s3same" not in late.err + ended.err
