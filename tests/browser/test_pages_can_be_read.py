"""What the pages promise to the eye: on a phone, in the dark, and on paper."""

import re
from dataclasses import replace

import pytest

from connector.engine.causes.cause import Quoted
from connector.engine.planned import MoneyLine, RedemptionReport, SaleLine, Tally
from connector.reports.certificates import certificate_html
from mappings.redemptions import Money, Sum
from tests.reports.samples import certificate, change, held, ordinary, plan, unread

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1180, "height": 900}


def sold(pair: str = "acme", *, several: bool = False):
    """Six sales of one code, which are not the same on both sides."""
    why = Quoted(
        "in_0001 of SUMMER-CAMPAIGN is 10.00 USD on Partnero and 12.00 on Tolt."
    )
    lines = tuple(
        SaleLine(
            "SUMMER-CAMPAIGN",
            f"in_{number:04}",
            "differs",
            f"2026-11-{number:02}T10:58:00Z",
            Money(123_499_00 + number, "USD"),
            "USD",
            "a***@example.com (prt_a00000004)",
            (why,),
        )
        for number in range(10, 16)
    )
    counts = {"differs": 6, "in_sync": 1_234}
    money = MoneyLine("SUMMER-CAMPAIGN", "USD", counts, "1234567.00", "1234577.00")
    partner = money._replace(name="a***@example.com (prt_a00000004)")
    sums = (
        Sum("a***@example.com (prt_a00000004)", money.name, "USD", "differs", 6, 600),
    )
    report = RedemptionReport((money,), (partner,), lines, sums)
    made = ordinary()
    return replace(made, pair=pair, several=several, redemption_report=report)


PAGES = {
    "report": ordinary,
    "money": sold,
    "pairs": lambda: [sold(f"shop-{n}", several=True) for n in range(3)],
    "unread": unread,
    "certificate": lambda: certificate_html(certificate()),
}
BROKEN = """() => {
  const broken = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    if (parent.closest("script, style, noscript, .code, .mark, code")) continue;
    for (const word of node.data.matchAll(/[\\p{L}\\p{N}*@.,:_%]{2,26}/gu)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const tops = [...range.getClientRects()].map((one) => Math.round(one.top));
      if (new Set(tops).size > 1) broken.push(word[0]);
    }
  }
  return broken;
}"""
TOUCHING = """() => [...document.querySelectorAll(".counts div")].filter((pair) => {
  const [label, number] = [...pair.children].map((one) => one.getClientRects()[0]);
  const text = document.createRange();
  text.selectNodeContents(pair.children[0]);
  const right = Math.max(...[...text.getClientRects()].map((one) => one.right));
  return number.left - right < 4;
}).map((pair) => pair.textContent)"""


def opened(shown):
    for summary in shown.page.locator("summary").all():
        summary.click()
    return shown


