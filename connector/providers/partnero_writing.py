"""Partnero: writing. A report never imports this module.

Facts: promotion-codes/create, update and delete. PUT and DELETE name the code in
the body; the plural path creates, the singular one is older and only tried when
the plural is not there. ``sync`` is never sent with a coupon.
"""

import threading
from collections.abc import Callable
from contextlib import nullcontext

from connector.engine.acts import Want
from connector.errors import Rejected
from connector.providers.base import Progress, silent
from connector.providers.partnero import CODES, COUPONS, PARTNERS
from connector.providers.partnero_reading import PartneroReader
from connector.providers.records import data_of, whole_row
from connector.providers.writing import ReadWrite
from mappings.canonical import Discount, Partner, PromoCode
from mappings.partnero_bodies import (
    coupon_uuid,
    encode_coupon,
    encode_create,
    encode_delete,
    encode_mark,
    encode_update,
)
from mappings.wire import Row, optional_text

SINGULAR = "promotion-code"
_NO_SUCH_PATH = (404, 405)


class PartneroWriter(PartneroReader):
    """A Partnero programme that can be changed."""

    http: ReadWrite

    def __init__(
        self,
        http: ReadWrite,
        *,
        currency: str | None,
        on_progress: Progress = silent,
    ) -> None:
        super().__init__(http, currency=currency, on_progress=on_progress)
        self._create_path: str | None = None
        self._trying = threading.Lock()

    def guard(self, stop: threading.Event, fence: Callable[[], None]) -> None:
        """Wait no longer once ``stop`` is set; ask ``fence`` before every write."""
        self.http.stop, self.http.fence = stop, fence

    def copy(self, id_: str) -> Row | None:
        """Return the whole row of a code, to be kept before it is destroyed."""
        return whole_row(f"Partnero: promotion code {id_}", self.row(id_))

    def create(self, want: Want, partner: Partner | None, kept: Row) -> str | None:
        """Send a create; the text is the id."""
        body = encode_create(want.written, want.coupon or "", partner, kept)
        with nullcontext() if self._create_path else self._trying:
            path = self._create_path or CODES
            try:
                self.http.post(path, body)
            except Rejected as refused:
                if self._create_path or refused.status not in _NO_SUCH_PATH:
                    raise
                path = SINGULAR
                self.http.post(path, body)
            self._create_path = path  # what worked once is used for the rest of the run
        return want.written.strip()

    def update(self, id_: str, want: Want, partner: Partner | None) -> None:
        """Move a code to a partner: all that Partnero can change of it."""
        self.http.put(CODES, encode_update(id_, want.fields, partner))

    def mark(self, id_: str, state: str, value: str) -> None:
        """Leave a state's mark in the metadata of a code, and touch nothing else."""
        self.http.put(CODES, encode_mark(id_, state, value))

    def delete(self, code: PromoCode) -> None:
        """Delete for good; without the coupon in the body the server refuses."""
        self.http.delete(CODES, encode_delete(code.id, code.carried.coupon or ""))

    def create_partner(self, email: str, name: str) -> str | None:
        """Create a partner; Partnero sends a welcome e-mail that cannot be disabled."""
        first, _, last = name.partition(" ")
        body = {"email": email, "name": first, "surname": last}
        return optional_text(data_of(self.http.post(PARTNERS, body)), "id")

    def create_coupon(self, discount: Discount, duration: str) -> None:
        """Create a coupon under its one name; ``active`` only where it is demanded."""
        body = encode_coupon(discount, duration)
        try:
            self.http.post(COUPONS, body)
        except Rejected as refused:
            if "active" not in str(refused):
                raise
            self.http.post(COUPONS, body | {"active": True})

    def has_coupon(self, uuid: str, discount: Discount, duration: str) -> bool | None:
        """Say whether the coupon is there as wanted; None where it is not there."""
        coupon = self.coupon(uuid)
        if coupon is None:
            return None
        same = coupon.discount == discount and coupon.duration == duration
        return same and coupon.is_plain and uuid == coupon_uuid(discount, duration)
