"""The pages of `run` in a real browser: behind a password, and obeying nobody."""

import socket
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from connector.commands.background import web
from connector.commands.context import Context
from connector.commands.keeper import Keeper
from connector.config.load import load
from connector.sandbox.server import Sandbox
from connector.service.job import Background

pytestmark = pytest.mark.browser

SERVE = """
[serve]
listen = "127.0.0.1:{port}"
token = {{ env = "DECIDE" }}
view_token = {{ env = "LOOK" }}
"""


@pytest.fixture
def address(tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    monkeypatch.setenv("DECIDE", "decide-token")
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


def test_the_pages_show_pairs_inbox_runs_report_and_money_and_obey_nobody(
    browser, address
):
    context = browser.new_context(
        http_credentials={"username": "me", "password": "look-token"}
    )
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))

    answer = page.goto(address)
    assert answer.status == 200
    assert page.get_by_role("heading", name="acme").is_visible()
    assert "Everything is up to date" in page.get_by_role("status").inner_text()
    assert page.get_by_role("cell", name="complete", exact=True).count() == 1
    grid = "e => getComputedStyle(e).display"
    assert page.locator("dl").first.evaluate(grid) == "grid", "the style is refused"

    page.get_by_role("link", name="Inbox").click()
    hostile = page.get_by_text("<script>alert('HOSTILE')</script>", exact=True)
    expect(hostile.first).to_be_visible()
    assert page.get_by_role("checkbox").count() == 0, "who looks has nothing to select"
    for name in ("Report", "Money", "History"):
        page.get_by_role("link", name=name, exact=True).click()
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_contain_text(name, ignore_case=True)
    page.get_by_role("cell").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Journal")).to_be_visible()

    assert said == []
    assert all(url.startswith(address) or url == "data:," for url in asked)
    context.close()


def test_the_pages_are_closed_without_a_token(browser, address):
    context = browser.new_context()

    answer = context.new_page().goto(address)

    assert answer.status == 401
    context.close()


def test_behind_a_password_one_decides_and_is_known_from_then_on(browser, address):
    context = browser.new_context(
        http_credentials={"username": "sam", "password": "decide-token"}
    )
    page = context.new_page()
    page.goto(f"{address}inbox")

    for code in ("SAM20", "TWICE15"):
        page.get_by_role("checkbox", name=code).check()
        page.get_by_role("button", name="Leave as it is").click()
        store = page.get_by_role("button", name="Store 1 decision")
        expect(store).to_be_visible()
        name = page.get_by_label("Your name")
        if code == "SAM20":
            assert name.input_value() == "sam"
        else:
            assert name.count() == 0
        store.click()
        expect(page.get_by_role("status").first).to_contain_text(
            "1 decision is stored."
        )

    expect(page.get_by_text("You decide as sam")).to_be_visible()
    context.close()
