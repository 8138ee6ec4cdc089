"""Tolt's own client against the v2 stand-in: it was not written here."""

import datetime as dt
import ssl

import httpx
import pytest
from tolt import ToltApi
from tolt.errors import (
    BadRequestError,
    ConflictError,
    NotFoundError,
)

from tests.standins.faults import Fault


@pytest.fixture
def connect(api):
    wires = []

    def build(key: str, *, retries: int = 0) -> ToltApi:
        # Its base is the host, and it adds /v2 itself. No TLS: empty contexts are fast.
        base = f"{api.sandbox.url}/tolt"
        wires.append(httpx.Client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)))
        return ToltApi(
            token=key, base_url=base, max_retries=retries, httpx_client=wires[-1]
        )

    yield build
    for wire in wires:
        wire.close()


@pytest.fixture
def key(api):
    return api.sandbox.environment["TOLT_API_KEY"]


@pytest.fixture
def client(connect, key):
    return connect(key)


@pytest.fixture
def anna(api):
    return api.partner_id("anna@example.com")


def test_all_codes_are_walked_to_the_end(api, client):
    api.sandbox.switches.set("tolt_rate_limit", 0)

    found = [code.code for code in client.promotion_codes.list(limit=7)]

    texts = [code.code for code in api.sandbox.world.tolt.codes]
    assert found == texts[::-1]


def test_a_walk_by_change_in_a_window_finds_just_what_changed(client):
    canary = next(iter(client.promotion_codes.list(search="CANARY")))
    start = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)

    client.promotion_codes.update(canary.id, value="11")
    rows = client.promotion_codes.list(
        sort="updated_at", order="asc", updated_after=start
    )

    assert [(row.code, row.value) for row in rows] == [("CANARY", "11")]


def test_a_code_lives_through_all_calls(client, anna):
    made = client.promotion_codes.create(
        code="NEW-ONE", partner_id=anna, type="fixed", value="12.50"
    ).data
    read = client.promotion_codes.get(made.id).data
    renamed = client.promotion_codes.update(made.id, code="NEW-TWO").data
    gone = client.promotion_codes.delete(made.id).data

    assert read == made
    assert (made.value, made.active, made.partner_id) == ("12.5", True, anna)
    assert (renamed.code, renamed.value) == ("NEW-TWO", "12.5")
    assert gone.id == made.id
    with pytest.raises(NotFoundError) as error:
        client.promotion_codes.get(made.id)
    assert error.value.body.code == "not_found"


def test_a_duplicate_of_one_partner_is_a_conflict_in_any_case(client, anna):
    with pytest.raises(ConflictError) as error:
        client.promotion_codes.create(code="anna10", partner_id=anna)

    assert error.value.body.code == "already_exists"
    assert error.value.body.errors[0].field == "code"


def test_another_partner_may_own_the_same_text(api, client):
    ben = api.partner_id("ben@example.com")

    made = client.promotion_codes.create(code="ANNA10", partner_id=ben).data

    assert (made.type, made.value) == (None, None)


def test_a_rename_onto_a_code_of_the_same_partner_is_a_conflict(client, api):
    code = api.v2_code("ANNA20")["id"]

    with pytest.raises(ConflictError):
        client.promotion_codes.update(code, code="anna10")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"partner_id": "part_nobody"}, "invalid_reference"),
        ({"type": "percentage", "value": "101"}, "bad_request"),
        ({"value": "1e1"}, "validation_error"),
        ({"code": ""}, "validation_error"),
    ],
)
def test_a_bad_create_names_what_is_wrong(client, anna, more, code):
    body = {"code": "NEW-ONE", "partner_id": anna, "type": "fixed", **more}

    with pytest.raises(BadRequestError) as error:
        client.promotion_codes.create(**body)

    assert error.value.body.code == code
    assert error.value.body.doc_url.endswith(code)


def test_programs_are_read(api, client):
    program = client.programs.get(api.program_id).data

    assert program.currency_code == "USD"
    assert [row.id for row in client.programs.list()] == [program.id]


