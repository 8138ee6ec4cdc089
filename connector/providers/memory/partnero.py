"""A Partnero programme in memory: a code's text is its id, and it hangs on a coupon."""

from dataclasses import replace

from connector.engine.acts import Want
from connector.engine.snapshot import Snapshot
from connector.providers.base import Remembered
from connector.providers.memory.client import Client
from connector.providers.memory.programme import Tables
from mappings.canonical import (
    Carried,
    Coupon,
    Discount,
    Partner,
    PromoCode,
    fold,
    fold_email,
)
from mappings.partnero import (
    decode_code,
)
from mappings.partnero_bodies import (
    coupon_uuid,
    encode_create,
)
from mappings.redemptions import Log, Logged
from mappings.wire import Json, Row


class MemoryPartnero(Client):
    """Codes, coupons, partners and marks of a Partnero programme."""

    # -- looking --------------------------------------------------------------------

    def get(self, id_: str) -> PromoCode | None:
        return named(self.tables("get"), id_)

    def find(self, code: str) -> list[PromoCode]:
        there = named(self.tables("find"), code)
        return [] if there is None else [there]

    def copy(self, id_: str) -> Row | None:
        tables = self.tables("copy")
        code = named(tables, id_)
        return None if code is None else row_of(code, tables)

    def coupon(self, uuid: str) -> Coupon | None:
        return self.tables("coupon").coupons.get(uuid)

    def has_coupon(self, uuid: str, discount: Discount, duration: str) -> bool | None:
        coupon = self.coupon(uuid)
        if coupon is None:
            return None
        same = coupon.discount == discount and coupon.duration == duration
        return same and coupon.is_plain and uuid == coupon_uuid(discount, duration)

    def marks(self, id_: str) -> tuple[str, dict[str, Json]] | None:
        tables = self.tables("marks")
        code = named(tables, id_)
        if code is None:
            return None
        return code.written, dict(tables.marks.get(code.id, {}))

    def listed(self) -> list[PromoCode]:
        return list(self.tables("list").codes.values())

    def snapshot(
        self,
        tables: Tables,
        listed: dict[str, PromoCode],
        missed: str,
        remembered: Remembered,
    ) -> Snapshot:
        plain = super().snapshot(tables, listed, missed, remembered)
        return replace(
            plain,
            identity="",
            coupons=dict(tables.coupons),
            logs={
                id_: Log([entry_row(entry) for entry in tables.logs[id_]], None)
                for id_ in listed
                if tables.logs.get(id_)
            },
            marks={
                id_: dict(tables.marks.get(id_, {}))
                for id_, code in listed.items()
                if code.values.code == remembered.sentinel
            },
        )

    # -- writing --------------------------------------------------------------------

    def create(self, want: Want, partner: Partner | None, kept: Row) -> str | None:
        body = encode_create(want.written, want.coupon or "", partner, kept)

        def effect(tables: Tables) -> None:
            if named(tables, want.written) is not None:
                raise self.programme.refusal(422, "The code has already been taken.")
            coupon = tables.coupons.get(want.coupon or "")
            if coupon is None:
                raise self.programme.refusal(422, "The coupon uuid is invalid.")
            if partner is not None and partner.id not in tables.partners:
                raise self.programme.refusal(422, "The selected id is invalid.")
            owned = {"limit_to_specific_partner": partner is not None}
            row = {**owned, **body, "coupon": None, "times_redeemed": 0}
            code = decode_code(row, coupon, self.programme.currency)
            tables.codes[code.id] = code

        self.send("create", effect)
        return want.written.strip()

    def update(self, id_: str, want: Want, partner: Partner | None) -> None:
        del want  # the partner is the only field that this product updates

        def effect(tables: Tables) -> None:
            code = self._there(tables, id_)
            if partner is not None and partner.id not in tables.partners:
                raise self.programme.refusal(422, "The selected id is invalid.")
            owner = partner.id if partner else None
            values = code.values._replace(partner=owner)
            tables.codes[code.id] = code._replace(values=values)

        self.send("update", effect)

    def delete(self, code: PromoCode) -> None:
        def effect(tables: Tables) -> None:
            there = self._there(tables, code.id)
            if there.carried.coupon != code.carried.coupon:
                raise self.programme.refusal(404, "Promotion code not found.")
            del tables.codes[there.id]
            tables.logs.pop(there.id, None)
            tables.marks.pop(there.id, None)

        self.send("delete", effect)

    def create_partner(self, email: str, name: str) -> str | None:
        id_ = self.programme.new_id("prt")

        def effect(tables: Tables) -> str:
            people = tables.partners.values()
            if any(
                fold_email(partner.email or "") == fold_email(email)
                for partner in people
            ):
                raise self.programme.refusal(422, "The email has already been taken.")
            tables.partners[id_] = Partner(id_, email, name, key=f"key-{id_}")
            return id_

        return self.send("create_partner", effect)

    def create_coupon(self, discount: Discount, duration: str) -> None:
        uuid = coupon_uuid(discount, duration)

        def effect(tables: Tables) -> None:
            if uuid in tables.coupons:
                raise self.programme.refusal(422, "The uuid code has been taken.")
            tables.coupons[uuid] = coupon_of(uuid, discount, duration)

        self.send("create_coupon", effect)

    def mark(self, id_: str, state: str, value: str) -> None:
        def effect(tables: Tables) -> None:
            code = self._there(tables, id_)
            tables.marks[code.id] = {**tables.marks.get(code.id, {}), state: value}

        self.send("mark", effect)

    def _there(self, tables: Tables, id_: str) -> PromoCode:
        code = named(tables, id_)
        if code is None:
            raise self.programme.refusal(404, "Promotion code not found.")
        return code


def named(tables: Tables, text: str) -> PromoCode | None:
    """Return the code with this text, letter case aside, under its own spelling."""
    wanted = fold(text)
    codes = tables.codes.values()
    return next((code for code in codes if code.values.code == wanted), None)


def coupon_of(uuid: str, discount: Discount | None, duration: str) -> Coupon:
    """Return a coupon without a restriction."""
    return Coupon(uuid, discount, duration, Carried())


def entry_row(entry: Logged) -> Row:
    """Return an entry of a log as Partnero shows it."""
    return {"transaction_key": entry.key, "redeemed_at": entry.at}


def row_of(code: PromoCode, tables: Tables) -> Row:
    """Return a code's row as Partnero shows it, for what is kept before a deletion."""
    carried, owner = code.carried, code.values.partner
    person = tables.partners.get(owner or "")
    who = {"id": owner, "full_name": person.name if person else ""}
    log = tables.logs.get(code.id, ())
    return {
        "code": code.written,
        "coupon": {"uuid_code": carried.coupon},
        "limit_to_specific_partner": owner is not None,
        "coupon_specific_partners": who if owner else [],
        "first_time_order": carried.first_order_only,
        "minimum_order_status": carried.minimum_order is not None,
        "minimum_order_value": carried.minimum_order,
        "expiration_date_status": carried.expires is not None,
        "expiration_date_value": carried.expires,
        "redemption_times_status": carried.redemption_limit is not None,
        "redemption_times_value": carried.redemption_limit,
        "times_redeemed": carried.redeemed,
        "additional_info": {"redemptions": [entry_row(entry) for entry in log]},
    }
