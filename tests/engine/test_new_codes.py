"""What a new code hangs on: its partner, its coupon, and what is lost on the way."""

from dataclasses import replace
from decimal import Decimal

import pytest

from connector.engine.notes import note
from connector.engine.policy import Policy
from connector.reports.meaning import message_of
from connector.reports.messages.say import ANYBODY, said
from mappings.canonical import Carried, Coupon, Partner, Percentage, Side, Unreadable
from mappings.partnero_bodies import (
    coupon_uuid,
)
from state.model import Unfinished

P, T = Side.PARTNERO, Side.TOLT
OLD, NEW = "SAM20 20% anna", "SAM20 30% anna"
PERCENT_20 = Percentage(Decimal(20))


def by_action(decided):
    return {change.action: change for change in decided.changes}


# -- partners ------------------------------------------------------------------


@pytest.mark.parametrize("target", [P, T], ids=str)
def test_a_code_of_a_missing_partner_is_blocked_and_nobody_is_created(words, target):
    """C4."""
    sides = {
        target: words.side(target, people=()),
        target.other: words.side(target.other, [OLD]),
    }

    (change,) = words.plan(sides[P], sides[T]).changes

    assert (change.action, change.target) == ("create", target)
    assert (change.status, change.reason) == ("blocked", "partner_missing")
    assert change.want is None
    assert "a***@example.com" in said(change)
    assert "anna@" not in said(change)


def test_a_partner_with_a_similar_address_is_suggested(words):
    """C5."""
    left = words.side(P, people={"prt_x": Partner("prt_x", "anna+x@example.com")})

    (change,) = words.plan(left, [OLD]).changes

    assert change.reason == "partner_missing"
    assert "alias" in said(change)
    assert "prt_x" in said(change)


def test_an_ambiguous_partner_blocks_the_code(words):
    """C7."""
    twins = {
        "prt_1": Partner("prt_1", "anna@example.com"),
        "prt_2": Partner("prt_2", "anna@example.com"),
    }

    (change,) = words.plan(
        words.side(P, people=twins), [OLD], policy=Policy(create_partners=True)
    ).changes

    assert (change.status, change.reason) == ("blocked", "partner_ambiguous")


@pytest.mark.parametrize("target", [P, T], ids=str)
def test_a_code_without_partner_is_not_made_anywhere(words, target):
    """Read as: what credits nobody cannot be kept in step by itself."""
    sides = {target: (), target.other: ["SAM20 20% -"]}

    (change,) = words.plan(
        sides[P], sides[T], policy=Policy(create_partners=True)
    ).changes

    assert (change.status, change.reason) == ("blocked", "partner_missing")


def test_several_partners_of_one_code_are_no_partner_on_tolt(words):
    code = words.code(P, OLD)
    both = code.values._replace(partner="prt_anna + prt_bob")
    shared = type(code)(code.id, code.written, both)

    (change,) = words.plan([shared]).changes

    assert (change.status, change.reason) == ("blocked", "partner_missing")


@pytest.mark.parametrize("target", [P, T], ids=str)
def test_a_missing_partner_is_created_once_where_that_is_allowed(words, target):
    codes = ["AAA 20% anna", "BBB 20% anna"]
    sides = {
        target: words.side(target, people=()),
        target.other: words.side(target.other, codes),
    }

    decided = words.plan(sides[P], sides[T], policy=Policy(create_partners=True))

    (partner,) = [c for c in decided.changes if c.action == "partner"]
    creates = [c for c in decided.changes if c.action == "create"]
    assert (partner.target, partner.status) == (target, "ready")
    assert [c.status for c in creates] == ["ready", "ready"]
    assert all(partner.id in c.needs for c in creates)


def test_a_partner_is_created_only_for_a_code_that_is_created(words):
    right = words.side(T, people=())
    policy = Policy(create_partners=True, create="hold")

    decided = words.plan([OLD], right, policy=policy)

    assert {change.status for change in decided.changes} == {"held"}
    never = Policy(create_partners=True, create="never")
    assert words.plan([OLD], right, policy=never).changes == ()


@pytest.mark.parametrize("email", [None, "n/a", "unknown", "-", "anna@localhost"])
def test_a_partner_without_an_address_is_never_created(words, email):
    left = words.side(P, [OLD], people={"prt_anna": Partner("prt_anna", email)})

    (change,) = words.plan(
        left, words.side(T, people=()), policy=Policy(create_partners=True)
    ).changes

    assert (change.status, change.reason) == ("blocked", "partner_missing")


def test_a_new_code_credits_the_counterpart(words):
    left, right = words.plan([OLD]).changes, words.plan([], [OLD]).changes

    assert left[0].want.partner == "part_anna"
    assert right[0].want.partner == "prt_anna"


