"""What both readers share: collect, and never lose the reason why it is not all."""

from collections.abc import Callable
from urllib.parse import quote

from connector.engine.snapshot import Snapshot
from connector.errors import Failed, SyncError, Unreachable
from connector.providers.base import Remembered
from connector.providers.http import ReadOnly
from mappings.canonical import Coupon, Partner, PromoCode, Side
from mappings.redemptions import Log
from mappings.wire import Json, Malformed, Row, mapping


class Reading:
    """What has been read so far, kept even when the rest cannot be had."""

    def __init__(self) -> None:
        self.codes: dict[str, PromoCode] = {}
        self.partners: dict[str, Partner] = {}
        self.coupons: dict[str, Coupon] = {}
        self.doubled: set[str] = set()
        self.drift: set[str] = set()
        self.programs: set[str] = set()
        self.learned: dict[str, str] = {}
        self.logs: dict[str, Log] = {}
        self.unlogged = 0
        self.pages = 0

    def ask_for_owners(
        self, http: ReadOnly, decode: Callable[[Row], Partner], remembered: Remembered
    ) -> None:
        """Ask singly for owners of codes whom the partners' list leaves out."""
        owners = {code.values.partner for code in self.codes.values()}
        for owner in sorted(one for one in owners if one):
            if owner in self.partners or owner in remembered.partners:
                continue
            body = http.get_or_none(f"partners/{quote(owner, safe='')}")
            if body is not None:
                self.partners[owner] = decode(data_of(body))


def read_all(side: Side, http: ReadOnly, fill: Callable[[Reading], None]) -> Snapshot:
    """Read a side; Failed ends the run, everything else makes it incomplete."""
    reading = Reading()
    missed = ""
    unreachable = False
    try:
        fill(reading)
    except Failed:
        raise
    except (SyncError, Malformed) as error:
        missed = str(error)
        unreachable = isinstance(error, Unreachable) and not reading.pages
    return Snapshot(
        side=side,
        codes=reading.codes,
        partners=reading.partners,
        coupons=reading.coupons,
        missed=missed,
        unreachable=unreachable,
        doubled=frozenset(reading.doubled),
        drift=tuple(sorted(reading.drift)),
        requests=http.requests,
        learned=reading.learned,
        logs=reading.logs,
        unlogged=reading.unlogged,
    )


def data_of(body: Json) -> Row:
    """Return ``data`` (an object, or a list of one), or a body that has none."""
    whole = mapping(body)
    return mapping(whole["data"]) if "data" in whole else whole
