"""The desk, asked in this process: what it shows, what it stores, what it refuses."""

import json
import re

import httpx
import pytest

from connector.service.desk.access import Rules
from connector.service.desk.sessions import Link
from state.model import Decision, FindingLine, LastReading, RunSummary
from tests.harness.desk import (
    AT,
    HERE,
    LINKED,
    LOOKING,
    Visitor,
    marks,
    option,
    text_of,
    town,
    waits,
)

KEY = "acme c_{:012x}".format


@pytest.fixture
def desk(tmp_path):
    made = town(tmp_path)
    made.wait(*[waits(number) for number in range(1, 5)])
    return made


# -- looking ---------------------------------------------------------------------------


def test_the_inbox_shows_both_sides_what_each_answer_does_and_what_is_lost(desk):
    page = text_of(Visitor(desk.app, "decide-it").get("/inbox").text)

    assert "4 wait for a decision" in page
    assert "A restriction would be lost 4" in page
    assert "CODE01 a***@example.com (prt_1) discount 10% not there" in page
    assert "Partnero is right CODE01 is made on Tolt." in page
    assert "Tolt is right Not possible: it is not there" in page
    assert "Lost: its log This cannot be taken back; you are asked once more." in page


def test_who_may_only_look_is_offered_nothing_to_select(desk):
    page = Visitor(desk.app, "look-at-it").get("/inbox").text

    assert "CODE01" in page
    assert "checkbox" not in page
    assert "<button name" not in page
    assert "You may look" in page


def test_a_search_and_a_reason_narrow_the_inbox(desk):
    desk.wait(waits(1), waits(2, code="OTHER", reason="diverged"))
    visitor = Visitor(desk.app, "decide-it")

    searched = text_of(visitor.get("/inbox?q=oth+tolt").text)
    by_reason = text_of(visitor.get("/inbox?reason=lossy").text)

    assert "OTHER" in searched
    assert "CODE01" not in searched
    assert "1 of 2 match." in searched
    assert "CODE01" in by_reason
    assert "OTHER" not in by_reason


def test_an_inbox_of_many_has_pages(desk):
    desk.wait(*[waits(number, code=f"C{number:04d}") for number in range(301)])
    visitor = Visitor(desk.app, "decide-it")

    first, second = (visitor.get(f"/inbox?page={page}").text for page in (1, 2))

    assert "Page 1 of 2" in first
    assert "C0300" not in first
    assert "C0300" in second
    assert 'href="./inbox?page=1"' in second


@pytest.mark.parametrize("page", ["0", "99", "-1", "x", "\u0663"])
def test_a_page_that_is_not_there_is_the_nearest_one(desk, page):
    assert "CODE01" in Visitor(desk.app, "decide-it").get(f"/inbox?page={page}").text