# -- coupons -------------------------------------------------------------------


def new_on_partnero(words, policy=None, coupons=(), spec=OLD):
    left = words.side(P)
    named = {coupon.uuid: coupon for coupon in coupons}
    left = type(left)(P, {}, left.partners, named)
    return words.plan(left, [spec], policy=policy)


def coupon(uuid, discount=PERCENT_20, duration="lifetime", **restrictions):
    return Coupon(uuid, discount, duration, Carried(**restrictions))


def test_the_mapped_coupon_goes_first(words):
    policy = Policy(coupons={PERCENT_20: "SUMMER20"})

    decided = new_on_partnero(words, policy, [coupon("AAA"), coupon("SUMMER20")])

    (change,) = decided.changes
    assert change.want.coupon == "SUMMER20"
    assert "SUMMER20" in said(change)


def test_a_mapped_coupon_may_have_another_duration(words):
    policy = Policy(coupons={PERCENT_20: "S"})

    (change,) = new_on_partnero(words, policy, [coupon("S", duration="once")]).changes

    assert (change.status, change.want.duration) == ("ready", "once")


@pytest.mark.parametrize(
    "coupons",
    [
        pytest.param([], id="it does not exist"),
        pytest.param([coupon("SUMMER20", Percentage(Decimal(25)))], id="it gives more"),
        pytest.param([coupon("SUMMER20", Unreadable("why", "x"))], id="unreadable"),
    ],
)
def test_a_mapped_coupon_with_another_discount_blocks_the_code(words, coupons):
    policy = Policy(coupons={PERCENT_20: "SUMMER20"})

    (change,) = new_on_partnero(words, policy, [*coupons, coupon("AAA")]).changes

    assert (change.status, change.reason) == ("blocked", "not_expressible")
    assert "SUMMER20" in said(change)


def test_a_mapped_coupon_names_the_provider_that_it_reaches(words):
    """C22."""
    policy = Policy(coupons={PERCENT_20: "S"})
    synced = coupon("S", reaches="a connected payment provider")

    (change,) = new_on_partnero(words, policy, [synced]).changes

    assert "a connected payment provider" in said(change)


def test_an_existing_equal_coupon_is_used_and_always_the_same_one(words):
    coupons = [coupon("BBB"), coupon("AAA"), coupon("ONCE", duration="once")]

    (change,) = new_on_partnero(words, None, coupons).changes

    assert change.want.coupon == "AAA"


@pytest.mark.parametrize(
    "unfit",
    [
        pytest.param({"expires": "2026-12-31"}, id="expires"),
        pytest.param({"redemption_limit": 5}, id="is limited"),
        pytest.param({"switched_off": True}, id="is off"),
        pytest.param({"reaches": "stripe"}, id="C22 reaches a provider"),
        pytest.param({"duration": "once"}, id="lasts otherwise"),
        pytest.param({"discount": Percentage(Decimal(21))}, id="gives more"),
        pytest.param({"discount": None}, id="gives nothing"),
    ],
)
def test_an_unfit_coupon_is_passed_over_for_a_new_one(words, unfit):
    decided = new_on_partnero(words, None, [coupon("AAA", **unfit)])

    found = by_action(decided)
    assert found["create"].want.coupon == "sync-percent-20-lifetime"
    assert found["create"].needs == (found["coupon"].id,)
    assert found["coupon"].status == found["create"].status == "ready"
    assert found["coupon"].want.discount == PERCENT_20


def test_a_new_coupon_is_proposed_once_for_all_its_codes(words):
    left = type(words.side(P))(P, {}, words.people(P))

    decided = words.plan(left, ["AAA 20% anna", "BBB 20% bob", "CCC 15% anna"])

    names = [c.want.coupon for c in decided.changes if c.action == "coupon"]
    assert sorted(names) == ["sync-percent-15-lifetime", "sync-percent-20-lifetime"]


def test_a_coupon_of_our_name_that_is_not_ours_blocks_the_code(words):
    uuid = coupon_uuid(PERCENT_20, "lifetime")

    (change,) = new_on_partnero(words, None, [coupon(uuid, expires="2027")]).changes

    assert (change.status, change.reason) == ("blocked", "not_expressible")
    assert uuid in said(change)


def test_the_duration_of_the_configuration_is_part_of_the_new_coupon(words):
    decided = new_on_partnero(words, Policy(duration="months:12"), [coupon("AAA")])

    assert by_action(decided)["coupon"].want.coupon == "sync-percent-20-months-12"


def test_a_coupon_is_not_made_for_a_code_that_waits(words):
    decided = new_on_partnero(words, Policy(create="hold"))

    assert {change.status for change in decided.changes} == {"held"}


