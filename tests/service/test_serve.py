"""The web server of run: probes, metrics, the page, and who may look."""

import hashlib
import hmac
from contextlib import ExitStack

import httpx
import pytest

from connector.commands.background import web
from connector.commands.context import Context
from connector.commands.keeper import Keeper
from connector.config.load import load
from connector.errors import Misconfigured
from connector.service.job import Background

SECRETS = """\
webhooks.partnero = { env = "HOOK" }
webhooks.tolt = { env = "NOT_SET" }"""


@pytest.fixture
def served(town, port, until, monkeypatch):
    monkeypatch.setenv("HOOK", "hook-secret")
    monkeypatch.setenv("LOOK", "look-token")

    def serve(*schedules: str, token: bool = False, **world):
        line = 'token = { env = "LOOK" }' if token else ""
        more = f'[serve]\nlisten = "127.0.0.1:{port}"\n{line}\n'
        town.settle(*schedules, more=more, each=SECRETS, **world)
        keeper = Keeper(Context(town.config), town.loaded)
        background = Background(keeper.pairs, keeper)
        opened.enter_context(web(keeper, background))
        background.start()
        opened.callback(background.stop, 60)
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        return opened.enter_context(client)

    with ExitStack() as opened:
        yield serve


def test_probes_metrics_and_page_tell_how_the_pairs_stand(town, served, until):
    client = served("@yearly", "@yearly", only_partnero=0.5, codes=6)
    for pair in ("p0", "p1"):
        done = f'pair="{pair}",status="complete"'
        until(lambda done=done: done in client.get("/metrics").text)

    metrics, page = client.get("/metrics").text, client.get("/")

    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text == "ok\n"
    assert 'partnero_tolt_stale{pair="p0"} 0.0' in metrics
    assert 'partnero_tolt_codes{pair="p0",side="partnero"} 6.0' in metrics
    assert "partnero_tolt_last_success_timestamp_seconds" in metrics
    assert 'outcome="confirmed",pair="p0",target="tolt"' in metrics
    assert "All 2 pairs are up to date" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.text.count("<script") == page.text.count("desk.js") == 1
    assert "unsafe" not in page.headers["content-security-policy"]


def test_a_failed_run_is_counted_as_one_and_the_page_says_stale(town, served, until):
    town.fault("status", path="/tolt/", status=401, count=None)
    client = served("@yearly")
    until(lambda: 'status="failed"' in client.get("/metrics").text)

    metrics, page = client.get("/metrics").text, client.get("/").text

    assert 'partnero_tolt_stale{pair="p0"} 1.0' in metrics
    assert 'partnero_tolt_trouble{pair="p0",reason="key_refused"} 1.0' in metrics
    counted = '{pair="p0",reason="key_refused",status="failed"} 1.0'
    assert f"partnero_tolt_troubles_total{counted}" in metrics
    assert 'status="complete"' not in metrics
    assert "There was no verified success for two intervals" in page
    assert "401" in page, "why the last run failed"
    assert client.get("/healthz").status_code == 200


def test_the_page_is_not_shown_under_a_borrowed_name(served):
    client = served("@yearly")

    assert client.get("/", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/metrics", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/", headers={"Host": "localhost:1"}).status_code == 200


def test_a_name_that_is_rubbish_is_a_borrowed_one(served):
    client = served("@yearly")

    for name in ("[", "[::1", "127.0.0.1.evil", "evil.example:99999", "\xff"):
        asked = client.get("/metrics", headers={"Host": name.encode("latin-1")})
        assert asked.status_code in (400, 421), name


def test_with_a_token_only_the_probes_are_open(served):
    client = served("@yearly", token=True)
    good = {"Authorization": "Bearer look-token"}

    assert client.get("/").status_code == 401
    assert client.get("/", headers={"Authorization": "Bearer no"}).status_code == 401
    assert client.get("/metrics", auth=("x", "wrong")).status_code == 401
    assert client.get("/", headers={"Authorization": "Basic %%"}).status_code == 401
    assert client.get("/healthz").status_code == 200
    assert client.get("/", headers=good).status_code == 200
    assert client.get("/metrics", auth=("any", "look-token")).status_code == 200


def test_only_a_signed_webhook_is_taken(town, served, until):
    client = served("@yearly")
    until(lambda: town.runs() and town.runs()[0].finished_at)
    body = b'{"event": "partner.created"}'
    good = hmac.new(b"hook-secret", body, hashlib.sha256).hexdigest()
    before = len(town.sandbox.requests)

    forged = client.post("/webhooks/partnero", content=body, headers={"Signature": "0"})
    unknown = client.post("/webhooks/stripe", content=body)
    large = client.post("/webhooks/partnero", content=b"x" * 1_000_001)
    without_secret = client.post("/webhooks/tolt", content=body)
    assert len(town.sandbox.requests) == before
    signed = [
        client.post("/webhooks/partnero", content=body, headers={"Signature": good})
        for _ in range(5)
    ]

    assert forged.status_code == without_secret.status_code == 401
    assert unknown.status_code == 404
    assert large.status_code == 413
    assert {one.status_code for one in signed} == {204}
    until(lambda: len(town.runs()) == 2, 15)


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        pytest.param('listen = "0.0.0.0:80"', "needs token", id="beyond loopback"),
        pytest.param('listen = "127.0.0.1"', "HOST:PORT", id="no port"),
        pytest.param('listen = ":99999"', "HOST:PORT", id="no host"),
        pytest.param('token = "abc"', "is refused", id="a token in the file"),
    ],
)
def test_an_open_door_is_a_configuration_error(town, section, expected):
    town.settle("@hourly", more=f"[serve]\n{section}\n")

    with pytest.raises(Misconfigured, match=expected):
        load(town.config)
