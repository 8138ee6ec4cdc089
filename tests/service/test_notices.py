"""Heartbeats and notices: scenarios H15 and H17."""

import contextlib
import itertools
import json
import socket
import threading
from dataclasses import replace

import pytest

from connector.config.schema import NotifySection
from connector.engine.outcome import Run
from connector.engine.trouble import failed
from connector.reports.notices import Spell
from connector.service.notify import Announcer, failing, news
from connector.service.teller import Teller
from state.database import open_to_write
from state.store import Store

# Loading the plug-ins of apprise imports a module that Python 3.13 removes.
pytestmark = pytest.mark.filterwarnings("ignore:.imghdr. is deprecated")
NONE = frozenset()


@pytest.fixture
def announcer(tmp_path):
    engine = open_to_write(f"sqlite:///{tmp_path}/state.db")
    sent = []

    def make(*, delivered: bool = True) -> Announcer:
        def send(_url, title, _body):
            sent.append(title)
            return delivered

        section = NotifySection(urls=["json://localhost"])
        return Announcer({"a": section}, lambda pair: Store(engine, pair), send)

    make.sent = sent
    return make


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        pytest.param(["complete"] * 3, [], id="idle says nothing"),
        pytest.param(["refused"] * 3, ["a: refused"], id="H15, three in a row"),
        pytest.param(
            ["refused", "refused", "complete", "complete"],
            ["a: refused", "a is well again"],
            id="recovery once",
        ),
        pytest.param(
            ["failed", "refused", "failed", "refused"],
            ["a: failed", "a: refused"],
            id="each kind of trouble once",
        ),
        pytest.param(
            ["failed", "silent"], ["a: failed"], id="silence is no second one"
        ),
        pytest.param(["silent", "silent"], ["a: silent"], id="silence once"),
        pytest.param(["locked", "interrupted"], [], id="no news of the pair"),
        pytest.param(
            ["partial", "locked", "partial"], ["a: partial"], id="locked ends nothing"
        ),
    ],
)
def test_a_notice_is_sent_on_a_change_and_on_recovery(announcer, statuses, expected):
    told = announcer()

    for status in statuses:
        told.saw("a", Spell(status, "because"))

    assert announcer.sent == expected


def test_a_restart_repeats_no_alarm_and_still_tells_the_recovery(announcer):
    announcer().saw("a", Spell("refused", "because"))

    announcer().saw("a", Spell("refused", "because"))
    announcer().saw("a", Spell("complete", ""))

    assert announcer.sent == ["a: refused", "a is well again"]


def test_an_alarm_that_was_not_delivered_is_sent_again(announcer):
    deaf = announcer(delivered=False)

    deaf.saw("a", Spell("failed", "because"))
    deaf.saw("a", Spell("failed", "because"))

    assert announcer.sent == ["a: failed", "a: failed"]


def test_who_could_not_be_reached_when_others_were_told_is_told_later():
    down, got = {"json://pager"}, []

    def send(url, title, _body):
        got.extend([(url, title)] if url not in down else [])
        return url not in down

    section = NotifySection(urls=["json://chat", "json://pager"])
    told = Announcer({"a": section}, lambda _pair: None, send)

    assert told.saw("a", Spell("failed", "no answer"))
    assert not told.saw("a", Spell("failed", "no answer"))
    assert got == [("json://chat", "a: failed")]
    down.clear()
    assert not told.saw("a", Spell("failed", "no answer"))
    assert not told.saw("a", Spell("failed", "no answer"))

    assert got == [("json://chat", "a: failed"), ("json://pager", "a: failed")]


def test_only_a_complete_run_is_ever_good_news():
    for status in ("partial", "refused", "failed", "interrupted", "locked"):
        assert news(frozenset({"failed"}), status)[0] != "recovery"
    assert news(frozenset({"failed"}), "complete") == ("recovery", NONE)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://hc.example/uuid", "https://hc.example/uuid/fail"),
        ("https://hc.example/uuid/?a=1&b", "https://hc.example/uuid/fail?a=1&b"),
        ("https://hc.example", "https://hc.example/fail"),
    ],
)
def test_a_failure_is_pinged_beside_the_heartbeat(url, expected):
    assert failing(url) == expected


def test_a_sync_pings_its_success_and_nothing_else(town, receiver):
    town.settle("@hourly", more=receiver.notify)

    code, out = town.call("sync")

    assert code == 0
    assert receiver.pings == ["/ping?job=1"]
    assert receiver.notices == []
    assert len(out.splitlines()) == 1


