"""Partnero's lists and paths: what comes first, what shifts, what is no route."""

import httpx
import pytest

CODES = "/promotion-codes"


def texts(api, **query) -> list[str]:
    """All codes, page by page."""
    found, url = [], f"{CODES}?limit=10"
    while url:
        page = api.partnero.get(url, params=query or None).json()
        found += [row["code"] for row in page["data"]]
        url = page["links"]["next"]
    return found


def made(api, path: str, name: str, **query) -> list[str]:
    rows = api.partnero.get(path, params={"limit": 100, **query}).json()["data"]
    return [row[name] for row in rows]


def test_every_list_begins_with_the_newest(api):
    api.code("NEWEST")
    api.partnero.post("/partners", json={"email": "new@example.com"})
    api.partnero.post("/customers", json={"key": "new", "partner": {"key": "anna"}})
    api.sale("new")
    coupon = {"uuid_code": "NEWEST", "coupon_discount_type": "percent"}
    coupon |= {"coupon_discount_amount": 3, "coupon_duration_type": "once"}
    api.partnero.post("/coupons", json=coupon)

    assert made(api, CODES, "code")[0] == "NEWEST"
    assert made(api, "/partners", "email")[0] == "new@example.com"
    assert made(api, "/customers", "key")[0] == "new"
    assert made(api, "/transactions", "key")[0] == "new"
    assert made(api, "/coupons", "uuid_code")[0] == "NEWEST"


def test_pages_hold_every_row_once_in_the_order_of_the_whole_list(api):
    order = [code.code for code in api.sandbox.world.partnero.codes]

    assert texts(api) == order[::-1]


def test_a_full_last_page_is_the_last(api):
    codes = api.sandbox.world.partnero.codes
    for number in range(-len(codes) % 10):
        api.code(f"FILL-{number}")

    assert len(codes) % 10 == 0
    assert len(texts(api)) == len(codes)


@pytest.mark.parametrize("path", ["/partners", "/customers", "/transactions"])
def test_people_and_sales_are_sorted_either_way_and_codes_are_not(api, path):
    name = "email" if path == "/partners" else "key"

    up, down = (made(api, path, name, sort=way) for way in ("asc", "desc"))

    assert up == down[::-1]
    assert down == made(api, path, name)
    codes = [made(api, CODES, "code", sort=way) for way in ("asc", "desc")]
    assert codes[0] == codes[1]


def test_customers_are_listed_by_partner(api):
    body = {"key": "c-1", "partner": {"key": "ben"}}
    api.partnero.post("/customers", json=body)

    for query in ({"partner.key": "ben"}, {"partner_email": "Ben@example.com"}):
        assert made(api, "/customers", "key", **query) == ["c-1"]
    assert made(api, "/customers", "key", partner_key="nobody") == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/partners"),
        ("PUT", f"{CODES}/BEN10"),  # as a community client updates
        ("DELETE", f"{CODES}/BEN10"),  # and deletes
        ("PUT", "/coupons/PCT10"),
        ("PUT", "/transactions/ord-both"),  # a sale cannot be changed
        ("POST", "/test"),
    ],
)
def test_a_known_path_is_not_allowed_with_another_method(api, method, path):
    answer = api.partnero.request(method, path, json={"name": "x", "metadata": {}})

    assert answer.status_code == 405
    assert answer.json()["status"] == 0


def raw(api, method: str, path: str, **more) -> httpx.Response:
    """A request whose path no client has tidied up."""
    url = httpx.URL(api.sandbox.url)
    request = api.partnero.build_request(method, url, **more)
    request.url = request.url.copy_with(raw_path=f"/partnero/v1{path}".encode())
    return api.partnero.send(request)


@pytest.mark.parametrize("name", ["", ".", "%2e", "%2E", "x/..", "x/%2e%2E", "/"])
def test_a_path_loses_its_dots_and_blanks_and_becomes_that_of_the_list(api, name):
    api.sale("ord-1")

    read = raw(api, "GET", f"/transactions/{name}")
    gone = raw(api, "DELETE", f"/transactions/{name}", json={"key": "ord-1"})

    assert isinstance(read.json()["data"], list)
    assert gone.status_code == 200
    assert "ord-1" not in made(api, "/transactions", "key")


def test_the_type_of_a_programme_is_told_with_the_key(api):
    told = api.partnero.get("/test").json()["data"]["program"]
    overview = api.partnero.get("/program/overview").json()["data"]

    assert told["type"] == overview["type"] == "affiliate"
