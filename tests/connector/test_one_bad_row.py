"""One row that cannot be understood is one finding, and every other row goes on."""

import json
import re

import pytest

from connector.sandbox import seed
from tests.harness.settled import keep, settled_before
from tests.standins.spoiler import spoiling

NEW, BAD, FREE = "BRANDNEW10", "CODE000003", "PCT77"
LEFT, RIGHT = "/partnero/v1", "/tolt/v2"
CODES = {"partnero": f"{LEFT}/promotion-codes", "tolt": f"{RIGHT}/promotion-codes"}
RAW = {
    "an endless exponent": b"1e9999999999999999999",
    "5,000 digits": b"9" * 5000,
    "nested too deeply": b"[" * 20_000 + b"]" * 20_000,
    "half a character": b'"\\ud83d"',
}

pytestmark = pytest.mark.usefixtures("hurried")


@pytest.fixture
def spoiler(place):
    """A pair in step behind something that spoils answers, and a code to carry."""
    place.inhabit(seed.big(12, partners=3, coupons=3))
    with spoiling(place.sandbox.url) as between:
        left, right = f'"{between.url}{LEFT}"', f'"{between.url}{RIGHT}"'
        policy = '[pairs.policy]\ndelete = "auto"\ncreate = "auto"'
        place.configure(base_url=left, base_url__1=right, more=policy)
        if not settled_before(place, "behind a spoiler"):
            assert place.run("sync").code == 0
            keep(place, "behind a spoiler")
        edit = {"code": NEW, "coupon": "PCT5", "partner": "partner00000@example.com"}
        place.edit("partnero", "create_code", **edit)
        place.sandbox.requests.clear()
        yield between


def spoilt(field, value, text=BAD, key="code"):
    """Return an edit of the one row with this text: a value, or JSON as it is sent."""

    def edit(row):
        if row.get(key) != text:
            return None
        if not isinstance(value, bytes):
            row[field] = value
            return None
        whole = json.dumps(row | {field: "-here-"}).encode()
        return whole.replace(b'"-here-"', value)

    return edit


def unreadable(seen):
    found = seen.document["findings"]
    return [one for one in found if one["kind"] == "unreadable"]


def wrongs(place, spoiler, path, edits):
    """Return which edits of a listing do anything else than cost their own row."""
    wrong = []
    for name, edit in edits.items():
        spoiler.rules.clear()
        spoiler.spoil_rows(path, edit)
        seen = place.json("plan")
        summary, found = seen.document["summary"], unreadable(seen)
        good = seen.code == 0 and "Traceback" not in seen.err
        good = good and (summary["ready"], summary["create"], len(found)) == (1, 1, 1)
        if not good or summary["delete"] + summary["update"] + summary["held"]:
            wrong.append((name, seen.code, summary, seen.document["findings"]))
    return wrong


@pytest.mark.parametrize(
    ("side", "field", "values"),
    [
        ("tolt", "code", [None, ["x"], 0.5]),
        ("tolt", "value", ["12,5", {"x": 1}]),
        ("tolt", "value", RAW),
        ("partnero", "times_redeemed", ["1,024", {}]),
        ("partnero", "coupon_specific_partners", ["anna", [["x"]]]),
        ("partnero", "additional_info", [7, {"redemptions": {"0": {}}}]),
    ],
    ids=lambda one: one if isinstance(one, str) else f"{len(one)} values",
)
def test_a_code_that_cannot_be_understood_is_neither_gone_nor_changed(
    place, spoiler, side, field, values
):
    every = values.items() if isinstance(values, dict) else enumerate(values)
    edits = {name: spoilt(field, value) for name, value in every}

    assert wrongs(place, spoiler, CODES[side], edits) == []


def test_what_is_no_row_at_all_costs_no_other(place, spoiler):
    def of(value):
        return lambda row: value if row.get("code") == BAD else None

    raw = (b"null", b"[[1]]", b'{"code"}')
    edits = {value: of(value) for value in raw}

    for path in CODES.values():
        spoiler.rules.clear()
        for name, edit in edits.items():
            spoiler.rules.clear()
            spoiler.spoil_rows(path, edit)
            seen = place.json("plan")
            assert (seen.code, len(unreadable(seen))) == (0, 1), name
            assert seen.document["summary"]["delete"] == 0, name
            assert re.search(r"entry \d+ of page 1", unreadable(seen)[0]["message"]), (
                name
            )