def test_three_failed_syncs_are_three_failed_pings_and_one_alarm(town, receiver):
    town.settle("@hourly", more=receiver.notify)
    fault = town.fault("status", path="/tolt/", status=401, count=None)

    assert [town.call("sync")[0] for _ in range(3)] == [1, 1, 1]
    town.sandbox.faults.active.remove(fault)
    assert town.call("sync")[0] == 0

    assert receiver.pings == ["/ping/fail?job=1"] * 3 + ["/ping?job=1"]
    assert receiver.notices == ["p0: failed", "p0 is well again"]


def test_a_missing_key_is_pinged_as_a_failure(town, receiver, monkeypatch):
    town.settle("@hourly", more=receiver.notify)
    monkeypatch.delenv("PK_0")

    assert town.call("sync")[0] == 2

    assert receiver.pings == ["/ping/fail?job=1"]


def test_a_pair_that_was_done_has_no_part_in_the_trouble_of_the_next(
    town, receiver, monkeypatch
):
    town.settle("@hourly", "@hourly", more=receiver.notify)
    monkeypatch.delenv("PK_1")

    assert town.call("sync")[0] == 2

    assert [run.status for run in town.runs("p0")] == ["complete"]
    assert receiver.notices == ["p1: failed"]


def test_a_ping_that_fails_does_not_fail_the_run(town, receiver):
    town.settle("@hourly", more=receiver.notify)
    receiver.status = 500

    assert town.call("sync")[0] == 0


def test_a_heartbeat_that_nobody_answers_does_not_fail_the_run(town, port):
    url = f"http://127.0.0.1:{port}/ping"
    town.settle("@hourly", more=f'[notify]\nheartbeat_url = "{url}"\n')

    assert town.call("sync")[0] == 0


# -- nobody waits for who is told (issue 8, C16) -------------------------------


