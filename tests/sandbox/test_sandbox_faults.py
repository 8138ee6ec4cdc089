"""What a client sees of each fault, over a real connection."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from connector.sandbox.seed import small
from tests.standins.faults import Fault

CODES = "/promotion-codes"


def arm(api, kind: str, **options) -> Fault:
    return api.sandbox.faults.add(Fault(kind, **options))


def create(api) -> httpx.Response:
    return api.code("NEW-ONE")


def exists(api) -> bool:
    return "new-one" in api.sandbox.world.partnero.codes.index


def test_an_answer_lost_before_the_effect_leaves_nothing_behind(api):
    arm(api, "lost_before", method="POST")

    with pytest.raises(httpx.RemoteProtocolError):
        create(api)

    assert not exists(api)
    assert api.sandbox.requests[-1].status == 0
    assert create(api).status_code == 201


def test_an_answer_lost_after_the_effect_leaves_the_effect(api):
    arm(api, "lost_after", method="POST")

    with pytest.raises(httpx.RemoteProtocolError):
        create(api)

    assert exists(api)


def test_a_lost_connection_can_be_a_reset(api):
    arm(api, "lost_before", method="POST", reset=True)

    with pytest.raises(httpx.ReadError):
        create(api)


@pytest.mark.parametrize(
    ("kind", "effect"), [("status", False), ("status_after", True)]
)
def test_a_500_comes_before_or_after_the_effect(api, kind, effect):
    arm(api, kind, method="POST")

    assert create(api).status_code == 500
    assert exists(api) is effect


def test_any_status_comes_in_the_envelope_of_its_api(api):
    arm(api, "status", status=503, count=3)

    left, old, new = (c.get("/partners").json() for c in (api.partnero, api.v1, api.v2))

    assert left["status"] == 0
    assert old["error"]["type"]
    assert new["code"] == "internal_error"


@pytest.mark.parametrize("value", ["2", "0.5", None])
def test_a_429_has_its_retry_after_in_each_form(api, value):
    arm(api, "status", status=429, retry_after=value)

    answer = api.v2.get("/programs")

    assert answer.status_code == 429
    assert answer.headers.get("retry-after") == value


def test_a_retry_after_can_be_a_date(api):
    arm(api, "status", status=429, retry_after="date:90")

    moment = parsedate_to_datetime(api.v2.get("/programs").headers["retry-after"])

    wait = moment - datetime.now(UTC)
    assert timedelta(seconds=80) < wait < timedelta(seconds=91)


def test_a_maintenance_page_has_status_200(api):
    arm(api, "html")

    answer = api.v2.get(CODES)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")


def test_a_redirect_leads_to_another_host(api):
    arm(api, "redirect")

    answer = api.partnero.get(CODES)

    assert answer.status_code == 301
    assert answer.headers["location"] == "https://login.example/"


def test_a_cut_answer_breaks_in_the_middle_of_its_body(api):
    arm(api, "cut")

    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        api.partnero.get(CODES)


def test_a_truncated_answer_is_complete_http_and_broken_json(api):
    arm(api, "truncated")

    answer = api.partnero.get(CODES)

    assert answer.status_code == 200
    with pytest.raises(ValueError, match="line 1"):
        answer.json()


def test_a_slow_answer_drips(api):
    arm(api, "slow", seconds=0.3, count=2)

    start = time.monotonic()
    whole = api.partnero.get(CODES)
    took = time.monotonic() - start

    assert whole.json()["data"]
    assert took >= 0.3


def test_a_slow_answer_never_trips_a_read_timeout_by_itself(api):
    # Each piece comes in time; only a total deadline stops this.
    arm(api, "slow", seconds=0.4)

    assert api.partnero.get(CODES, timeout=0.2).status_code == 200


@pytest.mark.parametrize("squeezed", [False, True])
def test_a_huge_answer_is_huge_also_when_it_is_small_on_the_wire(api, squeezed):
    arm(api, "huge", size=3_000_000, gzip=squeezed)

    answer = api.partnero.get(CODES)

    assert len(answer.content) > 3_000_000
    assert (int(answer.headers["content-length"]) < 100_000) is squeezed
    assert answer.json()["data"]


def test_a_stale_read_shows_the_state_before_the_last_write(api):
    arm(api, "stale", method="GET", count=None, writes=1)
    create(api)

    stale = api.partnero.get(f"{CODES}/NEW-ONE")
    api.sandbox.faults.clear()
    fresh = api.partnero.get(f"{CODES}/NEW-ONE")

    assert (stale.status_code, fresh.status_code) == (404, 200)


def test_a_stale_read_ends_some_time_after_the_write(api):
    arm(api, "stale", method="GET", count=None, seconds=0.15)
    create(api)

    early = api.partnero.get(f"{CODES}/NEW-ONE").status_code
    time.sleep(0.2)

    assert early == 404
    assert api.partnero.get(f"{CODES}/NEW-ONE").status_code == 200


@pytest.mark.parametrize("mount", ["partnero", "v1", "v2"])
def test_an_empty_page_comes_while_more_are_announced(api, mount):
    arm(api, "empty_page")
    client = getattr(api, mount)

    page = client.get(CODES, params={"program_id": api.program_id}).json()

    assert page["data"] == []
    assert page["has_more"] if mount != "partnero" else page["links"]["next"]


def test_a_page_repeats_itself_with_its_cursor(api):
    arm(api, "repeat_page", nth=2)

    first = api.v2.get(CODES).json()
    query = {"starting_after": first["next_cursor"]}
    again = api.v2.get(CODES, params=query).json()
    third = api.v2.get(CODES, params=query).json()

    assert again == first
    assert third["data"] != first["data"]


@pytest.mark.parametrize("mount", ["partnero", "v2"])
def test_the_limit_is_ignored(api, mount):
    arm(api, "ignore_limit", count=None, size=15)

    page = getattr(api, mount).get(CODES, params={"limit": 100}).json()

    assert len(page["data"]) == 15


def test_the_next_link_leads_to_another_host(api):
    arm(api, "foreign_next", location="http://evil.example")

    link = api.partnero.get(CODES).json()["links"]["next"]

    assert link.startswith("http://evil.example/partnero/v1/promotion-codes?")


def all_codes(api) -> list[str]:
    found, url = [], f"{CODES}?limit=10"
    while url:
        page = api.partnero.get(url).json()
        found += [row["code"] for row in page["data"]]
        url = page["links"]["next"]
    return found


def test_rows_are_skipped_when_somebody_deletes_between_two_pages(api):
    whole = all_codes(api)
    edit = {"side": "partnero", "action": "delete_code", "code": whole[0]}
    arm(api, "edit", nth=1, edit=edit)

    found = all_codes(api)

    # The row that moved from page 2 to page 1 was never seen.
    assert set(whole) - set(found) == {whole[10]}


def test_rows_come_twice_when_somebody_inserts_between_two_pages(api):
    whole = all_codes(api)
    made = {"action": "create_code", "code": "SNEAKED-IN", "coupon": "PCT10"}
    arm(api, "edit", nth=1, edit={"side": "partnero", **made})

    found = all_codes(api)

    # The last row of page 1 begins page 2, and the new one was never seen.
    assert found == [*whole[:10], *whole[9:]]


def test_an_edit_can_be_a_function_of_the_world(api):
    arm(api, "edit", edit=lambda world: world.partnero.remove_code(canary(world)))

    api.partnero.get("/test")

    assert api.partnero.get(f"{CODES}/CANARY").status_code == 404


def canary(world):
    return world.partnero.code("CANARY")


def test_a_fault_strikes_from_the_nth_match_and_so_many_times(api):
    fault = arm(api, "status", path=r"/programs\?limit=7", nth=2, count=2)

    asked = [api.v2.get("/programs?limit=7").status_code for _ in range(4)]
    other = api.v2.get("/programs").status_code

    assert asked == [200, 500, 500, 200]
    assert other == 200
    assert (fault.seen, fault.hits) == (4, 2)


def test_a_fault_can_be_aimed_at_a_body(api):
    arm(api, "status", method="POST", body='"NEW-TWO"', status=422, count=None)

    assert create(api).status_code == 201
    assert api.code("NEW-TWO").status_code == 422


def test_a_snapshot_shares_nothing_with_its_world():
    world = small()

    copy = world.snapshot()
    world.partnero.remove_code(canary(world))

    assert len(copy.partnero.codes) == len(world.partnero.codes) + 1


def test_any_status_comes_with_any_body(api):
    arm(api, "status", status=418, answer={"tea": True})
    arm(api, "status", status=502, answer="Bad gateway", nth=2)

    pot, bad = api.v2.get("/programs"), api.v2.get("/programs")

    assert (pot.status_code, pot.json()) == (418, {"tea": True})
    assert (bad.status_code, bad.text) == (502, "Bad gateway")


def test_a_misspelt_fault_is_refused():
    with pytest.raises(ValueError, match="lost_before"):
        Fault("lost_befor")
