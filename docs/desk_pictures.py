"""Makes docs/pictures/desk*.png: the inbox of a world in which 37 questions wait.

Run by `make picture`; needs Debian's chromium-headless-shell.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from connector.sandbox import questions
from connector.sandbox.server import Sandbox

BROWSER = "/usr/bin/chromium-headless-shell"
PICTURES = Path(__file__).parent / "pictures"
DESKTOP = {"viewport": {"width": 1200, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 760}}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(world=questions.undecided()) as sandbox,
    ):
        config = Path(folder) / "connector.toml"
        config.write_text(sandbox.config_text(), encoding="utf-8")
        environment = {**os.environ, **sandbox.environment}
        command = [sys.executable, "-m", "connector", "sync"]
        subprocess.run(
            command, cwd=folder, env=environment, check=True, capture_output=True
        )
        with reviewing(folder, environment) as link, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=BROWSER, args=["--no-sandbox"]
            )
            photograph(browser, link)
            browser.close()


@contextmanager
def reviewing(folder: str, environment: Mapping[str, str]):  # noqa: ANN201 (a script)
    """Let `review` run, and yield its link."""
    command = [sys.executable, "-m", "connector", "review", "--no-open"]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101 (it is a pipe)
        yield process.stdout.readline().strip()
        process.terminate()


def photograph(browser: Browser, link: str) -> None:
    """Take the inbox on a desk, on a phone and in the dark, and the question."""
    first = browser.new_context(**DESKTOP)
    page = first.new_page()
    page.goto(link)
    inbox = f"{link.partition('/open/')[0]}/inbox?reason=lossy"
    select(page, inbox)
    page.screenshot(path=PICTURES / "desk.png")
    page.get_by_role("button", name="Do as proposed").click()
    page.get_by_label("Your name").fill("Sam")
    page.get_by_label("Why?").fill("agreed with the creators on Monday")
    page.screenshot(path=PICTURES / "desk-question.png")
    cookies = first.storage_state()
    for name, look in (("dark", DESKTOP | {"color_scheme": "dark"}), ("phone", PHONE)):
        page = browser.new_context(storage_state=cookies, **look).new_page()
        select(page, inbox)
        if name == "phone":  # the rows, not the search above them
            page.locator(".group").evaluate("group => scrollTo(0, group.offsetTop - 8)")
        page.screenshot(path=PICTURES / f"desk-{name}.png")


def select(page: Page, inbox: str) -> None:
    """Select all thirty codes that are asked about for one reason."""
    page.goto(inbox)
    name = f"A restriction would be lost {questions.LIMITED}"
    group = page.get_by_role("region", name=name)
    group.get_by_label(f"Select all {questions.LIMITED}").check()


if __name__ == "__main__":
    main()