def test_text_of_a_provider_is_inert_on_every_page(desk):
    hostile = "<script>alert(1)</script>\u202e\x1b[2J"
    desk.wait(waits(1, code=hostile, message=f"{hostile}: x", reason=hostile))
    visitor = Visitor(desk.app, "decide-it")
    asked = visitor.post(
        "/ask", {"form": visitor.mark(), "take": "keep", "pick": KEY(1)}
    )

    for page in (visitor.get("/inbox").text, visitor.get("/").text, asked.text):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u202e\\u001b[2" in page
        assert "<script>" not in page
        assert "\u202e" not in page


def test_with_several_pairs_every_row_names_its_own(tmp_path):
    desk = town(tmp_path, "acme", "beta")
    desk.wait(waits(1), pair="acme")
    desk.wait(waits(1), pair="beta")
    visitor = Visitor(desk.app, "decide-it")

    both, one = (visitor.get(f"/inbox{asked}").text for asked in ("", "?pair=beta"))

    assert '<span class="pair">acme</span>' in both
    assert '<span class="pair">beta</span>' in both
    assert '<span class="pair">acme</span>' not in one
    assert visitor.decide("keep", "beta c_000000000001").status_code == 303
    assert not desk.decided("acme")
    assert len(desk.decided("beta")) == 1


def test_with_several_pairs_the_overview_is_one_table(tmp_path):
    desk = town(tmp_path, "acme", "beta")
    desk.wait(waits(1), pair="beta")

    page = text_of(Visitor(desk.app, "look-at-it").get("/").text)

    assert "2 of 2 pairs had no verified success for two intervals." in page
    assert "acme never 0 none yet" in page
    assert "beta never 1 A restriction would be lost 1 none yet" in page


def test_what_was_accepted_stays_listed_and_can_be_taken_back(desk):
    visitor = Visitor(desk.app, "decide-it")
    visitor.decide("keep", KEY(1), note="until May")
    desk.wait(waits(2))

    page = text_of(visitor.get("/inbox").text)
    assert "not asked about again until a value changes: 1" in page
    assert "until May" in page
    visitor.post("/withdraw", {"form": visitor.mark(), "pick": KEY(1)})

    assert not desk.decided()


def test_what_is_decided_and_asked_by_nothing_is_listed_and_can_be_taken_back(desk):
    gone = Decision("c_9", "same", "SAME", "delete", "m", "Ada", AT, "delete", "both")
    desk.stores["acme"].decide([gone])
    sam = Visitor(desk.app, "decide-it")

    page = sam.get("/inbox").text

    assert "SAME Delete it Ada" in text_of(page)
    sam.post("/withdraw", {"form": marks(page)[0], "pick": "acme c_9"})
    assert desk.decided() == {}


def test_a_state_that_cannot_be_read_is_said_and_breaks_nothing(desk):
    visitor = Visitor(desk.app, "decide-it")
    (desk.folder / "connector.db").write_bytes(b"no database at all" * 1000)

    for path in ("/", "/inbox", "/report"):
        assert visitor.get(path).status_code in (200, 503)


def test_the_overview_says_what_waits_and_why_the_last_run_failed(desk):
    summary = RunSummary("r_9", "acme", "sync", "failed", "2026-11-30T11:00:00Z",
                         "2026-11-30T11:00:09Z")  # fmt: skip
    document = {"run": "r_9", "pair": "acme", "status": "failed", "command": "sync",
                "started_at": summary.started_at, "finished_at": summary.finished_at,
                "plan": None, "outcomes": [],
                "error": "Tolt answered 503 to GET partners (5 tries)"}  # fmt: skip
    desk.stores["acme"].journal.save_run(summary, json.dumps(document))
    visitor = Visitor(desk.app, "look-at-it")

    overview, report = (text_of(visitor.get(path).text) for path in ("/", "/report"))
    run = text_of(visitor.get("/runs/r_9").text)

    for page in (overview, report, run):
        assert "Tolt answered 503 to GET partners (5 tries)" in page
    assert "Waiting for a decision 4" in overview
    assert "A restriction would be lost 4" in overview
    assert "This run wrote nothing." in run
    assert visitor.get("/runs/r_nobody").status_code == 404


def test_money_is_told_by_partner_by_code_and_sale_by_sale(desk):
    row = {"name": "s*** (prt_1)", "partnero": "100.00 USD", "tolt": "50.01 USD",
           "in_step": 1, "parts": ["1 missing on Tolt (49.99 USD)"]}  # fmt: skip
    sale = {"at": "2026-11-29 10:00", "code": "SAM20", "key": "order_1",
            "amount": "49.99 USD", "standing": "missing on Tolt",
            "partner": "s*** (prt_1)", "why": ""}  # fmt: skip
    tables = {"not_compared": "", "footnote": "Twice is once.", "totals": [row],
              "partners": [row], "codes": [row | {"name": "SAM20"}], "sales": [sale],
              "more_partners": 0, "more_codes": 7, "number": 1, "more_sales": 0,
              "command": ""}  # fmt: skip
    facts = desk.stores["acme"].facts
    facts.save_last_reading(LastReading((), tables))

    page = text_of(Visitor(desk.app, "look-at-it").get("/money").text)

    assert "By partner 1" in page
    assert "s*** (prt_1) 100.00 USD 50.01 USD 1 1 missing on Tolt (49.99 USD)" in page
    assert "By code 8" in page
    assert "... and 7 more." in page
    assert (
        "order_1 SAM20 s*** (prt_1) Missing on Tolt 2026-11-29 10:00 49.99 USD" in page
    )

    facts.save_last_reading(LastReading((), {"not_compared": "Tolt has no key"}))
    page = text_of(Visitor(desk.app, "look-at-it").get("/money").text)
    assert "Sales were not compared Tolt has no key" in page


def test_the_report_says_what_is_good_to_know(desk):
    reading = LastReading((FindingLine("dead", "OLD10 is expired on both sides."),))
    desk.stores["acme"].facts.save_last_reading(reading)
    summary = RunSummary("r_1", "acme", "sync", "complete", AT, AT)
    document = {"run": "r_1", "status": "complete", "outcomes": [], "plan": None}
    desk.stores["acme"].journal.save_run(summary, json.dumps(document))

    page = text_of(Visitor(desk.app, "look-at-it").get("/report").text)

    assert "Expired, used up or switched off 1 OLD10 is expired on both sides." in page


@pytest.mark.parametrize("path", ["/", "/inbox", "/report", "/money", "/history"])
def test_every_page_is_there_before_anything_ever_ran(tmp_path, path):
    answer = Visitor(town(tmp_path).app, "look-at-it").get(path)

    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


# -- deciding --------------------------------------------------------------------------


def test_a_decision_for_many_is_stored_for_each_with_who_and_why(desk):
    answer = Visitor(desk.app, "decide-it").decide(
        "keep", KEY(1), KEY(2), note="until May"
    )

    decided = desk.decided()
    assert answer.status_code == 303
    assert sorted(decided) == ["c_000000000001", "c_000000000002"]
    assert {(d.take, d.who, d.note, d.seen) for d in decided.values()} == {
        ("keep", "Sam", "until May", "m")
    }


def test_what_became_of_it_is_told_once_and_what_is_decided_is_listed(desk):
    visitor = Visitor(desk.app, "decide-it")
    visitor.decide("keep", KEY(1), note="until May")

    first, again = (text_of(visitor.get("/inbox").text) for _ in range(2))

    assert "1 decision is stored. The next run carries them out." in first
    assert "1 decision is" not in again
    assert "3 wait for a decision" in again
    assert "Decided, done by the next run" in again
    assert "CODE01 Leave as it is Sam" in again
    assert "until May" in again


def test_what_changed_meanwhile_is_refused_by_itself_and_the_others_count(desk):
    visitor = Visitor(desk.app, "decide-it")
    mark = visitor.mark()
    desk.wait(waits(1), waits(9, code="CODE02"), waits(3))

    fields = {"form": mark, "take": "keep", "by": "Sam"}
    visitor.post("/decide", fields | {"pick": [KEY(1), KEY(2), KEY(3)]})
    page = text_of(visitor.get("/inbox").text)

    assert sorted(desk.decided()) == ["c_000000000001", "c_000000000003"]
    assert "2 decisions are stored." in page
    assert "1 was refused, each by itself; nothing was stored about it:" in page


def test_what_would_do_more_than_was_shown_is_refused_by_itself(desk):
    """The id is the same, and a look has found since that more is lost by it."""
    sam = Visitor(desk.app, "decide-it")
    picks = {"form": sam.mark(), "take": "proposed", "pick": [KEY(1), KEY(2)]}
    asked = sam.post("/ask", picks).text
    saw = re.findall(r'name="saw" value="([^"]*)"', asked)
    more = option("proposed", "A code is replaced.", destroys=True, lost=["its log"])
    desk.wait(waits(1), waits(2, options={"proposed": more}))

    sent = picks | {"form": marks(asked)[0], "saw": saw, "by": "Sam", "sure": "yes"}
    assert sam.post("/decide", sent).status_code == 303

    assert [one.code for one in desk.decided().values()] == ["CODE01"]
    assert "not what was shown to you" in text_of(sam.get("/inbox").text)


def test_what_is_decided_already_is_refused_and_who_did_it_is_named(desk):
    visitor = Visitor(desk.app, "decide-it")
    visitor.decide("keep", KEY(1))

    visitor.decide("proposed", KEY(1), KEY(2), by="Ann")
    page = text_of(visitor.get("/inbox").text)

    assert desk.decided()["c_000000000001"].take == "keep"
    assert desk.decided()["c_000000000002"].who == "Ann"
    assert "by Sam" in page


def test_all_of_a_group_can_be_chosen_without_a_script(desk):
    visitor = Visitor(desk.app, "decide-it")
    fields = {"form": visitor.mark(), "take": "keep", "all": "1",
              "in-1": [KEY(1), KEY(2)], "in-2": [KEY(3)]}  # fmt: skip

    page = visitor.post("/ask", fields).text

    assert "Leave as it is: 2 items" in page
    assert "CODE03" not in page


def test_what_destroys_is_asked_a_second_time_and_until_then_nothing_is_stored(desk):
    visitor = Visitor(desk.app, "decide-it")

    asked = visitor.decide("delete", KEY(1), KEY(2))
    assert asked.status_code == 422
    assert "Say that you have read what is lost." in asked.text
    assert "CODE01 : its log" in text_of(asked.text)
    assert not desk.decided()

    assert visitor.decide("delete", KEY(1), KEY(2), sure="yes").status_code == 303
    assert len(desk.decided()) == 2


def test_the_question_names_what_the_word_does_not_fit_and_why(desk):
    other = waits(5, options={"tolt": option("tolt", "CODE05 is changed on Partnero.")})
    desk.wait(waits(1), other)
    visitor = Visitor(desk.app, "decide-it")
    fields = {"form": visitor.mark(), "take": "tolt", "pick": [KEY(1), KEY(5)]}

    page = text_of(visitor.post("/ask", fields).text)

    assert "Tolt is right: 1 item" in page
    assert "Not decided by this CODE01 : it is not there" in page


def test_a_sentence_names_the_buttons_of_the_page_and_no_options(desk):
    why = "nothing is proposed: say --take tolt or --keep, not --keeper"
    desk.wait(waits(1, options={"keep": option("keep", "x"), "tolt": {"why": why}}))
    visitor = Visitor(desk.app, "decide-it")

    page = text_of(visitor.get("/inbox").text)

    assert (
        "say \u201cTolt is right\u201d or \u201cLeave as it is\u201d, not --keeper"
        in page
    )


def test_who_decides_is_asked_once_and_then_remembered(desk):
    visitor = Visitor(desk.app, "decide-it")
    nobody = visitor.decide("keep", KEY(1), by="")
    assert nobody.status_code == 422
    assert "Say who decides." in nobody.text

    visitor.decide("keep", KEY(1), by=" Sam\u202e\n ")
    visitor.decide("keep", KEY(2), by="")

    assert {decision.who for decision in desk.decided().values()} == {"Sam"}


def test_a_decision_can_be_taken_back(desk):
    visitor = Visitor(desk.app, "decide-it")
    visitor.decide("keep", KEY(1))

    fields = {"form": visitor.mark(), "pick": KEY(1)}
    assert visitor.post("/withdraw", fields).status_code == 303

    assert not desk.decided()
    assert "1 decision is taken back." in visitor.get("/inbox").text


def test_an_address_is_stored_whole_and_shown_masked(desk):
    visitor = Visitor(desk.app, "decide-it")
    visitor.decide("keep", KEY(1), by="sam@example.com")

    page = visitor.get("/inbox").text

    assert desk.decided()["c_000000000001"].who == "sam@example.com"
    assert "sam@example.com" not in page
    assert "s***@example.com" in page


@pytest.mark.parametrize(
    "fields",
    [{}, {"take": "keep"}, {"take": "eat", "pick": KEY(1)}, {"pick": KEY(1)}],
)
def test_a_form_without_a_word_or_without_a_choice_stores_nothing(desk, fields):
    visitor = Visitor(desk.app, "decide-it")

    for path in ("/ask", "/decide"):
        answer = visitor.post(path, fields | {"form": visitor.mark(), "by": "Sam"})
        assert answer.status_code == 422

    assert not desk.decided()


# -- who may ---------------------------------------------------------------------------


FORGED = {"take": "keep", "pick": KEY(1), "by": "Mallory", "sure": "yes"}


def test_a_page_of_somebody_else_decides_nothing(desk):
    visitor = Visitor(desk.app, "decide-it")
    visitor.decide("keep", KEY(4))
    mark = visitor.mark()

    for headers in (
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ):
        answer = visitor.post("/decide", FORGED | {"form": mark}, headers=headers)
        assert answer.status_code == 403, headers
    for form in ("", "x", mark[:-1]):
        assert visitor.post("/decide", FORGED | {"form": form}).status_code == 403
    assert visitor.post("/decide", FORGED).status_code == 403

    assert list(desk.decided()) == ["c_000000000004"]


def test_a_stolen_view_token_decides_nothing(desk):
    mark = Visitor(desk.app, "decide-it").mark()
    thief = Visitor(desk.app, "look-at-it")
    script = httpx.Client(transport=thief.client._transport, base_url=HERE)
    bearer = {"Authorization": "Bearer look-at-it"}

    for path in ("/ask", "/decide", "/withdraw"):
        assert thief.post(path, FORGED | {"form": mark}).status_code == 403
        assert script.post(path, data=FORGED, headers=bearer).status_code == 403
        assert script.post(path, data=FORGED).status_code == 401

    assert not desk.decided()


def test_a_script_with_the_token_needs_neither_origin_nor_form(desk):
    visitor = Visitor(desk.app)
    script = httpx.Client(transport=visitor.client._transport, base_url=HERE)
    bearer = {"Authorization": "Bearer decide-it"}

    answer = script.post("/decide", data=FORGED | {"by": "robot"}, headers=bearer)

    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "1 decision is stored." in text_of(answer.text)
    assert desk.decided()["c_000000000001"].who == "robot"


def test_the_name_that_a_proxy_tells_counts_before_one_that_is_typed(tmp_path):
    desk = town(tmp_path, user_header="X-Forwarded-User")
    desk.wait(waits(1))
    visitor = Visitor(desk.app, "decide-it", **{"X-Forwarded-User": "ann"})

    visitor.decide("keep", KEY(1), by="Mallory")

    assert desk.decided()["c_000000000001"].who == "ann"
    assert "ann" in visitor.get("/inbox").text


def test_the_link_opens_the_desk_once_and_to_look_at_it_uses_nothing_up(tmp_path):
    link = Link()
    desk = town(tmp_path, rules=LINKED, link=link)
    desk.wait(waits(1))
    first, second = Visitor(desk.app), Visitor(desk.app)
    path = f"/open/{link.word}"
    assert first.get("/inbox").status_code == 403

    assert first.client.head(path).status_code == 200
    opened = first.get(path)
    again = [second.get(path), second.client.head(path), first.get(path)]

    assert opened.status_code == 303
    cookie = opened.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert {answer.status_code for answer in again} == {403}
    assert second.get("/inbox").status_code == 403
    assert first.get("/inbox").status_code == 200
    led = {"Sec-Fetch-Site": "cross-site"}
    assert "Go on" in second.get("/inbox", headers=led).text
    assert "Go on" not in second.get("/inbox").text
    assert first.decide("keep", KEY(1), by="").status_code == 422
    assert first.decide("keep", KEY(1)).status_code == 303


def test_without_a_token_loopback_may_look_and_nobody_decides(tmp_path):
    desk = town(tmp_path, rules=LOOKING)
    desk.wait(waits(1))
    visitor = Visitor(desk.app)

    assert visitor.get("/inbox").status_code == 200
    assert visitor.post("/decide", FORGED | {"form": "x"}).status_code == 403
    assert visitor.get("/open/x").status_code == 403


def test_a_cookie_behind_an_encrypting_proxy_is_sent_over_encryption_alone(tmp_path):
    rules = Rules(
        token="decide-it",
        names=frozenset({"desk.example.com"}),
        origins=frozenset({"https://desk.example.com"}),
    )
    desk = town(tmp_path, rules=rules, public_url="https://desk.example.com")
    desk.wait(waits(1), waits(2))
    origin = {"Origin": "https://desk.example.com"}
    public = Visitor(desk.app, "decide-it", Host="desk.example.com", **origin)

    answer = public.decide("keep", KEY(1))
    here = Visitor(desk.app, "decide-it").decide("keep", KEY(2))

    assert "secure" in answer.headers["set-cookie"].lower()
    assert "secure" not in here.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        pytest.param(b"{}", "application/json", 415, id="no form"),
        pytest.param(b"x", "", 415, id="no kind"),
        pytest.param(b"a=%ff", "application/x-www-form-urlencoded", 400, id="no text"),
        pytest.param(
            b"a=" + b"x" * 600_000, "application/x-www-form-urlencoded", 413, id="large"
        ),
        pytest.param(
            b"a=1&" * 6000, "application/x-www-form-urlencoded", 400, id="many fields"
        ),
    ],
)
def test_a_body_is_a_form_within_bounds(desk, content, kind, status):
    visitor = Visitor(desk.app, "decide-it")
    headers = {"Content-Type": kind} if kind else {}

    answer = visitor.client.post("/decide", content=content, headers=headers)

    assert answer.status_code == status


def test_of_who_may_not_decide_no_body_is_read(desk):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for password, status in (("look-at-it", 403), ("wrong", 401)):
        visitor = Visitor(desk.app, password)
        body = b"a=" + b"x" * 600_000

        answer = visitor.client.post("/decide", content=body, headers=headers)

        assert answer.status_code == status


@pytest.mark.parametrize("path", ["/decide", "/ask", "/withdraw"])
def test_what_changes_something_is_no_address_to_follow(desk, path):
    assert Visitor(desk.app, "decide-it").get(path).status_code == 405


def test_every_form_of_a_page_holds_the_mark_of_its_visitor(desk):
    one, other = (Visitor(desk.app, "decide-it").mark() for _ in range(2))
    visitor = Visitor(desk.app, "decide-it")
    visitor.decide("keep", KEY(1))

    assert len(set(marks(visitor.get("/inbox").text))) == 1
    assert one == other, "by a password the mark belongs to the password"
