"""The faults with which a product in memory answers: each does what it says, once."""

from dataclasses import replace
from decimal import Decimal

import pytest

from connector.engine.change import Want
from connector.errors import (
    Rejected,
    Throttled,
    Unauthorised,
    Unavailable,
    Uncertain,
    Unreachable,
)
from connector.providers.base import Remembered
from connector.providers.memory.pair import writers_of
from connector.providers.memory.programme import (
    Fault,
    Killed,
    Kind,
    Process,
    Programme,
)
from mappings.canonical import Partner, Side, Values, percentage

ANNA = Partner("part_1", "anna@example.com", "Anna")
WANT = Want(Values("ONE", percentage(Decimal(10)), "part_1"))


@pytest.fixture
def right():
    programme = Programme(Side.TOLT)
    programme.tables.partners["part_1"] = ANNA
    return programme


def client(right, **ends):
    return writers_of(Programme(Side.PARTNERO), right, Process(**ends)).tolt


def create(right):
    return client(right).create(WANT, ANNA, {})


@pytest.mark.parametrize(
    ("kind", "error", "made"),
    [
        (Kind.LOST_BEFORE, Uncertain, 0),
        (Kind.LOST_AFTER, Uncertain, 1),
        (Kind.NOT_SENT, Unreachable, 0),
        (Kind.THROTTLED, Throttled, 0),
        (Kind.REFUSED, Rejected, 0),
    ],
)
def test_a_write_fails_as_its_fault_says_and_the_next_one_does_not(
    right, kind, error, made
):
    right.faults.append(Fault(kind, "create"))

    with pytest.raises(error):
        create(right)
    assert len(right.tables.codes) == made

    right.tables.codes.clear()
    assert create(right) in right.tables.codes


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Kind.LOST_BEFORE, Unavailable),
        (Kind.NOT_SENT, Unreachable),
        (Kind.THROTTLED, Throttled),
        (Kind.REFUSED, Rejected),
    ],
)
def test_a_reading_that_gets_no_answer_has_changed_nothing(right, kind, error):
    right.faults.append(Fault(kind, "read", status=404))

    with pytest.raises(error):
        client(right).get("promo_1")

    assert client(right).get("promo_1") is None


def test_a_refusal_says_with_which_status_and_word(right):
    right.faults.append(Fault(Kind.REFUSED, "", status=409, word="already_exists"))

    with pytest.raises(Rejected) as refused:
        create(right)

    assert (refused.value.status, refused.value.word) == (409, "already_exists")


def test_a_fault_strikes_the_request_of_its_number_or_each(right):
    right.faults.append(Fault(Kind.NOT_SENT, "get", nth=2))
    tolt = client(right)

    assert tolt.get("x") is None
    with pytest.raises(Unreachable):
        tolt.get("x")
    assert tolt.get("x") is None

    right.faults.append(Fault(Kind.NOT_SENT, "get", nth=0))
    for _ in range(2):
        with pytest.raises(Unreachable):
            tolt.get("x")
    assert tolt.find("x") == []


def test_what_lags_shows_what_was_before_for_so_many_readings(right):
    right.lag = 2

    id_ = create(right)

    assert [client(right).get(id_) is None for _ in range(3)] == [True, True, False]
    right.lag = 99
    client(right).delete(client(right).get(id_))
    assert client(right).get(id_) is not None
    right.show()
    assert client(right).get(id_) is None


def test_somebody_else_changes_something_right_before_a_request_once(right):
    away = {"part_1": replace(ANNA, inactive="suspended")}
    right.meanwhile["partner"] = lambda tables: tables.partners.update(away)

    assert client(right).find_partner("anna@example.com")[0].inactive == ""
    assert client(right).partner("part_1").inactive == "suspended"
    right.tables.partners["part_1"] = ANNA
    assert client(right).partner("part_1").inactive == ""


def test_a_record_that_no_listing_shows_can_be_asked_for(right):
    id_ = create(right)
    right.unlisted.add(id_)

    side = client(right).read(Remembered())

    assert (side.complete, dict(side.codes)) == (True, {})
    assert client(right).get(id_) is not None


@pytest.mark.parametrize("left", [0, 1])
def test_a_listing_that_breaks_off_is_not_complete(right, left):
    create(right)
    client(right).create(
        WANT._replace(values=WANT.values._replace(code="TWO")), ANNA, {}
    )
    right.cut = left

    side = client(right).read(Remembered())

    assert (side.complete, len(side.codes)) == (False, left)
    assert "breaks off" in side.missed


def test_a_listing_that_cannot_be_had_is_not_complete(right):
    right.faults.append(Fault(Kind.THROTTLED, "list"))

    side = client(right).read(Remembered())

    assert (side.complete, dict(side.codes)) == (False, {})


def test_a_refused_key_ends_a_reading(right, monkeypatch):
    tolt = client(right)

    def refused(_process, _request):
        raise Unauthorised("Tolt: 401")

    monkeypatch.setattr(Programme, "read", staticmethod(refused))

    with pytest.raises(Unauthorised):
        tolt.read(Remembered())


@pytest.mark.parametrize(("after", "made"), [(False, 0), (True, 1)])
def test_a_process_ends_at_a_request_and_asks_for_nothing_more(right, after, made):
    tolt = client(right, ends=2, after=after)
    tolt.get("x")

    with pytest.raises(Killed):
        tolt.create(WANT, ANNA, {})

    assert len(right.tables.codes) == made
    for ask in (lambda: tolt.get("x"), lambda: tolt.create(WANT, ANNA, {})):
        with pytest.raises(Killed):
            ask()
    assert len(right.tables.codes) == made


def test_what_is_sent_and_asked_is_counted_and_named(right):
    create(right)
    client(right).get("x")

    assert (right.asked, right.writes) == (["create", "get"], ["create"])