def test_a_code_on_tolt_needs_no_coupon(words):
    (change,) = words.plan([OLD]).changes

    assert (change.needs, change.want.coupon) == ((), None)


# -- what is lost --------------------------------------------------------------


@pytest.mark.parametrize(
    ("carried", "lost", "reason"),
    [
        pytest.param(
            {"expires": "2026-12-31"}, ("expires 2026-12-31",), "lossy", id="expiry"
        ),
        pytest.param(
            {"redemption_limit": 5}, ("at most 5 redemptions",), "lossy", id="limit"
        ),
        pytest.param(
            {"first_order_only": True},
            ("first orders only",),
            "lossy",
            id="first order",
        ),
        pytest.param(
            {"minimum_order": "22"}, ("orders from 22",), "lossy", id="minimum"
        ),
        pytest.param(
            {"customer": "cus_1"}, ("only for customer cus_1",), "lossy", id="customer"
        ),
    ],
)
def test_a_lossy_create_is_held_and_names_what_is_lost(words, carried, lost, reason):
    (change,) = words.plan([words.code(P, OLD, **carried)]).changes

    assert (change.status, change.reason, change.lost) == ("held", reason, lost)
    assert change.raises_exposure
    assert lost[0] in said(change)


def test_a_counter_and_a_duration_are_no_loss(words):
    """B3: what only one side holds and no customer feels."""
    code = words.code(P, OLD, redeemed=7, coupon="C", duration="once")

    (change,) = words.plan([code]).changes

    assert (change.status, change.lost) == ("ready", ())


@pytest.mark.parametrize(
    ("left", "right", "target", "dies"),
    [
        pytest.param(None, OLD, T, "customers and transactions", id="delete on Tolt"),
        pytest.param(OLD, None, P, "redemption log", id="delete on Partnero"),
        pytest.param(OLD, NEW, P, "redemption log", id="replace on Partnero"),
        pytest.param(
            "SAM20 20% bob", OLD, T, "customers and transactions", id="replace on Tolt"
        ),
    ],
)
def test_what_dies_with_a_record_is_printed(words, left, right, target, dies):
    (change,) = words.plan(
        [left] if left else [], [right] if right else [], [OLD]
    ).changes

    assert change.target == target
    assert dies in " ".join(change.lost)


def test_the_counter_that_dies_is_told_with_its_number(words):
    counted = words.code(P, OLD, redeemed=7)

    (change,) = words.plan([counted], [], [OLD]).changes

    assert change.values["redeemed"] == 7
    assert "Used 7 times" in message_of(change, ANYBODY)


# -- what cannot be expressed --------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        pytest.param("SAM~20 20% anna", "characters", id="C8 a blank"),
        pytest.param("J\u00dcRI 20% anna", "characters", id="C8 an umlaut"),
        pytest.param("\U0001f389 20% anna", "characters", id="C8 an emoji"),
        pytest.param("A/B 20% anna", "characters", id="C8 a slash"),
        pytest.param(f"{'A' * 101} 20% anna", "101", id="C8 101 characters"),
        pytest.param("SAM20 - anna", "no discount", id="no discount"),
    ],
)
def test_what_partnero_cannot_hold_is_blocked_with_the_rule(words, spec, word):
    (change,) = words.plan([], [spec]).changes

    assert (change.status, change.reason) == ("blocked", "not_expressible")
    assert word in said(change)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_percentage_with_too_many_decimals_is_blocked_on_tolt(words, version):
    """C14."""
    (change,) = words.plan(["SAM20 33.333% anna"], version=version).changes

    assert (change.status, change.reason) == ("blocked", "not_expressible")


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_changed_percentage_with_too_many_decimals_is_blocked_too(words, version):
    """C14: an update is no way around what a create refuses."""
    decided = words.plan(["SAM20 33.333% anna"], [OLD], [OLD], version=version)

    (change,) = decided.changes
    assert (change.status, change.reason) == ("blocked", "not_expressible")


def test_a_fixed_code_without_a_currency_is_blocked_and_percent_codes_go_on(words):
    """C12."""
    decided = words.plan(["FIX ? anna", "PCT 20% anna"])

    assert words.lines(decided) == [
        "create tolt blocked currency_unknown -",
        "create tolt ready only_on_partnero -",
    ]


@pytest.mark.parametrize("base", [None, OLD, "SAM20 25USD anna"], ids=str)
@pytest.mark.parametrize(
    ("left", "right"),
    [("SAM20 ? anna", OLD), (OLD, "SAM20 ? anna"), ("SAM20 ? anna", "SAM20 ? anna")],
    ids=["Partnero's", "Tolt's", "both"],
)
def test_a_discount_that_cannot_be_read_is_never_compared(words, base, left, right):
    """C12: not even two that look alike."""
    decided = words.plan([left], [right], [base] if base else [])

    about = [c for c in decided.changes if "discount" in {f.field for f in c.fields}]
    assert [(c.status, c.reason) for c in about] == [("blocked", "currency_unknown")]


