"""The background job as a process: signals, reload, pairs that fail, memory."""

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from connector.commands.background import Asked
from connector.commands.context import Context
from connector.commands.keeper import Keeper
from connector.service.job import Background
from tests.harness.systems import LINUX


def statuses(town, pair: str = "p0") -> list[str]:
    return [run.status for run in town.runs(pair)]


def open_intents(town) -> int:
    with closing(sqlite3.connect(town.folder / "connector.db")) as db:
        query = "SELECT count(*) FROM intent WHERE state IN (?, ?, ?)"
        (found,) = db.execute(query, ("planned", "sending", "uncertain")).fetchone()
        return int(found)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_a_signal_in_mid_pass_lets_the_pass_finish(town, until, number, code):
    town.settle("@yearly", only_partnero=1.0)
    slow = town.fault("slow", method="POST", seconds=0.5, count=None)
    running = town.begin("run")
    until(lambda: slow.hits)

    running.signal(number)
    ended, out, _ = running.end()

    assert ended == code
    assert statuses(town) == ["complete"]
    assert out.count("\n") >= 1
    assert slow.hits == 3
    assert open_intents(town) == 0


def test_a_second_signal_ends_the_pass_between_two_writes(town, until):
    town.settle("@yearly", codes=60, only_partnero=1.0)
    slow = town.fault("slow", method="POST", seconds=1.5, count=None)
    running = town.begin("run")
    until(lambda: slow.hits)

    running.signal(signal.SIGTERM)
    running.says("stops")
    running.signal(signal.SIGTERM)
    ended, _, _ = running.end()

    assert ended == 143
    assert statuses(town) == ["interrupted"]
    assert slow.hits < 60
    assert open_intents(town) == 0


def test_a_pass_that_outlasts_the_grace_is_ended_between_two_writes(town, until):
    town.settle("@yearly", codes=60, only_partnero=1.0)
    slow = town.fault("slow", method="POST", seconds=0.4, count=None)
    running = town.begin("run", "--grace", "0.1")
    until(lambda: slow.hits)

    running.signal(signal.SIGTERM)

    assert running.end()[0] == 143
    assert statuses(town) == ["interrupted"]


def test_pairs_that_fail_do_not_stop_the_others(town, until):
    town.settle("@yearly", "@yearly", "@yearly")
    text = town.config.read_text(encoding="utf-8")
    text = text.replace('env = "PK_0"', 'env = "NOT_SET"')
    town.config.write_text(text, encoding="utf-8")
    town.fault("status", path="prg_t10", status=401, count=None)
    running = town.begin("run", "--format", "json")

    until(lambda: "complete" in statuses(town, "p2"))
    until(lambda: "failed" in statuses(town, "p1"))
    running.signal(signal.SIGTERM)
    ended, out, err = running.end()

    assert ended == 143
    assert '"pair": "p0"' in out
    assert "NOT_SET is not set" in out
    assert "pk_1" not in out + err


BROKEN = {
    'shedule = "no"\n': "shedule",
    "x = " + "[" * 100_000: "nested too deep",
    "x = " + "9" * 5000: "too long",
    "[pairs]\nname = []\n": "no TOML",
}
"""What stands before the rest of a file, and what is said of it."""


def test_a_reload_takes_new_pairs_and_refuses_a_broken_file(town, until):
    town.settle("@yearly", "@yearly")
    whole = town.config.read_text(encoding="utf-8")
    one, _, _ = whole.partition('\n[[pairs]]\nname = "p1"')
    town.config.write_text(one, encoding="utf-8")
    running = town.begin("run")
    until(lambda: statuses(town) == ["complete"])

    errors = running.process.stderr
    assert errors is not None
    for bad, words in BROKEN.items():
        town.config.write_text(bad + one, encoding="utf-8")
        running.signal(signal.SIGHUP)
        said = [errors.readline()]
        while said[-1] and words not in said[-1]:
            said.append(errors.readline())
        assert any("NEW CONFIGURATION IS REFUSED" in line for line in said), words
    town.config.write_text(whole, encoding="utf-8")
    running.signal(signal.SIGHUP)
    until(lambda: statuses(town, "p1") == ["complete"])
    running.signal(signal.SIGTERM)

    assert running.end()[0] == 143
    assert statuses(town) == ["complete"]


