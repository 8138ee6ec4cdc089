"""Makes docs/report.png: the HTML report of the demo's two programmes, photographed.

Run by `make picture`; needs Debian's chromium-headless-shell.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from connector.commands.demo import world
from connector.sandbox.server import Sandbox

BROWSER = "/usr/bin/chromium-headless-shell"
PICTURE = Path(__file__).parent / "report.png"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Sandbox(world=world()) as sandbox:
        config = Path(folder) / "connector.toml"
        config.write_text(sandbox.config_text(), encoding="utf-8")
        page = Path(folder) / "report.html"
        told = subprocess.run(
            [sys.executable, "-m", "connector", "plan", "--format", "html"],
            cwd=folder,
            env={**os.environ, **sandbox.environment},
            capture_output=True,
            check=True,
        )
        page.write_bytes(told.stdout)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=BROWSER, args=["--no-sandbox"]
            )
            view = browser.new_page(viewport={"width": 1200, "height": 1000})
            view.goto(page.as_uri())
            view.screenshot(path=PICTURE)
            browser.close()


if __name__ == "__main__":
    main()