def test_a_partner_is_made_and_found(api, client):
    made = client.partners.create(
        email="New@Example.com", program_id=api.program_id, first_name="New"
    ).data
    read = client.partners.get(made.id).data
    found = list(client.partners.list(search="new@EXAMPLE"))

    assert (read.email, read.first_name) == ("New@Example.com", "New")
    assert [row.id for row in found] == [made.id]


def test_a_partner_is_unique_by_mail_in_any_case(api, client):
    with pytest.raises(ConflictError) as error:
        client.partners.create(email="ANNA@example.com", program_id=api.program_id)

    assert error.value.body.errors[0].field == "email"


def test_a_customer_is_made_changed_and_found(client, anna):
    made = client.customers.create(
        email="Buyer@Shop.Example", partner_id=anna, promotion_code="anna10"
    ).data
    cleared = client.customers.update(made.id, promotion_code=None).data
    read = client.customers.get(made.id).data
    found = list(client.customers.list(search="buyer@shop"))

    assert (made.email, made.status) == ("buyer@shop.example", "lead")
    assert made.promotion_code_id is not None
    assert cleared.promotion_code_id is None
    assert read == cleared == found[0]


def test_a_code_that_does_not_match_is_a_silent_success(client, anna):
    made = client.customers.create(
        email="buyer@shop.example", partner_id=anna, promotion_code="NO-SUCH"
    ).data

    assert made.promotion_code_id is None


def test_a_customer_is_unique_by_mail(client, anna):
    client.customers.create(email="buyer@shop.example", partner_id=anna)

    with pytest.raises(ConflictError):
        client.customers.create(email="BUYER@shop.example", partner_id=anna)


def sale(client, anna, charge: str, amount: int = 4999):
    customer = next(iter(client.customers.list(search="buyer-of-anna10")))
    return client.transactions.create(
        amount=amount, customer_id=customer.id, charge_id=charge
    ).data


def test_a_transaction_pays_a_commission_at_once(client, anna):
    made = sale(client, anna, "ord-new")
    entry = next(iter(client.commissions.list()))

    assert (made.amount, made.status) == ("4999", "paid")
    assert (made.promotion_code_name, made.charge_id) == ("ANNA10", "ord-new")
    assert (entry.transaction_id, entry.amount) == (made.id, "1000")
    assert client.commissions.get(entry.id).data == entry
    assert client.transactions.get(made.id).data == made
    assert next(iter(client.transactions.list(search="ord-new"))) == made


def test_a_charge_is_unique_for_its_customer(client, anna):
    sale(client, anna, "ord-new")

    with pytest.raises(ConflictError) as error:
        sale(client, anna, "ord-new", amount=1)

    assert error.value.body.code == "already_exists"
    assert sale(client, anna, " ").charge_id is None


def test_a_refund_undoes_the_commission_and_works_once(client, anna):
    made = sale(client, anna, "ord-new")

    back = client.transactions.refund(made.id).data
    entry = next(iter(client.commissions.list()))
    with pytest.raises(ConflictError) as error:
        client.transactions.refund(made.id)

    assert back.status == "refunded"
    assert (entry.amount, entry.status) == ("0", "refunded")
    assert error.value.body.code == "transaction_refunded"


def test_a_refund_of_a_paid_commission_adds_a_negative_one(api, client, anna):
    made = sale(client, anna, "ord-new")
    for row in api.sandbox.world.tolt.commissions:
        row.status = "paid"

    client.transactions.refund(made.id)

    newest = next(iter(client.commissions.list()))
    assert (newest.amount, newest.type) == ("-1000", "refund")


def test_the_client_waits_out_a_429_by_itself(api, connect, key):
    client = connect(key, retries=1)
    api.sandbox.faults.add(Fault("status", status=429, retry_after="0.1"))

    assert list(client.programs.list(limit=1))
    assert [row.status for row in api.sandbox.requests][:2] == [429, 200]
