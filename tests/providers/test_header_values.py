"""Headers that a server fills with junk are no reason to stop."""

import pytest

from connector.providers.header_values import http_date, retry_after, told_header
from connector.providers.http import Access, Patience, ReadOnly
from tests.providers.raw import answering, ok, raw

JUNK = (
    "nan",
    "inf",
    "-inf",
    "1e308",
    "-1e308",
    "1" * 401,
    "9" * 50_000,
    "1_000",
    "٣",
    "0x10",
    "\x00",
    "Thu, 99 Foo 99999 99:99:99 GMT",
    "Thu, 01 Jan 0001 00:00:00 -0000",
    "Fri, 31 Dec 9999 23:59:59 -2359",
    "Thu, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Thu, 01 Jan 2026 00:00:00 +99999999999999",
    ", , , ,",
    "Thu,",
    "(" * 5000,
    "",
)


@pytest.mark.parametrize("value", JUNK)
def test_junk_raises_nothing_and_asks_for_no_strange_pause(value):
    pause = retry_after(value, now=1_790_000_000.0)
    date = http_date(value)

    assert pause is None or pause >= 0
    assert date is None or date.endswith("GMT")
    assert len(told_header(value)) <= 100


def test_a_date_is_kept_in_its_one_form():
    assert http_date("Thu, 01 Jan 2026 01:00:00 +0100") == (
        "Thu, 01 Jan 2026 00:00:00 GMT"
    )
    assert http_date(None) is None


def test_a_header_that_is_shown_holds_no_address_and_no_sign_that_acts():
    assert told_header("ask sam@example.com\x1b[2J") == "ask s***@example.com [2J"


@pytest.mark.parametrize(
    "value", [one for one in JUNK if one.isascii() and one != "\0"]
)
def test_an_answer_with_junk_in_its_headers_is_still_an_answer(value):
    named = value.encode()[:2000]
    lines = [name + b": " + named for name in (b"Date", b"Sunset", b"Retry-After")]
    with raw(answering(ok(b"{}", *lines, b"X-RateLimit-Limit: " + named))) as served:
        quick = Patience(deadline=5, attempts=1)
        client = ReadOnly(Access("Tolt", served.url, "key", patience=quick))
        assert client.get("test") == {}
        client.close()
