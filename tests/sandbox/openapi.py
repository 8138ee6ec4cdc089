"""An OpenAPI description of the stand-ins, made from their routes and forms.

It describes what is served with the switches as they are by default: good enough to
generate requests from and to check answers against.
"""

from connector.sandbox.gate import APIS
from connector.sandbox.tolt_rows import TABLES

TEXT = {"type": "string"}
FLAG = {"type": "boolean"}
WHOLE = {"type": "integer"}
TIME = {"type": "string", "format": "date-time"}
MAP = {"type": ["object", "array", "null"]}  # PHP writes an empty map as []
PARTNERO = {
    "promotion-codes": "code first_time_order limit_to_specific_partner "
    "coupon_specific_partners limit_to_specific_customer coupon_specific_customers "
    "minimum_order_status minimum_order_value expiration_date_status "
    "expiration_date_value metadata redemption_times_status redemption_times_value "
    "additional_info times_redeemed",
    "coupons": "name uuid_code active coupon_discount_type coupon_discount_amount "
    "coupon_duration_type coupon_duration_value metadata times_redeemed created_at "
    "updated_at deleted_at",
    "partners": "id email name surname approved status created_at updated_at",
    "customers": "key partner deleted email created_at updated_at",
    "transactions": "key amount partner rewards action customer created_at deleted_at",
}
PARTNERO |= {name.removesuffix("s"): shown for name, shown in PARTNERO.items()}
SCHEMAS = {
    **dict.fromkeys(("id", "code", "uuid_code"), TEXT),
    **dict.fromkeys(("active", "approved", "deleted", "first_time_order"), FLAG),
    **dict.fromkeys(("minimum_order_status", "expiration_date_status"), FLAG),
    **dict.fromkeys(("metadata", "additional_info"), MAP),
    **dict.fromkeys(("coupon_specific_partners", "coupon_specific_customers"), MAP),
    "times_redeemed": WHOLE,
    "status": {"type": ["string", "null"]},
}
QUERY = {
    "limit": {"type": "integer", "minimum": 10, "maximum": 100},
    "page": {"type": "integer", "minimum": 1, "maximum": 10**6},
    "order": {"type": "string", "enum": ["asc", "desc"]},
    "sort": {"type": "string", "enum": ["created_at", "updated_at"]},
    "updated_after": TIME,
    **dict.fromkeys(("search", "key", "email", "starting_after", "program_id"), TEXT),
    **dict.fromkeys(("id", "customer.key", "partner_email"), TEXT),
}
ERRORS = ("400", "401", "403", "404", "405", "409", "413", "422", "429")


def maybe(schema):
    return {"anyOf": [schema, {"type": "null"}]}


def whole(**fields):
    """An object that always has all of its fields."""
    return {"type": "object", "properties": fields, "required": list(fields)}


def _row(names):
    ends = {"_at": maybe(TIME), "_id": maybe(TEXT)}
    return whole(**{n: SCHEMAS.get(n, ends.get(n[-3:], {})) for n in names})


def _answer(api, route):
    """The envelope of one product around what the route shows."""
    name, last = _named(route), route.path.rpartition("/")[2]
    listed = route.method == "GET" and "{" not in last and name != "partner"
    if api.product == "partnero":
        return _of_partnero(route, name, listed=listed)
    tables = {one.path.removeprefix("/"): one for one in TABLES.values()}
    row = _row(tables[name].fields(old=api.old))
    success = {"const": True}
    if not listed:
        # v1 answers a write with an array, and v2 a delete with the row.
        return whole(success=success, data=row if route.method == "GET" else {})
    rows = {"type": "array", "items": row}
    if api.old:
        data = whole(data=rows) if name == "customers" else rows
        return whole(success=success, data=data, has_more=FLAG, total_count=WHOLE)
    cursors = {"next_cursor": maybe(TEXT), "prev_cursor": maybe(TEXT)}
    return whole(success=success, data=rows, has_more=FLAG, **cursors)


def _named(route):
    """What a path shows: the sales of /customers/{name}/transactions are sales."""
    parts = [part.partition(":")[0] for part in route.path.split("/")[1:]]
    known = [part for part in parts if part in PARTNERO]
    return known[-1] if known else parts[0]


def _of_partnero(route, name, *, listed):
    if name not in PARTNERO or route.method == "DELETE" or "/archive" in route.path:
        return {}
    row = _row(PARTNERO[name].split())
    if not listed:
        return whole(data=row, status={"const": 1})
    links = whole(first=TEXT, last=maybe(TEXT), prev=maybe(TEXT), next=maybe(TEXT))
    meta = whole(current_page=WHOLE, path=TEXT, per_page=WHOLE)
    rows = {"type": "array", "items": row}
    return whole(data=rows, links=links, meta=meta, status={"const": 1})


def _asked(form):
    fields = {name: field.kind.json_schema() for name, field in form.items()}
    required = [name for name, field in form.items() if field.required]
    return {"type": "object", "properties": fields, "required": required}


def _json(schema):
    return {"content": {"application/json": {"schema": schema}}}


def _operation(api, route):
    parameters = []
    if route.method == "GET":
        parameters += [
            {"name": name, "in": "query", "schema": schema}
            for name, schema in QUERY.items()
        ]
    for part in route.path.split("/"):
        if part.startswith("{"):
            schema = {"type": "string", "minLength": 1}
            place = {"name": part.strip("{}"), "in": "path", "required": True}
            parameters.append({**place, "schema": schema})
    done = {"description": "Done", **_json(_answer(api, route))}
    refused = {"description": "Refused", **_json({"type": "object"})}
    responses = {"200": done, "201": done, **dict.fromkeys(ERRORS, refused)}
    described = {"parameters": parameters, "responses": responses}
    if route.form is not None:
        described["requestBody"] = {"required": True, **_json(_asked(route.form))}
    return described


def description():
    """The whole description, one path item for each mounted path."""
    paths = {}
    for api in APIS:
        for route in api.routes:
            item = paths.setdefault(api.mount + route.path, {})
            item[route.method.lower()] = _operation(api, route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stand-ins of Partnero and Tolt", "version": "1"},
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}
        },
    }
