"""Both products at once, as fast as a single process can be: ready-made pages.

A program of its own: ``far_side.py NUMBER [SECONDS [fifth]]`` serves so many codes a
side on loopback, each answer after so many seconds, and prints its port; ``fifth`` lets
Tolt lack every fifth of them. A page is one template
in which a few numbers are replaced, so the client under measurement, and not the
server, is what takes the time. The rows have the fields of the sandbox's rows, which
tests/benchmarks/test_reading.py checks.
``/count`` tells how often each path was asked.
"""

import asyncio
import json
import sys
from collections import Counter
from urllib.parse import parse_qsl

PAGE = 100
PARTNERS = 1000
CODES_PER_COUPON = 1000
PROGRAM = "prg_0000001"
AT = "2026-01-01T09:00:00.000Z"
SIX = "@@@@@@"
"""Stands for the number of the page in a code, so that a page is one replacement."""
TENS = "@@"
"""Stands for the partners' hundred: the last digit of the page, as two digits."""


def text_of(page: str, place: int) -> str:
    return f"CODE{page}{place:02d}"


def partnero_code(page: str, hundred: str, place: int) -> dict[str, object]:
    owner = f"prt_{hundred}{place:02d}"
    return {
        "code": text_of(page, place),
        "first_time_order": False,
        "limit_to_specific_partner": True,
        "coupon_specific_partners": {"id": owner, "full_name": f"Kask {owner}"},
        "limit_to_specific_customer": False,
        "coupon_specific_customers": [],
        "minimum_order_status": False,
        "minimum_order_value": None,
        "expiration_date_status": False,
        "expiration_date_value": None,
        "redemption_times_status": False,
        "redemption_times_value": None,
        "metadata": [],
        "additional_info": [],
        "times_redeemed": 0,
    }


def tolt_code(page: str, hundred: str, place: int) -> dict[str, object]:
    return {
        "id": f"promo_{page}{place:02d}",
        "code": text_of(page, place),
        "type": "percentage",
        "value": "@v",
        "duration": "forever",
        "duration_in_months": None,
        "active": True,
        "entity_type": "partner",
        "external_id": None,
        "partner_id": f"part_{hundred}{place:02d}",
        "program_id": PROGRAM,
        "group_id": None,
        "created_at": f"2026-01-01T09:00:00.{page}Z",
        "updated_at": AT,
    }


def percent(coupon: int) -> int:
    return 5 + coupon % 50


def coupon(number: int) -> dict[str, object]:
    return {
        "name": f"PCT{number}",
        "uuid_code": f"PCT{number}",
        "active": True,
        "coupon_discount_type": "percent",
        "coupon_discount_amount": percent(number),
        "coupon_duration_type": "lifetime",
        "coupon_duration_value": None,
        "redemption_specific_date_status": False,
        "redemption_specific_date_value": None,
        "redemption_times_status": False,
        "redemption_times_value": None,
        "metadata": [],
        "additional_info": [],
        "times_redeemed": 0,
        "created_at": AT,
        "updated_at": AT,
        "deleted_at": None,
    }


def partnero_partner(number: int) -> dict[str, object]:
    return {
        "id": f"prt_{number:04d}",
        "email": f"partner{number:04d}@example.com",
        "name": f"Partner{number:04d}",
        "surname": "Kask",
        "approved": True,
        "status": "active",
        "custom_fields": [],
        "created_at": AT,
        "updated_at": AT,
    }


def tolt_partner(number: int) -> dict[str, object]:
    return {
        "id": f"part_{number:04d}",
        "email": f"partner{number:04d}@example.com",
        "first_name": f"Partner{number:04d}",
        "last_name": "Kask",
        "company_name": None,
        "status": "active",
        "program_id": PROGRAM,
        "created_at": AT,
        "updated_at": AT,
    }


PROGRAMMES = {
    "success": True,
    "data": [{"id": PROGRAM, "name": "Acme", "currency_code": "USD"}],
    "has_more": False,
}


def _template(rows: list[dict[str, object]]) -> bytes:
    return json.dumps(rows)[1:-1].encode()


LEFT = _template([partnero_code(SIX, TENS, place) for place in range(PAGE)])
RIGHT = _template([tolt_code(SIX, TENS, place) for place in range(PAGE)])
FIFTH = 5
LESS = _template(
    [tolt_code(SIX, TENS, place) for place in range(PAGE) if place % FIFTH]
)


