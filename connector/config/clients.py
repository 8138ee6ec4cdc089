"""Clients for one pair: what reads, and, only where it is asked for, what writes."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from connector.config.load import Config
from connector.config.schema import PairSection
from connector.providers.adaptive import Adaptive
from connector.providers.base import Progress, Reader, Writer
from connector.providers.http import Access, Patience, ReadOnly
from connector.providers.pace import Pace, SlidingWindow, file_of, name_of
from connector.providers.partnero import PartneroReader
from connector.providers.pausing import pausing
from connector.providers.proxies import proxy_of
from connector.providers.tolt import ToltReader
from connector.providers.windows import Windows
from mappings.canonical import Side
from state.database import file_of as state_file

PATIENT = Patience()
TOLT_RATE = 25
"""Requests a second that Tolt documents for one key."""


def _silent(_side: Side, _count: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Keys:
    """Both keys of a pair, read from where the configuration says they are.

    ``state`` is the file of the state, beside which a hint about the next reading is
    kept; it may not be there yet, and a server has none.
    """

    partnero: str
    tolt: str
    state: Path | None = None

    def of(self, side: Side) -> str:
        return self.partnero if side is Side.PARTNERO else self.tolt

    def __repr__(self) -> str:
        return "Keys(...)"


def keys_of(config: Config, pair: PairSection) -> Keys:
    """Return both keys; Misconfigured where one is missing."""
    places = {side: config.where(pair, side.value, "api_key") for side in Side}
    return Keys(
        pair.partnero.api_key.read(config.folder, places[Side.PARTNERO]),
        pair.tolt.api_key.read(config.folder, places[Side.TOLT]),
        state_file(config.state_url),
    )


def open_readers(
    pair: PairSection, keys: Keys, on_progress: Progress = _silent
) -> Mapping[Side, Reader]:
    """Return clients that have no write method."""
    return {
        Side.PARTNERO: PartneroReader(
            ReadOnly(access_of(pair, keys, Side.PARTNERO)),
            currency=pair.currency,
            on_progress=on_progress,
        ),
        Side.TOLT: ToltReader(
            ReadOnly(access_of(pair, keys, Side.TOLT)),
            version=pair.tolt.api_version,
            program_id=pair.tolt.program_id,
            currency=pair.currency,
            windows=_windows(pair, keys),
            on_progress=on_progress,
        ),
    }


def open_writers(
    pair: PairSection,
    keys: Keys,
    on_progress: Progress = _silent,
    patience: Patience = PATIENT,
    stop: threading.Event | None = None,
) -> Mapping[Side, Writer]:
    """Return clients that can write; a report never comes here.

    Whatever they wait for ends with ``stop``.
    """
    from connector.providers.partnero_writing import PartneroWriter
    from connector.providers.tolt_writing import ToltWriter
    from connector.providers.writing import ReadWrite

    return {
        Side.PARTNERO: PartneroWriter(
            ReadWrite(access_of(pair, keys, Side.PARTNERO, patience, stop)),
            currency=pair.currency,
            on_progress=on_progress,
        ),
        Side.TOLT: ToltWriter(
            ReadWrite(access_of(pair, keys, Side.TOLT, patience, stop)),
            version=pair.tolt.api_version,
            program_id=pair.tolt.program_id,
            currency=pair.currency,
            windows=_windows(pair, keys),
            on_progress=on_progress,
        ),
    }


def warnings(pair: PairSection) -> list[str]:
    """Say where the configuration is honoured although it is unusual."""
    rate = pair.tolt.requests_per_second
    if rate > TOLT_RATE:
        told = f"pairs.{pair.name}.tolt.requests_per_second is {rate:g}; Tolt documents"
        return [f"{told} {TOLT_RATE} for one key"]
    return []


def proxies_told(addresses: Mapping[str, str]) -> list[str]:
    """Say which addresses are asked through a proxy; never with its password."""
    found = {name: proxy_of(url) for name, url in addresses.items()}
    return [
        f"{name} is asked through the proxy {proxy.place} ({proxy.named_by})"
        for name, proxy in found.items()
        if proxy is not None
    ]


def _windows(pair: PairSection, keys: Keys) -> Windows:
    """Return the hint about a programme's pages, beside the state where that is."""
    key, place = keys.of(Side.TOLT), f"{pair.tolt.base_url}\n{pair.tolt.program_id}"
    if keys.state is not None and keys.state.exists():
        name = f"{keys.state.name}-{name_of(key, place)}.windows"
        return Windows(keys.state.with_name(name))
    kept = file_of(key, place)
    return Windows(kept and kept.with_suffix(".windows"))


def access_of(
    pair: PairSection,
    keys: Keys,
    side: Side,
    patience: Patience = PATIENT,
    stop: threading.Event | None = None,
) -> Access:
    """Return where a side is and how it is asked, at the pace of its key."""
    stop = stop or threading.Event()
    sleep = pausing(stop)
    section = pair.partnero if side is Side.PARTNERO else pair.tolt
    host = urlsplit(section.base_url).netloc
    key, highest = keys.of(side), section.requests_per_second
    pace: Pace = SlidingWindow(highest, key, host, sleep)
    if side is Side.PARTNERO:  # Tolt publishes its limit
        kept = file_of(key, host)
        file = kept and kept.with_suffix(".rate")
        pace = Adaptive(highest, pace, file, sleep=sleep)
    return Access(side.label, section.base_url, key, pace, patience, stop)
