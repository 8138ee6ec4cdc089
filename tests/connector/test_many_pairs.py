"""Several pairs: each named everywhere, each for itself, and several at a time."""

import asyncio
import csv
import io
import itertools
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading

import pytest

from connector.commands.context import Context, worst
from connector.commands.together import each_pair, in_order
from tests.harness.ground import wait_for
from tests.harness.program import ROOT

NAMES = ["acme", "beta", "gamma", "delta", "epsilon", "zeta"]
DOWN = "gamma"


class Meeting:
    """Lets nobody through before so many keys have asked Partnero."""

    def __init__(self, sandbox, keys, *, seconds=20):
        self.seconds = seconds
        wait_for(lambda: sandbox.server.config.loaded)
        self.app, self.keys = sandbox.server.config.loaded_app, keys
        self.asked: list[bytes] = []
        self.all_there = None
        self.in_vain = False
        sandbox.server.config.loaded_app = self

    @property
    def came(self):
        return set(self.asked)

    async def __call__(self, scope, receive, send):
        if scope["path"].startswith("/partnero/"):
            await self._meet(dict(scope["headers"])[b"authorization"])
        await self.app(scope, receive, send)

    async def _meet(self, key):
        self.all_there = self.all_there or asyncio.Event()
        self.asked.append(key)
        if len(self.came) >= self.keys:
            self.all_there.set()
        try:
            await asyncio.wait_for(self.all_there.wait(), timeout=self.seconds)
        except TimeoutError:
            self.in_vain = True
            self.all_there.set()


def cut_off(place, name):
    """Let a pair's Tolt be unreachable: nobody listens at its address."""
    text = place.config.read_text(encoding="utf-8")
    first, _, rest = text.partition(f'name = "{name}"')
    nobody = 'base_url = "http://127.0.0.1:9/v2"'
    rest = re.sub(r'base_url = ".*/tolt/v2"', nobody, rest, count=1)
    place.config.write_text(f'{first}name = "{name}"{rest}', encoding="utf-8")


@pytest.fixture
def six(place):
    """Six pairs, of which one is down; one after the other is nobody waited for."""
    for name in NAMES[1:]:
        place.add_pair(name, only_tolt=0.2)
    cut_off(place, DOWN)
    return place


def open_lines(text):
    return [line for line in text.splitlines() if line and not line.startswith(" ")]


# --- six, one of them down --------------------------------------------------------


def test_six_pairs_are_synced_at_the_same_time_and_one_that_is_down_stops_nobody(
    six, hurried
):
    meeting = Meeting(six.sandbox, keys=5)

    synced = six.json("sync", "--jobs", "6")

    assert not meeting.in_vain
    assert len(meeting.came) >= 5
    assert [one["pair"] for one in synced.documents] == NAMES
    ended = {one["pair"]: one["status"] for one in synced.documents}
    assert ended == dict.fromkeys(NAMES, "complete") | {DOWN: "failed"}
    assert synced.code == 1
    warned = synced.err.splitlines()
    assert [line for line in warned if not any(n in line for n in NAMES)] == []
    for one in synced.documents:
        done = [o for o in one["outcomes"] if o["outcome"] == "confirmed"]
        assert bool(done) == (one["pair"] != DOWN)


def test_every_line_of_a_sync_says_of_which_pair_it_is(six, hurried):
    text = six.run("sync").out

    lines = open_lines(text)
    assert [line for line in lines if line.split(":")[0] not in NAMES] == []
    told = [line for line in lines if line.startswith(f"{DOWN}: ")]
    assert "no connection" in " ".join(told)
    assert re.search(rf"(?m)^{DOWN}: failed", text)


