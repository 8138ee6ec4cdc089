"""Who is slow, silent or rude at the web server's door takes nothing from others."""

import asyncio
import contextlib
import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from connector.commands.background import web
from connector.commands.context import Context
from connector.commands.keeper import Keeper
from connector.service.door import Tally
from connector.service.job import Background
from connector.service.web import Ready
from state.database import StateProblem


@pytest.fixture
def door(town, port, monkeypatch):
    """Serve a town behind a token, and ask it by hand."""
    monkeypatch.setenv("LOOK", "look-token")
    monkeypatch.setenv("HOOK", "hook-secret")
    more = f'[serve]\nlisten = "127.0.0.1:{port}"\ntoken = {{ env = "LOOK" }}\n'
    town.settle("@yearly", more=more, each='webhooks.partnero = { env = "HOOK" }')
    keeper = Keeper(Context(town.config), town.loaded)
    background = Background(keeper.pairs, keeper)

    def connect() -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), timeout=30)

    def ask(raw: bytes) -> bytes:
        with connect() as opened:
            opened.sendall(raw)
            answer = b""
            with contextlib.suppress(ConnectionError):
                while part := opened.recv(65_536):
                    answer += part
            return answer

    with web(keeper, background):
        background.start()
        yield SimpleNamespace(
            connect=connect, ask=ask, background=background, keeper=keeper, port=port
        )
        background.stop(60)


