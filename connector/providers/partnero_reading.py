"""Partnero: reading all promotion codes, coupons and partners.

Pages shift while data changes, so ids are de-duplicated and what is missing is asked
for directly. Codes do not name their coupon: it comes from the coupons' own list, else
from one GET, and is remembered.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import islice

from connector.engine.snapshot import CODE, Snapshot
from connector.errors import Failed, SyncError
from connector.providers.base import Progress, Remembered, silent
from connector.providers.http import ReadOnly
from connector.providers.listing import placed
from connector.providers.partnero import CODES, COUPONS, PARTNERS, PartneroProgramme
from connector.providers.reading import COUPON, Reading, read_all
from mappings.canonical import PromoCode
from mappings.embedded import codes_of
from mappings.partnero import (
    CODE_FIELDS,
    COUPON_FIELDS,
    NEEDED_FIELDS,
    decode_code,
    decode_coupon,
    decode_marks,
    decode_partner,
)
from mappings.redemption_wire import raw_log
from mappings.rows import told
from mappings.wire import Json, Malformed, Row, mapping, text

OWNED = ("limit_to_specific_partner", "coupon_specific_partners")
"""The members of a code's row that tell its partner: a row with neither tells none."""


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
        decode = partial(decode_coupon, currency=self.currency)
        for row, place in placed(reading.counted(self.pages(COUPONS))):
            reading.notice([row], COUPON_FIELDS, COUPON)
            coupon = reading.decoded(decode, row, COUPON, "uuid_code", place)
            if coupon is None:
                self._put_aside(row, reading)
                continue
            for code in coupon.codes:
                if embedded.setdefault(code, coupon.uuid) != coupon.uuid:
                    reading.doubled.add(code)
            reading.coupons[coupon.uuid] = replace(coupon, codes=())
        return embedded

    @staticmethod
    def _put_aside(row: Json, reading: Reading) -> None:
        """Hide the codes of a coupon that cannot be understood: they give what it does.

        Those that it does not name are known by what is remembered of them.
        """
        reading.unusable |= {told(row, "uuid_code")} - {""}
        try:
            codes = codes_of(row)
        except Malformed:  # nor can these be understood
            return
        for code in codes:
            reading.hide(code, code)

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
        return {**known, **listed}

    def _read_codes(
        self, reading: Reading, hangs_on: Mapping[str, str], sentinel: str
    ) -> None:
        def keep(row: Row) -> None:
            code = self._keep(row, reading, hangs_on)
            if code is not None and code.values.code == sentinel:
                reading.marks[code.id] = decode_marks(row)

        for page, rows in enumerate(reading.counted(self.pages(CODES)), 1):
            reading.notice(rows, CODE_FIELDS, CODE, NEEDED_FIELDS)
            for row, place in placed([rows], page):
                reading.decoded(keep, row, CODE, "code", place)
            self._on_progress(self.side, len(reading.codes))

    def _keep(
        self, row: Row, reading: Reading, hangs_on: Mapping[str, str]
    ) -> PromoCode | None:
        """Keep one code of the listing, with the coupon that it hangs on.

        None for one whose coupon is known and cannot be understood.
        """
        written = text(row, "code")
        uuid = hangs_on.get(written)
        if written in reading.hidden or uuid in reading.unusable:
            reading.hide(written, written)
            return None
        if not any(name in row for name in OWNED):
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

    def _alone(self, row: Row) -> PromoCode:
        """Return a code whose coupon no listing names: by its own row, or asked for."""
        asked = None if mapping(row.get("coupon")) else self.get(text(row, "code"))
        return asked or decode_code(row, None, self.currency)
