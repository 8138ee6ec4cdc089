"""A headless Chromium, and pages of the report opened in it from a file."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from connector.engine.planned import Plan
from connector.reports.render import render_all

# The Makefile looks for the same names before it lets `make test` run these.
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        names = ", ".join(BROWSERS)
        pytest.fail(
            f"No browser for these tests: none of {names} is on PATH. On Debian: "
            "apt-get install chromium-headless-shell",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found)
        yield opened
        opened.close()


@dataclass
class Shown:
    """A page, with everything it said and asked for."""

    page: Page
    address: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def rows(self) -> int:
        return self.page.locator("#list li").count()

    def count(self) -> str:
        return self.page.locator("#count").inner_text()

    def opened(self, code: str) -> Locator:
        self.page.get_by_text(code, exact=True).click()
        inside = self.page.locator("details[open] .inner")
        inside.wait_for()
        return inside

    def codes(self) -> list[str]:
        return self.page.locator("#list .code").all_inner_texts()


@pytest.fixture
def show(browser, tmp_path: Path):
    """Return a function that opens a page, or that of a plan, as a file."""
    contexts = []

    def opener(page: Plan | list[Plan] | str, *, hash_: str = "", **options) -> Shown:
        path = tmp_path / "report.html"
        if not isinstance(page, str):
            page = render_all(page if isinstance(page, list) else [page], "html")
        path.write_text(page, encoding="utf-8")
        options = {"viewport": {"width": 1180, "height": 900}} | options
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(5_000)
        shown = Shown(page, path.as_uri())
        page.on("console", lambda message: shown.said.append(message.text))
        page.on("pageerror", lambda error: shown.said.append(str(error)))
        page.on("request", lambda request: shown.asked.append(request.url))
        page.goto(shown.address + hash_)
        return shown

    yield opener
    for context in contexts:
        context.close()
