"""The site of the docs is built without a warning, and loads nothing from elsewhere.

What its pages look like is for tests/browser/test_site_pages.py.
"""

import importlib.util
from pathlib import Path

import pytest

from tests.harness.site import Linked, built, dead

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


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("sphinx")
    return built(tmp_path_factory.mktemp("site"))


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_loads_nothing_from_elsewhere(site):
    pages = [*site.rglob("*.html")]

    assert len(pages) > 30
    for page in pages:
        loaded = Linked(page).loaded
        assert loaded or page.name == "index.html", page
        assert [url for url in loaded if url.startswith(("http", "//"))] == [], page


@pytest.mark.slow
def test_no_link_inside_the_site_leads_nowhere(site):
    links = [link for page in site.rglob("*.html") for link in Linked(page).links]

    assert len(links) > 1000
    assert [*dead(site)] == []


@pytest.mark.slow
def test_a_dash_and_a_quote_stand_on_the_site_as_they_are_typed(site):
    text = (site / "docs/configuration.html").read_text(encoding="utf-8")

    assert "--slots goes before it" in text
    assert "\N{EN DASH}slots" not in text


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.html").write_text(
        '<h1 id="here"></h1><a href="#here"></a><a href="inner/b.html#there"></a>'
        '<a href="#gone"></a><a href="c.html"></a><a href="https://example.com"></a>'
    )
    (tmp_path / "inner/b.html").write_text('<a href="../a.html#there"></a>')

    assert [*dead(tmp_path)] == [
        "a.html: inner/b.html#there",
        "a.html: #gone",
        "a.html: c.html",
        "inner/b.html: ../a.html#there",
    ]
