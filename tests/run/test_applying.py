"""Many changes at once: the order, what needs what, and when a run ends."""

import pytest

from connector.engine.acts import Adopt, Forget
from connector.engine.change import Change, Grant
from connector.providers.memory.programme import Kind
from connector.run.apply import Applier
from tests.run.kinds import CASES
from tests.run.places import LEFT, RIGHT, percent


@pytest.fixture
def place(crowded):
    """Workers write to the state at the same time: it lies in a file."""
    return crowded


def creates(place, count):
    """Propose so many codes on Tolt."""
    texts = [f"NEW{number:02d}" for number in range(count)]
    for text in texts:
        place.code(LEFT, text, 10, "Ben")
    wants = [place.want(RIGHT, text, 10, "Ben") for text in texts]
    both = zip(texts, wants, strict=True)
    return [place.change("create", RIGHT, text, want=want) for text, want in both]


def outcomes(done):
    return {one.code: one.outcome for one in done}


def failing_for(place, text, error):
    """Return work whose client fails for one code, as it is sent."""
    work = place.open()
    tolt = work.settling.verdicts.shared.writers.tolt
    create = tolt.create

    def fragile(want, partner, kept):
        if want.written == text:
            raise error
        return create(want, partner, kept)

    tolt.create = fragile
    return work


def test_one_refused_item_does_not_stop_the_others(place):
    """E13: 422 on one item of many."""
    changes = creates(place, 30)
    refused = place.right.refusal(422, "no")

    done = Applier(failing_for(place, "NEW17", refused).settling).apply(changes)

    assert outcomes(done).pop("NEW17") == "failed"
    assert sum(one.outcome == "confirmed" for one in done) == 29
    (bad,) = [one for one in done if one.outcome == "failed"]
    assert "422" in bad.detail


def test_a_mistake_of_the_program_ends_one_record_and_no_other(place):
    """An unexpected error of one item must not take the pool down with it."""
    changes = creates(place, 12)
    mistake = ZeroDivisionError("somebody@example.com")

    done = Applier(failing_for(place, "NEW05", mistake).settling).apply(changes)

    (bad,) = [one for one in done if one.outcome == "failed"]
    assert (bad.code, "ZeroDivisionError" in bad.detail) == ("NEW05", True)
    assert "somebody" not in bad.detail
    assert sum(one.outcome == "confirmed" for one in done) == 11
    assert place.open().resume() == []  # it never left, and is proposed anew


def test_a_provider_that_asks_for_a_long_pause_ends_the_run(place):
    """What had not begun is skipped, and says why."""
    changes = creates(place, 40)
    place.fault(RIGHT, Kind.THROTTLED, "create", nth=0)
    work = place.open()

    done = Applier(work.settling).apply(changes)

    assert set(outcomes(done).values()) == {"failed", "skipped"}
    assert work.settling.ending is not None
    assert place.shape()["tolt"]["codes"] == [("TWIN", "20%", "anna@example.com")]


def test_what_a_change_needs_and_did_not_get_is_not_begun(place):
    """A code whose new coupon was refused is not sent."""
    coupon = CASES["a coupon"].change(place)
    place.code(RIGHT, "NEW", 30, "Ben")
    want = place.want(LEFT, "NEW", 30, "Ben")._replace(coupon=coupon.want.written)
    create = place.change("create", LEFT, "NEW", want=want, needs=(coupon.id,))
    place.fault(LEFT, Kind.REFUSED, "create_coupon", status=422)

    done = Applier(place.open().settling).apply([create, coupon])

    assert outcomes(done) == {coupon.code: "failed", "NEW": "skipped"}
    assert place.writes == ["create_coupon"]