def test_a_report_of_six_begins_with_all_of_them_and_says_which_is_not_read(
    six, hurried
):
    planned = six.run("plan")

    overview, _, blocks = planned.out.partition("\nacme: ")
    assert planned.code == 1
    assert overview.startswith(f"6 pairs: 5 read completely, 1 not ({DOWN}).")
    rows = re.findall(r"(?m)^  (\w+) +(\d+|\u2013) ", overview)
    assert [name for name, _ in rows] == NAMES
    assert dict(rows)[DOWN] == "\u2013"
    (row,) = [line for line in overview.splitlines() if line.startswith(f"  {DOWN} ")]
    assert "not read: " in row
    assert all(line.split(":")[0] in NAMES for line in open_lines(f"acme: {blocks}"))
    assert re.search(r"(?m)^beta: Would be done \(\d+\)$", planned.out)


def test_the_commands_of_a_report_of_several_name_the_pair(six, hurried):
    planned = six.run("plan")

    typed = re.findall(r"(?m)^ +(partnero-tolt .*)", planned.out)
    assert typed
    assert all(line.startswith("partnero-tolt --pair acme ") for line in typed)


def test_json_of_several_is_one_object_a_line_also_of_the_one_that_is_down(
    six, hurried
):
    planned = six.run("plan", "--format", "json")

    lines = [json.loads(line) for line in planned.out.splitlines()]
    assert [line["pair"] for line in lines] == NAMES
    assert [line["pair"] for line in lines if line.get("error")] == [DOWN]
    assert planned.code == 1


def test_the_sheet_of_several_is_one_with_the_pair_in_each_row(six, hurried):
    text = six.run("plan", "--format", "csv").out

    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert text.count("\ufeff") == 1
    assert text.count('"record","pair"') == 1
    assert list(dict.fromkeys(row["pair"] for row in rows)) == NAMES
    assert {row["pair"] for row in rows if row["record"] == "failed"} == {DOWN}


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_a_page_of_several_is_one_page(six, hurried, form):
    text = six.run("plan", "--format", form).out

    assert text.count("<html") == (form == "html")
    assert f"6 pairs: 5 read completely, 1 not ({DOWN})" in text.replace("\\", "")
    for name in NAMES:
        assert name in text


def test_a_certificate_of_one_pair_that_is_down_keeps_no_other_from_its_own(
    six, hurried
):
    certified = six.json("verify")

    complete = {one["pair"]: one["complete"] for one in certified.documents}
    assert complete == dict.fromkeys(NAMES, True) | {DOWN: False}
    assert certified.code == 1


# --- what is wrong with one of them -----------------------------------------------


def test_a_missing_key_is_told_of_its_pair_alone(place, monkeypatch):
    place.add_pair()
    place.add_pair("gamma")
    monkeypatch.delenv("TOLT_API_KEY_2")

    synced = place.json("sync")

    ended = {one["pair"]: one["status"] for one in synced.documents}
    assert ended == {"acme": "complete", "beta": "failed", "gamma": "complete"}
    assert synced.code == 2
    assert "pair beta: tolt.api_key" in synced.err


def test_of_a_single_pair_a_missing_key_ends_the_command_as_ever(place, monkeypatch):
    place.add_pair()
    monkeypatch.delenv("TOLT_API_KEY_2")

    synced = place.run("sync", "--pair", "beta")

    assert (synced.code, synced.out) == (2, "")
    assert "TOLT_API_KEY_2" in synced.err


def test_a_bug_in_one_pair_is_told_of_it_and_ends_no_other(place):
    place.add_pair()
    context = Context(place.config)

    def work(pair):
        return 1 // (pair.name != "acme")

    ended = list(each_pair(context, work, lambda setback: setback, jobs=2))

    assert ended[1] == 1
    assert (ended[0].pair, ended[0].code) == ("acme", 1)
    assert "a bug: ZeroDivisionError" in ended[0].why


def test_quiet_leaves_warnings_out_and_errors_in(place, monkeypatch):
    place.add_pair()
    monkeypatch.delenv("TOLT_API_KEY_2")

    loud, quiet = place.run("plan").err, place.run("plan", "-q").err

    assert "warning: " in loud
    assert [line[:6] for line in quiet.splitlines()] == ["beta: "]


# --- so many at a time, in their order --------------------------------------------


