"""Partnero: reading promotion codes, coupons and partners.

Facts: docs.partnero.com/api-reference. Pages are numbered and shift while data
changes, so ids are de-duplicated and what is missing is asked for directly. A page
is the last one only when ``links.next`` is null. Codes do not name their coupon:
it comes from the coupons' own list, else from one GET, and is remembered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from urllib.parse import urlsplit

from connector.engine.snapshot import CODE, Snapshot
from connector.errors import Failed, SyncError, Unavailable, Unclear
from connector.providers.addresses import why_unaddressable
from connector.providers.base import PAGE, Identity, Progress, Remembered
from connector.providers.http import ReadOnly
from connector.providers.reading import (
    COUPON,
    PARTNER,
    Ahead,
    Reading,
    clear,
    data_of,
    found_by,
    placed,
    read_all,
    record,
    those,
    understood,
)
from mappings.answers import rows_in, why_failed
from mappings.canonical import Coupon, Partner, PromoCode, Side, fold, fold_email
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
from mappings.programmes import Kind, shown_kind, told_kind
from mappings.redemption_wire import raw_log
from mappings.rows import may_be, shown_name, told
from mappings.wire import (
    Json,
    Malformed,
    Row,
    mapping,
    optional_text,
    text,
)

_rows = chain.from_iterable
CODES, COUPONS, PARTNERS = "promotion-codes", "coupons", "partners"
OWNED = ("limit_to_specific_partner", "coupon_specific_partners")
"""The members of a code's row that tell its partner: a row with neither tells none."""
OF_SALES = ("customers", "transactions")
"""Listings whose rows show of which kind the programme is."""
NO_FILTERS: Mapping[str, str] = {}


def affiliate_only(kind: Kind | None) -> None:
    """Failed where the key opens a programme of another kind."""
    if kind is not None:
        raise Failed(
            f"Partnero: this key opens a {kind} programme, which has no partners who "
            "are paid for promotion codes. Only affiliate programmes are connected. "
            "Nothing was written. Use the API key of an affiliate programme: Program, "
            "Integration, API there."
        )


