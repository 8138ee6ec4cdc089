"""Files of our own are made safely, and what is in them is believed within bounds."""

import gc
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connector.providers import own_files
from connector.providers.adaptive import Adaptive
from connector.providers.http import Access, ReadOnly
from connector.providers.listing import MOST, Windows
from connector.providers.own_files import read_small, shared_folder, write_small
from connector.providers.pace import SlidingWindow, Unhurried, file_of


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(own_files, "_told", set())
    return folder


@pytest.fixture
def said():
    with capture_logs() as events:
        yield events


def ours(temporary):
    return temporary / f"partnero-tolt-{os.getuid()}"


def test_the_shared_folder_is_private_and_one_for_all(temporary):
    folder = shared_folder()

    assert folder == ours(temporary)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert shared_folder() == folder


def a_link(folder, aside):
    aside.mkdir(mode=0o700)
    folder.symlink_to(aside)


def a_file(folder, _aside):
    folder.write_text("")


def open_to_all(folder, _aside):
    folder.mkdir()
    folder.chmod(0o777)


def open_to_the_group(folder, _aside):
    folder.mkdir()
    folder.chmod(0o770)


def in_a_folder_without_bounds(folder, _aside):
    folder.parent.chmod(0o777)


@pytest.mark.parametrize(
    "planted",
    [a_link, a_file, open_to_all, open_to_the_group, in_a_folder_without_bounds],
)
def test_a_folder_that_may_be_anybodys_is_done_without_and_that_is_said(
    temporary, tmp_path, said, planted
):
    aside = tmp_path / "aside"
    planted(ours(temporary), aside)

    assert shared_folder() is None
    assert file_of("key", "host") is None
    window = SlidingWindow(1000, "key", "host")
    window.wait()
    window.ended(200)

    assert [one["event"] for one in said] == [
        "the pace of a key is not shared with others"
    ]
    assert not aside.exists() or list(aside.iterdir()) == []


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("whose", ["folder", "temporary"])
def test_a_folder_of_another_user_is_done_without(temporary, said, whose):
    folder = ours(temporary)
    folder.mkdir(mode=0o700)
    os.chown(folder if whose == "folder" else temporary, 12345, 12345)

    assert shared_folder() is None
    assert "another user" in said[0]["reason"]


PACED = """
import sys, tempfile
from connector.providers.pace import SlidingWindow
window = SlidingWindow(1000, "key", "host")
window.wait()
window.ended(200)
print("went on")
"""


def test_without_any_temporary_folder_only_the_shared_pace_is_done_without(tmp_path):
    """No candidate can be written to, and the working folder is nobody's for that."""
    root = Path(__file__).parents[2]
    nowhere = "import tempfile; tempfile._candidate_tempdir_list = lambda: []\n"
    here = "import os, tempfile; tempfile._candidate_tempdir_list = lambda: ['.']\n"
    for begun in (nowhere, here):
        done = subprocess.run(
            [sys.executable, "-c", begun + PACED],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(root)},
            check=False,
        )
        assert "went on" in done.stdout
        assert "there is no temporary folder" in done.stdout + done.stderr
        assert list(tmp_path.iterdir()) == []