def test_what_is_done_first_waits_for_its_turn_to_be_told():
    second_done = threading.Event()

    def work(item):
        if item == 1:
            assert second_done.wait(20)
        else:
            second_done.set()
        return item

    assert list(in_order([1, 2], work, jobs=2)) == [1, 2]


def test_what_is_done_is_told_while_others_are_still_at_work():
    told = threading.Event()

    def work(item):
        return item == 1 or told.wait(20)

    results = in_order([1, 2], work, jobs=2)

    assert next(results)
    told.set()
    assert next(results)


def test_never_more_are_at_work_than_jobs_say():
    at_work, most = set(), []
    room = threading.Barrier(3)

    def work(item):
        at_work.add(item)
        room.wait(20)
        most.append(len(at_work))
        room.wait(20)
        at_work.discard(item)
        room.wait(20)

    list(in_order(range(9), work, jobs=3))

    assert most == [3] * 9


def test_one_job_does_one_after_the_other_in_the_order_of_the_file(six, hurried):
    meeting = Meeting(six.sandbox, keys=1)

    planned = six.json("plan", "--jobs", "1")

    assert [one["pair"] for one in planned.documents] == NAMES
    turns = [key for key, _ in itertools.groupby(meeting.asked)]
    assert len(turns) == len(meeting.came) >= 5


@pytest.mark.parametrize("command", ["plan", "verify", "check", "inbox", "sync"])
@pytest.mark.parametrize("jobs", ["0", "-1", "many"])
def test_a_number_of_jobs_that_does_nothing_is_a_usage_error(place, command, jobs):
    failed = place.run(command, "--jobs", jobs)

    assert (failed.code, failed.out) == (2, "")
    assert "--jobs" in failed.err


def test_pairs_may_be_named_one_by_one_in_any_order(place):
    place.add_pair()
    place.add_pair("gamma")

    both = place.json("plan", "--pair", "gamma", "--pair=acme", "--pair", "gamma")
    wrong = place.run("plan", "--pair", "acme", "--pair", "gama")

    assert [one["pair"] for one in both.documents] == ["acme", "gamma"]
    assert wrong.code == 2
    assert "did you mean 'gamma'" in wrong.err


def test_of_several_codes_the_worst_counts():
    order = [2, 1, 5, 4, 6, 3, 0]

    assert [worst(order[at:]) for at in range(7)] == order
    assert [worst(order[at:][::-1]) for at in range(7)] == order


@pytest.mark.parametrize(
    "command",
    [
        ["plan", "--out", "x.json"],
        ["verify", "--out", "x.json"],
        ["verify", "--format", "html"],
        ["migrate", "--from", "tolt", "--to", "partnero", "--yes", "--out", "x"],
    ],
)
def test_one_file_holds_one_pair(place, command):
    place.add_pair()

    refused = place.run(*command)

    assert refused.code == 2
    assert "name one pair with --pair; there are: acme, beta" in refused.err
    assert len(place.sandbox.requests) == 0


# --- a signal ---------------------------------------------------------------------


def test_a_signal_ends_all_that_are_at_work_and_no_other_begins(place):
    """Two are caught in the middle of their reading; the third never begins."""
    place.add_pair()
    place.add_pair("gamma")
    meeting = Meeting(place.sandbox, keys=3, seconds=2)
    process = place.start("sync", "--jobs", "2", "--format", "json")
    place.wait_for(lambda: len(meeting.came) > 1)

    process.send_signal(signal.SIGTERM)
    ended = place.end(process)

    assert ended.code == 143
    statuses = {one["pair"]: one["status"] for one in ended.documents}
    assert statuses == {"acme": "interrupted", "beta": "interrupted"}
    assert place.writes == []


# --- the history ------------------------------------------------------------------


