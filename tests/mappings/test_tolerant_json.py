"""A page of which one row cannot be held as JSON keeps all its other rows."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.tolerant_json import Unparsed, parse

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
ROW = {"id": "a", "code": 'A]}"[{,', "n": 1}
BAD = {
    "5,000 digits": b"9" * 5000,
    "a minus and 5,000 digits": b"-" + b"9" * 5000,
    "no number": b"NaN",
    "no end": b"-Infinity",
    "an endless exponent": b"1e99999999999999999999999",
    "nested too deeply": b"[" * 50_000 + b"]" * 50_000,
    "objects nested too deeply": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "half a character": b'"\\ud83d"',
    "half a character in a name": b'{"\\udc80": 1}',
    "no text": b'"\xff\xfe"',
    "a word": b"undefined",
    "a NUL": b'"SAM\\u0000"',
    "a NUL in a name": b'{"\\\\\\u0000": 1}',
}


def page(*rows, nested=False):
    inner = b"[" + b",".join(rows) + b"]"
    data = b'{"data":' + inner + b"}" if nested else inner
    return b'{"success":true, "data": ' + data + b' , "has_more": false}'


def row(**members):
    return json.dumps(ROW | members).encode()


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("bad", BAD)
def test_a_member_that_cannot_be_held_is_left_out_alone(bad, nested):
    spoilt = row(x="-here-").replace(b'"-here-"', BAD[bad])

    body = parse(page(row(), spoilt, row(id="c"), nested=nested))

    found = body["data"]["data"] if nested else body["data"]
    assert [one["id"] for one in found] == ["a", "a", "c"]
    assert isinstance(found[1].pop("x"), Unparsed)
    assert found[0] == found[1] == ROW
    assert body["has_more"] is False


@pytest.mark.parametrize("bad", BAD)
def test_a_row_that_cannot_be_held_at_all_is_left_out_alone(bad):
    body = parse(page(row(), BAD[bad], row(id="c")))

    assert body["data"][0] == ROW
    assert isinstance(body["data"][1], Unparsed | dict)
    assert body["data"][2]["id"] == "c"


@pytest.mark.parametrize("bad", BAD)
def test_a_member_of_the_one_record_is_left_out_alone(bad):
    body = parse(b'{"data": ' + row(x="-here-").replace(b'"-here-"', BAD[bad]) + b"}")

    assert isinstance(body["data"].pop("x"), Unparsed)
    assert body["data"] == ROW


@pytest.mark.parametrize("bad", [b'{"id" 1}', b"{1:2}", b'{"a":}', b"{,}", b"{'a':1}"])
def test_a_row_that_is_no_json_costs_itself(bad):
    body = parse(page(row(), bad, row(id="c")))

    assert [isinstance(one, Unparsed) for one in body["data"]] == [False, True, False]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[",
        b"<html>",
        b'{"data": [',
        b'{"data": [{"id": "a"',
        b'{"data": [{"id": NaN}',
        b'{"data": {"id" NaN}}',
        b'{"data": [], "has_more": NaN}',
        b'{"data": [NaN]} x',
        b'[{"id": NaN}]',
        b'{"a": "\\ud83d"}',
        b'{"data": ["' + b'\\"' * 50_000,
        b'{"data": [' + b"[" * 50_000,
    ],
    ids=lambda one: str(one[:20]),
)
def test_what_is_cut_or_no_listing_is_no_answer(content):
    with pytest.raises((ValueError, RecursionError)):
        parse(content)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXTS,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
        ),
    )
)
def test_whole_json_is_read_as_ever(value):
    content = json.dumps({"data": value}).encode()

    assert parse(content) == json.loads(content)


def test_numbers_stay_exact():
    assert parse(b'{"a": 0.10}') == {"a": Decimal("0.10")}
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_the_six_signs_that_write_a_nul_are_no_nul():
    told = b'{"data": [{"id": "a", "code": "\\\\u0000"}]}'

    assert parse(told)["data"][0]["code"] == "\\u0000"
