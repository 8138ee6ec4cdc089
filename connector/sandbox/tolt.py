"""What Tolt v1 and v2 share: ids, errors, forms, and the effects on one store.

Both routers call the same operations here, so a code that v1 made is the code that
v2 lists. How each version words things is in `tolt_v1` and `tolt_v2`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

from connector.sandbox.switches import Switches
from connector.sandbox.table import fold
from connector.sandbox.tolt_store import (
    Code,
    Commission,
    Organization,
    Program,
    ToltCustomer,
    ToltPartner,
    ToltTransaction,
    exponent,
)
from connector.sandbox.wire import Call, Refused
from connector.sandbox.world import Mail, World

TCall: TypeAlias = Call[Organization]
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
PREFIXES = {
    "programs": ("prg_", "prg_"),
    "groups": ("grp_", "grp_"),
    "partners": ("part_", "part_"),
    "codes": ("prc_", "promo_"),
    "customers": ("cust_", "cus_"),
    "transactions": ("txn_", "txn_"),
    "commissions": ("comm_", "comm_"),
}


# --- ids --------------------------------------------------------------------------


def prefix(call: TCall, kind: str) -> str:
    old, new = PREFIXES[kind]
    return old if call.api == "tolt_v1" and not call.switches.tolt_same_ids else new


def show_id(call: TCall, kind: str, row: Any) -> str | None:
    if row is None:
        return None
    return prefix(call, kind) + (row if isinstance(row, str) else row.uid)


def find(call: TCall, kind: str, text: Any) -> Any:
    """The row with this id in this version's spelling, or None."""
    mark = prefix(call, kind)
    if not isinstance(text, str) or not text.startswith(mark):
        return None
    return getattr(call.owner, kind).rows.get(text.removeprefix(mark))


def in_path(call: TCall, kind: str) -> Any:
    row = find(call, kind, call.path["id"])
    if row is None:
        what = kind.removesuffix("s").capitalize()
        raise Refused(404, "not_found", f"{what} not found")
    return row


def referred(call: TCall, kind: str, name: str) -> Any:
    """The row that an id in the body points to."""
    row = find(call, kind, call.fields.get(name))
    if row is None:
        raise problem("invalid_reference", name, "does not exist")
    return row


# --- errors and forms -------------------------------------------------------------


def problem(code: str, name: str, text: str) -> Refused:
    status = 409 if code == "already_exists" else 400
    return Refused(status, code, f"{name}: {text}", [(name, text)])


