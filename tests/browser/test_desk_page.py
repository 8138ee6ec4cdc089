"""The desk of `review` in a real browser: deciding, by mouse, keyboard and finger."""

import json
import re
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from connector.commands.gates import gate_of_review
from connector.commands.remembered import Remembered
from connector.config.load import load
from connector.sandbox import questions
from connector.sandbox.server import Sandbox
from connector.service.answers import Crowd
from connector.service.desk.sessions import Link
from connector.service.desk.site import Desk, app_of
from connector.service.server import listening, serving_app
from state.database import open_to_write
from state.model import Look
from state.store import Store
from tests.harness.program import called

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
LIMITED = f"A restriction would be lost {questions.LIMITED}"


@pytest.fixture(scope="session")
def looked_at(tmp_path_factory):
    """Return a configuration, and the bytes of its state after one look."""
    folder = tmp_path_factory.mktemp("undecided")
    with Sandbox(world=questions.undecided(equal=12)) as sandbox:
        config = folder / "connector.toml"
        config.write_text(sandbox.config_text(), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            for name, value in sandbox.environment.items():
                patch.setenv(name, value)
            assert called("--config", config, "sync").code == 0
    state = folder / "connector.db"
    return config.read_text(), {
        path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()
    } | {"connector.db": state.read_bytes()}


class Open:
    """A desk that is served, with what a test may look at beside the pages."""

    def __init__(self, base: str, link: Link, store: Store, contexts) -> None:
        self.base, self.link, self.store = base, link, store
        self._contexts = contexts
        self.said: list[str] = []
        self.asked: list[str] = []

    def page(self, **options):
        """Return a page that came by the link; later ones share its cookie."""
        context = self._contexts(**options)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(f"{self.base}/open/{self.link.word}")
        page.goto(f"{self.base}/inbox")
        return page

    def decided(self):
        return self.store.decisions()

    def change(self, code: str) -> None:
        """Let a later look have found that one item has other values."""
        rows = list(self.store.waiting().values())
        for row in rows:
            if row.code == code:
                rows.remove(row)
                document = json.loads(row.document) | {"id": "c_other"}
                rows.append(
                    type(row)("c_other", row.key, row.code, row.run, row.at,
                              json.dumps(document))
                )  # fmt: skip
                break
        else:
            raise AssertionError(code)
        look = self.store.looked()
        assert look is not None
        self.store.save_look(Look(look.as_of, look.run), rows)


@pytest.fixture
def desk(browser, looked_at, tmp_path):
    _, files = looked_at
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    config = load(tmp_path / "connector.toml")
    link, listener = Link(), listening("127.0.0.1", 0)
    port = listener.getsockname()[1]
    known = Remembered(config, config.file.pairs)
    made = Desk(gate_of_review(config, port), known, Crowd(), link=link)
    store = Store(open_to_write(config.location.state_url), "acme")
    with ExitStack() as opened:
        opened.enter_context(serving_app(app_of(made), listener))

        def contexts(**options):
            context = browser.new_context(**options)
            opened.callback(context.close)
            return context

        yield Open(f"http://127.0.0.1:{port}", link, store, contexts)
        store.close()


def group(page, title: str):
    return page.get_by_role("region", name=title)


def store(page, count: int, name: str = "Sam", note: str = "") -> None:
    # The note is waited for, so that whether a name is asked for can be told.
    page.get_by_label("Why?").fill(note)
    if page.get_by_label("Your name").count():
        page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name=f"Store {count} decision").click()


def tells(page, news: str) -> None:
    """Wait for the page that follows an answer, and see what it says of it."""
    expect(page.locator(".news")).to_contain_text(news)


def test_thirty_of_thirty_seven_are_decided_in_three_clicks_and_a_note(desk):
    page = desk.page()
    assert page.get_by_role("heading", level=1).inner_text() == (
        "37 wait for a decision"
    )

    group(page, LIMITED).get_by_label("Select all 30").click()
    assert page.locator("#selected").inner_text() == "30 selected"
    page.get_by_role("button", name="Do as proposed").click()
    page.get_by_label("Your name").fill("Sam")
    page.get_by_label("Why?").fill("they know")
    page.get_by_role("button", name="Store 30 decisions").click()

    tells(page, "30 decisions are stored.")
    assert {(d.take, d.who, d.note) for d in desk.decided().values()} == {
        ("proposed", "Sam", "they know")
    }
    assert len(desk.decided()) == 30
    page.reload()
    assert page.locator(".news").count() == 0
    assert page.get_by_role("heading", level=1).inner_text() == "7 wait for a decision"
    assert page.get_by_role("button", name="Take back").count() == 30
    assert desk.said == []
    assert all(url.startswith((desk.base, "data:,")) for url in desk.asked)


