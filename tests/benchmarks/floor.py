"""The floor of a plan: download the same pages with httpx, parse the JSON, no more.

A program of its own: ``floor.py URL PROGRAM``; both sides at the same time, one
thread each, as a plan does it. Nothing is decoded, compared or kept.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx


def partnero(url: str) -> None:
    with httpx.Client(
        headers={"Authorization": "Bearer pk_sandbox_acme"}, timeout=120
    ) as client:
        for noun in ("partners", "coupons", "promotion-codes"):
            page, more = 1, True
            while more:
                asked = {"limit": 100, "page": page}
                answer = client.get(f"{url}/partnero/v1/{noun}", params=asked)
                more = json.loads(answer.content)["links"]["next"] is not None
                page += 1


def tolt(url: str, program: str) -> None:
    key = {"Authorization": "Bearer tlt_live_sandbox_acme"}
    with httpx.Client(headers=key, timeout=120) as client:
        for noun in ("partners", "promotion-codes"):
            asked = {"limit": 100, "order": "asc", "program_id": program}
            more = True
            while more:
                answer = client.get(f"{url}/tolt/v2/{noun}", params=asked)
                body = json.loads(answer.content)
                more = body["has_more"]
                asked["starting_after"] = body["next_cursor"]


if __name__ == "__main__":
    url, program = sys.argv[1:]
    with ThreadPoolExecutor(2) as pool:
        sides = [pool.submit(partnero, url), pool.submit(tolt, url, program)]
        for side in sides:
            side.result()