@pytest.mark.parametrize(
    "winner", ["prt", "part"], ids=["towards Partnero", "towards Tolt"]
)
def test_a_payee_who_is_missing_on_the_other_side_blocks_the_move(words, winner):
    people = {P: ("anna", "bob"), T: ("anna",)}
    left, right = "SAM20 20% bob", OLD
    if winner == "prt":
        people, (left, right) = {P: ("anna",), T: ("anna", "bob")}, (right, left)

    decided = words.plan(
        words.side(P, [left], people=people[P]),
        words.side(T, [right], people=people[T]),
        [OLD],
        words.everything_auto,
    )

    (change,) = decided.changes
    assert (change.status, change.reason) == ("blocked", "partner_missing")


def test_a_replacement_of_the_discount_does_not_ask_for_the_partner_anew(words):
    """The old code's partner stays, whoever has a counterpart and whoever has none."""
    nobody = "SAM20 20% -"

    (change,) = words.plan([nobody], ["SAM20 15% -"], [nobody]).changes

    assert (change.action, change.status) == ("replace", "held")
    assert change.want.partner is None


# -- what is taken away must be able to come back -----------------------------------


@pytest.mark.parametrize(
    ("owner", "coupon_there", "inactive", "words_of_it"),
    [
        pytest.param("prt_anna + prt_bob", True, "", "several", id="two partners"),
        pytest.param("prt_anna", False, "", "not there any more", id="coupon gone"),
        pytest.param("prt_anna", True, "archived", "archived", id="partner archived"),
    ],
)
def test_a_code_that_could_not_be_put_back_is_not_replaced(
    words, owner, coupon_there, inactive, words_of_it
):
    """D21: proven before the deletion, otherwise blocked."""
    people = words.people(P)
    people["prt_anna"] = replace(people["prt_anna"], inactive=inactive)
    old = words.code(P, OLD, coupon="C20%" if coupon_there else "ELSEWHERE")
    old = old._replace(values=old.values._replace(partner=owner))
    base = words.link(old, "SAM20 20% anna")

    made = words.plan(words.side(P, [old], people=people), ["SAM20 15% anna"], [base])

    replaces = [c for c in made.changes if c.action == "replace"]
    assert [c.status for c in replaces] == ["blocked"]
    assert words_of_it in said(replaces[0])


def test_a_code_whose_own_discount_cannot_be_read_is_not_made_anew(words):
    """It was a mistake of this program that ended the whole plan, for one rename."""
    base = words.link("SAM20 ? anna =SAM20", "SAM20 20% anna =promo_1")

    made = words.plan(
        ["SAM20 ? anna =SAM20"], ["NEW20 20% anna =promo_1", "TOM 5% bob"], [base]
    )

    (replaced,) = [c for c in made.changes if c.action == "replace"]
    assert (replaced.status, replaced.reason) == ("blocked", "currency_unknown")
    assert "cannot be read" in said(replaced)
    assert "TOM" in {change.code for change in made.changes}


def test_a_code_that_a_replace_left_missing_is_told_and_never_deleted_elsewhere(words):
    """D21: told in every run, with the command that mends it."""
    (replace_,) = [
        c
        for c in words.plan(["SAM20 20% anna"], ["SAM20 15% anna"], [OLD]).changes
        if c.action == "replace"
    ]
    gap = Unfinished("sam20", "SAM20", "partnero", note(replace_), "{}", "422", "t")
    policy = Policy(delete="auto")

    made = words.plan(
        [], ["SAM20 15% anna"], [OLD], unfinished={"sam20": gap}, policy=policy
    )

    (change,) = made.changes
    assert (change.action, change.target) == ("create", "partnero")
    assert (change.status, change.reason) == ("held", "missing_after_replace")
    assert "Customers who type it there get nothing" in said(change)
    back = words.plan([OLD], [OLD], [OLD], unfinished={"sam20": gap})
    assert back.restored == {"sam20"}


@pytest.mark.parametrize("rubbish", ["{", "[]", "null", '{"seen": []}'])
def test_a_gap_whose_note_cannot_be_read_is_told_and_ends_no_plan(words, rubbish):
    gap = Unfinished("sam20", "SAM20", "partnero", rubbish, "{}", "422", "t")

    made = words.plan(
        [], ["SAM20 15% anna", "NEW 5% anna"], [OLD], unfinished={"sam20": gap}
    )

    gaps = [c for c in made.changes if c.reason == "missing_after_replace"]
    assert [(c.status, c.want) for c in gaps] == [("blocked", None)]
    assert "NEW" in {change.code for change in made.changes}
