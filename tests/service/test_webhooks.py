"""Webhooks wake a pair, once for a burst, and nobody else can."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import pytest

from connector.service.job import Background
from connector.service.webhooks import Hints
from state.database import StateProblem, open_to_write
from state.heard import Heard
from state.store import Store

TOLT = {"p0": "whsec_" + base64.b64encode(b"of p0, twenty-four bytes").decode()}
PARTNERO = {"p0": "sixteen-letters!"}
BODY = json.dumps({"type": "transaction.created", "data": {"id": "txn_1"}}).encode()


def svix(body: bytes, name: str = "msg_1", *, age: float = 0, secret: str = TOLT["p0"]):
    at = str(int(time.time() - age))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    mark = "v1," + base64.b64encode(signed).decode()
    return {"svix-id": name, "svix-timestamp": at, "svix-signature": f"v1,AAAA {mark}"}


def signature(body: bytes, secret: str = PARTNERO["p0"]):
    return {"signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


@pytest.fixture
def hints():
    woken = []
    made = Hints(woken.append, lambda _pair, _mark: True)
    return made, woken


def test_a_good_signature_of_either_product_wakes_its_pair(hints):
    heard, woken = hints

    assert heard.heard("tolt", {"other": "whsec_AAAA", **TOLT}, svix(BODY), BODY)
    assert heard.heard("partnero", PARTNERO, signature(BODY), BODY)

    assert woken == ["p0", "p0"]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param(svix(BODY + b" "), id="another body"),
        pytest.param({**svix(BODY), "svix-id": "msg_2"}, id="another id"),
        pytest.param(svix(BODY, age=40_000), id="too old"),
        pytest.param(svix(BODY, age=-40_000), id="too new"),
        pytest.param(svix(BODY, secret="whsec_AAAA"), id="another secret"),
        pytest.param({**svix(BODY), "svix-signature": "v1"}, id="no comma"),
        pytest.param({**svix(BODY), "svix-signature": "v1,%%%"}, id="no base64"),
        pytest.param({**svix(BODY), "svix-timestamp": "nan"}, id="no number"),
        pytest.param(signature(BODY), id="the other product's"),
    ],
)
def test_a_forged_message_of_tolt_wakes_nobody(hints, headers):
    heard, woken = hints

    assert not heard.heard("tolt", TOLT, headers, BODY)
    assert woken == []


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param(signature(BODY + b" "), id="another body"),
        pytest.param(signature(BODY, "another"), id="another secret"),
        pytest.param({"signature": signature(BODY)["signature"].upper()}, id="upper"),
        pytest.param({"signature": "é"}, id="no ASCII"),
    ],
)
def test_a_forged_message_of_partnero_wakes_nobody(hints, headers):
    heard, woken = hints

    assert not heard.heard("partnero", PARTNERO, headers, BODY)
    assert woken == []


@pytest.mark.parametrize(("age", "good"), [(290, True), (310, False), (-310, False)])
def test_a_message_of_tolt_is_good_for_five_minutes(hints, age, good):
    heard, woken = hints

    assert heard.heard("tolt", TOLT, svix(BODY, age=age), BODY) is good
    assert woken == ["p0"] * good


def test_a_body_that_is_no_text_wakes_nobody(hints):
    heard, woken = hints

    assert not heard.heard("tolt", TOLT, svix(b"\xff"), b"\xff")
    assert woken == []


def test_replayed_messages_wake_nobody_again_in_any_order(hints):
    heard, woken = hints
    first, second = svix(BODY, "msg_1"), svix(BODY, "msg_2")

    for headers in (first, second, second, first, first):
        assert heard.heard("tolt", TOLT, headers, BODY)
    for _ in range(3):
        assert heard.heard("partnero", PARTNERO, signature(BODY), BODY)

    assert woken == ["p0", "p0", "p0"]


@pytest.fixture
def remembered(tmp_path):
    store = Store(open_to_write(f"sqlite:///{tmp_path / 'connector.db'}"), "p0")
    return lambda _pair, mark: Heard(store.transactions).is_new(mark)


def test_what_one_process_has_heard_wakes_nobody_in_another_one(remembered):
    woken = []
    one, other = (Hints(woken.append, remembered) for _ in range(2))

    for heard in (one, other, Hints(woken.append, remembered)):
        assert heard.heard("tolt", TOLT, svix(BODY), BODY)
        assert heard.heard("partnero", PARTNERO, signature(BODY), BODY)

    assert woken == ["p0", "p0"]


def test_while_the_state_is_away_a_process_goes_by_its_own_memory():
    def away(_pair, _mark):
        raise StateProblem("away")

    woken = []
    hints = Hints(woken.append, away)

    for _ in range(3):
        assert hints.heard("tolt", TOLT, svix(BODY), BODY)

    assert woken == ["p0"]


def due(running: Background) -> datetime:
    return running._scheduler.get_job("p0").next_run_time


class Passes:
    """Passes that do nothing but being noted."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    def begin(self, pair, _stop) -> None:
        self.begun.append(pair.name)

    def crashed(self, pair, error) -> None:
        self.begun.append(f"{pair.name}: {error}")

    def watch(self) -> None:
        pass

    def last_start(self, _pair) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def background(town):
    town.settle("@yearly")
    passes = Passes()
    made = Background(town.loaded.file.pairs, passes)
    made.start()
    yield made, passes.begun
    made.stop(5)


def test_a_burst_of_hints_is_one_pass_and_soon(background, until, monkeypatch):
    running, begun = background

    before = due(running)
    for _ in range(500):
        running.hint("p0")
    soon = due(running)

    assert (before - datetime.now(UTC)).days >= 0
    assert 0 < (soon - datetime.now(UTC)).total_seconds() <= 5
    until(lambda: begun == ["p0"])
    running.hint("p0")
    assert (due(running) - datetime.now(UTC)).total_seconds() > 30


def test_a_hint_for_a_pair_that_is_not_there_does_nothing(background):
    running, begun = background

    running.hint("p7")

    assert begun == []
