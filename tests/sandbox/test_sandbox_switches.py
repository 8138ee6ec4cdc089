"""Doubts of both API notes, in both readings: keys, limits, pages, errors."""

import re
from pathlib import Path

import pytest

from connector.sandbox.switches import Switches, UnknownSwitch
from tests.standins.faults import Fault


def flip(api, **values):
    api.sandbox.switches.update(values)


def test_every_switch_is_played_in_these_files():
    files = sorted(Path(__file__).parent.glob("test_sandbox_switches*.py"))
    text = "".join(one.read_text(encoding="utf-8") for one in files)

    missing = [
        name for name in Switches().as_dict() if not re.search(rf"\b{name}\b", text)
    ]

    assert missing == []


def test_an_unknown_switch_is_an_error_that_names_the_nearest():
    with pytest.raises(UnknownSwitch, match="nearest is 'partnero_case'"):
        Switches().set("partnero_cases", "upper")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("partnero_case", "lower", id="a word that is not in the list"),
        pytest.param("partnero_embed_codes", 1, id="a number for a flag"),
        pytest.param("tolt_rate_limit", "25", id="a text for a number"),
        pytest.param("partnero_create_status", True, id="a flag for a status"),
    ],
)
def test_a_switch_refuses_a_value_it_cannot_have(name, value):
    with pytest.raises(ValueError, match=name):
        Switches().set(name, value)


def test_any_key_accepts_what_is_otherwise_a_wrong_key(api):
    wrong = {"Authorization": "Bearer wrong"}

    before = [c.get("/partners", headers=wrong) for c in (api.partnero, api.v2)]
    flip(api, any_key=True)
    after = [c.get("/partners", headers=wrong) for c in (api.partnero, api.v2)]

    assert [answer.status_code for answer in before] == [401, 401]
    assert [answer.status_code for answer in after] == [200, 200]


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("seconds", r"\d+$"),
        ("absent", None),
    ],
)
def test_partnero_limits_requests_only_when_switched_on(api, form, pattern):
    free = [api.partnero.get("/test").status_code for _ in range(5)]
    flip(
        api,
        partnero_rate_limit=2,
        partnero_rate_window=30.0,
        partnero_retry_after=form,
    )

    answers = [api.partnero.get("/test") for _ in range(3)]

    assert free == [200] * 5
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json() == {"message": "Too Many Attempts."}
    header = answers[2].headers.get("retry-after")
    assert header is None if pattern is None else re.match(pattern, header)


def size_of(api, limit: str) -> int:
    answer = api.partnero.get(f"/promotion-codes{limit}")
    return answer.json()["meta"]["per_page"]


def test_partnero_page_sizes_have_two_readings(api):
    narrow = [size_of(api, limit) for limit in ("", "?limit=5", "?limit=250")]
    flip(api, partnero_limit_range="1-250")
    wide = [size_of(api, limit) for limit in ("", "?limit=5", "?limit=250")]

    assert narrow == [10, 10, 100]
    assert wide == [15, 5, 250]


def test_a_limit_out_of_range_is_clamped_or_refused(api):
    clamped = api.partnero.get("/promotion-codes?limit=5")
    flip(api, partnero_limit_out_of_range="reject")
    refused = api.partnero.get("/promotion-codes?limit=5")

    assert clamped.json()["meta"]["per_page"] == 10
    assert refused.status_code == 422
    assert "limit" in refused.json()["errors"]


def test_the_next_link_keeps_or_drops_the_limit(api):
    kept = api.partnero.get("/promotion-codes?limit=20").json()["links"]["next"]
    flip(api, partnero_next_keeps_limit=False)
    dropped = api.partnero.get("/promotion-codes?limit=20").json()["links"]["next"]

    assert "limit=20" in kept
    assert "limit" not in dropped


def test_a_wrong_key_is_401_or_403(api):
    wrong = {"Authorization": "Bearer wrong"}

    usual = api.partnero.get("/test", headers=wrong)
    flip(api, partnero_wrong_key_status=403)
    other = api.partnero.get("/test", headers=wrong)

    assert (usual.status_code, other.status_code) == (401, 403)
    assert usual.json() == {"message": "Unauthenticated."}


def test_server_errors_of_partnero_are_json_or_a_page(api):
    api.sandbox.faults.add(Fault("status", path="/test", count=2))

    json = api.partnero.get("/test")
    flip(api, partnero_html_errors=True)
    html = api.partnero.get("/test")

    assert (json.status_code, json.json()["status"]) == (500, 0)
    assert (html.status_code, html.headers["content-type"]) == (500, "text/html")


def test_dots_and_blanks_in_a_path_are_resolved_or_are_a_name(api):
    def ask() -> tuple[int, bool]:
        request = api.partnero.build_request("GET", api.sandbox.url)
        url = request.url.copy_with(raw_path=b"/partnero/v1/transactions/%2e")
        request.url = url
        answer = api.partnero.send(request)
        return answer.status_code, "links" in answer.json()

    tidied = ask()
    flip(api, tidy_paths=False)

    assert (tidied, ask()) == ((200, True), (404, False))


def test_a_list_begins_with_the_newest_or_the_oldest(api):
    def first() -> list[dict]:
        paths = ("promotion-codes", "partners", "coupons")
        return [api.partnero.get(f"/{path}").json()["data"][0] for path in paths]

    newest = first()
    flip(api, partnero_order="oldest")
    oldest = first()

    assert oldest[0]["code"] == "CANARY"
    assert oldest[1]["email"] == "anna@example.com"
    assert all(one != other for one, other in zip(newest, oldest, strict=True))


@pytest.mark.parametrize("how", ["no", "insert", "delete"])
def test_pages_of_codes_stand_still_or_shift_while_they_are_read(api, how):
    flip(api, partnero_pages_shift=how)
    codes = api.sandbox.world.partnero.codes
    before = [code.code for code in codes]

    found, url = [], "/promotion-codes?limit=10"
    while url:
        page = api.partnero.get(url).json()
        found += [row["code"] for row in page["data"]]
        url = page["links"]["next"]

    twice = {text for text in found if found.count(text) > 1}
    missed = set(before) - set(found)
    made = {code.code for code in codes} - set(before)
    assert (bool(twice), bool(made)) == (how == "insert", how == "insert")
    assert bool(missed) is (how == "delete")


@pytest.mark.parametrize("kind", ["affiliate", "refer-a-friend", "newsletter"])
def test_a_programme_has_one_of_three_types_and_partners_in_the_first(api, kind):
    flip(api, partnero_program_type=kind)

    told = api.partnero.get("/test").json()["data"]["program"]["type"]
    customer = api.partnero.get("/customers").json()["data"][0]
    sale = api.partnero.get("/transactions").json()["data"][0]

    assert told == kind
    assert ("partner" in customer, "partner" in sale) == (kind == "affiliate",) * 2


def test_the_check_of_a_key_tells_a_programme_its_fields_or_no_type(api):
    shapes = []
    for shape in ("program", "flat", "untyped"):
        flip(api, partnero_test_shape=shape)
        shapes.append(api.partnero.get("/test").json()["data"])

    nested, flat, untyped = shapes
    assert nested == {"program": flat}
    assert flat == {**untyped, "type": "affiliate"}