def test_a_file_through_a_link_is_neither_read_nor_written(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("theirs")
    link.symlink_to(target)

    assert read_small(link, 100) is None
    assert not write_small(link, "ours")
    assert target.read_text() == "theirs"


def test_a_second_name_of_a_file_is_neither_read_nor_written(tmp_path):
    target, name = tmp_path / "target", tmp_path / "name"
    target.write_text("theirs")
    name.hardlink_to(target)

    assert read_small(name, 100) is None
    assert not write_small(name, "ours")
    assert target.read_text() == "theirs"


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    assert read_small(tmp_path / "pipe", 100) is None
    assert not write_small(tmp_path / "pipe", "ours")


def test_a_file_that_others_may_write_is_not_believed(tmp_path):
    (tmp_path / "open").write_text("1")
    (tmp_path / "open").chmod(0o666)

    assert read_small(tmp_path / "open", 100) is None


def test_a_file_is_read_to_its_bound_and_made_for_us_alone(tmp_path):
    assert write_small(tmp_path / "kept", "123456")
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o600
    assert read_small(tmp_path / "kept", 6) == "123456"
    assert read_small(tmp_path / "kept", 5) is None
    assert write_small(tmp_path / "kept", "1")
    assert read_small(tmp_path / "kept", 6) == "1"
    assert read_small(tmp_path / "missing", 6) is None
    assert not write_small(tmp_path / "missing" / "kept", "1")


HINTS = {
    "a year of windows": "\n".join(
        f"2026-{month:02d}-{day:02d}T{hour:02d}:00:00Z"
        for month in range(1, 13)
        for day in range(1, 29)
        for hour in range(24)
    ),
    "one window too many": "\n".join(
        f"2026-01-{day:02d}" for day in range(1, MOST + 2)
    ),
    "one time again and again": "2026-01-01T00:00:00Z\n" * 4,
    "times that fall": "2026-01-02T00:00:00Z\n2026-01-01T00:00:00Z",
    "with and without a zone": "2026-01-01T00:00:00Z\n2026-01-02T00:00:00",
    "no time": "2026-01-01T00:00:00Z\nsoon",
    "no text": "\udcff\udcfe",
    "a megabyte": "2" * 1_000_000,
}


@pytest.mark.parametrize("hint", HINTS.values(), ids=HINTS)
def test_a_planted_hint_makes_one_walk(tmp_path, hint):
    planted = tmp_path / "tolt.windows"
    planted.write_bytes(hint.encode("utf-8", "surrogateescape"))

    assert Windows(planted).spans() == []


def test_no_hint_makes_more_windows_than_are_meant(tmp_path):
    file = tmp_path / "tolt.windows"
    starts = [
        f"2026-01-{day:02d}T{hour:02d}:00:00Z"
        for day in range(1, 29)
        for hour in range(24)
    ]
    Windows(file).remember(starts)

    assert 2 <= len(Windows(file).spans()) <= MOST + 1


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-inf", "1e400", "-5", "0", "", "fast", "9" * 5000]
)
def test_a_planted_pace_stays_within_its_bounds(tmp_path, text):
    planted = tmp_path / "key.rate"
    planted.write_text(text)

    pace = Adaptive(5.0, Unhurried(), planted)

    assert 0.2 <= pace.rate <= 5.0


def test_a_pace_file_that_is_no_database_is_done_without(temporary):
    path = file_of("key", "host")
    path.with_suffix(".db").write_text("no database" * 100)

    window = SlidingWindow(1000, "key", "host")
    window.wait()

    assert threading.active_count() < 20
    assert isinstance(window._bucket.conn, sqlite3.Connection)


def opened(folder):
    """Return which files in a folder this process has open."""
    numbers = Path("/proc/self/fd").iterdir()
    places = [str(one.readlink()) for one in numbers if one.is_symlink()]
    return [one for one in places if one.startswith(str(folder))]


@pytest.fixture
def uncollected():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
@pytest.mark.usefixtures("uncollected")
def test_a_client_that_is_closed_leaves_no_file_of_its_pace_open(temporary):
    """Whatever still refers to it: nothing here waits for the garbage collector."""
    kept = []
    for _ in range(3):
        window = SlidingWindow(1000, "key", "host")
        pace = Adaptive(1000, window, None)
        http = ReadOnly(Access("Tolt", "http://127.0.0.1:9/v2", "key", pace))
        pace.wait()
        assert opened(temporary)
        http.close()
        kept.append(http)

    assert opened(temporary) == []


def test_who_waits_at_a_pace_that_was_closed_meanwhile_goes_on(temporary):
    window = SlidingWindow(1000, "key", "host")
    window.wait()
    window.close()

    window.ended(200)
    window.wait()
    window.ended(200)

    assert opened(temporary) == []