@pytest.mark.parametrize("wide", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("name", PAGES)
def test_no_word_and_no_number_is_broken(show, name, wide):
    shown = opened(show(PAGES[name](), viewport=wide))

    assert shown.page.evaluate(BROKEN) == []


def test_a_broken_word_would_be_found(show):
    shown = show(ordinary(), viewport=PHONE)
    shown.page.evaluate("document.querySelector('h1').style.width = '3rem'")

    assert "compared:" in shown.page.evaluate(BROKEN)


@pytest.mark.parametrize("wide", [PHONE, DESK], ids=["phone", "desk"])
def test_no_number_touches_its_label(show, wide):
    counts = {"in_sync": 123_456, "missing_on_tolt": 8, "twice": 1}
    shown = show(plan(redemptions=counts), viewport=wide)

    assert shown.page.locator(".counts div").count() > 10
    assert shown.page.evaluate(TOUCHING) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_phone_of_390_needs_no_sideways_scrolling(show, name, scheme):
    shown = opened(show(PAGES[name](), viewport=PHONE, color_scheme=scheme))

    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 390


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def first_look():
    """A first run: 360 codes agree, 45 would be written, 18 wait for a person."""
    return plan(
        *(change(f"SAME{n:03}", "adopt", "state", reason="equal") for n in range(360)),
        *(change(f"NEW-CODE-{n:02}") for n in range(45)),
        *(held(f"DIFFERENT-{n:02}") for n in range(18)),
        tally=Tally(360, 45, 0, 18, 0),
    )


def test_what_agrees_is_not_printed_unless_it_was_asked_for(show):
    shown = show(first_look())
    few = shown.page.pdf(format="A4")
    printed = shown.page.evaluate(
        "() => { dispatchEvent(new Event('beforeprint'));"
        "return document.querySelector('main').innerText; }"
    )
    shown.page.evaluate("dispatchEvent(new Event('afterprint'))")

    assert pages_of(few) <= 5
    assert "DIFFERENT-17" in printed
    assert "SAME001" not in printed
    assert '360 that agree are left out (to print them, choose "Only noted")' in printed

    shown.page.get_by_role("button", name="Only noted").click()
    shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert "SAME359" in shown.page.locator("#list").inner_text()


def test_423_codes_that_would_be_written_are_printed_on_few_pages(show):
    shown = show(plan(*(change(f"NEW-CODE-{n:03}") for n in range(423))))

    assert pages_of(shown.page.pdf(format="A4")) <= 14


@pytest.mark.parametrize("name", ["report", "money", "pairs", "certificate"])
def test_on_paper_the_head_of_a_table_repeats_and_no_row_is_cut(show, name):
    shown = show(PAGES[name]())
    shown.page.emulate_media(media="print")
    shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    style = (
        "(one) => [getComputedStyle(one).display, getComputedStyle(one).breakInside]"
    )

    heads = shown.page.locator("main thead").evaluate_all(f"all => all.map({style})")
    rows = shown.page.locator("main tbody tr").evaluate_all(f"all => all.map({style})")

    assert {head[0] for head in heads} == {"table-header-group"}
    assert {row[1] for row in rows} == {"avoid"}


def test_the_list_is_sorted_by_code_within_its_sections(show):
    shown = show(ordinary())
    shown.page.get_by_label("Sort by").select_option("code")
    held = shown.page.locator("#list .held .code").all_inner_texts()

    assert held == ["DIFFERENT", "GONE", "LIMITED", "OLD", "SAM20"]
    assert shown.page.url.endswith("#order=code")


def test_a_table_of_the_certificate_is_sorted_by_a_click_on_its_head(show):
    shown = show(certificate_html(certificate()))
    codes = "table.sortable >> nth=0 >> tbody th"
    head = shown.page.get_by_role("button", name="Code").first

    head.click()
    head.click()

    assert shown.page.locator(codes).all_inner_texts() == [
        "PARTNERMISSING-PARTNERO",
        "PAID",
    ]
    assert shown.page.locator("th[aria-sort=descending]").count() == 1
    assert shown.said == []


def test_the_certificate_names_whose_codes_they_are_and_who_accepted_what(show):
    shown = show(certificate_html(certificate()))
    told = shown.page.locator("body").inner_text()
    row = shown.page.locator("section.accepted tbody tr").inner_text()

    for name in ("prog_1", "prg_1", "USD", "completely"):
        assert name in told
    assert "KEPT" in row
    assert "sam@desk" in row
    assert "2026-11-20 09:00:00 UTC" in row
    assert "agreed with Carol until summer" in row


@pytest.mark.parametrize("name", ["report", "certificate"])
def test_without_scripts_everything_can_be_read(show, name):
    shown = show(PAGES[name](), java_script_enabled=False)
    told = shown.page.locator("body").inner_text()

    assert "PAID" in told
    assert ("decide PAID --take tolt" if name == "report" else "PARTNERMISSING") in told
    assert shown.page.locator("#count:visible, .tools:visible").count() == 0


def test_a_certificate_obeys_no_script_but_its_own(show):
    shown = show(certificate_html(certificate()))
    shown.page.evaluate(
        "() => { const made = document.createElement('script');"
        "made.textContent = 'window.ran = true'; document.body.append(made); }"
    )

    assert shown.page.evaluate("window.ran") is None
    assert shown.asked == [shown.address]
