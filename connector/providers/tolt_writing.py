"""Tolt: writing. A report never imports this module.

Facts: promotion-codes/create, update and delete of v1, promotioncodes of v2. An
update carries only the changed fields; the partner of a code cannot be changed.
"""

import threading
from collections.abc import Callable

from connector.engine.acts import Want
from connector.errors import Rejected
from connector.providers.addresses import path_to
from connector.providers.base import Progress, silent
from connector.providers.listing import Windows
from connector.providers.records import data_of, whole_row
from connector.providers.tolt import CODES, PARTNERS
from connector.providers.tolt_reading import ToltReader
from connector.providers.writing import ReadWrite
from mappings.answers import is_absence
from mappings.canonical import Partner, PromoCode
from mappings.tolt import Version, encode_create, encode_update
from mappings.wire import Row, optional_text


class ToltWriter(ToltReader):
    """A Tolt programme that can be changed."""

    http: ReadWrite

    def __init__(
        self,
        http: ReadWrite,
        *,
        version: Version,
        program_id: str,
        currency: str | None,
        windows: Windows | None = None,
        on_progress: Progress = silent,
    ) -> None:
        super().__init__(
            http,
            version=version,
            program_id=program_id,
            currency=currency,
            windows=windows,
            on_progress=on_progress,
        )

    def guard(self, stop: threading.Event, fence: Callable[[], None]) -> None:
        """Wait no longer once ``stop`` is set; ask ``fence`` before every write."""
        self.http.stop, self.http.fence = stop, fence

    def copy(self, id_: str) -> Row | None:
        """Return the whole row of a code, to be kept before it is destroyed."""
        return whole_row(f"Tolt: promotion code {id_}", self.row(id_))

    def create(self, want: Want, partner: Partner | None, kept: Row) -> str | None:
        """Send a create; returns the id that Tolt gave."""
        del kept  # Tolt holds nothing beyond what is wanted
        if want.discount is None or partner is None:
            raise Rejected("Tolt needs a discount and a partner", status=400)
        body = encode_create(want.written, want.discount, partner.id, self.version)
        return optional_text(data_of(self.http.post(CODES, body)), "id")

    def update(self, id_: str, want: Want, partner: Partner | None) -> None:
        """Send the changed fields, never an empty body."""
        del partner  # a code cannot change its partner here
        body = encode_update(want.values, want.fields, self.version)
        self.http.put(path_to(CODES, id_), body)

    def delete(self, code: PromoCode) -> None:
        """Delete for good; what is already gone is as good as deleted."""
        try:
            self.http.delete(path_to(CODES, code.id))
        except Rejected as refused:
            gone = is_absence(refused.body, self.dialect, code.id)
            if refused.status != 404 or not gone:
                raise

    def create_partner(self, email: str, name: str) -> str | None:
        """Create a partner; no e-mail is asked for."""
        first, _, last = name.partition(" ")
        names = {"first_name": first or email[:1], "last_name": last or first or "-"}
        body = {"email": email, "program_id": self.program_id, **names}
        return optional_text(data_of(self.http.post(PARTNERS, body)), "id")