def get(path: str, *headers: bytes) -> bytes:
    lines = [f"GET {path} HTTP/1.1".encode(), b"Host: localhost", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def test_a_crowd_of_silent_connections_keeps_no_probe_out(door):
    with contextlib.ExitStack() as crowd:
        for number in range(300):
            silent = crowd.enter_context(door.connect())
            if number % 2:
                silent.sendall(b"GET /metrics HTTP/1.1\r\nX-Never-Ending: ")

        answers = {door.ask(get("/healthz"))[:12] for _ in range(20)}
        answers |= {door.ask(get("/readyz"))[:12] for _ in range(20)}

    assert answers == {b"HTTP/1.1 200"}


def _drip(dripping: socket.socket) -> None:
    for number in range(100):
        dripping.sendall(f"X-{number}: 1\r\n".encode())
        time.sleep(0.2)


def test_who_does_not_go_on_is_let_go(door):
    """Silent, stuck in the head, stuck in the body, or dripping: none stays."""
    asked = b"POST /webhooks/partnero HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
    begun = (b"", b"GET / HTTP/1.1\r\n", asked + b"half")
    with contextlib.ExitStack() as crowd:
        stuck = [crowd.enter_context(door.connect()) for _ in begun]
        for slow, first in zip(stuck, begun, strict=True):
            slow.sendall(first)
        dripping = crowd.enter_context(door.connect())
        dripping.sendall(b"GET / HTTP/1.1\r\n")

        with pytest.raises(ConnectionError):
            _drip(dripping)
        for slow in stuck:
            with contextlib.suppress(ConnectionError):  # a reset is an end as well
                while slow.recv(4096):  # without an end this meets its own timeout
                    pass


def test_a_token_that_is_rubbish_is_a_wrong_one(door):
    for token in (
        b"Basic \xe9",
        b"Bearer \xe9\xff",
        b"Basic gICA",
        b"Basic",
        b"",
        b"Basic =====",
        b"Negotiate \xff",
        b"bearer " + b"x" * 20_000,
    ):
        answer = door.ask(get("/", b"Authorization: " + token))

        assert answer.startswith(b"HTTP/1.1 401"), token[:40]


def test_a_webhook_whose_headers_are_rubbish_is_unsigned(door):
    for header in (
        b"Svix-Timestamp: 1e999",
        b"Svix-Timestamp: -1e17",
        b"Svix-Timestamp: \xb2",
        b"Svix-Signature: \xe9,\xff v1, ,, v1,\xff",
        b"Signature: \xe9\xff",
        b"Content-Type: \xff",
    ):
        for product in (b"tolt", b"partnero"):
            head = b"POST /webhooks/" + product + b" HTTP/1.1\r\nHost: localhost\r\n"
            others = b"Svix-Id: msg_1\r\nContent-Length: 2\r\n"

            answer = door.ask(head + others + header + b"\r\n\r\n{}")

            assert answer.startswith(b"HTTP/1.1 401"), header


def test_whatever_bytes_come_in_a_head_no_answer_is_a_500(door):
    chance = random.Random(7)  # noqa: S311
    for _ in range(150):
        value = bytes(chance.randrange(1, 256) for _ in range(chance.randrange(40)))
        name = chance.choice([b"Host", b"Authorization", b"Content-Length", b"Cookie",
                              b"Transfer-Encoding", b"Expect", b"Upgrade"])  # fmt: skip
        path = chance.choice([b"/", b"/%ff%00", b"//x", b"/webhooks/%2e", b"*"])
        method = chance.choice([b"GET", b"POST", b"PUT", b"TRACE"])
        raw = method + b" " + path + b" HTTP/1.1\r\n" + name + b": " + value

        with door.connect() as opened:
            opened.sendall(raw + b"\r\n\r\n")
            opened.shutdown(socket.SHUT_WR)
            answer = b""
            with contextlib.suppress(ConnectionError):
                answer = opened.recv(64)

        assert not answer.startswith(b"HTTP/1.1 5"), raw


def test_unsigned_messages_are_one_line_in_the_log_and_not_many(door, capsys):
    body = b"POST /webhooks/partnero HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    for _ in range(50):
        assert door.ask(body).startswith(b"HTTP/1.1 401")
    for _ in range(50):
        door.ask(b"no http at all\r\n\r\n")

    told = capsys.readouterr()
    lines = [one for one in (told.out + told.err).splitlines() if one.strip()]
    about = [one for one in lines if "signature" in one or "answer requests" in one]
    assert len([one for one in lines if "Invalid HTTP" in one]) == 0
    assert len(about) == 2


def test_a_tally_tells_the_first_at_once_and_then_how_many(capsys):
    now = [0.0]
    tally = Tally("refused", every=60, clock=lambda: now[0])
    for second in range(0, 180, 3):
        now[0] = float(second)
        tally.add()

    counts = [
        line for line in capsys.readouterr().out.splitlines() if "refused" in line
    ]
    assert len(counts) == 3


def test_a_scheduler_that_ended_is_no_health(door):
    assert door.ask(get("/healthz")).startswith(b"HTTP/1.1 200")

    door.background._scheduler.shutdown(wait=True)
    answer = door.ask(get("/healthz"))

    assert answer.startswith(b"HTTP/1.1 503")
    assert b"the scheduler has ended" in answer


def test_a_watch_that_no_longer_runs_is_no_health(door):
    door.background._watched -= 3600

    answer = door.ask(get("/healthz"))

    assert answer.startswith(b"HTTP/1.1 503")
    assert b"has not run for 3600 s" in answer


def test_a_probe_opens_no_engine_of_its_own(door):
    while door.keeper.known._engine is None:  # the first pass is just making the state
        door.ask(get("/readyz"))
    first = door.keeper.known._engine

    for path in ("/readyz", "/metrics", "/readyz"):
        door.ask(get(path, b"Authorization: Bearer look-token"))

    assert first is not None
    assert door.keeper.known._engine is first


def test_a_state_that_hangs_or_is_gone_is_told_in_time():
    release = threading.Event()

    def broken() -> None:
        raise StateProblem("gone")

    async def look() -> tuple[str, str, str]:
        hanging = Ready(release.wait, patience=0.1)
        told = await hanging.problem(), await hanging.problem()
        release.set()
        return *told, await Ready(broken).problem()

    with ThreadPoolExecutor(1) as apart:  # a browser test leaves a loop in this thread
        told = apart.submit(lambda: asyncio.run(look())).result()
    assert told == (
        "the state does not answer",
        "the state does not answer",
        "the state cannot be read",
    )
