"""The program as processes of their own: streams, signals, locks, imports."""

import json
import os
import re
import signal
import stat
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest

from connector.terminal.collector import SEARCHED_AFTER

# Starts the program as root without the right to ignore file modes, as anybody else.
UNPRIVILEGED = """\
import ctypes, os, sys
DROP_FROM_BOUNDING_SET, OVERRIDE_FILE_MODES = 24, 1
if os.geteuid() == 0:
    if ctypes.CDLL(None).prctl(DROP_FROM_BOUNDING_SET, OVERRIDE_FILE_MODES, 0, 0, 0):
        sys.exit("cannot be anybody else")
os.execv(sys.executable, [sys.executable, "-m", "connector", *sys.argv[1:]])
"""
ON_A_TERMINAL = """\
import pty, sys
pty.spawn([sys.executable, "-m", "connector", *sys.argv[1:]])
"""
WITNESS = """\
import json, sys
from connector.cli import main
from connector.providers import http
sys.argv = ["partnero-tolt", *sys.argv[1:]]
try:
    main()
finally:
    clients = [one.__name__ for one in http.ReadOnly.__subclasses__()]
    told = {"modules": sorted(sys.modules), "clients": clients}
    print(json.dumps(told), file=sys.stderr)
"""
LOADED = """\
import json, sys
from connector.cli import main
sys.argv = ["partnero-tolt", *sys.argv[1:]]
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
AT_THE_END = """\
import atexit, gc, sys
def told():
    print(gc.get_threshold()[0], gc.get_freeze_count() > 0, file=sys.stderr)
atexit.register(told)  # the first to be registered is called last
from connector.cli import main
sys.argv = ["partnero-tolt", "--version"]
main()
"""
WRITING = (
    "connector.providers.writing",
    "connector.providers.partnero_writing",
    "connector.providers.sales_writing",
    "connector.providers.tolt_writing",
    "connector.run.code_writes",
    "connector.run.apply",
    "connector.run.run",
)
NOT_FOR_A_PLAN = (
    *("alembic", "apprise", "apscheduler", "deepdiff", "jinja2", "procrastinate"),
    *("prometheus_client", "pygments", "rich", "starlette", "structlog", "uvicorn"),
    *("sqlalchemy.dialects.postgresql", "state.fleet", "state.fleet_tables"),
    "state.shared_tables",
)
"""What takes long to load, and what a plan has no use for; its state is a file."""
OF_DATABASES = ("sqlalchemy", "sqlmodel", "state.database", "state.store")
"""What a plan has no use for where there is no state yet."""
NOT_FOR_HELP = ("connector.commands", "httpx", "msgspec", "sqlalchemy")


def caught_reading(place):
    """Start a sync that is kept waiting for Tolt's codes, the last thing it reads."""
    codes = "/tolt/v2/promotion-codes"
    place.fault("slow", path=f"^{codes}", seconds=4.0)
    process = place.start("sync", "--format", "json")
    read = {"/partnero/v1/promotion-codes", codes}
    place.wait_for(lambda: read <= {row.path for row in place.sandbox.requests})
    place.sandbox.faults.clear()
    place.sandbox.requests.clear()
    return process


# --- streams ----------------------------------------------------------------------


def test_a_report_has_no_client_that_could_write(place):
    """I5: what writes is not even imported. H8: a report sends GET and nothing else."""
    process = place.start_python("-c", WITNESS, "plan", "--format", "json")

    planned = place.end(process)

    *logs, told = planned.err.splitlines()
    witness = json.loads(told)
    assert planned.code == 0
    assert planned.document["summary"]["ready"] > 0
    assert set(WRITING).isdisjoint(witness["modules"])
    assert set(NOT_FOR_A_PLAN).isdisjoint(witness["modules"])
    assert not place.database.exists()
    assert set(OF_DATABASES).isdisjoint(witness["modules"])
    assert "connector.providers.http" in witness["modules"]
    assert witness["clients"] == []
    assert all(line.startswith("warning: ") for line in logs)
    assert {row.method for row in place.sandbox.requests} == {"GET"}


def test_the_witness_sees_the_writing_modules_of_a_run_that_writes(place):
    process = place.start_python("-c", WITNESS, "sync", "--format", "json")

    witness = json.loads(place.end(process).err.splitlines()[-1])

    assert set(WRITING) <= set(witness["modules"])
    assert set(OF_DATABASES) <= set(witness["modules"])
    assert witness["clients"] == ["ReadWrite"]


