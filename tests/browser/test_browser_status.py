"""The status page in a real browser: what it shows, and that nothing in it acts."""

import socket
from contextlib import ExitStack

import pytest

from connector.commands.background import web
from connector.commands.context import Context
from connector.commands.keeper import Keeper
from connector.config.load import load
from connector.sandbox.server import Sandbox
from connector.service.job import Background

SERVE = """
[serve]
listen = "127.0.0.1:{port}"
token = {{ env = "LOOK" }}
"""


@pytest.fixture
def address(tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    monkeypatch.setenv("LOOK", "look-token")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with ExitStack() as opened:
        sandbox = opened.enter_context(Sandbox())
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        path = tmp_path / "connector.toml"
        text = sandbox.config_text() + SERVE.format(port=port)
        path.write_text(text, encoding="utf-8")
        config = load(path)
        keeper = Keeper(Context(path), config)
        background = Background(keeper.pairs, keeper)
        opened.enter_context(web(keeper, background))
        (pair,) = config.file.pairs
        keeper.begin(pair, background._interrupt)
        yield f"http://127.0.0.1:{port}/"


def test_the_status_page_shows_pairs_inbox_runs_and_report_and_obeys_nobody(
    browser, address
):
    context = browser.new_context(
        http_credentials={"username": "me", "password": "look-token"}
    )
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))

    answer = page.goto(address)
    page.get_by_text("Latest report").click()

    assert answer.status == 200
    assert page.get_by_role("heading", name="acme").is_visible()
    assert "All 1 pairs are up to date" in page.get_by_role("status").inner_text()
    assert page.get_by_text("<script>alert('HOSTILE')</script>", exact=True).count()
    assert page.get_by_role("cell", name="complete", exact=True).count() == 1
    assert page.get_by_text('"format": "partnero-tolt/run"').is_visible()
    colour = "e => getComputedStyle(e).display"
    assert page.locator("dl").evaluate(colour) == "grid", "the style sheet is refused"
    assert said == []
    assert set(asked) <= {address, f"{address}style.css", "data:,"}
    context.close()


def test_the_status_page_is_closed_without_its_token(browser, address):
    context = browser.new_context()

    answer = context.new_page().goto(address)

    assert answer.status == 401
    context.close()
