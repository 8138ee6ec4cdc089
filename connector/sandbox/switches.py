"""Every doubt of the API notes as a setting with a default.

The default is the reading that the notes call likeliest; the other values are the
readings that a client must survive too. Names begin with the product. No switch
stands for a network fault: those are in `faults`.
"""

import difflib
import functools
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar, get_args, get_origin

T = TypeVar("T")
RetryAfter = Literal["seconds", "fraction", "date", "absent"]


class UnknownSwitch(KeyError):
    """There is no such switch; the message names the nearest one."""

    def __str__(self) -> str:
        return str(self.args[0])


def switch(default: T, doc: str) -> T:
    declared: T = field(default=default, metadata={"doc": doc})
    return declared


@dataclass
class Switches:
    """The settings of both stand-ins; assignment checks name and value."""

    any_key: bool = switch(False, "accept every non-empty bearer key")

    partnero_rate_limit: int = switch(0, "requests per window and key; 0 is off")
    partnero_rate_window: float = switch(1.0, "seconds of the sliding window")
    partnero_retry_after: RetryAfter = switch("seconds", "header of its 429")
    partnero_limit_range: Literal["10-100", "1-250"] = switch(
        "10-100", "allowed `limit`; the default size is 10 or 15"
    )
    partnero_limit_out_of_range: Literal["clamp", "reject"] = switch(
        "clamp", "clamp, or 422"
    )
    partnero_next_keeps_limit: bool = switch(True, "does links.next carry `limit`")
    partnero_create_path: Literal["both", "plural", "singular"] = switch(
        "both", "where a code is created"
    )
    partnero_path_addressing: bool = switch(False, "PUT and DELETE by path, too")
    partnero_drop_delete_body: bool = switch(False, "a proxy eats DELETE bodies")
    partnero_create_status: Literal[200, 201] = switch(201, "status of creates")
    partnero_html_errors: bool = switch(False, "its 5xx answers are HTML pages")
    partnero_duplicate_code: Literal["reject", "per_coupon", "silent"] = switch(
        "reject", "422; unique within a coupon only; accepted silently"
    )
    partnero_case: Literal["insensitive", "sensitive", "upper"] = switch(
        "insensitive", "how codes are looked up; `upper` also rewrites them"
    )
    partnero_unknown_partner: Literal["reject", "ignore"] = switch(
        "reject", "an unknown id in coupon_specific_partners"
    )
    partnero_partners_as_array: bool = switch(
        False, "answers show an array of partners"
    )
    partnero_list_shape: Literal["new", "old"] = switch(
        "new", "old: codes in lists without counter and log"
    )
    partnero_get_counter: bool = switch(True, "times_redeemed in GET of one code")
    partnero_embed_codes: bool = switch(True, "coupon lists embed their codes")
    partnero_reject_unknown_fields: bool = switch(False, "422 on an unknown field")
    partnero_put_applies_all: bool = switch(False, "PUT also sets limits and expiry")
    partnero_redeem_rules: Literal["ignore", "no_op", "reject"] = switch(
        "ignore", "redeem past limit or expiry, or of an inactive coupon"
    )
    partnero_redeem_bumps_coupon: bool = switch(False, "the coupon counts as well")
    partnero_redeem_lost_answer: bool = switch(False, "it is done, then cut off")
    partnero_redeem_race: bool = switch(False, "two at once count one key twice")
    partnero_no_op_applies_rest: bool = switch(False, "a no-op redeem applies others")
    partnero_archived_counts: bool = switch(False, "archived can be redeemed")
    partnero_log_limit: int = switch(0, "shown log entries, newest; 0 shows all")
    partnero_unique_transactions: bool = switch(False, "422 on a key used before")
    partnero_unknown_customer: Literal["reject", "accept"] = switch(
        "reject", "accept: a sale that belongs to nobody, without rewards"
    )
    partnero_integer_created_at: bool = switch(False, "422 unless Unix time")
    partnero_two_decimals: bool = switch(False, "422 for finer amounts")
    partnero_discount_code_redeems: bool = switch(False, "it redeems that code")
    partnero_active_required: bool = switch(False, "coupon create needs `active`")
    partnero_coupon_delete_cascades: bool = switch(False, "codes go with the coupon")
    partnero_partner_by_email: bool = switch(True, "GET /partner exists")
    partnero_customer_partner: Literal["id", "key"] = switch(
        "id", "what `partner` of a customer holds"
    )
    partnero_dates_as_timestamps: bool = switch(False, "date-only fields with time")
    partnero_wrong_key_status: Literal[401, 403] = switch(401, "status for a bad key")
    partnero_synchronized: bool = switch(False, "coupons say they are synced")

    tolt_rate_limit: int = switch(25, "requests per window and key; 0 is off")
    tolt_rate_window: float = switch(1.0, "seconds of the sliding window")
    tolt_retry_after: RetryAfter = switch("seconds", "header of the v2 429")
    tolt_fixed_value_passthrough: bool = switch(False, "v2 shows the raw number")
    tolt_two_decimals: bool = switch(False, 'v2 echoes "20.00" instead of "20"')
    tolt_duration: str = switch("forever", "duration of codes made by API")
    tolt_active_bumps: bool = switch(True, "a flip of `active` moves updated_at")
    tolt_same_ids: bool = switch(False, "v1 shows the ids of v2")
    tolt_inherit_code: bool = switch(True, "sales copy it from customers")
    tolt_v2_create_status: Literal[200, 201] = switch(201, "status of v2 creates")
    tolt_reject_unknown_fields: bool = switch(False, "400 on an unknown field")
    tolt_v1_duplicate: Literal["409", "400", "silent"] = switch(
        "409", "a code that the partner has already, in v1"
    )
    tolt_v1_errors: Literal["object", "string", "message"] = switch(
        "object", "shape of v1 errors"
    )
    tolt_v1_warnings: Literal["objects", "strings"] = switch(
        "objects", "entries of v1 `warnings`"
    )
    tolt_v1_list_shows_active: bool = switch(False, "as its writes do")
    tolt_v1_transaction_codes: bool = switch(False, "v1 sales show their code")
    tolt_v1_unique_charges: bool = switch(False, "v1 refuses a charge_id again")
    tolt_v1_email_filter: bool = switch(True, "v1 partners honours email=")
    tolt_v1_partner_create_array: bool = switch(True, "answers an array")
    tolt_v1_entity_type: bool = switch(False, "v1 shows entity_type, else null")
    tolt_v1_deprecation: bool = switch(False, "v1 sends Deprecation and Sunset")

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _hints():
            near = difflib.get_close_matches(name, _hints(), n=1, cutoff=0.0)
            raise UnknownSwitch(f"no switch named {name!r}; the nearest is {near[0]!r}")
        if not _fits(value, _hints()[name]):
            raise ValueError(f"switch {name}: {value!r} is not {_hints()[name]}")
        object.__setattr__(self, name, value)

    def set(self, name: str, value: object) -> None:
        setattr(self, name, value)

    def update(self, values: Mapping[str, object]) -> None:
        for name, value in values.items():
            setattr(self, name, value)

    def clear(self) -> None:
        for entry in fields(self):
            setattr(self, entry.name, entry.default)

    def __iter__(self) -> Iterator[str]:
        return iter(_hints())

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self}


def describe() -> dict[str, str]:
    """What each switch does, for people."""
    return {entry.name: entry.metadata["doc"] for entry in fields(Switches)}


@functools.cache
def _hints() -> dict[str, Any]:
    return typing.get_type_hints(Switches)


def _fits(value: object, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        # `in` alone would take True for 1.
        return any(value == one and type(value) is type(one) for one in get_args(hint))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is hint
