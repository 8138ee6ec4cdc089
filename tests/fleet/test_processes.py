"""Workers as processes: killed, stopped, and beside a server that goes away."""

import signal

import pytest

pytestmark = pytest.mark.slow


def created(works):
    """Every code that was made on Tolt, with the key by which it was."""
    return [
        str(row.body)
        for row in works.writes
        if row.method == "POST" and "promotion" in row.path and row.status < 300
    ]


def test_a_worker_is_told_to_stop_and_says_with_which_code(works):
    names = works.bring(2)
    worker = works.worker()
    works.wait_for(lambda: works.passed() == {*names})
    worker.send_signal(signal.SIGTERM)
    ended = works.end(worker)
    assert ended.code == 143
    assert [document["status"] for document in ended.documents] == ["complete"] * 2
    assert "Traceback" not in ended.err
    assert works.fleet.workers() == []
