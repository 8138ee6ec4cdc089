"""The requests of a plan as this program sends them, and nothing that is read of them.

A program of its own: ``requests_alone.py URL PROGRAM``; both sides at the same time.
What it takes, and what a plan loads, is what no decoding can make cheaper.
"""

import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import msgspec

from connector.providers.http import Access, ReadOnly


class Following(msgspec.Struct):
    """What asks for the next page."""

    links: dict[str, str | None] | None = None
    has_more: bool = False
    next_cursor: str | None = None


FOLLOWING = msgspec.json.Decoder(Following).decode


def walk(http: ReadOnly, path: str, asked: Mapping[str, str | int]) -> None:
    """Ask for each page; what Partnero shows of the next one is a number more."""
    more, page = True, 1
    while more:
        answer = http.get(path, asked, FOLLOWING)
        page += 1
        more = answer.has_more or bool(answer.links and answer.links.get("next"))
        after = {"starting_after": answer.next_cursor or ""} if answer.has_more else {}
        asked = {**asked, **(after or {"page": page})}


def partnero(url: str) -> None:
    http = ReadOnly(Access("Partnero", f"{url}/partnero/v1", "pk_sandbox_acme"))
    for noun in ("partners", "coupons", "promotion-codes"):
        walk(http, noun, {"limit": 100, "page": 1})


def tolt(url: str, program: str) -> None:
    http = ReadOnly(Access("Tolt", f"{url}/tolt/v2", "tlt_live_sandbox_acme"))
    for noun in ("partners", "promotion-codes"):
        walk(http, noun, {"limit": 100, "order": "asc", "program_id": program})


if __name__ == "__main__":
    url, program = sys.argv[1:]
    with ThreadPoolExecutor(2) as pool:
        sides = [pool.submit(partnero, url), pool.submit(tolt, url, program)]
        for side in sides:
            side.result()
