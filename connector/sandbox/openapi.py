"""An OpenAPI description of the stand-ins, made from their routes and forms.

It describes what is served here and not the real products: good enough to generate
requests from and to check answers against. Switches change some of it; the
description is that of the defaults.
"""

from typing import Any

from connector.sandbox.apis import APIS
from connector.sandbox.fields import Form, Schema
from connector.sandbox.tolt_shapes import TABLES
from connector.sandbox.wire import Api, Route

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer"}
TIME: Schema = {"type": "string", "format": "date-time"}
MAP: Schema = {"type": ["object", "array", "null"]}  # PHP writes an empty map as []
PARTNERO = {
    "code": "code first_time_order limit_to_specific_partner coupon_specific_partners "
    "limit_to_specific_customer coupon_specific_customers minimum_order_status "
    "minimum_order_value expiration_date_status expiration_date_value metadata "
    "redemption_times_status redemption_times_value additional_info times_redeemed",
    "coupon": "name uuid_code active coupon_discount_type coupon_discount_amount "
    "coupon_duration_type coupon_duration_value metadata times_redeemed created_at "
    "updated_at deleted_at",
    "partner": "id email name surname approved status created_at updated_at",
    "customer": "key partner deleted email created_at updated_at",
    "sale": "key amount partner rewards action customer created_at deleted_at",
}
SCHEMAS: dict[str, Schema] = {
    **dict.fromkeys(("id", "code", "uuid_code"), TEXT),
    **dict.fromkeys(("active", "approved", "deleted", "first_time_order"), FLAG),
    **dict.fromkeys(("minimum_order_status", "expiration_date_status"), FLAG),
    **dict.fromkeys(("metadata", "additional_info"), MAP),
    **dict.fromkeys(("coupon_specific_partners", "coupon_specific_customers"), MAP),
    "times_redeemed": WHOLE,
    "status": {"type": ["string", "null"]},
}
QUERY: dict[str, Schema] = {
    "limit": {"type": "integer", "minimum": 10, "maximum": 100},
    "page": {"type": "integer", "minimum": 1, "maximum": 10**6},
    "order": {"type": "string", "enum": ["asc", "desc"]},
    "sort": {"type": "string", "enum": ["created_at", "updated_at"]},
    "updated_after": TIME,
}
ERRORS = ("400", "401", "403", "404", "405", "409", "413", "422", "429")


def maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def whole(**fields: Schema) -> Schema:
    """An object that always has all of its fields."""
    return {"type": "object", "properties": fields, "required": list(fields)}


def _shown(api: Api[Any], name: str) -> Schema:
    partnero = api.name == "partnero"
    names = PARTNERO[name].split() if partnero else TABLES[name].fields(old=api.old)
    fields = {}
    for field in names:
        ends = {"_at": maybe(TIME), "_id": maybe(TEXT)}
        fields[field] = SCHEMAS.get(field, ends.get(field[-3:], {}))
    return whole(**fields)


def _answer(api: Api[Any], route: Route[Any]) -> Schema:
    """The envelope of one product around what the route shows."""
    table = route.shows.removesuffix("*")
    row = _shown(api, table) if table else {}
    rows = {"type": "array", "items": row}
    if api.name == "partnero":
        if not route.shows.endswith("*"):
            return whole(data=row, status={"const": 1}) if table else {}
        links = whole(first=TEXT, last=maybe(TEXT), prev=maybe(TEXT), next=maybe(TEXT))
        meta = whole(current_page=WHOLE, path=TEXT, per_page=WHOLE)
        return whole(data=rows, links=links, meta=meta, status={"const": 1})
    success: Schema = {"const": True}
    if not route.shows.endswith("*"):
        # v1 answers a write with an array, or not.
        written = api.old and route.method != "GET"
        return whole(success=success, data={} if written else row)
    if api.old:
        data = whole(data=rows) if table == "customers" else rows
        return whole(success=success, data=data, has_more=FLAG, total_count=WHOLE)
    cursors = {"next_cursor": maybe(TEXT), "prev_cursor": maybe(TEXT)}
    return whole(success=success, data=rows, has_more=FLAG, **cursors)


def _asked(form: Form) -> Schema:
    fields = {name: field.schema for name, field in form.items()}
    required = [name for name, field in form.items() if field.required]
    return {"type": "object", "properties": fields, "required": required}


def _json(schema: Schema) -> Schema:
    return {"content": {"application/json": {"schema": schema}}}


def _operation(api: Api[Any], route: Route[Any]) -> Schema:
    parameters: list[Schema] = [
        {"name": name, "in": "query", "schema": QUERY.get(name, TEXT)}
        for name in route.query.split()
    ]
    for part in route.path.split("/"):
        if part.startswith("{"):
            schema = {"type": "string", "minLength": 1}
            place = {"name": part.strip("{}"), "in": "path", "required": True}
            parameters.append({**place, "schema": schema})
    done = {"description": "Done", **_json(_answer(api, route))}
    refused = {"description": "Refused", **_json({"type": "object"})}
    responses = {"200": done, "201": done, **dict.fromkeys(ERRORS, refused)}
    described: Schema = {"parameters": parameters, "responses": responses}
    if route.form is not None:
        described["requestBody"] = {"required": True, **_json(_asked(route.form))}
    return described


def description() -> Schema:
    """The whole description, one path item for each mounted path."""
    paths: dict[str, Any] = {}
    for api in APIS:
        for route in api.routes:
            item = paths.setdefault(api.mount + route.path, {})
            item[route.method.lower()] = _operation(api, route)
    key = {"type": "http", "scheme": "bearer"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stand-ins of Partnero and Tolt", "version": "1"},
        "security": [{"key": []}],
        "paths": paths,
        "components": {"securitySchemes": {"key": key}},
    }
