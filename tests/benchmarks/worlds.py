"""Worlds to measure with: facts for the planner, a state that fits the far side."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from connector.engine.facts import Facts
from connector.engine.partners import match_partners
from connector.engine.snapshot import Snapshot
from mappings.canonical import (
    Both,
    Carried,
    Partner,
    PromoCode,
    Side,
    Values,
    percentage,
)
from mappings.capability import CAPABILITIES
from state.database import open_to_write
from state.model import Link, PairFacts, PartnerLink, Programme
from state.store import Store
from tests.benchmarks import far_side

CONFIG = """\
[state]
url = "sqlite:///connector.db"

[[pairs]]
name = "acme"
currency = "USD"

[pairs.partnero]
api_key = {{ env = "PARTNERO_API_KEY" }}
base_url = "{url}/partnero/v1"
requests_per_second = {rate}

[pairs.tolt]
api_key = {{ env = "TOLT_API_KEY" }}
api_version = "v2"
base_url = "{url}/tolt/v2"
program_id = "{program}"
requests_per_second = {rate}

[pairs.limits]
creates = 1_000_000
"""
UNLIMITED = 10_000
"""The highest rate that the configuration allows; no benchmark comes near it."""


def links(codes: int) -> Iterator[Link]:
    """Yield what is remembered of the far side's codes, all of them in step."""
    for page in range(codes // far_side.PAGE):
        number, hundred = f"{page:06d}", f"{page % 10:02d}"
        discount = percentage(
            Decimal(far_side.percent(page * far_side.PAGE // far_side.CODES_PER_COUPON))
        )
        for place in range(far_side.PAGE):
            text = far_side.text_of(number, place)
            left = Values(text.lower(), discount, f"prt_{hundred}{place:02d}")
            right = Values(text.lower(), discount, f"part_{hundred}{place:02d}")
            ids = Both(text, f"promo_{number}{place:02d}")
            yield Link(ids, Both(left, right), text, "v2")


def remembered(folder: Path, codes: int) -> Store:
    """Write a state that knows the far side's codes."""
    store = Store(open_to_write(f"sqlite:///{folder / 'connector.db'}"), "acme")
    store.identity("2026-01-01T00:00:00Z")
    store.save_links(links(codes))
    partners = [
        PartnerLink(f"prt_{n:04d}", f"part_{n:04d}", "email")
        for n in range(far_side.PARTNERS)
    ]
    store.save_partner_links("v2", partners)
    programmes = {Side.TOLT: Programme(far_side.PROGRAM)}
    counts = dict.fromkeys(Side, codes)
    store.facts.save_pair(PairFacts(programmes, counts=counts))
    return store


def configured(folder: Path, url: str, program: str, rate: int = UNLIMITED) -> None:
    text = CONFIG.format(url=url, program=program, rate=rate)
    (folder / "connector.toml").write_text(text)


def facts(codes: int) -> Facts:
    """Return linked codes of which 1 % changed, by turns on either side.

    No text is shared between a snapshot and a base, as after real reading.
    """
    percents = [percentage(Decimal(5 + step)) for step in range(50)]
    people = {
        prefix: {
            f"{prefix}{n:04d}": Partner(f"{prefix}{n:04d}", f"p{n}@example.com")
            for n in range(1000)
        }
        for prefix in ("prt_", "part_")
    }
    lefts: dict[str, PromoCode] = {}
    rights: dict[str, PromoCode] = {}
    known: list[Link] = []
    on_partnero = Carried(coupon="PCT", duration="lifetime", redeemed=0)
    on_tolt = Carried(duration="forever")
    for n in range(codes):
        was, now = percents[n % 50], percents[(n + 1) % 50]
        values = [
            Values(f"code{n:08d}", was, f"{prefix}{n % 1000:04d}")
            for prefix in ("prt_", "part_", "prt_", "part_")
        ]
        if n % 100 == 0:
            side = n // 100 % 2
            values[side] = values[side]._replace(discount=now)
        ids = Both(f"CODE{n:08d}", f"promo_{n:08d}")
        known.append(Link(ids, Both(values[2], values[3]), ids.left, "v2"))
        text, id_ = f"CODE{n:08d}", f"promo_{n:08d}"
        lefts[text] = PromoCode(text, text, values[0], on_partnero)
        rights[id_] = PromoCode(id_, f"CODE{n:08d}", values[1], on_tolt)
    left = Snapshot(Side.PARTNERO, lefts, people["prt_"])
    right = Snapshot(Side.TOLT, rights, people["part_"])
    return Facts(
        left,
        right,
        match_partners(left.partners, right.partners),
        {
            Side.PARTNERO: CAPABILITIES["partnero"],
            Side.TOLT: CAPABILITIES["tolt-v2"],
        },
        "v2",
        tuple(known),
    )
