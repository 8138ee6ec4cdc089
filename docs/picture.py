"""Makes docs/report.png and its sisters: the report and the certificate of the demo.

Run by `make picture`; needs Debian's chromium-headless-shell.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from connector.sandbox import seed
from connector.sandbox.server import Sandbox

BROWSER = "/usr/bin/chromium-headless-shell"
DOCS = Path(__file__).parent
DESK = {"viewport": {"width": 1200, "height": 920}}
PHONE = {"viewport": {"width": 390, "height": 844}}
PICTURES = {
    "report.png": ("report", DESK),
    "pictures/report-dark.png": ("report", DESK | {"color_scheme": "dark"}),
    "pictures/report-phone.png": ("report", PHONE),
    "pictures/report-print.png": ("report", DESK),
    "pictures/certificate.png": ("certificate", DESK),
    "pictures/certificate-phone.png": ("certificate", PHONE),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        write_pages(folder)
        browser = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox"]
        )
        for picture in PICTURES:
            photograph(browser, folder, picture)
        browser.close()


def write_pages(folder: Path) -> None:
    """Write the report of the first plan, and the certificate after the first run."""
    with Sandbox(world=seed.small(launched=12)) as sandbox:
        config = folder / "connector.toml"
        config.write_text(sandbox.config_text(), encoding="utf-8")

        def run(*words: str) -> bytes:
            return subprocess.run(
                [sys.executable, "-m", "connector", *words],
                cwd=folder,
                env={**os.environ, **sandbox.environment},
                capture_output=True,
                check=False,
            ).stdout

        (folder / "report.html").write_bytes(run("plan", "--format", "html"))
        said = ("--note", "agreed until the campaign ends", "--by", "sam@desk")
        run("decide", "DISCOUNTDIFF", "--keep", *said)
        run("sync")
        run("verify", "--out", "certificate.html")


def photograph(browser: Browser, folder: Path, picture: str) -> None:
    page, options = PICTURES[picture]
    view = browser.new_page(**options)
    view.goto((folder / f"{page}.html").as_uri())
    if "print" in picture:
        view.emulate_media(media="print")
        view.evaluate("dispatchEvent(new Event('beforeprint'))")
    view.screenshot(path=DOCS / picture)
    view.close()


if __name__ == "__main__":
    main()
