"""What the engine may rely on when it reads redemptions and pushes them."""

import pytest

from connector.errors import Rejected
from connector.providers.base import Remembered
from mappings.redemptions import Money

TEN = Money(1000, "USD")
MAIL = "kim@buyers.example"
SOLD = "2026-01-02T10:00:00Z"


# -- Partnero: transactions, and the logs that count -----------------------------------


@pytest.fixture
def shop(partnero):
    """A code, and a buyer who has bought nothing yet."""
    anna = partnero.person("Anna")
    partnero.code("ANNA10", 10, anna)
    partnero.sales.create_customer("1001", MAIL, "Kim", anna.id)
    partnero.anna = anna
    return partnero


def sold(shop, key):
    shop.sales.create_sale(key, TEN, "1001", SOLD, rewardable=True)


def test_a_customer_is_found_by_number_and_by_e_mail(shop):
    kim = shop.sales.numbered("1001")

    assert (kim.id, kim.email, kim.external) == ("1001", MAIL, "1001")
    assert shop.sales.payee(kim.partner, (), shop.anna.id) == shop.anna.id
    assert [one.id for one in shop.sales.emailed("KIM@buyers.example")] == ["1001"]
    assert shop.sales.numbered("1002") is None
    assert shop.sales.emailed("im@buyers.example") == []


def test_a_customer_under_a_known_number_is_refused(shop):
    with pytest.raises(Rejected) as refused:
        shop.sales.create_customer("1001", "other@buyers.example", "O", shop.anna.id)

    assert refused.value.status == 422
    assert shop.sales.numbered("1001").email == MAIL


def test_a_customer_of_nobody_is_refused(shop):
    with pytest.raises(Rejected):
        shop.sales.create_customer("1002", "x@buyers.example", "X", "nobody")

    assert shop.sales.numbered("1002") is None


def test_a_payee_is_named_by_id_or_by_key(shop):
    anna = shop.writer.partner(shop.anna.id)

    assert shop.sales.payee(anna.id, (), "") == anna.id
    assert shop.sales.payee(anna.key, [anna], "") == anna.id
    assert shop.sales.payee(anna.key, (), anna.id) == anna.id
    assert shop.sales.payee("nobody", (), anna.id) is None


def test_a_sale_stands_under_its_key_and_with_its_buyer(shop):
    sold(shop, "ord-1")

    (sale,) = shop.sales.sales_of("ord-1")
    assert (sale.key, sale.money, sale.customer) == ("ord-1", TEN, "1001")
    assert (sale.at, sale.archived, sale.ours) == (SOLD, False, True)
    assert shop.sales.sales_by("1001") == [sale]
    assert shop.sales.sales(["ord-1", "ord-2"]) == {"ord-1": [sale], "ord-2": []}
    assert shop.sales.sales_of("ord") == []
    assert (shop.sales.is_gone("ord-1"), shop.sales.is_gone("ord-2")) == (False, True)


def test_nothing_stops_a_second_sale_under_one_key(shop):
    """That is why a payment is never sent again by itself."""
    sold(shop, "ord-1")
    sold(shop, "ord-1")

    assert len(shop.sales.sales_of("ord-1")) == 2


def test_a_sale_to_nobody_is_refused(shop):
    with pytest.raises(Rejected):
        shop.sales.create_sale("ord-1", TEN, "1002", SOLD, rewardable=True)

    assert shop.sales.sales_of("ord-1") == []


def test_a_redeem_without_its_sale_is_answered_and_does_nothing(shop):
    assert shop.sales.redeem("ANNA10", "ord-1") == []

    assert shop.sales.log_of("ANNA10") == []


def test_a_redeem_counts_once_and_the_log_alone_proves_it(shop):
    sold(shop, "ord-1")

    answer = shop.sales.redeem("ANNA10", "ord-1")
    again = shop.sales.redeem("ANNA10", "ord-1")

    assert [entry.key for entry in answer] == ["ord-1"]
    assert [entry.key for entry in again] == ["ord-1"]
    code, log = shop.sales.code_and_log("anna10")
    assert (code.written, [entry.key for entry in log]) == ("ANNA10", ["ord-1"])
    assert [entry.key for entry in shop.sales.log_of("ANNA10")] == ["ord-1"]


def test_a_listing_shows_the_logs(shop):
    sold(shop, "ord-1")
    shop.sales.redeem("ANNA10", "ord-1")

    (log,) = shop.writer.read(Remembered()).logs.values()

    assert [entry["transaction_key"] for entry in log.entries] == ["ord-1"]


def test_a_code_that_is_not_there_has_no_log(shop):
    assert shop.sales.log_of("NOT-THERE") is None
    assert shop.sales.code_and_log("NOT-THERE") is None
    with pytest.raises(Rejected) as refused:
        shop.sales.redeem("NOT-THERE", "ord-1")
    assert refused.value.status == 404


@pytest.mark.parametrize("key", ["", " "])
def test_nothing_without_a_key_ever_leaves(shop, key):
    before = shop.writer.requests

    with pytest.raises(ValueError, match="never be found"):
        shop.sales.create_sale(key, TEN, "1001", SOLD, rewardable=False)
    with pytest.raises(ValueError, match="count every time"):
        shop.sales.redeem("ANNA10", key)

    assert shop.writer.requests == before