def test_what_others_need_is_done_before_them_whatever_the_order(place):
    """A partner, a coupon, and the code that needs both, with the partner's new id."""
    partner = CASES["a partner on Partnero"].change(place)
    coupon = CASES["a coupon"].change(place)
    tables = place.right.tables
    values = place.standing(RIGHT, "TWIN").values._replace(
        code="new", discount=percent(30), partner="part_3"
    )
    twin = place.standing(RIGHT, "TWIN")
    new = twin._replace(id="promo_NEW", written="NEW", values=values)
    tables.codes["promo_NEW"] = new
    want = place.want(LEFT, "NEW", 30, "Anna")
    want = want.owned_by(None)._replace(coupon=coupon.want.written)
    needs = (partner.id, coupon.id)
    create = place.change("create", LEFT, "NEW", want=want, needs=needs)

    done = Applier(place.open().settling).apply([create, coupon, partner])

    assert {one.outcome for one in done} == {"confirmed"}
    assert place.writes == ["create_partner", "create_coupon", "create"]
    owner = place.standing(LEFT, "NEW").values.partner
    assert place.left.tables.partners[owner].email == "cleo@example.com"
    assert len(place.store().partner_links("v2")) == 1


def test_nothing_is_sent_for_a_record_whose_earlier_write_is_still_open(place):
    """A resume that cannot reach the record leaves it open, and alone."""
    (change, other) = creates(place, 2)
    work = place.open()
    work.store.ends(2, "after")
    assert work.carry_out(change) is None
    again = place.open()
    place.fault(RIGHT, Kind.NOT_SENT, "find")
    applier = Applier(again.settling)

    settled = applier.resume()
    done = applier.apply([change, other])

    assert [one.outcome for one in settled] == ["uncertain"]
    assert outcomes(done) == {"NEW00": "skipped", "NEW01": "confirmed"}
    assert place.writes == ["create"]


def test_a_payment_in_doubt_keeps_back_no_other_sale_of_its_code(place):
    change = CASES["a sale on Partnero"].change(place)
    place.fault(LEFT, Kind.LOST_BEFORE)
    place.open().carry_out(change)
    applier = Applier(place.open().settling)

    assert [one.outcome for one in applier.resume()] == ["uncertain"]
    assert applier.unsettled == set()


def test_an_end_that_is_named_before_a_change_ends_the_run(place):
    """A look at the marks right before a payment may find another state ahead."""
    change, other = creates(place, 2)
    why = ValueError("another state is ahead")
    applier = Applier(place.open().settling, before=lambda _change: why)

    done = applier.apply([change, other])

    assert outcomes(done) == {"NEW00": "skipped", "NEW01": "skipped"}
    assert {one.detail for one in done} == {"another state is ahead"}
    assert place.writes == []


def test_what_needs_no_request_is_remembered_in_bulk(place):
    """Adopted bases, and records that are gone on both sides."""
    place.both("OLD", 10, "Ben")
    adopt = state(Adopt(place.link("OLD")), "old", "OLD")
    forget = state(Forget(None), "twin", "TWIN", seen={LEFT: None, RIGHT: None})

    done = Applier(place.open().settling).apply([adopt, forget])

    assert {one.outcome for one in done} == {"adopted"}
    assert place.writes == []
    remembered = place.remembered()
    assert [written for written, *_ in remembered["links"]] == ["OLD"]
    assert remembered["buried"] == ["twin"]


def state(act, key, code, **more):
    """Return a change of the state alone."""
    return Change(act, key, code, 0, Grant.FREE, "", (), **more).with_id()


@pytest.mark.parametrize("changes", [1, 3])
def test_the_changes_of_one_record_stay_in_line(place, changes):
    values = [11, 12, 13][:changes]
    place.code(LEFT, "TWIN", 20, "Anna")
    wants = [place.want(RIGHT, "TWIN", number, "Anna", "discount") for number in values]
    one_record = [place.change("update", RIGHT, want=want) for want in wants]

    done = Applier(place.open().settling).apply(one_record)

    assert [one.outcome for one in done] == ["confirmed"] * changes
    assert place.standing(RIGHT, "TWIN").values.discount == percent(values[-1])


def test_what_was_deleted_is_remembered_as_gone(place):
    change = CASES["a deletion on Tolt"].change(place)

    assert place.open().carry_out(change).outcome == "confirmed"

    assert place.remembered()["buried"] == ["twin"]


def test_a_code_that_was_made_anew_with_another_text_is_remembered_once(place):
    change = CASES["a text on Partnero"].change(place)

    assert place.open().carry_out(change).outcome == "confirmed"

    assert [written for written, *_ in place.remembered()["links"]] == ["NEXT"]
