"""An open write said in the words of Tolt's other version, or nobody can say it."""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from connector.engine.acts import Want
from connector.engine.causes.cause import Quoted
from connector.engine.change import Change, Grant, Seen
from connector.run.crossing import Crossing
from mappings.canonical import NOTHING_CARRIED, PromoCode, Side, Values, percentage
from mappings.redemptions import Push
from state.model import PartnerLink
from tests.acts import act_of, more_of

P, T = Side.PARTNERO, Side.TOLT
TEN = percentage(Decimal(10))
MATCHED = {
    "v1": [PartnerLink("prt_anna", "old-anna"), PartnerLink("prt_bob", "old-bob")],
    "v2": [PartnerLink("prt_anna", "new-anna")],
}


@dataclass
class Shelf:
    """What Tolt finds by a text: the ids of its codes."""

    codes: dict[str, list[str]]
    asked: list[str] = field(default_factory=list)

    def find(self, text):
        self.asked.append(text)
        key = text.casefold()
        values = Values(key, TEN, "new-anna")
        found = self.codes.get(key, [])
        return [PromoCode(id_, text, values, NOTHING_CARRIED) for id_ in found]


def crossing(codes=None):
    return Crossing(Shelf(codes or {}), lambda version: MATCHED.get(version, []), "v2")


def change(action, target, *, owner="old-anna", want=None, seen="sam20", **more):
    there = Seen("prc_1", Values(seen, TEN, owner), seen.upper()) if seen else None
    here = Seen("SAM20", Values("sam20", TEN, "prt_anna"), "SAM20")
    named = ("sam20", "SAM20", 1, Grant.FREE, "r", (Quoted("m"),))
    act = act_of(action, target, want=want, **more_of(more))
    return Change(act, *named, seen={P: here, T: there}, **more)


def ids(crossed):
    return crossed.change.seen[T].id, crossed.change.seen[T].values.partner


@pytest.mark.parametrize("action", ["update", "delete", "replace"])
@pytest.mark.parametrize("target", ["tolt", "partnero"])
def test_a_code_is_found_by_its_text_and_its_partner_by_who_they_are(action, target):
    crossed = crossing({"sam20": ["promo_1"]}).over(change(action, target), "v1")

    assert ids(crossed) == ("promo_1", "new-anna")
    assert (crossed.since, crossed.why) == ("v2", "")


def test_what_is_of_this_version_is_asked_for_by_its_own_id():
    one, shelf = change("delete", "tolt"), Shelf({})

    crossed = Crossing(shelf, lambda _: [], "v1").over(one, "v1")

    assert crossed == (one, "v1", "")
    assert shelf.asked == []


def test_a_rename_that_arrived_is_found_by_its_new_text():
    want = Want(Values("NEW", TEN, None), frozenset({"code"}))
    renamed = change("update", "tolt", want=want)

    arrived = crossing({"new": ["promo_1"]})
    both = crossing({"sam20": ["promo_1"], "new": ["promo_2"]})

    assert ids(arrived.over(renamed, "v1")) == ("promo_1", "new-anna")
    assert ids(both.over(renamed, "v1")) == ("promo_1", "new-anna")


@pytest.mark.parametrize("found", [[], ["promo_1", "promo_2"]], ids=["none", "two"])
@pytest.mark.parametrize("action", ["update", "delete", "replace"])
def test_what_is_not_there_once_cannot_be_told(action, found):
    crossed = crossing({"sam20": found}).over(change(action, "tolt"), "v1")

    assert "nobody can tell what became of it" in crossed.why
    assert crossed.since == "v1"


@pytest.mark.parametrize("owner", ["old-bob", "unheard-of"])
def test_a_partner_who_is_not_matched_under_both_cannot_be_told(owner):
    lost = change("delete", "tolt", owner=owner)

    assert crossing({"sam20": ["promo_1"]}).over(lost, "v1").why


def test_the_half_on_partnero_needs_no_id_of_tolt_and_keeps_its_version():
    crossed = crossing().over(change("replace", "partnero"), "v1")

    assert (crossed.since, crossed.why) == ("v1", "")
    assert crossed.change.seen[T].id == "prc_1"


def test_a_new_code_on_tolt_is_wanted_for_the_partner_of_now():
    want = Want(Values("SAM20", TEN, "old-anna"), frozenset({"code"}))

    crossed = crossing().over(change("create", "tolt", seen="", want=want), "v1")

    assert crossed.change.want.partner == "new-anna"
    assert crossed.change.seen[T] is None
    lost = want.owned_by("old-bob")
    assert crossing().over(change("create", "tolt", seen="", want=lost), "v1").why


def test_a_new_partner_on_partnero_is_made_of_the_one_of_now():
    want = Want(Values("Anna", None, "old-anna"))

    crossed = crossing().over(change("partner", "partnero", want=want), "v1")

    assert crossed.change.want.partner == "new-anna"
    bob = change("partner", "partnero", want=Want(Values("Bob", None, "old-bob")))
    assert crossing().over(bob, "v1").why
    there = change("partner", "tolt", want=Want(Values("Bob", None, "prt_bob")))
    assert crossing().over(there, "v1").change.want.partner == "prt_bob"


def test_a_coupon_is_of_no_version():
    assert crossing().over(change("coupon", "partnero"), "v1").since == "v2"


def test_what_was_noted_without_a_version_is_believed_only_of_known_partners():
    known = change("delete", "tolt", owner="new-anna")

    found = crossing({"sam20": ["promo_1"]})

    assert ids(found.over(known, "")) == ("promo_1", "new-anna")
    assert found.over(change("delete", "tolt"), "").why


def sale(**more):
    rest = ("", "promo", "SAM20", "old-anna", "cust_1", "", "buyer@example.com", "")
    push = Push("ord-1", 100, "USD", *rest, rewardable=False)._replace(**more)
    return change("transaction", "tolt", push=push)


def test_a_sale_on_tolt_is_looked_for_by_code_and_mailbox():
    push = crossing({"sam20": ["promo_1"]}).over(sale(), "v1").change.push

    assert (push.code, push.partner, push.buyer) == ("promo_1", "new-anna", "")
    assert push.email == "buyer@example.com"


@pytest.mark.parametrize("found", [[], ["promo_1", "promo_2"]], ids=["none", "two"])
def test_a_sale_of_a_code_that_is_not_there_once_cannot_be_told(found):
    assert crossing({"sam20": found}).over(sale(), "v1").why


def test_a_sale_on_partnero_is_looked_for_by_what_partnero_knows():
    push = sale().push
    one = change("transaction", "partnero", push=push)

    assert crossing().over(one, "v1") == (one, "v1", "")