def test_a_broken_configuration_does_not_even_start(town):
    town.settle("every day")

    ended, out, err = town.begin("run").end()

    assert ended == 2
    assert out == ""
    assert "schedule" in err


REFUSED = {
    "no TOML": "[[pairs]\n",
    "no text": b"\xff\xfe\x00",
    "deep": "a = " + "[" * 5000 + "]" * 5000,
    "another secret": '[serve]\nlisten = "127.0.0.1:1"\n',
    "notices to nowhere": '[notify]\nurls = ["nowhere"]\n',
}


def test_no_file_that_is_refused_ends_the_job(town):
    town.settle("@yearly", each='webhooks.tolt = { env = "NOT_SET" }')
    whole = town.config.read_text(encoding="utf-8")
    running = town.begin("run")
    running.says("runs 1 pairs")

    for wrong in REFUSED.values():
        both = wrong if isinstance(wrong, bytes) else (wrong + whole).encode()
        town.config.write_bytes(both)
        running.signal(signal.SIGHUP)
        running.says("THE OLD ONE STAYS")
    town.config.unlink()
    running.signal(signal.SIGHUP)
    running.says("THE OLD ONE STAYS")
    town.config.write_text(whole, encoding="utf-8")
    running.signal(signal.SIGHUP)
    running.says("goes on with 1 pairs")
    running.signal(signal.SIGTERM)

    assert running.end()[0] == 143


@pytest.mark.parametrize(
    ("product", "secret"),
    [
        ("tolt", ""),
        ("tolt", "   "),
        ("tolt", "whsec_"),
        ("tolt", "whsec_%%%!"),
        ("tolt", "whsec_===="),
        ("partnero", ""),
        ("partnero", " "),
    ],
)
def test_a_webhook_secret_that_can_sign_nothing_is_refused_at_start(
    town, monkeypatch, port, product, secret
):
    listen = f'[serve]\nlisten = "127.0.0.1:{port}"\n'
    line = f'webhooks.{product} = {{ env = "HOOK" }}'
    town.settle("@yearly", more=listen, each=line)
    monkeypatch.setenv("HOOK", secret)

    assert town.call("run")[0] == 2


def test_a_scheduler_that_died_ends_the_job_in_words(town, monkeypatch):
    """Whoever supervises it starts it anew; silence would be worse."""
    town.settle("@yearly")
    keeper = Keeper(Context(town.config), town.loaded)
    background = Background(keeper.pairs, keeper)
    background.start()
    assert not background.has_died

    background._scheduler.shutdown(wait=True)

    assert background.has_died
    assert Asked().next(lambda: background.has_died) is None


@LINUX
@pytest.mark.slow
def test_fifty_pairs_stay_under_200_megabytes(town, until, port):
    listen = f'[serve]\nlisten = "127.0.0.1:{port}"\n'
    town.settle(*["* * * * *"] * 50, more=listen, codes=40)
    running = town.begin("run")
    pairs = [f"p{number}" for number in range(50)]

    until(lambda: all(len(town.runs(pair)) >= 2 for pair in pairs), 200)
    httpx.get(f"http://127.0.0.1:{port}/").raise_for_status()
    peak = Path(f"/proc/{running.process.pid}/status").read_text(encoding="ascii")
    running.signal(signal.SIGTERM)

    assert running.end()[0] == 143
    (line,) = [one for one in peak.splitlines() if one.startswith("VmHWM")]
    megabytes = int(line.split()[1]) / 1024
    os.write(2, f"peak of 50 pairs: {megabytes:.0f} MB\n".encode())
    assert megabytes < 200