def test_the_history_has_a_line_a_run_with_its_pair_and_what_it_did(place):
    place.add_pair(only_tolt=0.5)
    place.run("sync")
    place.run("sync", "--pair", "beta")

    text = place.run("history").out
    first = place.json("history", "--limit", "1").documents
    every = place.json("history").documents

    assert [line.split(":")[0] for line in text.splitlines()] == [
        "acme",
        "beta",
        "beta",
    ]
    made = {one["pair"]: one["runs"][-1]["counts"]["created"] for one in every}
    assert made == {"acme": 3, "beta": 6}
    assert "6 created" in text.splitlines()[-1]
    assert "nothing written" in text.splitlines()[1]
    assert [len(one["runs"]) for one in first] == [1, 1]
    assert first[1]["runs"][0]["counts"]["created"] == 0
    assert all(run["seconds"] is not None for one in every for run in one["runs"])


def test_a_history_of_no_runs_at_all_is_a_usage_error(place):
    assert place.run("history", "--limit", "0").code == 2


# --- what else reads --------------------------------------------------------------


def test_a_code_is_explained_in_all_pairs_but_the_one_that_is_down(six, hurried):
    explained = six.json("explain", "ANNA10")

    kinds = {
        one["pair"]: one["format"].rpartition("/")[2] for one in explained.documents
    }
    assert kinds == dict.fromkeys(NAMES, "explain") | {DOWN: "error"}
    assert explained.code == 1
    assert f"{DOWN}: Tolt" in explained.err


def test_a_fresh_inbox_is_that_of_all_pairs_and_says_which_cannot_be_read(six, hurried):
    meeting = Meeting(six.sandbox, keys=5)

    text = six.run("inbox", "--fresh", "--jobs", "6")
    document = six.json("inbox", "--fresh").documents

    assert not meeting.in_vain
    assert text.code == 1
    assert all(line.split(":")[0] in NAMES for line in open_lines(text.out))
    assert f"{DOWN} could not be read now" in text.err
    assert [one["pair"] for one in document] == NAMES
    assert [one["pair"] for one in document if one.get("error")] == [DOWN]


def test_a_fresh_inbox_without_a_key_is_told_of_its_pair_alone(place, monkeypatch):
    place.add_pair()
    monkeypatch.delenv("TOLT_API_KEY_2")

    shown = place.json("inbox", "--fresh")

    errors = {one["pair"]: bool(one.get("error")) for one in shown.documents}
    assert errors == {"acme": False, "beta": True}
    assert shown.code == 2


# --- beside the result ------------------------------------------------------------


def test_the_log_says_of_each_pair_when_it_begins_and_ends(place):
    place.add_pair()

    said = place.run("plan", "-v", "--format", "json")

    lines = [json.loads(line) for line in said.err.splitlines() if line[:1] == "{"]
    told = {(line["pair"], line["event"]) for line in lines}
    assert told == {(p, e) for p in ("acme", "beta") for e in ("begins", "ends")}
    assert all(line["seconds"] >= 0 for line in lines if line["event"] == "ends")


def test_progress_on_a_terminal_names_the_pair_and_leaves_the_result_alone(place):
    """Standard error is a terminal, standard output is none: nothing mixes."""
    place.add_pair()
    place.fault("slow", path="partnero", seconds=0.6, count=2)
    near, far = pty.openpty()
    printed = place.folder / "printed"
    with printed.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "connector", "plan", "--format", "json"],
            cwd=place.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=far,
        )
    os.close(far)
    shown = drained(near)

    lines = printed.read_text(encoding="utf-8").splitlines()
    assert process.wait(60) == 0
    assert [json.loads(line)["pair"] for line in lines] == ["acme", "beta"]
    assert "acme: reading " in shown
    assert "beta: reading " in shown


def drained(descriptor):
    """Return everything that a terminal is sent until the program has ended."""
    text = b""
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # the other end is closed
            part = b""
        if not part:
            os.close(descriptor)
            return text.decode("utf-8", "replace")
        text += part


def test_the_status_of_a_pair_names_it_in_what_can_be_typed(place):
    place.add_pair()
    place.run("sync", "--pair", "acme")

    said = place.run("status")

    assert "wait for a decision: partnero-tolt --pair acme inbox" in said.out
    assert [line.split(":")[0] for line in open_lines(said.out)] == ["acme", "beta"]
