"""Each page of the docs' site, as it is seen: on a phone, and on screens of a desk."""

import pytest

from tests.harness.site import built

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDE = """() => {
  const wide = innerWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll("article *")]
    .filter((one) => one.getBoundingClientRect().right > wide + 1)
    .map((one) => `${one.tagName}: ${one.textContent.slice(0, 40)}`)
    .concat(`${document.documentElement.scrollWidth} of ${wide}`);
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("sphinx")
    return built(tmp_path_factory.mktemp("site"))


@pytest.fixture
def pages(site):
    """All pages but the one that only leads to the first."""
    found = sorted({*site.rglob("*.html")} - {site / "index.html"})
    assert len(found) > 30
    return found


@pytest.fixture
def opened(browser):
    """Open a page of a width; it says what it says, and what it asks others for."""
    context = browser.new_context()
    page = context.new_page()
    page.said, page.asked = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    yield page
    context.close()


# 640 a small tablet, 1180 beside a menu, 1366 and 1440 beside two bars.
@pytest.mark.parametrize("width", [390, 640, 1180, 1366, 1440])
def test_no_page_is_scrolled_sideways_and_none_has_anything_to_complain(
    opened, pages, site, width
):
    opened.set_viewport_size({"width": width, "height": 844})
    wrong = {}
    for path in pages:
        opened.said.clear()
        opened.goto(path.as_uri())
        if found := opened.evaluate(WIDE) + opened.said:
            wrong[path.relative_to(site).as_posix()] = found[:3]

    assert wrong == {}
    assert {url for url in opened.asked if not url.startswith(site.as_uri())} == set()


def test_the_address_of_the_site_leads_to_the_first_page(opened, site):
    opened.goto((site / "index.html").as_uri())
    opened.wait_for_url("**/README.html")

    assert opened.get_by_role("heading", level=1).inner_text().startswith("partnero")


def test_a_phone_reaches_every_page_by_the_menu(opened, site, pages):
    opened.set_viewport_size({"width": 390, "height": 844})
    opened.goto((site / "README.html").as_uri())
    opened.locator("label[for=__navigation]:visible").first.click()
    menu = opened.locator(".sidebar-tree a.reference")
    linked = menu.evaluate_all("all => all.map((one) => one.href.split('#')[0])")
    decisions = (site / "docs/decisions").as_uri()

    assert menu.first.is_visible()
    others = {"genindex.html", "search.html", "README.html"}
    wanted = {page.as_uri() for page in pages if page.name not in others}
    missing = [page for page in wanted - {*linked} if not page.startswith(decisions)]
    assert missing == []
