"""Clients for one pair: what reads, and, only where it is asked for, what writes."""

import threading
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connector.config.pair import Pair
from connector.providers.adaptive import Adaptive
from connector.providers.base import Progress, Readers, Writers, silent
from connector.providers.http import Access, Patience, ReadOnly
from connector.providers.kept import KeptThere
from connector.providers.listing import Windows
from connector.providers.pace import Pace, SlidingWindow, name_of
from connector.providers.partnero_reading import PartneroReader
from connector.providers.partnero_sales import PartneroSales
from connector.providers.pausing import pausing
from connector.providers.proxies import proxy_of
from connector.providers.tolt import Program
from connector.providers.tolt_charges import ToltCharges
from connector.providers.tolt_reading import ToltReader
from mappings.canonical import Side
from mappings.key_shapes import doubt_of
from state.sharing import Sharing, shared_beside

if TYPE_CHECKING:
    from connector.providers.partnero_writing import PartneroWriter
    from connector.providers.tolt_writing import ToltWriter

PATIENT = Patience()
TOLT_RATE = 25
"""Requests a second that Tolt documents for one key."""


def open_readers(
    pair: Pair,
    on_progress: Progress = silent,
    stop: threading.Event | None = None,
) -> Readers:
    """Return clients that have no write method."""
    partnero = PartneroReader(
        ReadOnly(access_of(pair, Side.PARTNERO, stop=stop)),
        currency=pair.currency,
        on_progress=on_progress,
    )
    tolt = ToltReader(
        ReadOnly(access_of(pair, Side.TOLT, stop=stop)),
        version=pair.version,
        program_id=pair.program_id,
        currency=pair.currency,
        windows=_windows(pair),
        on_progress=on_progress,
    )
    return Readers(
        partnero,
        tolt,
        marks=partnero,
        changes=tolt,
        sales=lambda: PartneroSales(partnero),
        charges=lambda: ToltCharges(tolt),
    )


def open_writers(
    pair: Pair,
    on_progress: Progress = silent,
    patience: Patience = PATIENT,
    stop: threading.Event | None = None,
) -> Writers:
    """Return clients that can write; a report never comes here.

    Whatever they wait for ends with ``stop``.
    """
    from connector.providers.sales_writing import (
        PartneroSalesWriter,
        ToltChargesWriter,
    )

    partnero = _partnero_writer(
        pair, access_of(pair, Side.PARTNERO, patience, stop), on_progress
    )
    tolt = _tolt_writer(pair, access_of(pair, Side.TOLT, patience, stop), on_progress)
    return Writers(
        partnero,
        tolt,
        marks=partnero,
        changes=tolt,
        sales=lambda: PartneroSalesWriter(partnero),
        charges=lambda: ToltChargesWriter(tolt),
        coupons=partnero,
    )


def _partnero_writer(
    pair: Pair, access: Access, on_progress: Progress
) -> "PartneroWriter":
    from connector.providers.partnero_writing import PartneroWriter
    from connector.providers.writing import ReadWrite

    return PartneroWriter(
        ReadWrite(access), currency=pair.currency, on_progress=on_progress
    )


def _tolt_writer(pair: Pair, access: Access, on_progress: Progress) -> "ToltWriter":
    from connector.providers.tolt_writing import ToltWriter
    from connector.providers.writing import ReadWrite

    return ToltWriter(
        ReadWrite(access),
        version=pair.version,
        program_id=pair.program_id,
        currency=pair.currency,
        windows=_windows(pair),
        on_progress=on_progress,
    )


def programs_of(pair: Pair) -> list[Program]:
    """Return the programmes of the pair's key on Tolt, whichever is configured."""
    reader = ToltReader(
        ReadOnly(access_of(pair, Side.TOLT)),
        version=pair.version,
        program_id=pair.program_id,
        currency=None,
    )
    with closing(reader):
        return reader.programs()


def warnings(pair: str, tolt_rate: float) -> list[str]:
    """Say where the configuration is honoured although it is unusual."""
    if tolt_rate > TOLT_RATE:
        stated = (
            f"pairs.{pair}.tolt.requests_per_second is {tolt_rate:g}; Tolt documents"
        )
        return [f"{stated} {TOLT_RATE} for one key"]
    return []


def proxies_told(addresses: Mapping[str, str]) -> list[str]:
    """Say which addresses are asked through a proxy; never with its password."""
    proxies = {name: proxy_of(url) for name, url in addresses.items()}
    return [
        f"{name} is asked through the proxy {proxy.place} ({proxy.named_by})"
        for name, proxy in proxies.items()
        if proxy is not None
    ]


def _windows(pair: Pair) -> Windows:
    """Return the hint about a programme's pages, where the pair's state lies."""
    tolt = pair.apis.of(Side.TOLT)
    name = name_of(tolt.key, f"{tolt.base_url}\n{pair.program_id}")
    shared = shared_beside(pair.location.state_url)
    return Windows(KeptThere(shared, f"{name}.windows"))


def access_of(
    pair: Pair,
    side: Side,
    patience: Patience = PATIENT,
    stop: threading.Event | None = None,
) -> Access:
    """Return where a side is and how it is asked, at the pace of its key."""
    stop = stop or threading.Event()
    sleep = pausing(stop)
    api = pair.apis.of(side)
    host = urlsplit(api.base_url).netloc
    sharing = Sharing(pair.location.state_url)
    pace: Pace = SlidingWindow(api.rate, api.key, host, sharing, sleep)
    if side is Side.PARTNERO:  # Tolt publishes its limit
        rate = KeptThere(sharing.shared, f"{name_of(api.key, host)}.rate")
        pace = Adaptive(api.rate, pace, rate, sleep=sleep)
    keys = pair.apis.map(lambda api: api.key)
    return Access(
        side.label,
        api.base_url,
        api.key,
        pace,
        patience,
        stop,
        key_place=api.key_place,
        doubt=doubt_of(keys, side),
    )
