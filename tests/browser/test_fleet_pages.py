"""The desk of a fleet in a real browser: without scripts, on a phone, in the dark."""

from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from connector.service.server import listening, serving_app
from tests.harness.desk import LOOKING, town, waits

pytestmark = pytest.mark.browser
NAMES = tuple(f"a-shop-with-a-long-name-{number:03}" for number in range(120))
PHONE = {"width": 390, "height": 844}
CONTRAST = """() => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((one) => {
      const part = one / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (!color.endsWith(", 0)")) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const weak = [];
  for (const node of document.querySelectorAll("main *")) {
    const texts = [...node.childNodes].filter((one) => one.nodeType === 3);
    const own = texts.some((one) => one.data.trim());
    if (!own || !node.getClientRects().length) continue;
    const both = [getComputedStyle(node).color, ground(node)].map(light).sort();
    const ratio = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
    if (ratio < 4.5) weak.push(`${node.textContent.trim()}: ${ratio.toFixed(2)}`);
  }
  return weak;
}"""


@pytest.fixture
def opened(browser, tmp_path):
    """Return what opens a page of a desk of 120 pairs."""
    made = town(tmp_path, *NAMES, rules=LOOKING)
    made.wait(waits(1), waits(2), pair=NAMES[70])
    with ExitStack() as stack:
        listener = listening("127.0.0.1", 0)
        port = listener.getsockname()[1]
        stack.enter_context(serving_app(made.app, listener))

        def page(path="", **options):
            context = browser.new_context(**options)
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(10_000)
            page.goto(f"http://127.0.0.1:{port}/{path}")
            return page

        yield page


def test_a_fleet_is_searched_and_turned_page_by_page_without_scripts(opened):
    page = opened(java_script_enabled=False)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(50)

    page.get_by_role("link", name="Next").click()
    page.get_by_role("link", name="Next").click()
    expect(rows).to_have_count(20)
    expect(page.locator(".pager")).to_contain_text("Page 3 of 3")

    page.get_by_label("Search").fill("name-11")
    page.get_by_role("button", name="Search").click()
    expect(rows).to_have_count(10)
    expect(page.locator("#found")).to_contain_text("10 of 120 pairs match")
    page.get_by_role("link", name="Show everything").click()
    expect(rows).to_have_count(50)


def test_a_count_leads_to_the_pairs_that_it_counts(opened):
    page = opened()

    page.locator("dl.numbers").get_by_role("link", name="120").click()

    expect(page.locator("#found")).to_contain_text("120 of 120 pairs match")
    assert "q=stale" in page.url


def test_one_pair_of_the_inbox_is_found_by_a_part_of_its_name(opened):
    page = opened("inbox", java_script_enabled=False)
    assert "2 wait for a decision" in page.get_by_role("heading", level=1).inner_text()

    page.get_by_role("searchbox", name="Pair").fill("07")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name=NAMES[70]).click()

    expect(page.get_by_role("searchbox", name="Pair")).to_have_value(NAMES[70])
    expect(page.get_by_text("CODE01", exact=True).first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "inbox", "report", "history?pair=07"])
def test_a_phone_needs_no_sideways_scrolling_and_everything_can_be_read(
    opened, path, scheme
):
    page = opened(path, viewport=PHONE, color_scheme=scheme)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(CONTRAST) == []


def test_a_text_that_cannot_be_read_would_be_found(opened):
    page = opened()
    page.evaluate("document.querySelector('h1').style.color = '#ddd'")

    assert [one for one in page.evaluate(CONTRAST) if one.startswith("Overview")]