# -- Tolt: transactions of customers who came with a code ------------------------------


@pytest.fixture
def store(tolt):
    """Two partners with a code each, and a buyer who came with the first."""
    anna, ben = tolt.person("Anna"), tolt.person("Ben")
    tolt.anna, tolt.ben = anna, ben
    tolt.first, tolt.second = tolt.code("ANNA10", 10, anna), tolt.code("BEN20", 20, ben)
    tolt.charges.create_customer(MAIL, "1001", "Kim", anna.id, "anna10")
    return tolt


def test_a_customer_tells_by_which_code_they_came(store):
    kim = store.charges.with_email(MAIL.upper())

    assert (kim.email, kim.external, kim.code) == (MAIL, "1001", store.first.id)
    assert kim.partner == store.anna.id
    assert store.charges.customer(kim.id) == kim
    assert store.charges.customers([kim.id, "cust_none"]) == {kim.id: kim}
    assert store.charges.emailed(MAIL) == [kim]
    assert store.charges.numbered("1001") == kim
    assert store.charges.tells_codes()
    assert store.charges.with_email("im@buyers.example") is None
    assert store.charges.numbered("1002") is None
    assert store.charges.customer("cust_none") is None


def test_a_code_that_does_not_match_is_a_silent_success(store):
    store.charges.create_customer("x@buyers.example", "", "X", store.anna.id, "BEN20")

    assert store.charges.with_email("x@buyers.example").code == ""


def test_a_customer_without_a_code_can_be_given_one_of_their_partners(store):
    store.charges.create_customer("x@buyers.example", "", "X", store.anna.id, "NONE")
    customer = store.charges.with_email("x@buyers.example")

    store.charges.set_code(customer.id, "BEN20")
    assert store.charges.customer(customer.id).code == ""
    store.charges.set_code(customer.id, "anna10")
    assert store.charges.customer(customer.id).code == store.first.id


def test_a_customer_of_a_known_mailbox_is_refused(store):
    with pytest.raises(Rejected) as refused:
        store.charges.create_customer(MAIL, "", "Kim", store.ben.id, "BEN20")

    assert refused.value.status == 409
    assert len(store.charges.emailed(MAIL)) == 1


def test_a_charge_takes_the_code_of_its_customer(store):
    kim = store.charges.with_email(MAIL)

    store.charges.create_charge("ord-1", TEN, kim.id, SOLD)

    (charge,) = store.charges.charges_by(kim.id)
    assert (charge.key, charge.money, charge.customer) == ("ord-1", TEN, kim.id)
    shows = store.dialect == "tolt-v2"  # of v1 it is the customer who tells the code
    assert (charge.code, charge.at) == (store.first.id if shows else "", SOLD)
    assert (charge.refunded, charge.ours) == (False, True)
    assert store.charges.charges_of("ord-1", kim.id) == [charge]
    assert store.charges.charge(charge.id) == charge
    assert store.charges.charges_of("ord", kim.id) == []
    assert store.charges.charges_by("") == []
    assert store.charges.charge("txn_none") is None


def test_a_second_charge_under_one_id_is_refused_by_v2_alone(store):
    kim = store.charges.with_email(MAIL)
    store.charges.create_charge("ord-1", TEN, kim.id, SOLD)

    if store.dialect == "tolt-v2":
        with pytest.raises(Rejected) as refused:
            store.charges.create_charge("ord-1", TEN, kim.id, SOLD)
        assert refused.value.status == 409
    else:
        store.charges.create_charge("ord-1", TEN, kim.id, SOLD)

    expected = 1 if store.dialect == "tolt-v2" else 2
    assert len(store.charges.charges_of("ord-1", kim.id)) == expected


def test_a_charge_of_nobody_is_refused(store):
    with pytest.raises(Rejected):
        store.charges.create_charge("ord-1", TEN, "cust_none", SOLD)


def test_what_was_sold_is_in_the_window(store):
    kim = store.charges.with_email(MAIL)
    store.charges.create_charge("ord-1", TEN, kim.id, SOLD)
    store.an_hour_later()
    store.writer.identify()  # whose answer tells the time there

    charges, mark = store.charges.window("")

    assert [charge.key for charge in charges] == ["ord-1"]
    assert mark


def test_who_gets_nothing_is_told_where_no_listing_tells_it(store):
    assert store.charges.inactive(store.anna.id) == ""


@pytest.mark.parametrize("key", ["", "\t"])
def test_no_charge_without_an_id_ever_leaves(store, key):
    before = store.writer.requests

    with pytest.raises(ValueError, match="paid twice"):
        store.charges.create_charge(key, TEN, "cust_1", "")

    assert store.writer.requests == before


def test_a_customer_of_a_partner_who_is_not_there_is_refused(store):
    with pytest.raises(Rejected):
        store.charges.create_customer("x@buyers.example", "", "X", "nobody", "ANNA10")

    assert store.charges.with_email("x@buyers.example") is None


def test_a_code_for_a_customer_who_is_not_there_is_refused(store):
    with pytest.raises(Rejected) as refused:
        store.charges.set_code("cust_none", "ANNA10")

    assert refused.value.status == 404


def test_amounts_without_a_unit_are_of_the_programmes_currency(shop):
    assert shop.sales.currency == "USD"