def _filled(template: bytes, page: int, value: int = 0) -> bytes:
    """Return the hundred rows of a page, counted from 0."""
    number, hundred = f"{page:06d}".encode(), f"{page % (PARTNERS // PAGE):02d}"
    rows = template.replace(SIX.encode(), number).replace(b"@@", hundred.encode())
    return rows.replace(b"@v", str(value).encode())


class World:
    """So many codes a side, in whole pages; nothing is kept of them."""

    def __init__(self, codes: int, *, fifth: bool = False) -> None:
        self.right = LESS if fifth else RIGHT
        self.pages = codes // PAGE
        self.coupons = max(1, codes // CODES_PER_COUPON)
        self.asked: Counter[str] = Counter()

    def answer(self, path: str, query: dict[str, str]) -> bytes:
        if path == "/count":
            return json.dumps(self.asked).encode()
        self.asked[path] += 1
        side, _, noun = path.strip("/").rpartition("/")
        return (
            self.partnero(noun, query) if "partnero" in side else self.tolt(noun, query)
        )

    def partnero(self, noun: str, query: dict[str, str]) -> bytes:
        if noun == "test":
            return json.dumps({"status": 1, "data": {"id": "prog_1"}}).encode()
        page = int(query["page"])
        if noun == "promotion-codes":
            last, rows = self.pages, _filled(LEFT, page - 1)
        elif noun == "coupons":
            last = -(-self.coupons // PAGE)
            first = (page - 1) * PAGE
            numbers = range(first, min(first + PAGE, self.coupons))
            rows = b", ".join(map(self.coupon, numbers))
        else:
            last = PARTNERS // PAGE
            numbers = range((page - 1) * PAGE, page * PAGE)
            rows = _template([partnero_partner(number) for number in numbers])
        url = f"http://127.0.0.1/partnero/v1/{noun}?limit={PAGE}&page={page + 1}"
        following = json.dumps(url if page < last else None)
        links = f'"links": {{"next": {following}}}, "status": 1'
        return b'{"data": [' + rows + b"], " + links.encode() + b"}"

    def coupon(self, number: int) -> bytes:
        each = CODES_PER_COUPON // PAGE
        pages = range(number * each, min((number + 1) * each, self.pages))
        codes = b", ".join(_filled(LEFT, page) for page in pages)
        row = json.dumps(coupon(number)).encode()
        return row[:-1] + b', "promotion_codes": {"data": [' + codes + b"]}}"

    def tolt(self, noun: str, query: dict[str, str]) -> bytes:
        if noun == "programs":
            return json.dumps(PROGRAMMES).encode()
        if noun == "transactions":
            nothing = {"success": True, "data": [], "has_more": False}
            return json.dumps({**nothing, "next_cursor": None}).encode()
        first = int(query.get("created_after", f".{0:06d}Z")[-7:-1])
        page = int(query.get("starting_after", f"cur_{first}").removeprefix("cur_"))
        if noun == "promotion-codes":
            value = percent(page * PAGE // CODES_PER_COUPON)
            last = int(query.get("created_before", f".{self.pages:06d}Z")[-7:-1])
            rows = _filled(self.right, page, value)
        else:
            last = PARTNERS // PAGE
            numbers = range(page * PAGE, (page + 1) * PAGE)
            rows = _template([tolt_partner(number) for number in numbers])
        told = {"has_more": page + 1 < last, "next_cursor": f"cur_{page + 1}"}
        end = json.dumps(told).encode()
        return b'{"success": true, "data": [' + rows + b"], " + end[1:]


class Connection(asyncio.Protocol):
    """One kept-alive connection; every request is taken to be a GET."""

    def __init__(self, world: World, pause: float) -> None:
        self.world, self.pause = world, pause
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, _, self.received = self.received.partition(b"\r\n\r\n")
            path, _, query = head.split(b" ", 2)[1].decode().partition("?")
            body = self.world.answer(path, dict(parse_qsl(query)))
            size = f"Content-Length: {len(body)}\r\n\r\n".encode()
            start = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            if self.pause:
                loop = asyncio.get_running_loop()
                loop.call_later(
                    self.pause, self.transport.writelines, [start, size, body]
                )
            else:
                self.transport.writelines([start, size, body])


async def serve(codes: int, pause: float = 0.0, *, fifth: bool = False) -> None:
    world = World(codes, fifth=fifth)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(world, pause), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 (a program)
    await server.serve_forever()


if __name__ == "__main__":
    number, *more = sys.argv[1:]
    asyncio.run(serve(int(number), *map(float, more[:1]), fifth="fifth" in more[1:]))
