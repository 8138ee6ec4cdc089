"""A process that reaches its memory limit: a sentence, a journal, and others go on."""

import errno
import gc
import json
import os
import re
import resource
import subprocess
import sys
import weakref
from functools import partial
from pathlib import Path

import pytest

from connector.errors import USED_UP, OutOfMemory, is_used_up, within_memory
from tests.benchmarks import far_side, programs, worlds
from tests.harness.systems import LINUX

# Loading the plug-ins of apprise imports a module that Python 3.13 removes.
pytestmark = pytest.mark.filterwarnings("ignore:.imghdr. is deprecated")
ROOT = Path(__file__).parents[2]
HUGE = "[" + "[]," * 12_000_000 + "0]"
"""36 MB on the wire, and 800 MB once it is understood."""
MEGABYTE = 1024 * 1024


@pytest.fixture
def limited(town):
    """Call the program with little more memory than it needs to begin."""

    def call(*arguments: str, megabytes: int) -> subprocess.CompletedProcess[str]:
        limit = megabytes * MEGABYTE
        return subprocess.run(
            [sys.executable, "-m", "connector", *arguments],
            cwd=town.folder,
            env={**os.environ, **town.keys, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )

    return call


@LINUX
@pytest.mark.slow
def test_a_sync_that_reaches_its_limit_says_so_and_the_next_pair_is_done(
    town, limited, receiver
):
    town.settle("@hourly", "@hourly", more=receiver.notify)
    town.fault("status", path="/tolt/.*prg_t00", answer=HUGE, status=200, count=None)

    done = limited("sync", "--format", "json", megabytes=800)

    first, second = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert (first["status"], first["error"]) == ("failed", USED_UP)
    assert second["status"] == "complete"
    assert [run.status for run in town.runs("p0")] == ["failed"]
    assert receiver.notices == ["p0: failed"]
    town.sandbox.faults.clear()
    assert town.call("sync")[0] == 0


@LINUX
@pytest.mark.slow
def test_a_report_that_reaches_its_limit_says_so(town, limited):
    town.settle("@hourly")
    town.fault("status", path="/tolt/", answer=HUGE, status=200, count=None)

    done = limited("plan", megabytes=800)

    assert done.returncode == 1
    assert "memory" in done.stderr
    assert "Traceback" not in done.stderr


def shipped(name: str, pattern: str) -> int:
    """Return the memory limit that a file of deploy/ sets, in bytes."""
    text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    number, unit = re.search(pattern, text).groups()
    return int(number) * {"M": MEGABYTE, "Mi": MEGABYTE, "G": 1024 * MEGABYTE}[unit]


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("partnero-tolt.service", r"MemoryMax=(\d+)([MG])"),
        ("kubernetes-cronjob.yaml", r"limits:\s+memory: (\d+)(Mi)"),
    ],
)
def test_a_first_look_at_a_hundred_thousand_codes_fits_into_what_is_shipped(
    tmp_path, name, pattern
):
    """The limit is of addresses, which is harder than that of the pages in use."""
    limit, codes = shipped(name, pattern), 100_000
    with programs.far_side(codes) as url:
        worlds.configured(tmp_path, url, far_side.PROGRAM)
        said = [
            subprocess.run(
                [sys.executable, "-m", "connector", command],
                cwd=tmp_path,
                env=programs.ENVIRONMENT,
                capture_output=True,
                text=True,
                check=False,
                preexec_fn=lambda: resource.setrlimit(
                    resource.RLIMIT_AS, (limit, limit)
                ),
            )
            for command in ("plan", "sync", "plan")
        ]

    assert [one.returncode for one in said] == [0, 0, 0], [one.stderr for one in said]
    assert f"Only noted ({codes})" in said[0].stdout
    assert f"{codes} remembered" in said[1].stdout
    assert "Only noted" not in said[2].stdout


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(MemoryError(), id="no memory"),
        pytest.param(OSError(errno.ENOMEM, "Cannot allocate memory"), id="the system"),
        pytest.param(RuntimeError("can't start new thread"), id="no thread"),
        pytest.param(ImportError("x.so: cannot allocate memory"), id="a library"),
    ],
)
def test_a_limit_is_known_by_any_of_its_names(error):
    with pytest.raises(OutOfMemory, match="the next run settles"):
        within_memory(partial(_raise, error))


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), RuntimeError("a bug"), ImportError("none")]
)
def test_other_errors_stay_what_they_are(error):
    assert not is_used_up(error)
    with pytest.raises(type(error)):
        within_memory(partial(_raise, error))


def test_what_was_held_is_given_back_before_it_is_told():
    class Held:
        """Something large."""

    seen = []

    def fill() -> None:
        held = Held()
        held.itself = held
        seen.append(weakref.ref(held))
        raise MemoryError

    gc.disable()
    try:
        with pytest.raises(OutOfMemory):
            within_memory(fill)
        assert seen[0]() is None
    finally:
        gc.enable()