@pytest.fixture
def drip():
    """Answer one byte at a time, for ever; count who has come."""
    came, ending = [], threading.Event()

    def answer(opened: socket.socket) -> None:
        with opened, contextlib.suppress(OSError):
            opened.recv(65_536)
            for byte in itertools.chain(b"HTTP/1.1 200 OK\r\n", itertools.repeat(88)):
                opened.sendall(bytes([byte]))
                if ending.wait(0.2):
                    return

    def serve(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                opened, _ = listening.accept()
                came.append(opened)
                threading.Thread(target=answer, args=(opened,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", came
        ending.set()
        listening.shutdown(socket.SHUT_RDWR)


def _teller(send, engine=None, urls=("json://localhost",)) -> Teller:
    def store_of(pair):
        return Store(engine, pair) if engine else None

    section = NotifySection(urls=list(urls))
    pairs = ["a", *(f"p{number}" for number in range(50))]
    return Teller(Announcer(dict.fromkeys(pairs, section), store_of, send))


def _run(pair: str, status: str, error: str = "") -> Run:
    trouble = None if status == "complete" else failed(error or "because", "other")
    trouble = trouble and replace(trouble, status=status)
    return Run("r_1", pair, "run", "2026-01-01T00:00:00Z", trouble)


def test_who_tells_waits_for_nobody_who_is_told():
    release, sent = threading.Event(), []

    def hanging(_url, title, _body):
        release.wait()
        sent.append(title)
        return True

    teller = _teller(hanging)
    for number in range(20):  # with a wait for any of them this would never end
        teller.heard(_run(f"p{number}", "failed"))
    assert sent == []
    release.set()
    teller.end()

    assert sent == [f"p{number}: failed" for number in range(20)]


def test_a_target_that_hangs_keeps_no_other_target_from_hearing(tmp_path):
    release, heard = threading.Event(), []

    def send(url, title, _body):
        if url == "json://hangs":
            release.wait()
        heard.append((url, title))
        return True

    section = NotifySection(urls=["json://hangs", "json://hears"])
    told = Announcer({"a": section}, lambda _pair: None, send, patience=0.2)
    told.saw("a", Spell("failed", "because"))
    told.saw("a", Spell("complete", ""))
    release.set()

    assert [title for url, title in heard if url == "json://hears"] == [
        "a: failed",
        "a is well again",
    ]


def test_what_hangs_is_tried_again_only_when_it_has_ended():
    release, begun = threading.Event(), []

    def send(_url, title, _body):
        begun.append(title)
        return release.wait()

    section = NotifySection(urls=["json://x"])
    told = Announcer({"a": section}, lambda _pair: None, send, patience=0.05)
    for _ in range(5):
        told.saw("a", Spell("failed", "because"))
    assert begun == ["a: failed"]
    release.set()
    while len(begun) == 1:  # only what was delivered counts as told
        told.saw("a", Spell("failed", "because"))

    assert begun[:2] == ["a: failed", "a: failed"]


def test_a_plug_in_that_breaks_is_a_notice_that_was_not_delivered(announcer):
    def broken(_url, _title, _body):
        raise TypeError("a plug-in of somebody else")

    section = NotifySection(urls=["json://x"])
    told = Announcer({"a": section}, lambda _pair: None, broken)

    assert not told.saw("a", Spell("failed", "because"))
    assert told.told("a") == NONE


def test_where_too_much_waits_the_newest_state_of_a_pair_is_told():
    release, sent = threading.Event(), []

    def hanging(_url, title, _body):
        release.wait()
        sent.append(title)
        return True

    teller = _teller(hanging)
    for number in range(300):
        teller.heard(_run("a", "failed" if number % 2 else "refused"))
    teller.heard(_run("a", "complete"))
    release.set()
    teller.end()

    assert sent[-1] == "a is well again"
    assert len(sent) <= 3


@pytest.mark.parametrize("status", ["failed", "partial", "refused"])
def test_no_notice_is_without_a_body(status):
    bodies = []

    def send(_url, _title, body):
        bodies.append(body)
        return True

    teller = _teller(send)
    teller.heard(_run("a", status))
    teller.heard(_run("a", "complete"))
    teller.end()

    assert len(bodies) == 2
    assert all(body.strip() for body in bodies)
    assert status in bodies[0]


@pytest.mark.slow
def test_an_outage_is_told_with_its_cause(town, receiver):
    town.settle("@hourly", more=receiver.notify)
    town.fault("status", path="/tolt/", status=503, count=None)

    assert town.call("sync")[0] in (1, 4)

    (body,) = [json.loads(b)["message"] for m, _, b in receiver.calls if m == "POST"]
    assert "503" in body


@pytest.mark.slow
def test_a_heartbeat_that_drips_stops_no_pair_and_no_command(town, drip):
    url, came = drip
    more = f'[notify]\nheartbeat_url = "{url}/ping"\nurls = ["json://{url[7:]}/n"]\n'
    town.settle("@hourly", "@hourly", more=more)
    town.fault("status", path="prg_t00", status=401, count=None)

    code, out = town.call("sync")  # it ends by itself, whatever they do

    assert code == 1
    assert len(out.splitlines()) >= 2
    assert town.runs("p1")[0].status == "complete"
    assert came


def test_no_thread_stays_when_all_is_told():
    before = threading.active_count()
    for number in range(50):
        teller = _teller(lambda *_: True)
        teller.heard(_run(f"p{number}", "failed"))
        teller.beat({"p1": True}, ["p1"])
        teller.end()

    while threading.active_count() > before:  # the last ones are just ending
        pass


# -- each pair has its own, where it says so -----------------------------------


def test_a_heartbeat_of_a_pair_of_its_own_says_how_that_pair_is(town, receiver):
    town.settle("@hourly", "@hourly", more=receiver.notify)
    own = f'notify.heartbeat_url = "{receiver.url}/own"\n'
    town.config.write_text(town.config.read_text() + own)
    town.fault("status", path="prg_t1", status=401, count=None)

    assert town.call("sync")[0] == 1

    assert sorted(receiver.pings) == ["/own/fail", "/ping?job=1"]
    assert receiver.notices == ["p1: failed"]


def test_a_heartbeat_of_several_pairs_is_good_only_if_all_are(town, receiver):
    town.settle("@hourly", "@hourly", more=receiver.notify)
    town.fault("status", path="prg_t1", status=401, count=None)

    assert town.call("sync")[0] == 1

    assert receiver.pings == ["/ping/fail?job=1"]


def test_a_notice_says_since_when_why_and_what_to_type(town, receiver):
    town.settle("@hourly", "@hourly", more=receiver.notify)
    town.fault("status", path="prg_t1", status=401, count=None)

    assert town.call("sync")[0] == 1

    (run,) = town.runs("p1")
    (body,) = [json.loads(b)["message"] for m, _, b in receiver.calls if m == "POST"]
    head, why, typed = body.splitlines()
    assert head == f"p1: failed since {run.started_at} (run {run.id})."
    assert why.startswith("Why: Tolt answered 401 to GET ")
    assert "(from the environment variable TLT_1)" in why
    assert typed == "Type: partnero-tolt --pair p1 check"