@pytest.mark.parametrize("side", ["tolt", "partnero"])
def test_all_others_are_written_and_the_row_is_as_before_once_it_can_be_read(
    place, spoiler, side
):
    field = {"tolt": "code", "partnero": "times_redeemed"}[side]
    spoiler.spoil_rows(CODES[side], spoilt(field, ["?"]))

    synced = place.json("sync")
    spoiler.rules.clear()
    after = place.json("plan").document

    assert synced.outcomes == {NEW: "confirmed"}
    assert [one.method for one in place.writes] == ["POST"]
    assert after["summary"]["in_sync"] == 13
    assert after["changes"] == []


def test_a_text_that_a_bad_row_has_is_not_made_a_second_time(place, spoiler):
    place.edit("tolt", "create_code", code=NEW, partner="partner00000@example.com")
    spoiler.spoil_rows(CODES["tolt"], spoilt("value", "12,5", NEW))

    synced = place.json("sync")

    assert synced.outcomes == {}
    assert place.writes == []


def test_a_certificate_names_the_code_of_a_bad_row(place, spoiler):
    spoiler.spoil_rows(CODES["tolt"], spoilt("value", "12,5"))

    verified = place.json("verify")

    named = [one["code"] for one in verified.document["exceptions"]]
    assert verified.code == 3
    assert sorted(named) == sorted([BAD, NEW])


@pytest.mark.parametrize("side", ["tolt", "partnero"])
def test_explain_does_not_say_that_a_code_of_a_bad_row_is_gone(place, spoiler, side):
    field = {"tolt": "value", "partnero": "times_redeemed"}[side]
    spoiler.spoil_rows(CODES[side], spoilt(field, "12,5"))

    told = place.run("explain", BAD)

    assert f"{side.capitalize()}: unknown" in told.out
    assert "no such code" not in told.out


# -- coupons and partners ----------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [{"a comma": "12,5", "a list": []}, {"5,000 digits": b"9" * 5000}],
    ids=["words", "raw"],
)
def test_a_coupon_that_nothing_uses_is_named_and_costs_nothing(place, spoiler, values):
    place.edit("partnero", "create_coupon", uuid_code=FREE, amount="77")
    edits = {
        name: spoilt("coupon_discount_amount", value, FREE, "uuid_code")
        for name, value in values.items()
    }

    assert wrongs(place, spoiler, f"{LEFT}/coupons", edits) == []


def test_the_codes_of_a_bad_coupon_are_neither_gone_nor_changed(place, spoiler):
    edit = spoilt("coupon_discount_amount", "12,5", "PCT6", "uuid_code")
    spoiler.spoil_rows(f"{LEFT}/coupons", edit)

    seen = place.json("plan")

    (finding,) = unreadable(seen)
    assert seen.document["refused"] is None  # the listing is not short of them
    assert "coupon PCT6" in finding["message"]
    assert [one["code"] for one in seen.document["changes"]] == [NEW]
    single = [one for one in spoiler.asked if "/promotion-codes/" in one]
    assert single == []


@pytest.mark.parametrize(
    ("path", "email"),
    [(f"{LEFT}/partners", ["x"]), (f"{RIGHT}/partners", 1.5)],
    ids=["partnero", "tolt"],
)
def test_a_partner_who_cannot_be_understood_is_not_made_anew(
    place, spoiler, path, email
):
    who = "partner00002@example.com"
    text = place.config.read_text()
    place.config.write_text(
        text.replace("[pairs.policy]", "[pairs.policy]\ncreate_partners = true")
    )
    place.edit("partnero", "create_code", code="THIRD", coupon="PCT5", partner=who)
    place.database.unlink()  # a first run: nobody is matched yet
    spoiler.spoil_rows(path, spoilt("email", email, who, "email"))
    spoiler.spoil_single(path, spoilt("email", email, who, "email"))

    synced = place.json("sync", "--first")

    assert "partner" not in {one["action"] for one in synced.document["outcomes"]}
    assert "THIRD" not in synced.outcomes
    assert synced.outcomes[NEW] == "confirmed"


@pytest.mark.parametrize("of", ["coupons", "partners", "promotion-codes"])
def test_a_list_that_is_the_answer_to_something_else_is_no_list(place, spoiler, of):
    """Nothing is missing from it: no coupon, partner or code is made because of it."""
    spoiler.spoil_rows(f"{LEFT}/{of}", lambda _row: b'{"name": "a webhook", "url": ""}')

    seen = place.json("sync")

    side = seen.document["plan"]
    assert (seen.code, side["create"], side["delete"]) == (4, 0, 0)
    assert place.writes == []
    told = place.json("plan").document["sides"]["partnero"]
    assert "answer to something else" in told["missed"]