def test_standard_output_carries_the_result_alone(place):
    """Without a terminal: no colour, no question, logs and warnings apart."""
    asked = place.process("apply", "--format", "json", "--log-level", "debug")
    synced = place.process("--log-level", "debug", "--format=json", "sync")

    assert asked.code == 2
    assert asked.out == ""
    assert "--yes" in asked.err
    assert synced.code == 0
    assert synced.document["status"] == "complete"
    assert "\x1b" not in synced.out + synced.err + asked.err
    assert "warning: " in synced.err


def test_on_a_terminal_the_headings_of_a_report_stand_out(place, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    painted = place.end(place.start_python("-c", ON_A_TERMINAL, "plan")).out
    plain = place.process("plan").out

    heading = next(line for line in plain.splitlines() if "decision (" in line)
    assert f"\x1b[1m{heading}\x1b[0m" in painted
    assert "\x1b" not in plain


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_a_signal_ends_a_report_at_once_with_its_code_and_a_document(
    place, number, code
):
    place.fault("slow", seconds=20.0, count=None)

    process = place.start("plan", "--format", "json")
    place.wait_for(lambda: len(place.sandbox.requests))
    process.send_signal(number)
    ended = place.end(process)

    assert ended.code == code
    assert ended.document["error"].startswith("interrupted: a signal asked it")


def test_version_may_stand_beside_the_other_global_options(place):
    told = place.process("--format", "json", "--version")

    assert (told.code, told.out) == (0, f"partnero-tolt {version('partnero-tolt')}\n")


def test_version_and_help_are_quick_and_need_no_configuration(place):
    place.config.unlink()

    told, help_ = place.process("--version"), place.process("plan", "--help")

    assert (told.code, told.out) == (0, f"partnero-tolt {version('partnero-tolt')}\n")
    assert help_.code == 0
    assert "--exit-code" in help_.out
    assert "\x1b" not in help_.out


@pytest.mark.parametrize(
    "asked", ["--version", "--help", "plan --help", "fleet pairs import --help"]
)
def test_help_loads_nothing_of_what_a_command_does(place, asked):
    told = place.end(place.start_python("-c", LOADED, *asked.split()))

    loaded = json.loads(told.err)
    assert told.code == 0
    assert "typer" in loaded
    assert set(NOT_FOR_HELP) & set(loaded) == set()


def test_cycles_are_searched_rarely_and_not_at_all_at_the_end(place):
    ended = place.end(place.start_python("-c", AT_THE_END))

    assert ended.err == f"{SEARCHED_AFTER} True\n"


def test_the_shell_completes_commands(place, monkeypatch):
    script = Path(sysconfig.get_path("scripts")) / "partnero-tolt"
    assert script.exists(), "the console script is not installed"
    monkeypatch.setenv("_PARTNERO_TOLT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "partnero-tolt ex")
    monkeypatch.setenv("COMP_CWORD", "1")

    completed = place.end(place.start_python(script))

    assert completed.out.split() == ["explain"]


def test_the_sandbox_prints_a_ready_configuration_and_serves_it(place, monkeypatch):
    """The quick start: what is printed is pasted, and plan works."""
    switches = ("--switch", "tolt_rate_limit=0", "--switch", "tolt_v1_duplicate=400")
    process = place.start("sandbox", "--codes", "30", *switches)
    printed = []
    while not (printed and printed[-1].startswith("export TOLT_API_KEY=")):
        line = process.stdout.readline()
        assert line, process.stderr.read()
        printed.append(line)
    text = "".join(line for line in printed if not line.startswith("export "))
    exports = dict(
        line.removeprefix("export ").strip().split("=")
        for line in printed
        if line.startswith("export ")
    )
    place.config.write_text(text)
    for name, value in exports.items():
        monkeypatch.setenv(name, value)

    planned = place.json("plan")
    process.send_signal(signal.SIGTERM)
    ended = place.end(process)

    assert set(exports) == {"PARTNERO_API_KEY", "TOLT_API_KEY"}
    assert "http://127.0.0.1:" in text
    assert planned.code == 0
    assert planned.document["summary"]["in_sync"] == 30
    assert ended.code == 143
    assert ended.err == ""


def test_the_sandbox_ends_by_ctrl_c_with_the_documented_code(place):
    process = place.start("sandbox")
    while not process.stdout.readline().startswith("export TOLT_API_KEY="):
        assert process.poll() is None

    process.send_signal(signal.SIGINT)

    assert place.end(process).code == 130


def test_a_switch_of_the_sandbox_that_does_not_exist_is_a_usage_error(place):
    failed = place.run("sandbox", "--switch", "tolt_rate_limits=0")

    assert failed.code == 2
    assert "the nearest is 'tolt_rate_limit'" in failed.err


# --- two at the same time ---------------------------------------------------------


def test_a_second_run_finds_the_pair_held_and_a_report_does_not_mind(place):
    """G1: the other exits 6 without any request. G5: a report reads meanwhile.

    D10: SIGTERM ends the first one as interrupted; the next run goes on at once.
    """
    first = caught_reading(place)

    second = place.json("sync")
    asked = len(place.sandbox.requests)
    applied = place.json("apply", "--yes")
    reported = place.json("plan")
    first.send_signal(signal.SIGTERM)
    interrupted = place.end(first)

    assert second.code == applied.code == 6
    assert second.document["status"] == "locked"
    assert second.document["outcomes"] == []
    assert "Another run holds the pair acme" in second.err
    assert asked == 0
    assert reported.code == 0
    assert interrupted.code == 143
    assert interrupted.document["status"] == "interrupted"
    assert place.writes == []
    assert place.json("sync").document["status"] == "complete"


def test_the_lock_of_a_dead_process_is_taken_over_at_once(place):
    """G2: no manual step, and no wait for the lease to run out."""
    first = caught_reading(place)

    first.kill()
    killed = place.end(first)
    second = place.json("sync")

    assert killed.code == -signal.SIGKILL
    assert second.code == 0
    assert second.document["status"] == "complete"
    assert place.run("state", "check").code == 0


def test_an_interrupt_from_the_keyboard_is_exit_code_130(place):
    first = caught_reading(place)

    first.send_signal(signal.SIGINT)
    ended = place.end(first)

    assert ended.code == 130
    assert ended.document["status"] == "interrupted"
    assert "Traceback" not in ended.err
    assert place.writes == []


# --- folders ----------------------------------------------------------------------


def test_on_a_read_only_folder_plan_works_and_sync_refuses_before_it_writes(place):
    """D16, H8: the state stays the same to the byte, and nothing lies beside it."""
    place.settle(12, partners=3, coupons=2, only_partnero=0.2)
    place.edit("tolt", "create_code", code="NEW10", partner="partner00000@example.com")
    before = place.database.read_bytes()
    names = sorted(path.name for path in place.folder.iterdir())
    place.sandbox.requests.clear()
    place.folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        planned = place.end(
            place.start_python("-c", UNPRIVILEGED, "plan", "--format", "json")
        )
        synced = place.end(
            place.start_python("-c", UNPRIVILEGED, "sync", "--format", "json")
        )
    finally:
        place.folder.chmod(0o700)

    assert planned.code == 0
    assert planned.document["summary"]["create"] == 1
    assert synced.code == 1
    assert synced.document["status"] == "failed"
    assert "connector.db cannot be written" in synced.err
    assert place.writes == []
    assert place.database.read_bytes() == before
    assert sorted(path.name for path in place.folder.iterdir()) == names


def test_the_state_is_readable_by_its_owner_alone(place):
    """G13: a mode of 0644 is tightened."""
    place.run("sync")
    first = stat.S_IMODE(place.database.stat().st_mode)
    place.database.chmod(0o644)

    place.run("sync")

    assert first == 0o600
    assert stat.S_IMODE(place.database.stat().st_mode) == 0o600


def test_a_relative_state_lies_beside_the_configuration_not_where_one_stands(place):
    """G12: the same state from every folder."""
    elsewhere = place.folder / "elsewhere"
    elsewhere.mkdir()
    os.chdir(elsewhere)

    synced = place.json("--config", "../connector.toml", "sync")

    assert synced.code == 0
    assert place.database.exists()
    assert list(elsewhere.iterdir()) == []


def test_python_has_no_words_of_its_own_for_expected_errors(place):
    place.config.write_text("pairs = 3")

    failed = place.process("plan")

    assert failed.code == 2
    assert not re.search(r"Traceback|File \"", failed.err)
    assert sys.executable not in failed.err
