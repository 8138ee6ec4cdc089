"""JSON that may come in several shapes is read one way or called malformed."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import wire
from mappings.wire import Malformed

FIXED = settings(derandomize=True, deadline=None, max_examples=200)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"a": 1}, {"a": 1}, id="an object"),
        pytest.param({}, {}, id="C16 empty object"),
        pytest.param([], {}, id="C16 empty list for an empty object"),
        pytest.param(None, {}, id="null"),
        pytest.param([{"a": 1}], {"a": 1}, id="list of one"),
    ],
)
def test_an_object_is_read_in_every_documented_shape(value, expected):
    assert wire.mapping(value) == expected


@pytest.mark.parametrize("value", ["x", 1, True, [1], [{}, {}], [[]]])
def test_what_is_no_object_is_malformed(value):
    with pytest.raises(Malformed, match="expected an object"):
        wire.mapping(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 2}], id="a list"),
        pytest.param([], [], id="an empty list"),
        pytest.param(None, [], id="null"),
        pytest.param({"data": [{"a": 1}]}, [{"a": 1}], id="data.data"),
        pytest.param({"data": []}, [], id="data.data, empty"),
        pytest.param({"data": None}, [], id="data.data, null"),
        pytest.param({"id": 1}, [{"id": 1}], id="a lone object"),
    ],
)
def test_a_list_is_read_in_every_documented_shape(value, expected):
    assert wire.rows(value) == expected


@pytest.mark.parametrize("value", ["x", 1, [1], [{}, None], {"data": "x"}])
def test_what_is_no_list_of_objects_is_malformed(value):
    with pytest.raises(Malformed, match="expected a list"):
        wire.rows(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("SAM20", "SAM20", id="a text"),
        pytest.param(" SAM20 ", " SAM20 ", id="blanks are kept as written"),
        pytest.param(20, "20", id="a number is its digits"),
    ],
)
def test_a_text_is_taken_as_written(value, expected):
    assert wire.text({"code": value}, "code") == expected
    assert wire.optional_text({"code": value}, "code") == expected


@pytest.mark.parametrize("value", [True, 1.5, [], {}, ["a"]])
def test_what_is_no_text_is_malformed(value):
    with pytest.raises(Malformed, match="code should be a text"):
        wire.text({"code": value}, "code")
    with pytest.raises(Malformed, match="code should be a text"):
        wire.optional_text({"code": value}, "code")


@pytest.mark.parametrize("row", [{}, {"code": None}, {"code": ""}])
def test_a_missing_text_is_none_where_it_may_be_missing_and_malformed_else(row):
    assert wire.optional_text(row, "code") is None
    with pytest.raises(Malformed):
        wire.text(row, "code")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("20", Decimal(20), id="text"),
        pytest.param("20.00", Decimal(20), id="text with decimals"),
        pytest.param(20, Decimal(20), id="whole number"),
        pytest.param(20.1, Decimal("20.1"), id="C14 a float loses its noise"),
        pytest.param(Decimal("20.1"), Decimal("20.1"), id="decimal"),
        pytest.param(None, None, id="null"),
        pytest.param("", None, id="empty text"),
    ],
)
def test_a_number_is_read_from_numbers_and_texts(value, expected):
    assert wire.number(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(True, id="a truth value"),
        pytest.param("twenty", id="a word"),
        pytest.param([20], id="a list"),
        pytest.param({}, id="an object"),
        pytest.param("NaN", id="NaN"),
        pytest.param("sNaN", id="signalling NaN"),
        pytest.param(float("inf"), id="infinity"),
        pytest.param("1e31", id="huge"),
        pytest.param("1e999999999", id="a memory bomb"),
        pytest.param("1e-31", id="tiny"),
    ],
)
def test_what_is_no_usable_number_is_malformed(value):
    with pytest.raises(Malformed):
        wire.number(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), ("", None), (5, 5), ("5", 5), ("5.00", 5), (5.0, 5), ("0", 0)],
)
def test_a_whole_number_may_be_written_in_several_ways(value, expected):
    assert wire.whole(value) == expected


@pytest.mark.parametrize("value", ["5.5", 5.5, "five", True])
def test_what_is_not_whole_is_malformed(value):
    with pytest.raises(Malformed):
        wire.whole(value)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("20", "20"),
        ("20.0", "20"),
        ("12.5", "12.5"),
        ("0.1", "0.1"),
        ("99.99", "99.99"),
    ],
)
def test_a_number_is_sent_as_the_same_digits(value, printed):
    assert json.dumps(wire.json_number(Decimal(value))) == printed


def test_a_number_that_json_would_bend_is_never_sent():
    with pytest.raises(ValueError, match="too many digits"):
        wire.json_number(Decimal("0.12345678901234567890123"))


@FIXED
@given(st.decimals(-(10**9), 10**9, places=6))
def test_a_sent_number_reads_back_as_itself(value):
    sent = json.dumps(wire.json_number(value))

    assert wire.number(json.loads(sent)) == value


@pytest.mark.parametrize("value", ["secret@example.com", {"k": "secret"}, ["secret"]])
def test_a_message_about_a_wrong_type_never_repeats_the_content(value):
    assert "secret" not in wire.kind(value)
