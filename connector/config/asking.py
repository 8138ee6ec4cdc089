"""Asking both products what the configuration has to say: GETs, before there is one.

A question that cannot be answered is said in one sentence, and nothing is guessed.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, TypeVar

from connector.config.allowed import currency
from connector.config.pair_sections import TOLT_URLS, PartneroSection
from connector.config.secret import Secret
from connector.errors import Misconfigured, SyncError
from connector.providers.http import Access, Patience, ReadOnly
from connector.providers.partnero_reading import PartneroReader
from connector.providers.tolt import Program
from connector.providers.tolt_reading import ToltReader
from mappings.canonical import Both, Side
from mappings.key_shapes import doubt_of

T = TypeVar("T")
PATIENT = Patience(deadline=15, attempts=2)
SECRETS = Both(Secret(env="PARTNERO_API_KEY"), Secret(env="TOLT_API_KEY"))
ADDRESSES = Both(str(PartneroSection.model_fields["base_url"].default), TOLT_URLS["v2"])


class Heard(NamedTuple):
    """What both products have said, and a sentence for each question that failed.

    ``currency`` is that of Partnero's programme, where it tells one.
    """

    programs: Sequence[Program]
    currency: str
    failed: Sequence[str]


def hear(addresses: Both[str] = ADDRESSES) -> Heard:
    """Ask both products; what a product does not say is empty."""
    failed: list[str] = []

    def tried(call: Callable[[], T], nothing: T) -> T:
        try:
            return call()
        except SyncError as error:
            failed.append(str(error))
            return nothing

    keys = Both.per_side(lambda side: tried(lambda: _key(side), ""))

    def access(side: Side) -> Access:
        return Access(
            side.label,
            addresses.of(side),
            keys.of(side),
            patience=PATIENT,
            key_place=SECRETS.of(side).place,
            doubt=doubt_of(keys, side),
        )

    left, right = access(Side.PARTNERO), access(Side.TOLT)
    told = tried(lambda: _currency(left), "") if left.key else ""
    none: Sequence[Program] = ()
    programs = tried(lambda: _programs(right), none) if right.key else none
    return Heard(programs, told, failed)


def _key(side: Side) -> str:
    """Return a key; Misconfigured, without advice, where it is not there."""
    try:
        return SECRETS.of(side).read(Path(), f"{side.label} was not asked")
    except Misconfigured as error:
        raise Misconfigured(str(error).partition(". Type")[0]) from None


def _programs(access: Access) -> Sequence[Program]:
    reader = ToltReader(ReadOnly(access), version="v2", program_id="", currency=None)
    with closing(reader):
        return [program for program in reader.programs() if program.id]


def _currency(access: Access) -> str:
    with closing(PartneroReader(ReadOnly(access), currency=None)) as reader:
        return usable(reader.identify().currency or "")


def usable(stated: str) -> str:
    """Return a currency as the configuration can have it, else nothing."""
    try:
        return currency(stated) if stated else ""
    except ValueError:
        return ""
