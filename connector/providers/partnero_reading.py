"""Partnero: reading all promotion codes, coupons and partners.

Pages shift while data changes, so ids are de-duplicated and what is missing is asked
for directly. Codes do not name their coupon: it comes from the coupons' own list, else
from one GET, and is remembered.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

from msgspec import UNSET

from connector.engine.snapshot import CODE, Snapshot
from connector.errors import Failed, SyncError
from connector.providers.base import Progress, Remembered, silent
from connector.providers.http import ReadOnly
from connector.providers.partnero import CODES, COUPONS, PARTNERS, PartneroProgramme
from connector.providers.reading import COUPON, Reading, read_all
from mappings.canonical import PromoCode
from mappings.partnero import (
    decode_code,
    decode_coupon,
    decode_marks,
    decode_partner,
)
from mappings.partnero_rows import (
    CODE_FIELDS,
    COUPON_FIELDS,
    NEEDED_FIELDS,
    CodeRow,
    CouponRow,
)
from mappings.redemption_wire import raw_log
from mappings.shapes import row_of
from mappings.wire import Json, Malformed, as_text, mapping


class PartneroReader(PartneroProgramme):
    """A Partnero programme that can only be looked at."""

    def __init__(
        self,
        http: ReadOnly,
        *,
        currency: str | None,
        on_progress: Progress = silent,
    ) -> None:
        super().__init__(http, currency=currency)
        self._on_progress = on_progress

    def read(self, remembered: Remembered) -> Snapshot:
        """Read partners, coupons and codes; what fails ends up in ``missed``."""

        def fill(reading: Reading) -> None:
            reading.take_partners(self.pages(PARTNERS), decode_partner)
            hangs_on = self._hanging(remembered, reading)
            self._read_codes(reading, hangs_on, remembered.sentinel)
            reading.ask_for_owners(self.partner, remembered)

        return read_all(self.side, self.http, fill)

    def _read_coupons(self, reading: Reading) -> dict[str, str]:
        """Read all coupons; return the coupon of each code that they embed."""
        embedded: dict[str, str] = {}

        def keep(row: Json) -> None:
            coupon = decode_coupon(row, self.currency)
            for code in coupon.codes:
                if embedded.setdefault(code, coupon.uuid) != coupon.uuid:
                    reading.doubled.add(code)
            reading.coupons[coupon.uuid] = replace(coupon, codes=())

        paged = reading.noticing(COUPON, CouponRow, COUPON_FIELDS)
        pages = self.pages(COUPONS, paged=paged)
        for page, rows in enumerate(reading.counted(pages), 1):
            reading.take(keep, rows, page, COUPON, "uuid_code")
        return embedded

    def _hanging(self, remembered: Remembered, reading: Reading) -> dict[str, str]:
        """Return the coupon of each code: as listed now, else as remembered.

        Some that are only remembered are noted, to be asked for again; what a listing
        names otherwise by now is learned.
        """
        listed = self._read_coupons(reading)
        self._coupons = reading.coupons
        known = remembered.coupons
        reading.learned |= {
            code: uuid for code, uuid in listed.items() if known.get(code, uuid) != uuid
        }
        alone = (code for code in known if code not in listed)
        reading.again.update(islice(alone, remembered.recheck))
        return {**known, **listed} if known else listed

    def _read_codes(
        self, reading: Reading, hangs_on: Mapping[str, str], sentinel: str
    ) -> None:
        def keep(row: Json) -> None:
            read = row if type(row) is CodeRow else row_of(CodeRow, row)
            code = self._keep(read, reading, hangs_on)
            if code is not None and code.values.code == sentinel:
                reading.marks[code.id] = decode_marks(read)

        paged = reading.noticing(CODE, CodeRow, CODE_FIELDS, NEEDED_FIELDS)
        pages = self.pages(CODES, paged=paged)
        for page, rows in enumerate(reading.counted(pages), 1):
            reading.take(keep, rows, page, CODE, "code")
            self._on_progress(self.side, len(reading.codes))

    def _keep(
        self, row: CodeRow, reading: Reading, hangs_on: Mapping[str, str]
    ) -> PromoCode | None:
        """Keep one code of the listing, with the coupon that it hangs on.

        None for one whose coupon is known and cannot be understood.
        """
        written = as_text(row.code, "code")
        uuid = hangs_on.get(written)
        if written in reading.hidden or uuid in reading.unusable:
            reading.hide(written, written)
            return None
        told = row.limit_to_specific_partner is not UNSET
        if not told and row.coupon_specific_partners is UNSET:
            raise Malformed("it does not tell whether it is one partner's")
        coupon = reading.coupons.get(uuid) if uuid else None
        asked = self._again(written, reading) if written in reading.again else None
        code = asked
        if code is None and coupon is not None:
            code = decode_code(row, coupon, self.currency)
        code = code or self._alone(row)
        log = raw_log(row)
        reading.codes.setdefault(code.id, code)
        hangs = code.carried.coupon
        if hangs and (asked is not None or hangs != uuid):
            reading.learned[code.id] = hangs
        if log is None:
            reading.unlogged += 1
        elif log.entries or log.counter:
            reading.logs[code.id] = log
        return code

    def _again(self, written: str, reading: Reading) -> PromoCode | None:
        """Ask for a code whose coupon is only remembered, in its turn.

        Where that fails, what is remembered stands, and the next run goes on.
        """
        try:
            return self.get(written)
        except Failed:
            raise
        except SyncError:
            reading.again.clear()
            return None

    def _alone(self, row: CodeRow) -> PromoCode:
        """Return a code whose coupon no listing names: by its own row, or asked for."""
        named = as_text(row.code, "code")
        asked = None if mapping(row.coupon) else self.get(named)
        return asked or decode_code(row, None, self.currency)
