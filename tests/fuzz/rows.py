"""Rows as the two products print them, one of each kind, with all that counts."""

_COUPON = {
    "name": "15 percent",
    "uuid_code": "CPN15",
    "active": True,
    "coupon_discount_type": "percent",
    "coupon_discount_amount": 15,
    "coupon_duration_type": "months",
    "coupon_duration_value": 3,
    "expiration_date_status": True,
    "expiration_date_value": "2027-12-31",
    "redemption_times_status": True,
    "redemption_times_value": 100,
    "times_redeemed": 3,
    "deleted_at": None,
    "created_at": "2026-01-04T10:00:00.000000Z",
    "updated_at": "2026-01-04T10:00:00.000000Z",
    "promotion_codes": {"data": []},
}
_CODE = {
    "code": "ANNA-15",
    "first_time_order": False,
    "limit_to_specific_partner": True,
    "coupon_specific_partners": {"id": "prt_anna", "full_name": "Anna Kask"},
    "limit_to_specific_customer": True,
    "coupon_specific_customers": {"id": "cst_1", "customer_full_name": "Vera Ip"},
    "minimum_order_status": True,
    "minimum_order_value": 50,
    "expiration_date_status": True,
    "expiration_date_value": "2027-12-31",
    "redemption_times_status": True,
    "redemption_times_value": 100,
    "metadata": {
        "src": "sync",
        "partnero_tolt.0123456789abcdef": "2026-01-01T00:00:00Z",
    },
    "additional_info": {
        "redemptions": [
            {"redeemed_at": "2026-01-04T10:00:00.000000Z", "transaction_key": "ord-1"}
        ]
    },
    "times_redeemed": 1,
    "coupon": _COUPON,
}
_PERSON = {"id": "prt_anna", "email": "anna@example.com", "key": "anna"}
PARTNERO = {
    "code": _CODE,
    "marks": _CODE,
    "log": _CODE,
    "coupon": _COUPON,
    "partner": {
        **_PERSON,
        "name": "Anna",
        "surname": "Kask",
        "status": "active",
        "approved": True,
    },
    "logged": {"redeemed_at": "2026-01-04T10:00:00.000000Z", "transaction_key": "o-1"},
    "sale": {
        "key": "ord-1",
        "amount": 49.99,
        "gross_amount": "59.49",
        "amount_units": "USD",
        "action": "sale",
        "customer": {"key": "c-1"},
        "partner": _PERSON,
        "created_at": "2026-01-04T10:00:00.000000Z",
        "deleted_at": None,
    },
    "buyer": {
        "key": "c-1",
        "email": "buyer@example.com",
        "name": "B",
        "surname": "Uyer",
        "partner": {"id": "prt_anna"},
    },
}
_TOLT_CODE = {
    "id": "promo_1",
    "code": "ANNA-15",
    "partner_id": "part_1",
    "type": "percentage",
    "value": "15",
    "active": True,
    "group_id": "grp_1",
    "duration": "repeating",
    "duration_in_months": 3,
    "promotion_code_id": "ext_1",
    "created_at": "2026-01-04T10:00:00.000Z",
    "updated_at": "2026-01-04T10:00:00.000Z",
}
TOLT_V2 = {
    "code": _TOLT_CODE,
    "partner": {
        "id": "part_1",
        "email": "anna@example.com",
        "first_name": "Anna",
        "last_name": "Kask",
        "status": "active",
    },
    "charge": {
        "id": "txn_1",
        "charge_id": "ord-1",
        "amount": "4999",
        "amount_excluding_tax": 4200,
        "amount_including_tax": "4999",
        "payment_amount": 4700,
        "payment_currency": "EUR",
        "currency": "usd",
        "customer_id": "cus_1",
        "promotion_code_id": "promo_1",
        "partner_id": "part_1",
        "status": "paid",
        "source": "stripe",
        "created_at": "2026-01-04T10:00:00.000Z",
    },
    "customer": {
        "id": "cus_1",
        "customer_id": "c-1",
        "email": "buyer@example.com",
        "name": "B Uyer",
        "partner_id": "part_1",
        "promotion_code_id": "promo_1",
        "status": "active",
    },
}
TOLT_V1 = {**TOLT_V2, "code": {**_TOLT_CODE, "value": 1500, "type": "fixed"}}
