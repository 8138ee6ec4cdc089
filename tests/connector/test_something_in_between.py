"""What something in between answers concerns one item, and the others go on."""

import json

import pytest

from connector.sandbox import seed
from tests.standins.spoiler import PAGE, spoiling

LEFT, RIGHT = "/partnero/v1", "/tolt/v2"
TEXT = "CODE000003"

pytestmark = pytest.mark.usefixtures("hurried")


@pytest.fixture
def spoiler(place):
    """Six codes on one side alone, behind something that may answer by itself."""
    place.inhabit(seed.big(6, partners=3, coupons=3, only_partnero=1.0))
    with spoiling(place.sandbox.url) as between:
        left, right = f'"{between.url}{LEFT}"', f'"{between.url}{RIGHT}"'
        place.configure(
            base_url=left, base_url__1=right, more='[pairs.policy]\ndelete = "auto"'
        )
        yield between


def block(spoiler, status=403, body=PAGE, methods=("GET", "POST", "PUT", "DELETE")):
    """Refuse whatever holds one text, in its address or in its body."""

    def refuse(method, asked, sent):
        concerned = TEXT in asked or TEXT.encode() in sent
        return (status, body) if method in methods and concerned else None

    spoiler.blocks.append(refuse)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [PAGE, b"Forbidden"], ids=["page", "text"])
def test_a_firewall_that_refuses_one_text_costs_that_item_alone(
    place, spoiler, status, body
):
    block(spoiler, status, body)

    synced = place.json("sync")

    outcomes = synced.outcomes
    (told,) = [
        one["detail"] for one in synced.document["outcomes"] if one["code"] == TEXT
    ]
    assert outcomes.pop(TEXT) == "failed"
    assert set(outcomes.values()) == {"confirmed"}
    assert len(outcomes) == 5
    assert (synced.code, synced.document["status"]) == (4, "partial")
    assert f"{status}" in told
    assert "something in between" in told
    assert "othing was changed" not in synced.out + synced.err
    assert "key was refused" not in synced.out + synced.err


def test_a_firewall_on_the_write_alone_costs_that_item_alone(place, spoiler):
    block(spoiler, methods=("POST",))

    synced = place.json("sync")

    assert synced.outcomes.pop(TEXT) == "failed"
    assert list(synced.outcomes.values()).count("confirmed") == 5
    spoiler.blocks.clear()
    assert place.json("sync").outcomes == {TEXT: "confirmed"}


def test_what_was_done_although_something_in_between_says_no_is_seen(place, spoiler):
    """It hides an answer, not what the product did."""

    def rule(method, _asked, status, body):
        return (403, PAGE) if method == "POST" and TEXT.encode() in body else None

    spoiler.rules.append(rule)

    assert place.json("sync").outcomes.pop(TEXT) == "adopted"
    assert len([one for one in place.writes if TEXT in str(one.body)]) == 1


def test_a_firewall_before_a_listing_makes_the_side_unknown(place, spoiler):
    place.json("sync")
    spoiler.answer(f"{RIGHT}/promotion-codes", 403, PAGE)

    synced = place.json("sync")

    assert (synced.code, synced.document["status"]) == (4, "partial")
    assert place.writes
    assert "key was refused" not in synced.out + synced.err


# -- absence, as a whole run believes it ---------------------------------------------


@pytest.fixture
def settled(place, spoiler):
    """The same in step; the listing of Tolt hides one code from now on."""
    assert place.run("sync").code == 0
    place.sandbox.requests.clear()
    (row,) = place.sandbox.world.tolt.codes_named(TEXT)
    path = f"{RIGHT}/promotion-codes"

    def hide(method, asked, status, body):
        if method != "GET" or not asked.startswith(f"{path}?") or status != 200:
            return None
        page = json.loads(body)
        page["data"] = [one for one in page["data"] if one["code"] != TEXT]
        return status, json.dumps(page).encode()

    spoiler.rules.append(hide)
    return f"{path}/promo_{row.uid}"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"success": True, "data": {"id": "ID", "code": None}}),
        (200, {"success": False, "message": "try again"}),
        (200, {"success": True, "data": {"id": "other", "code": TEXT}}),
        (200, {"success": True, "data": []}),
        (404, PAGE),
        (404, {"detail": "Not Found"}),
        (404, {"message": "no Route matched with those values"}),
        (403, PAGE),
        (400, {"success": False, "code": "not_found", "message": "No such id"}),
    ],
    ids=lambda one: str(one)[:40],
)
def test_a_code_that_is_not_proven_to_be_gone_is_not_deleted(
    place, spoiler, settled, status, body
):
    """The policy is delete = "auto", which asks nobody."""
    spoiler.answer(settled, status, body)

    synced = place.json("sync")

    assert place.writes == []
    assert synced.document["plan"]["delete"] == 0
    assert TEXT not in synced.outcomes


def test_a_code_that_the_product_says_is_gone_is_deleted(place, spoiler, settled):
    gone = {"success": False, "code": "not_found", "message": "No such id"}
    spoiler.answer(settled, 404, gone)

    assert place.json("sync").outcomes == {TEXT: "confirmed"}
    assert [one.method for one in place.writes] == ["DELETE"]
