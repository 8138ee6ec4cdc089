"""An OpenAPI description of the stand-ins, made from short tables.

It describes what is served here and not the real products: good enough to generate
requests from and to check answers against. Switches change some of it; the
description is that of the defaults.
"""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
TIME: Schema = {"type": "string", "format": "date-time"}
MAP: Schema = {"type": ["object", "array"]}  # PHP writes an empty map as []


def maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def words(*allowed: str) -> Schema:
    return {"type": "string", "enum": list(allowed)}


def record(required: str = "", **fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": required.split()}


def whole(**fields: Schema) -> Schema:
    """An object that always has all of its fields."""
    return record(" ".join(fields), **fields)


# --- what is answered -------------------------------------------------------------

P_CODE = whole(
    code=TEXT,
    first_time_order=FLAG,
    limit_to_specific_partner=FLAG,
    coupon_specific_partners=MAP,
    limit_to_specific_customer=FLAG,
    coupon_specific_customers=MAP,
    minimum_order_status=FLAG,
    minimum_order_value=maybe(NUMBER),
    expiration_date_status=FLAG,
    expiration_date_value=maybe(TEXT),
    redemption_times_status=FLAG,
    redemption_times_value=maybe(WHOLE),
    metadata=MAP,
    additional_info=MAP,
    times_redeemed=WHOLE,
)
P_COUPON = whole(
    name=TEXT,
    uuid_code=TEXT,
    active=FLAG,
    coupon_discount_type=words("percent", "static"),
    coupon_discount_amount=NUMBER,
    coupon_duration_type=TEXT,
    coupon_duration_value=maybe(WHOLE),
    metadata=MAP,
    times_redeemed=WHOLE,
    created_at=TIME,
    updated_at=TIME,
    deleted_at=maybe(TIME),
)
P_PARTNER = whole(
    id=TEXT, email=TEXT, name=TEXT, surname=TEXT, approved=FLAG, status=TEXT
)
P_CUSTOMER = whole(key=TEXT, partner=TEXT, deleted=FLAG, email=maybe(TEXT))
P_SALE = whole(key=maybe(TEXT), amount=NUMBER, partner=maybe(TEXT), rewards=listed(MAP))
T_TIMES = {"created_at": TIME, "updated_at": TIME}
T_CODE = whole(
    id=TEXT,
    code=TEXT,
    type=maybe(words("fixed", "percentage")),
    value=maybe(TEXT),
    duration=TEXT,
    active=FLAG,
    partner_id=maybe(TEXT),
    program_id=TEXT,
    **T_TIMES,
)
T_OLD_CODE = whole(id=TEXT, code=TEXT, value=maybe(NUMBER), organization_id=TEXT)
T_PARTNER = whole(id=TEXT, email=TEXT, status=TEXT, program_id=TEXT)
T_CUSTOMER = whole(
    id=TEXT, email=maybe(TEXT), promotion_code_id=maybe(TEXT), partner_id=TEXT
)
T_SALE = whole(id=TEXT, amount=TEXT, customer_id=TEXT, status=maybe(TEXT))
T_OLD_SALE = whole(id=TEXT, amount=NUMBER, customer_id=TEXT)
T_ANY = whole(id=TEXT)

# --- what is asked ----------------------------------------------------------------

CODE_TEXT: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": 100}
LONG: Schema = {"type": "string", "minLength": 1, "maxLength": 255}
EMAIL: Schema = {"type": "string", "format": "email", "maxLength": 255}
CENTS: Schema = {"type": "integer", "minimum": 0, "maximum": 10**9}
NEW_CODE = record(
    "coupon_uuid", coupon_uuid=LONG, code=CODE_TEXT, first_time_order=FLAG
)
PUT_CODE = record(
    "code",
    code=CODE_TEXT,
    metadata={"type": "object"},
    redeem=FLAG,
    transaction_key=LONG,
)
DELETE_CODE = record("code coupon", code=CODE_TEXT, coupon=whole(uuid_code=LONG))
NEW_COUPON = record(
    "coupon_discount_type coupon_discount_amount coupon_duration_type",
    uuid_code=CODE_TEXT,
    name=LONG,
    coupon_discount_type=words("percent", "static"),
    coupon_discount_amount={"type": "number", "minimum": 0, "maximum": 100},
    coupon_duration_type=words("once", "lifetime"),
)
PUT_COUPON = record("uuid_code", uuid_code=CODE_TEXT, name=LONG)
NEW_P_PARTNER = record("email", email=EMAIL, name=LONG, surname=LONG)
NEW_P_CUSTOMER = record("key partner", key=LONG, partner=whole(email=EMAIL), name=LONG)
NEW_P_SALE = record(
    "customer amount",
    customer=whole(key=LONG),
    key=LONG,
    amount={"type": "number", "minimum": 0, "maximum": 10**9},
    rewardable=FLAG,
    created_at={"type": "integer", "minimum": 0, "maximum": 2 * 10**9},
)
NEW_T_CODE = record(
    "code partner_id",
    code=LONG,
    partner_id=LONG,
    type=words("fixed", "percentage"),
    value={"type": "string", "pattern": "^[0-9]{1,2}$"},
)
PUT_T_CODE = record("", code=LONG, type=words("fixed", "percentage"))
NEW_OLD_CODE = record(
    "code partner_id type value",
    code=LONG,
    partner_id=LONG,
    type=words("fixed", "percentage"),
    value={"type": "number", "minimum": 0, "maximum": 100},
)
PUT_OLD_CODE = record("", value={"type": "number", "minimum": 0, "maximum": 100})
NEW_T_PARTNER = record("email program_id", email=EMAIL, program_id=LONG)
NEW_T_CUSTOMER = record(
    "email partner_id", email=EMAIL, partner_id=LONG, promotion_code=LONG
)
NEW_T_SALE = record(
    "amount customer_id", amount=CENTS, customer_id=LONG, charge_id=LONG
)

PAGES = ("limit", "page")
V1 = ("limit", "order", "starting_after", "program_id")
V2 = ("limit", "order", "sort", "starting_after", "updated_after", "search")

Operation = tuple[str, str, tuple[str, ...], Schema | None, Schema]


def p_one(data: Schema) -> Schema:
    return record("data status", data=data, status={"const": 1})


def p_page(data: Schema) -> Schema:
    links = whole(first=TEXT, last=maybe(TEXT), prev=maybe(TEXT), next=maybe(TEXT))
    meta = whole(current_page=WHOLE, path=TEXT, per_page=WHOLE)
    return whole(data=listed(data), links=links, meta=meta, status={"const": 1})


def t_one(data: Schema) -> Schema:
    return record("success data", success={"const": True}, data=data)


def t_page(data: Schema) -> Schema:
    cursor = maybe(TEXT)
    return whole(
        success={"const": True},
        data=listed(data),
        has_more=FLAG,
        next_cursor=cursor,
        prev_cursor=cursor,
    )


def old_page(data: Schema) -> Schema:
    rows = listed(data)
    return whole(success={"const": True}, data=rows, has_more=FLAG, total_count=WHOLE)


DONE = record("", data=record(""), status={"const": 1})
PARTNERO: list[Operation] = [
    ("GET", "/test", (), None, p_one(record(""))),
    ("GET", "/program/overview", (), None, p_one(record(""))),
    ("GET", "/promotion-codes", PAGES, None, p_page(P_CODE)),
    ("POST", "/promotion-codes", (), NEW_CODE, p_one(P_CODE)),
    ("POST", "/promotion-code", (), NEW_CODE, p_one(P_CODE)),
    ("PUT", "/promotion-codes", (), PUT_CODE, p_one(P_CODE)),
    ("DELETE", "/promotion-codes", (), DELETE_CODE, DONE),
    ("GET", "/promotion-codes/{code}", (), None, p_one(P_CODE)),
    ("GET", "/coupons", PAGES, None, p_page(P_COUPON)),
    ("POST", "/coupons", (), NEW_COUPON, p_one(P_COUPON)),
    ("PUT", "/coupons", (), PUT_COUPON, p_one(P_COUPON)),
    ("GET", "/coupons/{uuid_code}", (), None, p_one(P_COUPON)),
    ("GET", "/partners", (*PAGES, "sort"), None, p_page(P_PARTNER)),
    ("POST", "/partners", (), NEW_P_PARTNER, p_one(P_PARTNER)),
    ("GET", "/partners/{id}", (), None, p_one(P_PARTNER)),
    ("GET", "/partner", ("email", "key", "id"), None, p_one(P_PARTNER)),
    ("GET", "/partners:search", ("key", "id"), None, p_page(P_PARTNER)),
    ("GET", "/customers", (*PAGES, "partner_email"), None, p_page(P_CUSTOMER)),
    ("POST", "/customers", (), NEW_P_CUSTOMER, p_one(P_CUSTOMER)),
    ("GET", "/customers/{key}", (), None, p_one(P_CUSTOMER)),
    ("GET", "/customers/{key}/transactions", PAGES, None, p_page(P_SALE)),
    ("GET", "/customers:search", ("email",), None, p_page(P_CUSTOMER)),
    ("GET", "/transactions", (*PAGES, "key", "partner_email"), None, p_page(P_SALE)),
    ("POST", "/transactions", (), NEW_P_SALE, p_one(P_SALE)),
    ("GET", "/transactions/{key}", (), None, p_one(P_SALE)),
    ("DELETE", "/transactions/{key}", (), None, DONE),
    ("POST", "/transactions/{key}/archive", (), None, DONE),
    ("POST", "/transactions/{key}/revoke-archive", (), None, DONE),
]
TOLT_V1: list[Operation] = [
    ("GET", "/programs", ("limit",), None, old_page(T_ANY)),
    ("GET", "/promotion-codes", V1, None, old_page(T_OLD_CODE)),
    ("POST", "/promotion-codes", (), NEW_OLD_CODE, t_one(listed(T_OLD_CODE))),
    ("GET", "/promotion-codes/{id}", (), None, t_one(T_OLD_CODE)),
    ("PUT", "/promotion-codes/{id}", (), PUT_OLD_CODE, t_one(listed(T_OLD_CODE))),
    ("DELETE", "/promotion-codes/{id}", (), None, t_one(T_ANY)),
    ("GET", "/partners", (*V1, "email"), None, old_page(T_PARTNER)),
    ("GET", "/partners/{id}", (), None, t_one(T_PARTNER)),
    ("GET", "/customers", V1, None, t_one(record("data", data=listed(T_CUSTOMER)))),
    ("POST", "/customers", (), NEW_T_CUSTOMER, t_one(listed(T_CUSTOMER))),
    ("GET", "/transactions", V1, None, old_page(T_OLD_SALE)),
    ("POST", "/transactions", (), NEW_T_SALE, t_one(listed(T_OLD_SALE))),
    ("PUT", "/transactions/{id}/refund", (), None, t_one(listed(T_OLD_SALE))),
    ("GET", "/commissions", V1, None, old_page(T_ANY)),
]
TOLT_V2: list[Operation] = [
    ("GET", "/programs", V2, None, t_page(T_ANY)),
    ("GET", "/groups", V2, None, t_page(T_ANY)),
    ("GET", "/promotion-codes", (*V2, "partner_id"), None, t_page(T_CODE)),
    ("POST", "/promotion-codes", (), NEW_T_CODE, t_one(T_CODE)),
    ("GET", "/promotion-codes/{id}", (), None, t_one(T_CODE)),
    ("PUT", "/promotion-codes/{id}", (), PUT_T_CODE, t_one(T_CODE)),
    ("DELETE", "/promotion-codes/{id}", (), None, t_one(T_CODE)),
    ("GET", "/partners", V2, None, t_page(T_PARTNER)),
    ("POST", "/partners", (), NEW_T_PARTNER, t_one(T_PARTNER)),
    ("GET", "/partners/{id}", (), None, t_one(T_PARTNER)),
    ("GET", "/customers", V2, None, t_page(T_CUSTOMER)),
    ("POST", "/customers", (), NEW_T_CUSTOMER, t_one(T_CUSTOMER)),
    ("GET", "/customers/{id}", (), None, t_one(T_CUSTOMER)),
    ("GET", "/transactions", V2, None, t_page(T_SALE)),
    ("POST", "/transactions", (), NEW_T_SALE, t_one(T_SALE)),
    ("GET", "/transactions/{id}", (), None, t_one(T_SALE)),
    ("POST", "/transactions/{id}/refund", (), None, t_one(T_SALE)),
    ("GET", "/commissions", V2, None, t_page(T_ANY)),
]
QUERY: dict[str, Schema] = {
    "limit": {"type": "integer", "minimum": 10, "maximum": 100},
    "page": {"type": "integer", "minimum": 1, "maximum": 10**6},
    "order": words("asc", "desc"),
    "sort": words("created_at", "updated_at"),
    "updated_after": TIME,
}
ERRORS = ("400", "401", "403", "404", "405", "409", "413", "422", "429")


def description() -> dict[str, Any]:
    """The whole description, one path item for each mounted path."""
    paths: dict[str, Any] = {}
    for mount, table in (
        ("/partnero/v1", PARTNERO),
        ("/tolt/v1", TOLT_V1),
        ("/tolt/v2", TOLT_V2),
    ):
        for operation in table:
            method, path = operation[0].lower(), mount + operation[1]
            paths.setdefault(path, {})[method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stand-ins of Partnero and Tolt", "version": "1"},
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    _, path, query, body, answer = operation
    parameters: list[Schema] = [
        {"name": name, "in": "query", "schema": QUERY.get(name, TEXT)} for name in query
    ]
    for part in path.split("/"):
        if part.startswith("{"):
            schema = {"type": "string", "minLength": 1}
            name = part.strip("{}")
            parameters.append(
                {"name": name, "in": "path", "required": True, "schema": schema}
            )
    described: dict[str, Any] = {
        "parameters": parameters,
        "responses": _answers(answer),
    }
    if body is not None:
        content = {"application/json": {"schema": body}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _answers(answer: Schema) -> dict[str, Any]:
    content = {"application/json": {"schema": answer}}
    done = {"description": "Done", "content": content}
    error = {"application/json": {"schema": {"type": "object"}}}
    refused = {"description": "Refused", "content": error}
    return {"200": done, "201": done, **dict.fromkeys(ERRORS, refused)}
