"""The command review: one line with its link, and how it ends."""

import signal
import socket
import sys
from contextlib import contextmanager

import httpx
import pytest

from tests.harness.documents import documents_in


@contextmanager
def reviewing(town, *words):
    process = town.start("review", *words)
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    with httpx.Client(trust_env=False) as client:
        yield process, line, client


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_it_prints_one_line_with_its_link_and_ends_by_a_signal(town, number, code):
    town.settle("@yearly")
    assert town.call("sync")[0] == 0
    before = len(town.sandbox.requests)

    with reviewing(town) as (process, link, client):
        base = link.partition("/open/")[0]
        assert client.get(f"{base}/inbox").status_code == 403
        opened = client.get(link)
        inbox = client.get(f"{base}/inbox")
        strange = client.get(f"{base}/inbox", headers={"Host": "evil.example"})
        process.send_signal(number)
        out, err = process.communicate(timeout=30)

    assert opened.status_code == 303
    assert inbox.status_code == 200
    assert strange.status_code == 421
    assert process.returncode == code
    assert out == "", "the link is all that is printed"
    assert "once, within 10 minutes" in err
    assert len(town.sandbox.requests) == before, "no product is asked"


def test_a_port_that_is_asked_for_is_taken_or_refused_and_json_has_the_link(town):
    town.settle("@yearly")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out = town.call("review", "--port", port)
        assert (code, out) == (2, "")

    words = ("--port", port, "--format", "json", "--pair", "p0")
    with reviewing(town, *words) as (_, line, client):
        (document,) = documents_in(line)
        assert document["format"] == "partnero-tolt/review"
        assert document["link"].startswith(f"http://127.0.0.1:{port}/open/")
        assert client.head(document["link"]).status_code == 200


def test_it_listens_where_serve_says_or_beside_it_where_that_is_taken(town, port):
    town.settle("@yearly", more=f'[serve]\nlisten = "127.0.0.1:{port}"\n')

    with reviewing(town) as (first, one, _), reviewing(town) as (second, other, _):
        assert one.startswith(f"http://127.0.0.1:{port}/open/")
        assert other.startswith("http://127.0.0.1:")
        assert not other.startswith(f"http://127.0.0.1:{port}/")
        for process in (first, second):
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)


@pytest.mark.skipif(sys.platform != "linux", reason="BROWSER and DISPLAY are of X")
def test_it_opens_a_browser_where_there_is_one(town, monkeypatch, until):
    opened = town.folder / "opened"
    browser = town.folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n', encoding="utf-8")
    browser.chmod(0o700)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    monkeypatch.setenv("DISPLAY", ":9")
    town.settle("@yearly")

    with reviewing(town) as (process, link, _):
        until(lambda: opened.exists() and opened.read_text(encoding="utf-8"))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert opened.read_text(encoding="utf-8").strip() == link


def test_beyond_this_machine_it_never_listens(town, monkeypatch):
    monkeypatch.setenv("DECIDE", "decide-it")
    section = '[serve]\nlisten = "0.0.0.0:9464"\ntoken = { env = "DECIDE" }\n'
    town.settle("@yearly", more=section)

    with reviewing(town) as (process, link, _):
        assert link.startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
