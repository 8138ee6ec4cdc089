"""Heartbeats and notices: scenarios H15 and H17."""

import pytest

from connector.notify import Announcer, failing, news
from connector.sections import NotifySection
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
        return Announcer(section, lambda pair: Store(engine, pair), send)

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
        told.saw("a", status, "because")

    assert announcer.sent == expected


def test_a_restart_repeats_no_alarm_and_still_tells_the_recovery(announcer):
    announcer().saw("a", "refused", "because")

    announcer().saw("a", "refused", "because")
    announcer().saw("a", "complete", "")

    assert announcer.sent == ["a: refused", "a is well again"]


def test_an_alarm_that_was_not_delivered_is_sent_again(announcer):
    deaf = announcer(delivered=False)

    deaf.saw("a", "failed", "because")
    deaf.saw("a", "failed", "because")

    assert announcer.sent == ["a: failed", "a: failed"]


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
