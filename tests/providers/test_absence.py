"""What is believed of one record: there, gone by the product's own word, or unknown."""

import pytest

from connector.errors import Rejected, Unauthorised, Unavailable, Unclear
from connector.providers.http import Access, Patience
from connector.providers.partnero_writing import PartneroWriter
from connector.providers.sales_writing import PartneroSalesWriter, ToltChargesWriter
from connector.providers.tolt_writing import ToltWriter
from connector.providers.writing import ReadWrite
from mappings.canonical import PromoCode, Values
from tests.standins.front import Sandbox
from tests.standins.spoiler import PAGE, spoiling

QUICK = Patience(deadline=5, attempts=2, first_pause=0.001, longest_backoff=0.002)
LEFT, RIGHT = "/partnero/v1", "/tolt/v2"
V2_GONE = {"success": False, "message": "No such id", "code": "not_found"}
V1_GONE = {"success": False, "error": {"message": "No such id", "type": "not_found"}}
LEFT_GONE = {"status": 0, "message": "Promotion code not found."}
OWN = {
    "partnero": [
        LEFT_GONE,
        {"message": "Not found."},
        {"status": False, "message": "Unknown.", "errors": []},
        {"status": "error", "message": "No query results for model [Code]."},
    ],
    "v2": [V2_GONE, V2_GONE | {"doc_url": "https://docs.tolt.com/errors#not_found"}],
    "v1": [
        V1_GONE,
        {"success": False, "error": "Promotion code not found"},
        {"message": "Promotion code not found"},
    ],
}
FOREIGN = [
    {},
    [],
    None,
    "not found",
    {"error": {"code": 404}},
    {"detail": "Not Found"},
    {"errors": [{"title": "not found"}]},
    {"success": True, "message": "No such id", "code": "not_found"},
    {"message": "no Route matched with those values"},
    {"status": 1, "message": "Not found.", "code": "x"},
    {"status": 404, "error": "Not Found", "path": "/", "message": "No message"},
    {"code": 404, "message": "HTTP 404 Not Found"},
    {"success": False, "code": "bad_request", "message": "No such id", "status": 1},
    {"message": "The requested URL was not found on this server", "success": False},
    {"message": "Cannot GET /ID", "success": None},
    {"message": "Unauthenticated."},
    {"message": "Too Many Attempts."},
    {"success": False, "error": {"message": "Not now.", "type": "api_error"}},
    {"success": False, "error": {"message": "Your key may not.", "type": "permission"}},
    {"status": "success", "message": "Not here."},
    {"status": "1", "message": "Not here."},
    {"status": "ok", "message": "Not here."},
    b"<html><body>404</body></html>",
    b"Not Found",
    b"",
]
ODD = [
    {"success": False, "message": "try again", "data": {"id": "ID", "code": "ID"}},
    {"status": 0, "data": {"id": "ID", "code": "ID"}},
    {"success": False},
    {"status": 0},
    {},
    [],
    None,
    7,
    {"data": None},
    {"data": []},
    {"data": {}},
    {"data": "ID"},
    {"data": {"id": None, "code": None}},
    {"data": {"id": "other", "code": "other", "uuid_code": "other", "key": "other"}},
    {"data": [{"id": "ID", "code": "ID"}, {"id": "ID", "code": "ID"}]},
    {"data": {"id": ["ID"], "code": ["ID"], "uuid_code": ["ID"], "key": ["ID"]}},
    {"id": "ID", "code": "ID"},
]


@pytest.fixture(scope="module")
def between():
    with Sandbox() as sandbox, spoiling(sandbox.url) as spoiler:
        spoiler.keys = sandbox.environment
        yield spoiler


@pytest.fixture
def spoiler(between):
    between.clear()
    between.asked.clear()
    return between


def writer_of(spoiler, side):
    """Return the client of a dialect, with few attempts."""
    key = spoiler.keys["PARTNERO_API_KEY" if side == "partnero" else "TOLT_API_KEY"]
    path = LEFT if side == "partnero" else f"/tolt/{side}"
    access = Access(side, f"{spoiler.url}{path}", key, patience=QUICK)
    if side == "partnero":
        return PartneroWriter(ReadWrite(access), currency="USD")
    return ToltWriter(
        ReadWrite(access), version=side, program_id="prg_a", currency="USD"
    )


def questions(writer):
    """Return what asks for one record, by the path that it is asked for by."""
    if isinstance(writer, PartneroWriter):
        money = PartneroSalesWriter(writer)
        return {
            "promotion-codes": writer.get,
            "coupons": writer.coupon,
            "partners": writer.partner,
            "customers": money.numbered,
        }
    money = ToltChargesWriter(writer)
    return {
        "promotion-codes": writer.get,
        "partners": writer.partner,
        "transactions": money.charge,
        "customers": money.customer,
    }


def believed(spoiler, side, status, body):
    """Return what is made of an answer to each question."""
    writer, made = writer_of(spoiler, side), {}
    path = LEFT if side == "partnero" else f"/tolt/{side}"
    for noun, ask in questions(writer).items():
        spoiler.clear()
        spoiler.answer(f"{path}/{noun}/ID", status, body)
        try:
            made[noun] = ask("ID")
        except (Unclear, Unavailable):
            made[noun] = "unknown"
    writer.close()
    return made


@pytest.mark.parametrize("side", OWN)
def test_only_the_products_own_404_is_absence(spoiler, side):
    for body in OWN[side]:
        made = believed(spoiler, side, 404, body)
        assert set(made.values()) == {None}, body


