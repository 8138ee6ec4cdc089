"""The page of a plan in a real browser."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.reports.samples import HOSTILE, hostile, large, ordinary, plan, unread

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}


def test_a_page_says_nothing_to_the_console_and_asks_for_nothing(show):
    shown = show(ordinary())
    for summary in shown.page.locator("summary").all():
        summary.click()

    assert shown.said == []
    assert shown.asked == [shown.address]


def test_who_is_paid_is_first_and_everything_is_there(show):
    shown = show(ordinary())
    headings = shown.page.locator("#list h2").all_inner_texts()

    assert headings[:2] == ["Matters most 1", "Needs a decision 5"]
    assert shown.codes()[0] == "PAID"
    assert shown.count() == "1 to 27 of 27"


def test_search_narrows_the_list_and_says_how_far(show):
    shown = show(ordinary())
    shown.page.get_by_label("Search", exact=True).fill("new LIM")
    assert shown.count() == "Nothing matches."

    shown.page.get_by_label("Search", exact=True).fill("limited 20%")

    assert shown.codes() == ["LIMITED"]
    assert shown.count() == "1 to 1 of 1 that match, of 27"


def test_status_action_and_reason_narrow_the_list_together(show):
    shown = show(ordinary())
    shown.page.get_by_role("button", name="Needs a decision 5").click()
    assert shown.rows() == 5
    shown.page.get_by_label("Action").select_option("update")
    assert shown.codes() == ["DIFFERENT"]
    shown.page.get_by_label("Reason").select_option(label="The sides differ (2)")
    assert shown.codes() == ["DIFFERENT"]

    shown.page.get_by_role("button", name="Clear").click()

    assert shown.rows() == 27
    assert shown.page.evaluate("document.activeElement.id") == "query"


def test_the_details_show_both_values_the_base_and_what_to_type(show):
    box = show(ordinary()).opened("DIFFERENT")

    assert box.locator("th[scope=col]").all_inner_texts() == [
        "Field",
        "Last agreed",
        "Partnero",
        "Tolt",
    ]
    assert box.locator("td").all_inner_texts() == ["5%", "10%", "15%"]
    assert box.locator("code").all_inner_texts() == [
        "partnero-tolt decide DIFFERENT --take partnero",
        "partnero-tolt decide DIFFERENT --take tolt",
        "partnero-tolt decide DIFFERENT --keep",
    ]
    assert "diverged" in box.inner_text()


def test_what_is_lost_is_said_in_words(show):
    told = show(ordinary()).opened("LIMITED").inner_text()

    assert "Lost: at most 10 redemptions." in told
    assert "Customers could get more off than now." in told


def test_everything_can_be_reached_and_done_with_the_keyboard(show):
    shown = show(ordinary())
    press = shown.page.keyboard.press
    press("Tab")
    assert shown.page.evaluate("document.activeElement.textContent") == (
        "Skip to the list"
    )
    press("Enter")
    press("Tab")
    press("Enter")
    assert shown.page.locator("details[open] .code").inner_text() == "PAID"

    press("/")
    shown.page.keyboard.type("GONE/")

    assert shown.page.evaluate("document.activeElement.id") == "query"
    assert shown.page.get_by_label("Search", exact=True).input_value() == "GONE/"


def test_what_has_the_focus_can_be_seen(show):
    shown = show(ordinary())
    shown.page.keyboard.press("/")
    outline = "getComputedStyle(document.activeElement).outlineStyle"

    assert shown.page.evaluate(outline) == "solid"


def test_a_screen_reader_finds_its_way(show):
    shown = show(ordinary())

    for role in ("banner", "main", "search", "contentinfo"):
        assert shown.page.get_by_role(role).count() == 1
    assert shown.page.get_by_role("status").inner_text() == shown.count()
    assert shown.page.get_by_role("img", name="51 codes compared").count() == 1
    assert shown.page.locator("h1").count() == 1
    unnamed = (
        "[...document.querySelectorAll('input,select')].filter(e=>!e.labels.length)"
    )
    assert shown.page.evaluate(f"{unnamed}.length") == 0


def test_a_filter_stands_in_the_address_and_is_read_from_it(show):
    shown = show(ordinary(), hash_="#in=urgent&q=paid")
    assert shown.codes() == ["PAID"]

    shown.page.get_by_role("button", name="Everything").click()

    assert shown.page.url == f"{shown.address}#q=paid"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(show, scheme):
    shown = show(unread(), color_scheme=scheme)
    pairs = shown.page.evaluate(
        """() => [...document.querySelectorAll(
             "h1 span, .banner, .banner strong, .legend li, #count, button, h2, dt")]
           .map((one) => {
             let back = one;
             const none = "rgba(0, 0, 0, 0)";
             while (getComputedStyle(back).backgroundColor === none
                    && back.parentElement) back = back.parentElement;
             return [one.textContent, getComputedStyle(one).color,
                     getComputedStyle(back).backgroundColor];
           })"""
    )

    assert pairs
    assert [
        (text, contrast(a, b)) for text, a, b in pairs if contrast(a, b) < 4.5
    ] == []


def contrast(one: str, other: str) -> float:
    lights = sorted(map(luminance, (one, other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(color: str) -> float:
    parts = [int(part) / 255 for part in color[4:-1].split(",")]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_dark_is_dark(show):
    backs = [
        show(ordinary(), color_scheme=scheme).page.evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("light", "dark")
    ]

    assert luminance(backs[0]) > 0.9
    assert luminance(backs[1]) < 0.1


@pytest.mark.parametrize("made", [ordinary, hostile, unread], ids=lambda m: m.__name__)
def test_a_phone_needs_no_sideways_scrolling(show, made):
    shown = show(made(), viewport=PHONE)
    for summary in shown.page.locator("summary").all():
        summary.click()

    wide = shown.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]


def test_hostile_text_is_shown_and_does_nothing(show):
    shown = show(hostile())
    for summary in shown.page.locator("summary").all():
        summary.click()
    texts = shown.codes()

    assert HOSTILE[0] in texts
    assert HOSTILE[1] in texts
    assert shown.said == []
    assert shown.asked == [shown.address]
    assert shown.page.locator("script").count() == 2
    assert (
        shown.page.locator("img:not([role]), iframe, a:not([href^='#'])").count() == 0
    )


def test_the_policy_stops_a_script_that_is_not_its_own(show):
    shown = show(ordinary())
    shown.page.evaluate(
        "() => { const made = document.createElement('script');"
        "made.textContent = 'window.ran = true'; document.body.append(made); }"
    )

    assert shown.page.evaluate("window.ran") is None
    assert "Content Security Policy" in shown.said[0]


def test_an_empty_plan_says_so(show):
    assert show(plan()).count() == "Nothing is to be done or to be known."


def test_a_refusal_and_an_unread_side_stand_on_top(show):
    shown = show(unread())
    banners = shown.page.locator("header .banner strong").all_inner_texts()

    assert banners == [
        "A run would be refused, many codes are missing [short_listing]",
        "Tolt was not read completely",
    ]


def test_print_shows_the_whole_selection(show):
    shown = show(large(300))
    shown.page.get_by_role("button", name="Needs a decision").click()
    shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert shown.page.locator("#list tbody tr:not(.group)").count() == 75
    assert shown.count() == "75 printed."

    shown.page.evaluate("dispatchEvent(new Event('afterprint'))")

    assert shown.rows() == 50
    assert shown.page.locator("details[open]").count() == 0


def test_ten_thousand_changes_stay_usable(show):
    shown = show(large())
    assert shown.count() == "1 to 50 of 10000"

    shown.page.get_by_label("Search", exact=True).fill("code0999")
    assert shown.count() == "1 to 10 of 10 that match, of 10000"
    shown.page.get_by_label("Search", exact=True).fill("")
    shown.page.get_by_role("button", name="Next").click()

    assert shown.count() == "51 to 100 of 10000"
    assert shown.page.evaluate("document.activeElement.id") == "list"


def test_a_picture_of_the_page_can_be_taken(show, tmp_path):
    pictures = {}
    for scheme in ("light", "dark"):
        page = show(ordinary(), color_scheme=scheme).page
        pictures[scheme] = page.screenshot(path=tmp_path / f"{scheme}.png")

    assert all(picture.startswith(b"\x89PNG") for picture in pictures.values())
    assert pictures["light"] != pictures["dark"]


def test_a_page_of_several_pairs_is_narrowed_to_one_by_its_link(show):
    beta = replace(ordinary(), pair="beta", several=True)
    acme = replace(ordinary(), several=True)
    shown = show([acme, beta, replace(unread(), pair="gamma", several=True)])
    rows = shown.page.locator(".overview tbody tr")

    assert [row.split("\t")[0] for row in rows.all_inner_texts()] == [
        acme.pair,
        "beta",
        "gamma",
    ]
    shown.page.get_by_role("link", name="beta in the list").click()
    # The browser tells the page of its new address after the click has returned.
    expect(shown.page.locator("#count")).to_contain_text("of 27 that match")
    headings = shown.page.locator("#list h2").all_inner_texts()

    assert headings
    assert all(heading.startswith("beta: ") for heading in headings)
    assert shown.page.locator("#pair").input_value() == "beta"
    shown.page.get_by_role("button", name="Clear").click()
    assert "that match" not in shown.count()
    shown.page.locator(".overview").get_by_role("link", name="gamma").click()
    expect(shown.page.locator("#pair-gamma")).to_be_visible()
    assert shown.said == []
    assert {*shown.asked} == {shown.address}


def test_a_page_of_several_pairs_fits_a_phone(show):
    plans = [replace(ordinary(), pair=name, several=True) for name in ("a", "b")]
    shown = show(plans, viewport=PHONE)

    wide = shown.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
