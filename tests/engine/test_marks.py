"""Whose mark goes before whose: one answer in every state that reads the same marks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.engine.causes.cause import Quoted
from connector.engine.causes.refusals import Written
from connector.engine.change import Change, Grant, Status
from connector.engine.guards import nothing_to_mark, other_state
from connector.engine.marks import (
    ahead,
    claiming_mark,
    first_mark,
    own,
    parse_marks,
    state_mark,
)
from connector.engine.sentinel import (
    of_marks,
    of_no_sentinel,
    sentinel_among,
    spared,
    state_ahead,
)
from connector.reports.messages.guards import since
from connector.reports.messages.say import said
from mappings.canonical import PromoCode, Values
from mappings.partnero import (
    MARK,
    decode_marks,
)
from mappings.partnero_bodies import (
    encode_mark,
)
from tests.acts import act_of

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
T1, T2, T3 = (f"2026-01-0{day}T00:00:00Z" for day in (1, 2, 3))


def winner(raw, mine="a"):
    """The state that goes before ours; ours where none does."""
    mark = ahead(parse_marks(raw), mine)
    return mark.state if mark else mine


@pytest.mark.parametrize(
    ("raw", "wins"),
    [
        pytest.param({"a": T1}, "a", id="alone"),
        pytest.param({}, "a", id="nobody yet"),
        pytest.param({"b": T1}, "b", id="somebody was there before our first mark"),
        pytest.param({"a": T1, "b": T2}, "a", id="the earliest"),
        pytest.param({"a": T2, "b": T1}, "b", id="the earliest is another"),
        pytest.param({"a": T1, "b": T1}, "a", id="a tie goes by the id"),
        pytest.param({"a": T1, "b": f"{T2} claim"}, "b", id="a claim before a mark"),
        pytest.param({"a": f"{T3} claim", "b": f"{T2} claim"}, "a", id="later claim"),
        pytest.param({"a": f"{T2} claim", "b": f"{T3} claim"}, "b", id="theirs later"),
        pytest.param(
            {"a": f"{T2} claim", "b": T1}, "a", id="an old mark, claimed since"
        ),
        pytest.param(
            {"a": f"{T2} claim", "b": f"{T2} claim"}, "a", id="claims at once"
        ),
        pytest.param({"a": T2, "b": "2026-01-02T01:00:00+02:00"}, "b", id="a zone"),
        pytest.param({"a": T2, "b": "2026-01-01"}, "b", id="a date alone"),
        pytest.param({"a": T1, "b": "2999-01-01T00:00:00Z"}, "a", id="the future"),
        pytest.param({"b": "2999-01-01T00:00:00Z"}, "b", id="alone in the future"),
    ],
)
def test_the_latest_claim_wins_and_without_claims_the_earliest_mark(raw, wins):
    assert winner(raw) == wins


@pytest.mark.parametrize(
    "value",
    [None, "", " ", 5, 1.5, True, [], {}, "yesterday", f"{T1} claim now", f"{T1} x",
     "claim", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00"],
)  # fmt: skip
def test_a_mark_that_cannot_be_read_was_there_first_and_yields_to_a_claim(value):
    told = since(ahead(parse_marks({"a": T1, "b": value}), "a"), ahead=False)

    assert told == "since a time that cannot be read"
    assert winner({"a": f"{T1} claim", "b": value}) == "a"
    assert winner({"a": value}) == "a"


def test_two_marks_that_cannot_be_read_refuse_both():
    raw = {"a": "x", "b": "y"}

    assert (winner(raw, "a"), winner(raw, "b")) == ("b", "a")


VALUES = st.one_of(
    st.sampled_from([T1, T2, T3, f"{T1} claim", f"{T2} claim", f"{T3} claim"]),
    st.sampled_from(["x", None, 3]),
)


@given(st.dictionaries(st.sampled_from("abcd"), VALUES, min_size=1))
def test_at_most_one_state_may_write_whatever_the_marks_are(raw):
    marks = parse_marks(raw)

    free = [state for state in "abcd" if state in raw and ahead(marks, state) is None]

    assert len(free) <= 1
    assert len(free) == 1 or sum(mark.at is None for mark in marks) > 1


@given(st.dictionaries(st.sampled_from("abcd"), VALUES), st.sampled_from("abcde"))
def test_after_a_claim_only_the_claiming_state_may_write(raw, mine):
    later = {**raw, mine: claiming_mark(parse_marks(raw), NOW)}

    assert {state for state in later if winner(later, state) == state} == {mine}


def test_a_claim_is_later_than_what_is_there_also_on_a_clock_that_is_behind():
    there = parse_marks({"b": "2030-01-01T00:00:00Z claim"})

    value = claiming_mark(there, NOW)

    assert value == "2030-01-01T00:00:00.000001Z claim"
    assert claiming_mark((), NOW) == "2026-06-01T12:00:00.000000Z claim"
    assert first_mark(NOW) == "2026-06-01T12:00:00.000000Z"


def test_a_mark_says_its_time_and_what_is_odd_about_it():
    past, future = parse_marks({"a": T1, "b": "2999-01-01T00:00:00Z"})

    assert not past.is_ahead_of(NOW)
    assert since(past, ahead=False) == "since 2026-01-01T00:00:00Z"
    assert future.is_ahead_of(NOW)
    assert since(future, ahead=True).endswith("in the future by this machine's clock")


@pytest.mark.parametrize(
    ("pair", "command"),
    [
        ("acme", "partnero-tolt --pair acme state claim"),
        ("", "partnero-tolt state claim"),
    ],
)
def test_a_refusal_names_since_when_and_what_to_type(pair, command):
    other = state_ahead(parse_marks({"b": T1}), "a", "CANARY", NOW)

    refused = other_state(other, Written.NOTHING, pair)
    (told,) = of_marks({"b": T1}, "CANARY", "a", NOW, pair)

    assert (refused.guard, refused.side) == ("other_state", "partnero")
    for words in ("CANARY", "since 2026-01-01T00:00:00Z", "Nothing was written."):
        assert words in said(refused)
    assert said(refused).endswith(command)
    assert (told.kind, told.code) == ("other_state", "CANARY")
    assert said(told).endswith(command)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (Written.NOTHING, "Nothing was written. Stop"),
        (Written.OWN_MARK, "Nothing was written but this state's own mark. Stop"),
        (Written.SOME, "Nothing more was written, and it was not paid. Stop"),
    ],
)
def test_a_refusal_says_what_was_written_before_it(written, words):
    other = state_ahead(parse_marks({"b": T1}), "a", "CANARY", NOW)

    assert words in said(other_state(other, written, ""))


def test_what_could_carry_no_mark_is_refused_as_a_missing_sentinel():
    refused = nothing_to_mark("CANARY")

    assert refused.guard == "sentinel_missing"
    assert "no other machine would be noticed" in said(refused)


def test_a_report_tells_of_another_state_and_of_no_sentinel_where_it_pays():
    told = of_marks({"b": T1}, "CANARY", "a", NOW, "")

    assert [one.kind for one in told] == ["other_state"]
    assert of_marks({"a": T1}, "CANARY", "a", NOW, "") == []
    assert of_marks(None, "CANARY", "a", NOW, "") == []
    (alone,) = of_no_sentinel(None, pushes=True, pair="acme")
    assert alone.kind == "no_sentinel"
    assert "nothing prevents a second machine" in said(alone)
    assert of_no_sentinel("CANARY", pushes=True, pair="acme") == []
    assert of_no_sentinel(None, pushes=False, pair="acme") == []


# -- metadata -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metadata", "marks"),
    [
        ([], {}),
        ({}, {}),
        (None, {}),
        ("", {}),
        ("[]", {}),
        ('{"partnero_tolt.b": "x"}', {"b": "x"}),
        ({"campaign": "summer", "partnero_tolt.b": 5}, {"b": 5}),
        ({"partnero_tolt": "x", "Partnero_tolt.b": "y"}, {}),
        ("not JSON", None),
        ("5", None),
        ([{"key": "partnero_tolt.b"}], None),
        (5, None),
    ],
)
def test_marks_are_read_in_every_shape_of_metadata(metadata, marks):
    assert decode_marks({"metadata": metadata}) == marks


def test_metadata_that_is_not_shown_is_not_empty():
    assert decode_marks({"code": "CANARY"}) is None


def test_a_mark_is_put_alone_under_a_key_of_its_own():
    body = encode_mark("CANARY", "0123456789abcdef", T1)

    key = f"{MARK}0123456789abcdef"
    assert body == {"code": "CANARY", "metadata": {key: T1}}
    assert state_mark("0123456789abcdef" * 2) == "0123456789abcdef"
    assert state_mark(None) == ""
    assert own(parse_marks({"a": T1}), "a").at == datetime(2026, 1, 1, tzinfo=UTC)
    assert own(parse_marks({"a": T1}), "b") is None


# -- the sentinel itself ------------------------------------------------------------


def code(text):
    return PromoCode(text, text, Values(text.strip().lower(), None, None))


def test_the_sentinel_is_found_in_its_own_spelling_first():
    codes = [code("canary"), code("CANARY"), code("Canary"), code("OTHER")]

    assert sentinel_among(codes, "Canary") == "Canary"
    assert sentinel_among(codes, " CANARY ") == "CANARY"
    assert sentinel_among(codes, "NOBODY") is None


@pytest.mark.parametrize("decided", [False, True])
@pytest.mark.parametrize("action", ["replace", "delete", "update", "create"])
def test_the_sentinel_is_never_replaced_or_deleted_by_us(action, decided):
    def change(key):
        act = act_of(action, "tolt", names=frozenset({"discount"}))
        made = Change(act, key, key, 1, Grant.DECIDE, "gone", (Quoted("Gone."),))
        return made._replace(decided=decided).with_id()

    left, right = spared([change("canary"), change("other")], " CANARY ")

    taken = action in ("replace", "delete")
    assert (left.status is Status.BLOCKED) is taken
    assert left.decided is (decided and not taken)
    assert ("limits.sentinel" in said(left)) is taken
    assert right == change("other")
    assert spared([left, right], None) == (left, right)


def test_a_time_of_another_zone_is_compared_as_the_time_that_it_is():
    zoned = (NOW + timedelta(hours=2)).isoformat().replace("+00:00", "+02:00")

    assert parse_marks({"a": zoned})[0].at == NOW