@pytest.mark.parametrize("side", OWN)
def test_a_404_of_anybody_else_says_nothing_of_a_record(spoiler, side):
    others = [one for name in OWN for one in OWN[name] if name != side]
    shared = [{"message": "Not found."}, {"message": "Promotion code not found"}]
    if side != "v2":
        others = [one for one in others if one not in shared]
    for body in (*FOREIGN, *others):
        made = believed(spoiler, side, 404, body)
        assert set(made.values()) == {"unknown"}, (body, made)


@pytest.mark.parametrize("side", OWN)
def test_an_answer_that_is_not_the_record_is_no_absence(spoiler, side):
    for body in ODD:
        made = believed(spoiler, side, 200, body)
        assert set(made.values()) == {"unknown"}, (body, made)
    for text in (None, "", ["X"], {}):
        row = {"id": "ID", "code": text, "uuid_code": text}
        made = believed(spoiler, side, 200, {"success": True, "data": row})
        assert made["promotion-codes"] == "unknown", text


def test_a_list_of_one_is_an_object_where_that_is_documented(spoiler):
    one = {"id": "ID", "code": "X", "type": "percentage", "value": 5, "partner_id": "p"}
    found = {
        side: believed(spoiler, side, 200, {"success": True, "data": [one]})
        for side in ("v1", "v2")
    }

    assert found["v1"]["promotion-codes"].written == "X"
    assert found["v2"]["promotion-codes"] == "unknown"


def test_a_code_that_partnero_spells_otherwise_is_that_code(spoiler):
    row = {"code": "id", "limit_to_specific_partner": False}

    found = believed(spoiler, "partnero", 200, {"data": row, "status": 1})

    assert found["promotion-codes"].written == "id"


@pytest.mark.parametrize("side", OWN)
def test_a_search_that_failed_has_not_found_nobody(spoiler, side):
    """What is not there would be made: "not found" has to be shown."""
    writer = writer_of(spoiler, side)
    path = LEFT if side == "partnero" else f"/tolt/{side}"
    bad = {"success": False, "status": 0, "data": [], "has_more": False}
    bad |= {"links": {"next": None}}
    for noun in ("promotion-codes", "promotion-codes/X", "partners", "partner"):
        spoiler.answer(f"{path}/{noun}", 200, bad)

    for ask in (writer.find, writer.find_partner):
        with pytest.raises(Unavailable):
            ask("X")
    writer.close()


@pytest.mark.parametrize("data", [None, {}, "", 7, {"data": None}])
@pytest.mark.parametrize("side", OWN)
def test_a_listing_without_a_list_is_no_empty_one(spoiler, side, data):
    writer = writer_of(spoiler, side)
    path = LEFT if side == "partnero" else f"/tolt/{side}"
    body = {"data": data, "has_more": False, "links": {"next": None}}
    spoiler.answer(f"{path}/promotion-codes", 200, body)

    with pytest.raises(Unavailable):
        list(writer.rows("promotion-codes"))
    writer.close()


def test_a_coupon_or_a_log_that_is_not_shown_is_not_an_empty_one(spoiler):
    writer = writer_of(spoiler, "partnero")
    row = {"code": "ID", "limit_to_specific_partner": False, "times_redeemed": 3}
    spoiler.answer(f"{LEFT}/promotion-codes/ID", 200, {"data": row, "status": 1})

    with pytest.raises(Unclear, match="log"):
        PartneroSalesWriter(writer).log_of("ID")
    writer.close()


def test_a_deletion_is_done_by_the_products_own_404_alone(spoiler):
    writer = writer_of(spoiler, "v2")
    code = PromoCode("ID", "X", Values("x", None, None))
    spoiler.answer(f"{RIGHT}/promotion-codes/ID", 404, V2_GONE, "DELETE")
    writer.delete(code)

    spoiler.clear()
    spoiler.answer(f"{RIGHT}/promotion-codes/ID", 404, {"detail": "?"}, "DELETE")
    with pytest.raises(Rejected):
        writer.delete(code)
    writer.close()


# -- 401 and 403 ---------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    "body",
    [PAGE, b"\xef\xbb\xbf<html>", b"Forbidden", b"", {"type": "x", "title": "y"}],
)
def test_what_something_in_between_forbids_is_no_refusal_of_the_key(
    spoiler, status, body
):
    writer = writer_of(spoiler, "v2")
    spoiler.answer(f"{RIGHT}/promotion-codes", status, body, "POST")

    with pytest.raises(Rejected) as refused:
        writer.http.post("promotion-codes", {"code": "X"})

    assert refused.value.foreign
    assert "something in between" in str(refused.value)
    assert "nothing was changed" not in str(refused.value)
    writer.close()


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Unauthenticated."},
        {"success": False, "error": "no"},
        {"success": False, "error": {"message": "no", "type": "authentication_error"}},
        {"success": False, "code": "forbidden", "message": "no"},
    ],
)
def test_a_key_that_the_product_refuses_ends_the_run(spoiler, body):
    writer = writer_of(spoiler, "v2")
    spoiler.answer(f"{RIGHT}/promotion-codes", 403, body)

    with pytest.raises(Unauthorised, match="scope or plan") as refused:
        writer.http.get("promotion-codes")

    assert "nothing was changed" not in str(refused.value)
    writer.close()