@dataclass(slots=True)
class Form:
    """Reads a body field by field and reports all bad fields at once."""

    call: TCall
    read: set[str] = field(default_factory=set)
    bad: list[tuple[str, str]] = field(default_factory=list)

    def _value(self, name: str, *, required: bool, kind: str) -> Any:
        self.read.add(name)
        value = self.call.fields.get(name)
        if value is None and required:
            self.bad.append((name, f"Invalid input: expected {kind}"))
        return value

    def given(self, name: str) -> bool:
        return name in self.call.fields

    def text(
        self, name: str, *, required: bool = False, least: int = 0, most: int = 255
    ) -> str | None:
        value = self._value(name, required=required, kind="string")
        if value is None:
            return None
        if not isinstance(value, str):
            self.bad.append((name, "Invalid input: expected string"))
            return None
        if not least <= len(value) <= most:
            self.bad.append((name, f"Must have {least} to {most} characters"))
        return value

    def email(self, *, required: bool = False) -> str | None:
        value = self.text("email", required=required)
        if value is not None and not EMAIL.match(value):
            self.bad.append(("email", "Invalid email address"))
        return value

    def choice(self, name: str, *allowed: str, required: bool = False) -> str | None:
        value = self._value(name, required=required, kind=" | ".join(allowed))
        if value is None:
            return None
        if value not in allowed:
            self.bad.append((name, f"Invalid option: expected {' | '.join(allowed)}"))
            return None
        return str(value)

    def moment(self, name: str) -> datetime | None:
        value = self._value(name, required=False, kind="datetime")
        if value is None:
            return None
        found = moment(value)
        if found is None:
            self.bad.append((name, "Invalid ISO datetime"))
        return found

    def flag(self, name: str) -> bool:
        value = self._value(name, required=False, kind="boolean")
        if value is not None and not isinstance(value, bool):
            self.bad.append((name, "Invalid input: expected boolean"))
        return value is True

    def minor_units(self, name: str, *, required: bool = False) -> int | None:
        value = self._value(name, required=required, kind="number")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.bad.append((name, "Invalid input: expected number"))
        elif value != int(value):
            self.bad.append((name, "Invalid input: expected int"))
        elif not 0 <= value < 10**13:
            self.bad.append((name, "Too small or too big"))
        else:
            return int(value)
        return None

    def done(self) -> None:
        if self.call.switches.tolt_reject_unknown_fields:
            unknown = sorted(set(self.call.fields) - self.read)
            self.bad += [(name, "Unrecognized key") for name in unknown]
        if self.bad:
            text = "; ".join(f"{name}: {why}" for name, why in self.bad)
            raise Refused(400, "validation_error", text, self.bad)


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time that carries its zone."""
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def iso(value: datetime | None) -> str | None:
    if value is None:
        return None
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain(number: Decimal) -> str:
    """The shortest plain form: never an exponent."""
    return format(number.normalize(), "f")


# --- promotion codes --------------------------------------------------------------


def factor(call: TCall, program: Program, kind: str | None) -> Decimal:
    """Stored number per shown major unit."""
    if kind != "fixed" or call.switches.tolt_fixed_value_passthrough:
        return Decimal(1)
    return Decimal(10) ** exponent(program.currency)


def check_value(
    call: TCall, program: Program, kind: str | None, value: Decimal
) -> None:
    highest = 1_000_000 * factor(call, program, kind) if kind == "fixed" else 100
    if not 0 <= value <= highest:
        raise Refused(400, "bad_request", "value: out of range", [("value", "range")])


def create_code(
    call: TCall, text: str, partner: ToltPartner, kind: str | None, value: Any
) -> Code:
    """Add a code; the caller has dealt with duplicates."""
    if value is not None:
        check_value(call, partner.program, kind, value)
    uid = call.world.new_uid()
    code = Code(uid, call.now, call.now, partner.program, text, partner)
    code.type, code.value = kind, value
    code.duration = call.switches.tolt_duration
    return call.owner.add_code(code)


def is_taken(call: TCall, partner: ToltPartner | None, text: str, but: Any) -> bool:
    twins = call.owner.codes_named(text)
    return any(twin.partner is partner and twin is not but for twin in twins)


def duplicate() -> Refused:
    return problem("already_exists", "code", "already used by this partner")


def resolve_code(call: TCall, partner: ToltPartner, text: str) -> Code | None:
    """The code that a customer typed: partner scope, then group, then program."""
    twins = [
        code
        for code in call.owner.codes_named(text)
        if code.program is partner.program and code.active
    ]
    tests: tuple[Callable[[Code], bool], ...] = (
        lambda code: code.partner is partner,
        lambda code: code.scope == "group" and code.group is partner.group,
        lambda code: code.scope == "program",
    )
    return next((code for test in tests for code in twins if test(code)), None)


# --- partners and customers -------------------------------------------------------


def partner_by_email(
    call: TCall, program: Program | None, email: str
) -> ToltPartner | None:
    wanted = fold(email)
    for partner in call.owner.partners.rows.values():
        if fold(partner.email) == wanted and program in (None, partner.program):
            return partner
    return None


def create_partner(
    call: TCall, program: Program, email: str, *, notify: bool
) -> ToltPartner:
    if partner_by_email(call, program, email):
        raise problem("already_exists", "email", "already exists in this program")
    partner = ToltPartner(call.world.new_uid(), call.now, call.now, program, email)
    groups = [group for group in call.owner.groups if group.program is program]
    partner.group = next((group for group in groups if group.is_default), None)
    partner.link_value = email.partition("@")[0]
    call.owner.partners.add(partner)
    if notify:
        call.world.mails.append(Mail("tolt", email, "partner created"))
    return partner


def customer_by_email(call: TCall, email: str) -> ToltCustomer | None:
    rows = call.owner.customers.rows.values()
    return next((row for row in rows if row.email == email.lower()), None)


def create_customer(
    call: TCall, partner: ToltPartner, email: str | None
) -> ToltCustomer:
    if email and customer_by_email(call, email):
        raise problem("already_exists", "email", "already exists")
    uid = call.world.new_uid()
    customer = ToltCustomer(uid, call.now, call.now, partner.program, partner)
    customer.email = email.lower() if email else None
    return customer


def remove(call: TCall, kind: str, row: Any) -> None:
    if kind == "codes":
        call.owner.remove_code(row)
    else:
        getattr(call.owner, kind).remove(row)


def commissions_of(call: TCall, row: Any) -> list[Commission]:
    """The commissions of a customer or of a transaction."""
    table = call.owner.commissions.rows.values()
    return [c for c in table if row in (c.customer, c.transaction)]


# --- transactions -----------------------------------------------------------------


def create_transaction(
    call: TCall, customer: ToltCustomer, amount: int, *, unique: bool
) -> ToltTransaction:
    """A transaction; its commission is made at once, as the flow would."""
    charge = call.fields.get("charge_id")
    charge = charge if isinstance(charge, str) and charge.strip() else None
    if unique and charge is not None:
        check_charge(call, customer, charge, but=None)
    uid = call.world.new_uid()
    now, program = call.now, customer.program
    row = ToltTransaction(uid, now, now, program, customer, amount, charge)
    if call.switches.tolt_inherit_code and customer.promotion_code_uid:
        code = call.owner.codes.rows.get(customer.promotion_code_uid)
        row.promotion_code_uid = customer.promotion_code_uid
        row.promotion_code_name = code.code if code else None
    call.owner.transactions.add(row)
    customer.status = "active"
    customer.active_at = customer.active_at or now
    call.owner.customers.touch(customer, now)
    pay(call, row)
    return row


def check_charge(call: TCall, customer: ToltCustomer, charge: str, but: Any) -> None:
    for row in call.owner.transactions.rows.values():
        if row.customer is customer and row.charge_id == charge and row is not but:
            raise problem(
                "already_exists", "charge_id", "already used by this customer"
            )


def pay(call: TCall, row: ToltTransaction) -> None:
    exact = row.amount * row.program.commission_percent / 100
    amount = int(exact.to_integral_value(ROUND_HALF_UP))
    partner, now = row.customer.partner, call.now
    entry = Commission(call.world.new_uid(), now, now, row.program, partner, amount)
    entry.transaction, entry.customer, entry.revenue = row, row.customer, row.amount
    call.owner.commissions.add(entry)


def refund(call: TCall, row: ToltTransaction) -> ToltTransaction:
    """Unpaid commissions fall to zero; a paid one gets a negative counterpart."""
    if row.status == "refunded":
        text = "Transaction is already refunded"
        raise Refused(409, "transaction_refunded", text)
    row.status = "refunded"
    call.owner.transactions.touch(row, call.now)
    for entry in commissions_of(call, row):
        if entry.status == "paid":
            uid, now = call.world.new_uid(), call.now
            back = Commission(uid, now, now, row.program, entry.partner, -entry.amount)
            back.transaction, back.type = row, "refund"
            call.owner.commissions.add(back)
        else:
            entry.amount, entry.status = 0, "refunded"
            call.owner.commissions.touch(entry, call.now)
    return row


# --- the API protocol, shared part ------------------------------------------------


def owner(world: World, key: str, *, any_key: bool) -> Organization | None:
    if any_key and key:
        return world.organizations.get(key, world.tolt)
    return world.organizations.get(key)


def limits(switches: Switches, form: str) -> tuple[int, float, str]:
    return switches.tolt_rate_limit, switches.tolt_rate_window, form
