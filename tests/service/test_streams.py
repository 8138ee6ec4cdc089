"""Standard input, output and error: no run rests on them (trials 18 and 19)."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from connector.terminal.streams import Stream, say
from tests.harness.systems import LINUX

ROOT = Path(__file__).parents[2]
CONNECTOR = f"{sys.executable} -m connector"


@pytest.fixture
def shell(town):
    """Run a line of shell in the town's folder, as cron would."""

    def run(line: str, **more) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **town.keys, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            ["/bin/bash", "-c", line.replace("CONNECTOR", CONNECTOR)],
            cwd=town.folder,
            env=environment | more.pop("env", {}),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **more,
        )

    return run


@pytest.mark.parametrize(
    "streams",
    [
        pytest.param(">/dev/full 2>/dev/full", id="both full", marks=LINUX),
        pytest.param("0<&- >&- 2>&-", id="all closed"),
        pytest.param("2>&1 | true; exit ${PIPESTATUS[0]}", id="nobody there"),
    ],
)
def test_a_sync_does_its_work_and_pings_whatever_becomes_of_its_streams(
    town, shell, receiver, streams
):
    town.settle("@hourly", "@hourly", more=receiver.notify)

    done = shell(f"CONNECTOR --log-level debug sync {streams}")

    assert done.returncode == 0
    assert [town.runs(name)[0].status for name in ("p0", "p1")] == ["complete"] * 2
    assert receiver.pings == ["/ping?job=1"]
    assert "Traceback" not in done.stderr + done.stdout


@LINUX
def test_a_failed_sync_keeps_its_exit_code_and_its_alarm_on_a_full_disk(
    town, shell, receiver
):
    town.settle("@hourly", more=receiver.notify)
    town.fault("status", path="/tolt/", status=401, count=None)

    done = shell("CONNECTOR sync >/dev/full 2>/dev/full")

    assert done.returncode == 1
    assert receiver.notices == ["p0: failed"]
    assert receiver.pings == ["/ping/fail?job=1"]


@LINUX
def test_a_run_tells_on_standard_error_that_its_output_was_lost(town, shell):
    town.settle("@hourly")

    done = shell("CONNECTOR sync >/dev/full")

    assert done.returncode == 0
    assert "standard output cannot be written: No space left" in done.stderr


@pytest.mark.parametrize(
    ("command", "out"),
    [
        pytest.param("plan", ">/dev/full", marks=LINUX),
        ("history", ">&-"),
        pytest.param("--version", ">/dev/full", marks=LINUX),
    ],
)
def test_a_report_that_nobody_could_get_is_a_failure_in_words(
    town, shell, command, out
):
    town.settle("@hourly")

    done = shell(f"CONNECTOR {command} {out}")

    assert done.returncode == 1
    assert "standard output cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_who_has_seen_enough_ends_a_report_quietly(town, shell):
    town.settle("@hourly", codes=300, only_partnero=1.0)

    done = shell("CONNECTOR plan --format json | head -c 10; exit ${PIPESTATUS[0]}")

    assert done.returncode == 5  # too many creates: what the plan itself says
    assert "written" not in done.stderr


@pytest.mark.slow
def test_a_slow_reader_of_a_report_gets_all_of_it(town, shell):
    town.settle("@hourly", codes=300, only_partnero=1.0)

    done = shell("CONNECTOR plan --format json | (sleep 2; cat)")

    assert len(json.loads(done.stdout)["changes"]) >= 300


def test_a_stream_that_nobody_reads_is_waited_for_once():
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb"), os.fdopen(writer, "w") as inner:
        stream = Stream(inner, patience=0.2)

        for _ in range(200):  # without an end to its patience it hangs here
            stream.write("x" * 10_000)

        assert stream.problem is not None


def test_who_reads_again_is_written_to_again():
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", buffering=0) as end, os.fdopen(writer, "w") as inner:
        stream = Stream(inner, patience=0.1)
        stream.write("x" * 100_000)
        stream.write("lost")
        end.read(65_536)

        stream.write("again")

        assert end.read(100).endswith(b"again")


