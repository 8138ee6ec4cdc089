"""A holder is dead where boot, process namespace and process all say so."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connector.run import holder_macos
from connector.run.holder import Here, is_dead, me, named, shown, surroundings
from tests.harness.systems import LINUX

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
HERE = surroundings()


@pytest.fixture
def ended():
    """The name of a process of this system that has ended."""
    with subprocess.Popen(SLEEP) as child:
        name = named(child.pid, HERE)
        child.kill()
    return name


def test_a_process_that_has_ended_here_is_dead(ended):
    assert is_dead(ended)
    assert is_dead(f"{ended}/a1b2c3d4")


def test_this_very_process_lives_and_no_two_of_its_holds_are_one():
    assert not is_dead(me())
    assert me() != me()
    assert shown(me()) == f"{HERE.host}/{os.getpid()}"


def test_a_stopped_process_lives():
    with subprocess.Popen(SLEEP) as child:
        child.send_signal(signal.SIGSTOP)
        assert not is_dead(named(child.pid, HERE))
        child.kill()


def test_a_process_number_that_was_given_anew_is_no_holder():
    host, pid, started, *rest = me().split("/")

    assert is_dead("/".join([host, pid, str(int(started) - 5), *rest]))


@pytest.mark.parametrize(
    "other",
    [
        Here("another-host", HERE.boot, HERE.space),
        Here(HERE.host, "another boot", HERE.space),
        Here(HERE.host, HERE.boot, "4026532999-4026531834"),
        Here(HERE.host, "", HERE.space),
        Here(HERE.host, HERE.boot, ""),
    ],
)
def test_what_cannot_be_seen_from_here_is_not_gone(ended, other):
    """Containers on one host share its name; a unit may hide what tells the boot."""
    pid, started = ended.split("/")[1:3]

    assert not is_dead(f"{other.host}/{pid}/{started}/{other.boot}/{other.space}/x")


def test_a_holder_of_an_earlier_version_is_unknown(ended):
    assert not is_dead("/".join(ended.split("/")[:3]))
    assert not is_dead("")
    assert not is_dead("host/12")


@pytest.mark.parametrize("pid", ["0", "-1", "99999999999999999999", "x", "٣"])
def test_a_number_that_is_none_of_a_process_proves_nothing(pid):
    name = f"{HERE.host}/{pid}/77/{HERE.boot}/{HERE.space}"

    assert not is_dead(name)


@LINUX
def test_a_process_that_is_hidden_and_lives_is_not_gone(tmp_path):
    """ProtectProc=invisible: /proc shows nobody else, and a signal still finds them."""
    hidden = tmp_path / "proc"
    (hidden / "self/ns").mkdir(parents=True)
    (hidden / "sys/kernel/random").mkdir(parents=True)
    shutil.copy("/proc/sys/kernel/random/boot_id", hidden / "sys/kernel/random")
    shutil.copy("/proc/self/stat", hidden / "self")
    for kind in ("pid", "time"):
        if os.path.lexists(f"/proc/self/ns/{kind}"):
            link = Path(f"/proc/self/ns/{kind}").readlink()
            (hidden / "self/ns" / kind).symlink_to(link)
    with subprocess.Popen(SLEEP) as child:
        name = named(child.pid, HERE)
        assert surroundings(hidden) == HERE

        assert not is_dead(name, hidden)
        child.kill()
        child.wait()
        assert is_dead(name, hidden)


def test_another_process_namespace_with_the_same_host_name_takes_nobody_over():
    """B11: the same numbers there are other processes."""
    code = "import sys; from connector.run.holder import is_dead; "
    code += "sys.exit(3 if is_dead(sys.argv[1]) else 4)"
    line = ["unshare", "--fork", "--pid", "--mount-proc", sys.executable, "-c", code]
    if (
        not shutil.which("unshare")
        or subprocess.run(
            [*line[:4], "true"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no process namespaces to be had here")
    with subprocess.Popen(SLEEP) as child:
        time.sleep(0.1)
        inside = subprocess.run([*line, named(child.pid, HERE)], check=False)
        child.kill()

    assert inside.returncode == 4


# --- a system without /proc -----------------------------------------------------------

NO_PROC = Path("/there/is/no/proc")


def answering(answers):
    """Answer as macOS does, by the first word of a command and by its last."""
    return lambda command: answers.get((command[0], command[-1]), "")


def test_macos_tells_boot_and_process_by_sysctl_and_ps():
    ask = answering(
        {
            ("sysctl", "kern.bootsessionuuid"): "2C0A6E1B-0D3E-4B7C-9C39-0B5C1D7C2A11",
            ("ps", "501"): "Ss   Mon Nov 30 15:53:45 2026",
            ("ps", "502"): "Z+   Mon Nov 30 15:53:46 2026",
        }
    )

    assert holder_macos.boot(ask).startswith("2C0A6E1B")
    assert holder_macos.status(501, ask) == ("S", "Mon-Nov-30-15:53:45-2026")
    assert holder_macos.status(502, ask) == ("Z", "Mon-Nov-30-15:53:46-2026")
    assert holder_macos.status(503, ask) is None


@pytest.fixture
def booted(monkeypatch):
    """A system without /proc whose boot has a name; processes are asked of ps."""
    if not shutil.which("ps"):
        pytest.skip("no ps here")
    monkeypatch.setattr(holder_macos, "_own_boot", lambda: "a-boot")


def test_without_proc_a_process_that_has_ended_is_dead_and_a_living_one_is_not(booted):
    here = surroundings(NO_PROC)
    with subprocess.Popen(SLEEP) as child:
        _, began = holder_macos.status(child.pid)
        name = f"{here.host}/{child.pid}/{began}/{here.boot}/{here.space}/a1"
        assert not is_dead(name, NO_PROC)
        assert is_dead(name.replace(began, "Mon-Nov-30-15:53:45-2020"), NO_PROC)
        child.kill()
        child.wait()
        assert is_dead(name, NO_PROC)


def test_without_proc_and_without_a_boot_to_name_nobody_is_called_dead():
    """Linux has no such answer of sysctl: nothing is known there without /proc."""
    here = surroundings(NO_PROC)

    if sys.platform != "darwin":
        assert here.boot == ""
        assert not is_dead(f"{here.host}/99999/then//{here.space}/a1", NO_PROC)


def test_a_tool_that_is_not_there_answers_nothing():
    assert holder_macos.asked(["no-such-tool-at-all"]) == ""
    assert holder_macos.asked([sys.executable, "-c", "raise SystemExit(1)"]) == ""
