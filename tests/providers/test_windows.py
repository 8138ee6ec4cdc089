"""Reading Tolt's codes in several windows at the same time."""

import json
from itertools import pairwise

import pytest
import respx
from httpx import Response

from connector.providers.base import Remembered
from connector.providers.http import Access, Patience, ReadOnly
from connector.providers.listing import Windows
from connector.providers.tolt_reading import ToltReader
from tests.harness.kept import Kept

URL = "https://tolt.test/v2"
PARTNER = {"id": "part_1", "email": "sam@example.com"}
QUICK = Patience(attempts=1, first_pause=0.0)


def row(number, **more):
    at = f"2026-01-01T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z"
    stated = {"type": "percentage", "value": "20", "partner_id": "part_1"}
    stated |= {"id": f"promo_{number}", "code": f"CODE{number:05d}"}
    return stated | {"program_id": "prg_1", "created_at": at} | more


class Tolt:
    """A listing of v2 in memory, with the faults that windows could fall for."""

    def __init__(self, count):
        self.codes = [row(number) for number in range(count)]
        self.asked = []
        self.heeds = {"created_after", "created_before"}
        self.refuses = ""
        self.inclusive = True

    def __call__(self, request):
        query = dict(request.url.params)
        if request.url.path.endswith("/partners"):
            return Response(200, json={"data": [PARTNER], "has_more": False})
        self.asked.append(query)
        if self.refuses and "created_before" in query:
            return Response(400, json={"code": self.refuses})
        after = query.get("created_after", "") if "created_after" in self.heeds else ""
        before = query.get("created_before", "~")
        before = before if "created_before" in self.heeds else "~"
        found = [
            one
            for one in self.codes
            if (at := one.get("created_at", "1")) < before
            and (at > after or (self.inclusive and at == after))
        ]
        place = int(query.get("starting_after", 0))
        page = found[place : place + 100]
        more = place + 100 < len(found)
        body = {"data": page, "has_more": more, "next_cursor": str(place + 100)}
        return Response(200, content=json.dumps(body))


@pytest.fixture
def tolt():
    served = Tolt(1200)
    with respx.mock(base_url=URL, assert_all_called=False) as router:
        router.route().mock(side_effect=served)
        yield served


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def read(kept):
    def once():
        http = ReadOnly(Access("Tolt", URL, "key", patience=QUICK))
        windows = Windows(kept)
        reader = ToltReader(
            http, version="v2", program_id="prg_1", currency="USD", windows=windows
        )
        snapshot = reader.read(Remembered())
        reader.close()
        return snapshot

    return once


def test_the_second_reading_asks_for_windows_and_for_no_more_pages(tolt, read):
    first = read()
    assert len(tolt.asked) == 12
    tolt.asked.clear()

    second = read()

    assert second.codes == first.codes
    assert second.complete
    assert len(tolt.asked) == 12
    begun = {one.get("created_after") for one in tolt.asked}
    assert len(begun) == 3  # the first page, and two windows
    ended = {one.get("created_before") for one in tolt.asked}
    assert begun == ended


def test_a_few_codes_are_read_in_one_walk(tolt, read):
    del tolt.codes[900:]
    read()
    tolt.asked.clear()

    read()

    assert len(tolt.asked) == 9
    assert not any("created_after" in one for one in tolt.asked)


@pytest.mark.parametrize("heeded", [set(), {"created_after"}, {"created_before"}])
def test_a_filter_that_is_not_heeded_means_a_whole_reading(tolt, read, heeded):
    first = read()
    tolt.asked.clear()
    tolt.heeds = heeded

    second = read()

    assert second.complete
    assert second.codes == first.codes
    if "created_before" not in heeded:  # found out at no cost
        assert len(tolt.asked) == 12


def test_a_filter_that_is_refused_means_a_whole_reading(tolt, read):
    first = read()
    tolt.refuses = "validation_error"

    assert read().codes == first.codes
    tolt.asked.clear()
    assert read().codes == first.codes
    assert len(tolt.asked) == 12  # it is asked for once only


def test_a_cursor_that_is_refused_does_not_end_the_windows(tolt, read):
    first = read()
    tolt.refuses = "invalid_cursor"
    assert read().codes == first.codes
    tolt.refuses = ""
    tolt.asked.clear()

    assert read().codes == first.codes
    assert any("created_after" in one for one in tolt.asked)


def test_a_beginning_that_is_left_out_means_a_whole_reading(tolt, read):
    """Where ``created_after`` is exclusive, the row at the border is in no window."""
    first = read()
    tolt.inclusive = False

    assert read().codes == first.codes


def test_what_was_deleted_and_made_meanwhile_is_seen(tolt, read):
    read()
    del tolt.codes[600]
    tolt.codes.append(row(1300))
    tolt.codes[10] = row(10, value="30")

    for _ in range(3):
        found = read()

        assert found.complete
        assert found.codes.keys() == {one["id"] for one in tolt.codes}
        assert str(found.codes["promo_10"].values.discount) == "30%"


def test_rows_without_a_time_are_read_in_one_walk(tolt, read):
    for one in tolt.codes:
        del one["created_at"]

    assert len(read().codes) == len(read().codes) == 1200


def test_rows_of_one_moment_stay_in_one_window(tolt, read):
    for one in tolt.codes[300:500]:
        one["created_at"] = tolt.codes[300]["created_at"]
    tolt.codes.sort(key=lambda one: one["created_at"])
    read()
    tolt.asked.clear()

    assert len(read().codes) == 1200
    begun = {one["created_after"] for one in tolt.asked if "created_after" in one}
    assert len(begun) == 2


def test_a_hint_that_cannot_be_read_is_done_without(tolt, read, kept):
    kept.text = "no time at all"

    assert len(read().codes) == 1200
    assert len(tolt.asked) == 12


def test_windows_touch_and_leave_nothing_out(kept):
    starts = [row(number)["created_at"] for number in range(1, 100)]
    Windows(kept).remember(starts)

    spans = Windows(kept).spans()

    assert len(spans) == 9
    assert spans[0] == (None, starts[0])
    assert spans[0][0] is None
    assert spans[-1][1] is None
    assert all(before[1] == after[0] for before, after in pairwise(spans))