@pytest.mark.slow
def test_a_run_whose_output_nobody_reads_goes_on_to_its_end(town, until):
    """A pipe takes 64 kB; the fallen reader keeps it open and reads nothing."""
    town.settle("@yearly", codes=90, only_partnero=1.0)
    town.fault("status", method="POST", status=422, count=None)
    running = town.begin("run", "--format", "json", "--log-level", "debug")

    until(lambda: town.runs() and town.runs()[-1].finished_at, 60)
    running.signal(signal.SIGTERM)
    running.process.wait(timeout=60)

    assert running.process.returncode == 143


def test_an_ascii_terminal_shows_other_letters_as_their_escapes(shell):
    ascii_only = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}

    done = shell("CONNECTOR --config ÉTÉ.toml status", env=ascii_only)

    assert done.returncode == 2
    assert "\\u00c9T\\u00c9.toml" in done.stderr


def test_a_document_stays_one_where_letters_cannot_be_written(tmp_path):
    path = tmp_path / "out"
    with path.open("w", encoding="ascii") as inner:
        Stream(inner, patience=None).write(json.dumps("ÉTÉ😀", ensure_ascii=False))

    assert json.loads(path.read_text(encoding="ascii")) == "ÉTÉ😀"


@pytest.mark.parametrize(
    ("command", "standard_input"),
    [("apply", "<&-"), ("migrate --from partnero --to tolt", "</dev/null")],
)
def test_a_question_without_anybody_to_answer_names_yes(
    town, shell, command, standard_input
):
    town.settle("@hourly")

    done = shell(f"CONNECTOR {command} {standard_input}")

    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_at_the_question_ends_at_once_and_writes_nothing(town, number, code):
    town.settle("@hourly", only_partnero=1.0)
    terminal, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "connector", "apply", "--format", "json"],
        cwd=town.folder,
        env={**os.environ, **town.keys, "PYTHONPATH": str(ROOT)},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(theirs)
        told = ""
        while "[y/N]" not in told:
            told += process.stderr.read(1)
        process.send_signal(number)
        try:
            out, _ = process.communicate(timeout=20)
        finally:
            process.kill()
            os.close(terminal)

    assert process.returncode == code
    assert json.loads(out)["status"] == "interrupted"
    assert town.sandbox.requests.writes == []


@pytest.mark.slow
def test_an_answer_that_is_no_text_is_a_no(town):
    town.settle("@hourly", only_partnero=1.0)
    terminal, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "connector", "apply"],
        cwd=town.folder,
        env={**os.environ, **town.keys, "PYTHONPATH": str(ROOT)},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(theirs)
        told = ""
        while "[y/N]" not in told:
            told += process.stderr.read(1)
        os.write(terminal, b"\xff\xfe\n")
        out, err = process.communicate(timeout=20)
        os.close(terminal)

    assert process.returncode == 1
    assert "declined" in out
    assert "Traceback" not in err


def test_two_threads_that_write_at_once_mix_no_lines(tmp_path):
    path = tmp_path / "out"
    with path.open("w") as inner:
        stream = Stream(inner, patience=None)
        writers = [
            threading.Thread(
                target=lambda mark=mark: [stream.write(mark * 99 + "\n")] * 50
            )
            for mark in "ab"
        ]
        for one in writers:
            one.start()
        for one in writers:
            one.join()
    with suppress(ValueError):
        stream.write("after it was closed")

    lines = set(path.read_text().splitlines())
    assert lines == {"a" * 99, "b" * 99}


@pytest.mark.parametrize("closed", [True, False])
def test_what_is_said_beside_the_result_never_raises(tmp_path, monkeypatch, closed):
    """Outside of a command line nothing guards the streams."""
    stream = (tmp_path / "gone").open("w", encoding="utf-8")
    stream.close()
    monkeypatch.setattr(sys, "stderr", stream if closed else None)

    say("sam.jones@people.example is told of something")