def test_what_changed_meanwhile_is_refused_by_itself_and_the_others_count(desk):
    page = desk.page()
    group(page, LIMITED).get_by_label("Select all 30").click()
    page.get_by_role("button", name="Do as proposed").click()
    desk.change("PODCASTANNA01")

    store(page, 30)

    tells(page, "29 decisions are stored.")
    tells(page, "1 was refused, each by itself")
    assert len(desk.decided()) == 29
    assert "PODCASTANNA01" not in {d.code for d in desk.decided().values()}
    assert page.get_by_role("heading", level=1).inner_text() == "8 wait for a decision"


def test_a_search_selects_only_what_is_seen(desk):
    page = desk.page()
    page.get_by_label("Search", exact=True).fill("podcast")
    assert page.locator("#found").inner_text() == "6 of 37 on this page match."

    group(page, LIMITED).get_by_label("Select all 6").click()
    page.get_by_label("Search", exact=True).fill("podcastanna")
    assert page.locator("#selected").inner_text() == "1 selected"
    page.get_by_role("button", name="Leave as it is").click()
    store(page, 1)
    tells(page, "1 decision is stored.")

    assert [d.code for d in desk.decided().values()] == ["PODCASTANNA01"]


def test_with_shift_a_whole_run_of_rows_is_selected(desk):
    page = desk.page()
    boxes = group(page, LIMITED).get_by_role("checkbox")
    boxes.nth(3).click()
    boxes.nth(9).click(modifiers=["Shift"])

    assert page.locator("#selected").inner_text() == "7 selected"


def test_a_word_that_fits_some_says_how_many_and_one_that_fits_none_is_off(desk):
    page = desk.page()
    page.get_by_role("checkbox", name="SPRING", exact=True).check()
    page.get_by_role("checkbox", name="PODCASTANNA01", exact=True).check()

    assert page.get_by_role("button", name="Tolt is right (1)").is_enabled()
    page.get_by_role("checkbox", name="SPRING", exact=True).uncheck()
    assert page.get_by_role("button", name="Tolt is right").is_disabled()


def test_a_deletion_is_asked_about_once_more_with_what_is_lost(desk):
    page = desk.page()
    page.get_by_role("checkbox", name="PODCASTANNA01", exact=True).check()
    page.get_by_role("button", name="Delete it").click()
    banner = page.locator(".question .banner")
    assert "1 of these deletes something for good" in banner.inner_text()
    assert "redemption log" in banner.inner_text()

    store(page, 1)
    assert page.url.endswith("/ask"), "the browser wants the box checked first"
    assert not desk.decided()
    page.get_by_label("Yes, I have read what is lost").check()
    store(page, 1)
    tells(page, "1 decision is stored.")

    assert [d.take for d in desk.decided().values()] == ["delete"]


def test_a_decision_is_taken_back(desk):
    page = desk.page()
    page.get_by_role("checkbox", name="SAMPLE", exact=True).check()
    page.get_by_role("button", name="Leave as it is").click()
    store(page, 1)

    page.get_by_role("button", name="Take back the decision about SAMPLE").click()

    tells(page, "1 decision is taken back.")
    assert not desk.decided()


def test_everything_is_done_with_the_keyboard_alone(desk):
    page = desk.page()
    press, focused = page.keyboard.press, "document.activeElement"
    press("Tab")
    assert page.evaluate(f"{focused}.textContent") == "Skip to the content"
    press("/")
    page.keyboard.type("interview")
    press("Tab")
    press("Tab")
    press("Tab")
    assert page.evaluate(f"{focused}.closest('label').innerText.trim()") == (
        "Select all 1"
    )
    press("Space")
    outline = page.evaluate(f"getComputedStyle({focused}).outlineStyle")
    assert outline == "solid", "what has the focus can be seen"
    for _ in range(20):
        press("Tab")
        if page.evaluate(f"{focused}.value") == "tolt":
            break
    press("Enter")
    page.wait_for_url("**/ask")
    for _ in range(20):
        press("Tab")
        if page.evaluate(f"{focused}.name") == "by":
            break
    page.keyboard.type("Sam")
    press("Enter")
    page.wait_for_url("**/inbox")

    assert [(d.code, d.take, d.who) for d in desk.decided().values()] == [
        ("INTERVIEW", "tolt", "Sam")
    ]


