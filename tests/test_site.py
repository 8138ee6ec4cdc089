"""The site of the docs is built without a warning, and loads nothing from elsewhere."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_the_menu_has_every_page_of_the_list_under_its_heading():
    spec = importlib.util.spec_from_file_location("site_conf", ROOT / "docs/conf.py")
    conf = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(conf)

    menu = conf.menu((ROOT / "docs/index.md").read_text(encoding="utf-8"))

    assert menu.count("```{toctree}") == 5
    assert ":caption: Begin\n:maxdepth: 1\n\nWhich mode </docs/modes>\n" in menu
    assert "\nQuick start </docs/quick-start>\n" in menu
    assert "\nChangelog </CHANGELOG>\n" in menu


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path):
    pytest.importorskip("sphinx")
    built = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going"),
            *("-b", "html", "-d", tmp_path / "trees", "-c", "docs", "."),
            tmp_path / "site",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert built.returncode == 0, built.stderr
    pages = [*(tmp_path / "site").rglob("*.html")]
    assert len(pages) > 30
    for page in pages:
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', text)
        assert [url for url in loaded if url.startswith(("http", "//"))] == [], page