class PartneroReader:
    """A Partnero programme that can only be looked at."""

    side = Side.PARTNERO

    def __init__(
        self,
        http: ReadOnly,
        *,
        currency: str | None,
        on_progress: Progress = lambda _side, _count: None,
    ) -> None:
        self._http = http
        self._currency = currency
        self._on_progress = on_progress
        self._coupons: Mapping[str, Coupon] = {}

    @property
    def http(self) -> ReadOnly:
        """The client, for what reads or writes other things of this programme."""
        return self._http

    @property
    def currency(self) -> str | None:
        return self._currency

    @property
    def requests(self) -> int:
        return self._http.requests

    def close(self) -> None:
        self._http.close()

    def read(self, remembered: Remembered) -> Snapshot:
        """Read partners, coupons and codes; what fails ends up in ``missed``."""

        def fill(reading: Reading) -> None:
            for row, place in placed(self._pages(PARTNERS, reading)):
                partner = reading.decoded(decode_partner, row, PARTNER, "id", place)
                if partner is not None:
                    reading.partners[partner.id] = partner
            hangs_on = self._hanging(remembered, reading)
            self._read_codes(reading, hangs_on, remembered.sentinel)
            reading.ask_for_owners(self.partner, remembered)

        return read_all(self.side, self._http, fill)

    def _read_coupons(self, reading: Reading) -> dict[str, str]:
        """Read all coupons; return the coupon of each code that they embed."""
        embedded: dict[str, str] = {}
        decode = partial(decode_coupon, currency=self._currency)
        for row, place in placed(self._pages(COUPONS, reading)):
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

        for page, found in enumerate(self._pages(CODES, reading), 1):
            reading.notice(found, CODE_FIELDS, CODE, NEEDED_FIELDS)
            for row, place in placed([found], page):
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
            code = decode_code(row, coupon, self._currency)
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
        except (SyncError, Malformed):
            reading.again.clear()
            return None

    def _alone(self, row: Row) -> PromoCode:
        """Return a code whose coupon no listing names: by its own row, or asked for."""
        asked = None if mapping(row.get("coupon")) else self.get(text(row, "code"))
        return asked or decode_code(row, None, self._currency)

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Json]:
        """Yield the rows of any listing, with the same proof of its end.

        What each of them is stands open: whoever decodes them tells what cannot be.
        """
        for row in _rows(self._pages(path, Reading(), filters)):
            if path.startswith(OF_SALES):
                affiliate_only(shown_kind(row))
            yield row

    def _pages(
        self, path: str, reading: Reading, filters: Mapping[str, str] = NO_FILTERS
    ) -> Iterator[list[Json]]:
        """Yield the rows of each page; Unavailable where the end is not proven."""
        page = 1
        before: list[Json] | None = None
        with Ahead(self._http, path) as ahead:
            ahead.ask({"limit": PAGE, "page": page, **filters})
            while True:
                body = ahead.answer()
                try:
                    found = rows_in(body)
                except Malformed as error:
                    told_ = f"Partnero: {path} page {page} is no listing: {error}"
                    raise Unavailable(told_) from None
                reading.pages += 1
                if found and found == before:
                    raise Unavailable(
                        f"Partnero: {path} page {page} repeats the one before"
                    )
                try:
                    following = self._next(path, body)
                except (Unavailable, Malformed):
                    yield found  # seen, although nobody can say what follows
                    raise
                if following and found:
                    ahead.ask({"limit": PAGE, "page": page + 1, **filters})
                yield found
                if following is None:
                    return
                if not found:
                    raise Unavailable(
                        f"Partnero: {path} page {page} is empty, but not last"
                    )
                before, page = found, page + 1

    def _next(self, path: str, body: Row) -> str | None:
        links = body.get("links")
        if not isinstance(links, dict) or "next" not in links:
            raise Unavailable(f"Partnero: {path} does not say which page is the last")
        following = links["next"]
        if following is None:
            return None
        if not isinstance(following, str):
            raise Malformed("links.next should be a text")
        host = urlsplit(following).hostname
        if host is not None and host != self._http.host:
            raise Unavailable(
                f"Partnero: {path} continues on another host: not followed"
            )
        return following

    def row(self, id_: str) -> Row | None:
        """Return one code's row; None where Partnero says that it is not there."""

        def is_it(row: Row) -> bool:  # a server may know it in another spelling
            return fold(told(row, "code")) == fold(id_)

        return record(self._http, "partnero", CODES, id_, is_it)

    def get(self, id_: str) -> PromoCode | None:
        """Return one code with its coupon (GET names it)."""
        row = self.row(id_)
        if row is None:
            return None
        return clear(f"Partnero: promotion code {shown_name(id_)}", self.whole, row)

    def whole(self, row: Row) -> PromoCode:
        """Decode a single row; of its coupon the listing alone tells the limits."""
        named = mapping(row.get("coupon") or None)
        own = decode_coupon(named, self._currency) if named else None
        listed = self._coupons.get(own.uuid) if own else None
        if own is None or listed is None:
            return decode_code(row, None, self._currency)
        told = own.restrictions._asdict()
        stated = {name: one for name, one in told.items() if one not in (None, False)}
        if "active" in named:
            stated["switched_off"] = own.restrictions.switched_off
        whole = replace(own, restrictions=listed.restrictions._replace(**stated))
        return decode_code({**row, "coupon": None}, whole, self._currency)

    def find(self, code: str) -> list[PromoCode]:
        """Return the code with this text; Partnero knows a code by nothing else."""
        name = code.strip()
        if why_unaddressable(name):
            return self._listed_as(name)
        found = self.get(name)
        return [] if found is None else [found]

    def _listed_as(self, name: str) -> list[PromoCode]:
        """Return the codes with a text that no address can hold: from their listing."""
        asked = f"Partnero: promotion code {shown_name(name)}"
        decode = partial(decode_code, coupon=None, currency=self._currency)
        rows = self.pages(CODES, {})
        listed = those(asked, decode, rows, lambda row: may_be(row, "code", name))
        return [one for one in listed if one.values.code == fold(name)]

    def marks(self, id_: str) -> tuple[str, Mapping[str, Json]] | None:
        """Return a code's own spelling with the marks on it; None where it is absent.

        Unavailable where its metadata is not shown: no mark is seen, none is ruled out.
        """
        row = self.row(id_)
        if row is None:
            return None
        written, found = text(row, "code"), decode_marks(row)
        if found is None:
            raise Unavailable(f"Partnero does not show the metadata of {written}")
        return written, found

    def coupon(self, uuid: str) -> Coupon | None:
        """Return one coupon, or None."""

        def is_it(row: Row) -> bool:
            return told(row, "uuid_code") == uuid

        row = record(self._http, "partnero", COUPONS, uuid, is_it)
        if row is None:
            return None
        decode = partial(decode_coupon, currency=self._currency)
        return clear(f"Partnero: coupon {shown_name(uuid)}", decode, row)

    def partner(self, id_: str) -> Partner | None:
        """Return one partner by id, listed or not."""

        def is_it(row: Row) -> bool:
            return told(row, "id") == id_

        row = record(self._http, "partnero", PARTNERS, id_, is_it)
        if row is None:
            return None
        return clear(f"Partnero: partner {shown_name(id_)}", decode_partner, row)

    def find_partner(self, email: str) -> list[Partner]:
        """Return the partner with this e-mail (GET /partner?email=).

        Whatever else than theirs it answers, all partners are looked at: a 404 may
        mean that there is no such path.
        """
        wanted = fold_email(email)

        def is_it(row: Row) -> bool:
            return fold_email(told(row, "email")) == wanted

        asked = f"Partnero: partner {shown_name(email)}"
        try:
            row = found_by(self._http, "partnero", "partner", {"email": email}, is_it)
        except Unclear:
            row = None
        if row is not None:
            return [clear(asked, decode_partner, row)]
        rows = self.pages(PARTNERS, {})
        found = those(asked, decode_partner, rows, lambda r: may_be(r, "email", email))
        return [one for one in found if one.email and fold_email(one.email) == wanted]

    @understood("Partnero: what GET test says of the programme")
    def identify(self) -> Identity:
        """Ask GET /test, whose shape is not documented, for anything that lasts."""
        body = mapping(self._http.get("test"))
        if why := why_failed(body):
            raise Unavailable(f"Partnero: asked who is behind the key: {why}")
        who = data_of(body)
        program = mapping(who.get("program") or None) or who
        affiliate_only(told_kind(program, who))
        for field in ("id", "uuid", "key", "public_id", "name"):
            if program.get(field):
                currency = optional_text(program, "currency")
                return Identity(str(program[field]), currency)
        return Identity("")