def test_without_a_script_everything_still_works(desk):
    page = desk.page(java_script_enabled=False)
    page.get_by_label("Search", exact=True).fill("podcast")
    page.get_by_role("button", name="Search").click()
    assert page.locator("#found").inner_text() == "6 of 37 match."

    page.get_by_label("Select all 6").check()
    page.get_by_role("button", name="Leave as it is").click()
    store(page, 6, note="no script")

    tells(page, "6 decisions are stored.")
    assert len(desk.decided()) == 6


@pytest.mark.parametrize("path", ["", "inbox", "report", "money", "history"])
def test_a_phone_needs_no_sideways_scrolling(desk, path):
    page = desk.page(**PHONE)
    page.goto(f"{desk.base}/{path}")
    for summary in page.locator("summary").all()[:5]:
        summary.click()

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if path == "inbox":
        group(page, LIMITED).get_by_label("Select all 30").tap()
        page.get_by_role("button", name="Delete it").tap()
        page.wait_for_url("**/ask")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(desk, scheme):
    page = desk.page(color_scheme=scheme)
    page.get_by_role("checkbox", name="SPRING", exact=True).check()
    page.locator("summary").first.click()
    unreadable = page.evaluate(
        """() => {
          const parts = (color) => color.match(/[\\d.]+/g).map(Number);
          const light = (color) => {
            const [r, g, b] = parts(color).map((part) => part / 255)
              .map((part) =>
                part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b;
          };
          const found = [];
          const all = "h1, h2, h3, p, td, th, dt, dd, a, button:enabled, label, "
            + "summary, .soft, .lost, .code, .field";
          for (const one of document.querySelectorAll(all)) {
            if (!one.textContent.trim() || !one.checkVisibility()) continue;
            let back = one;
            while (parts(getComputedStyle(back).backgroundColor)[3] === 0
                   && back.parentElement) back = back.parentElement;
            const both = [getComputedStyle(one).color,
                          getComputedStyle(back).backgroundColor]
              .map(light).sort((a, b) => b - a);
            const contrast = (both[0] + .05) / (both[1] + .05);
            if (contrast < 4.5) found.push([one.textContent.trim(), contrast]);
          }
          return found;
        }"""
    )

    assert unreadable == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", dark)[:3])) < 150) is (scheme == "dark")


def test_a_screen_reader_finds_its_way(desk):
    page = desk.page()

    for role in ("banner", "main", "search", "contentinfo"):
        assert page.get_by_role(role).count() == 1
    assert page.get_by_role("navigation", name="Pages").count() == 1
    assert page.locator("h1").count() == 1
    unnamed = (
        "[...document.querySelectorAll('input:not([type=hidden]),select')]"
        ".filter(e => !e.labels.length && !e.getAttribute('aria-labelledby'))"
    )
    assert page.evaluate(f"{unnamed}.length") == 0
    table = group(page, LIMITED).get_by_role("table")
    assert table.get_by_role("columnheader").all_inner_texts() == [
        "Select",
        "Code",
        "Partnero",
        "Tolt",
        "What it is about",
    ]


def test_a_forged_form_of_another_site_decides_nothing(desk, browser):
    page = desk.page()
    mark = page.locator("input[name=form]").first.get_attribute("value")
    id_ = next(iter(desk.store.waiting()))
    forged = page.context.new_page()
    # The mark as well, as if it had been read: the origin still gives it away.
    forged.route(
        "http://evil.example/",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f"""<form method="post" action="{desk.base}/decide">
            <input name="form" value="{mark}"><input name="take" value="keep">
            <input name="by" value="Mallory"><input name="pick" value="acme {id_}">
            <button>Win</button></form>""",
        ),
    )
    forged.goto("http://evil.example/")

    with forged.expect_response(f"{desk.base}/decide") as answer:
        forged.get_by_role("button").click()

    assert answer.value.status == 403
    assert not desk.decided()


def test_a_page_of_ours_shows_itself_in_no_frame_and_runs_no_script_of_others(desk):
    page = desk.page()
    with page.expect_console_message() as told:
        page.evaluate(
            "() => { const made = document.createElement('script');"
            "made.textContent = 'window.ran = true'; document.body.append(made); }"
        )

    assert page.evaluate("window.ran") is None
    assert "Content Security Policy" in told.value.text


def test_the_link_is_good_for_one_browser(desk, browser):
    desk.page()
    context = browser.new_context()
    page = context.new_page()

    answer = page.goto(f"{desk.base}/open/{desk.link.word}")

    assert answer.status == 403
    assert page.goto(f"{desk.base}/inbox").status == 403
    assert page.get_by_text("partnero-tolt review").is_visible()
    context.close()
