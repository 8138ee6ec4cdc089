"""Every doubt of the API notes as a setting with a default.

The default is the reading that the notes call likeliest; the other values are the
readings that a client must survive too. Names begin with the product. No switch
stands for a network fault or an edit by hand: those are in `tests/standins/`, and
heed two readings that nothing in here does (`partnero_html_errors`,
`tolt_active_bumps`).
"""

import difflib
import functools
import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args, get_origin


class UnknownSwitch(KeyError):
    """There is no such switch; the message names the nearest one."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass
class Switches:
    """The settings of both stand-ins; assignment checks name and value."""

    any_key: bool = False  # accept every non-empty bearer key
    # `.`, `..`, `%2e` and empty segments of a path are resolved, as web servers do.
    tidy_paths: bool = True

    partnero_rate_limit: int = 0  # requests per window and key; 0 is off
    partnero_rate_window: float = 1.0  # seconds of the sliding window
    partnero_retry_after: Literal["seconds", "absent"] = "seconds"  # of its 429
    partnero_limit_range: Literal["10-100", "1-250"] = "10-100"  # default 10 or 15
    # Such a limit is brought into the range, or is a 422.
    partnero_limit_out_of_range: Literal["clamp", "reject"] = "clamp"
    partnero_next_keeps_limit: bool = True  # does links.next carry `limit`
    partnero_order: Literal["newest", "oldest"] = "newest"  # what a list begins with
    # Somebody makes or deletes a code after each page of codes that is not the last.
    partnero_pages_shift: Literal["no", "insert", "delete"] = "no"
    # POST of a code: /promotion-codes, /promotion-code, or both.
    partnero_create_path: Literal["both", "plural", "singular"] = "both"
    partnero_path_addressing: bool = False  # PUT and DELETE by path, too
    partnero_drop_delete_body: bool = False  # a proxy eats DELETE bodies
    partnero_create_status: Literal[200, 201] = 201  # of every create
    partnero_html_errors: bool = False  # its 5xx answers are HTML pages
    # 422; unique within a coupon only; accepted silently.
    partnero_duplicate_code: Literal["reject", "per_coupon", "silent"] = "reject"
    # How codes are looked up; `upper` also rewrites them.
    partnero_case: Literal["insensitive", "sensitive", "upper"] = "insensitive"
    # An unknown id in coupon_specific_partners.
    partnero_unknown_partner: Literal["reject", "ignore"] = "reject"
    partnero_partners_as_array: bool = False  # answers show an array of partners
    # Codes in lists with counter and log, with neither, or with an empty log.
    partnero_list_shape: Literal["new", "old", "no_log"] = "new"
    partnero_get_counter: bool = True  # times_redeemed in GET of one code
    partnero_embed_codes: bool = True  # coupon lists embed their codes
    partnero_reject_unknown_fields: bool = False  # 422 on an unknown field
    partnero_put_applies_all: bool = False  # PUT also sets limits and expiry
    # Redeem past limit or expiry, or of an inactive coupon.
    partnero_redeem_rules: Literal["ignore", "no_op", "reject"] = "ignore"
    partnero_redeem_bumps_coupon: bool = False  # the coupon counts as well
    partnero_redeem_lost_answer: bool = False  # it is done, then cut off
    partnero_redeem_race: bool = False  # two at once count one key twice
    partnero_no_op_applies_rest: bool = False  # a no-op redeem applies others
    partnero_archived_counts: bool = False  # archived can be redeemed
    partnero_log_limit: int = 0  # shown log entries, newest; 0 shows all
    partnero_unique_transactions: bool = False  # 422 on a key used before
    # How keys of sales and customers are kept: a server may trim or lower them.
    partnero_keys: Literal["exact", "trim", "lower"] = "exact"
    # What GET /transactions?key= compares.
    partnero_key_filter: Literal["exact", "insensitive"] = "exact"
    partnero_transactions_lag: float = 0.0  # seconds until a new sale is read
    # accept: a sale that belongs to nobody, without rewards.
    partnero_unknown_customer: Literal["reject", "accept"] = "reject"
    partnero_integer_created_at: bool = False  # 422 unless Unix time
    partnero_two_decimals: bool = False  # 422 for finer amounts
    partnero_discount_code_redeems: bool = False  # it redeems that code
    partnero_active_required: bool = False  # coupon create needs `active`
    partnero_coupon_delete_cascades: bool = False  # codes go with the coupon
    partnero_partner_by_email: bool = True  # GET /partner exists
    partnero_customer_partner: Literal["id", "key"] = "id"  # `partner` of a customer
    partnero_sale_partner: Literal["id", "key"] = "id"  # `partner` of a sale
    partnero_partner_key: bool = False  # partners show `key`, not only in their link
    # The billing provider that is connected, to which a coupon can be synced.
    partnero_connected: Literal["", "stripe", "shopify", "woocommerce", "paddle"] = ""
    # Partners are in the first alone.
    partnero_program_type: Literal["affiliate", "refer-a-friend", "newsletter"] = (
        "affiliate"
    )
    # What GET /test tells: a program, its fields bare, or those without the type.
    partnero_test_shape: Literal["program", "flat", "untyped"] = "program"
    # The partner of a code, once erased: an id without a name, or nobody at all.
    partnero_erased_partner: Literal["id", "nobody"] = "id"
    partnero_flags: Literal["bool", "int", "text"] = "bool"  # true, 1 or "1"
    partnero_amounts: Literal["number", "text"] = "number"  # 49.99 or "49.99"
    partnero_dates_as_timestamps: bool = False  # date-only fields with time
    partnero_wrong_key_status: Literal[401, 403] = 401  # of a key that it refuses
    partnero_synchronized: bool = False  # coupons say they are synced

    tolt_rate_limit: int = 25  # requests per window and key; 0 is off
    tolt_rate_window: float = 1.0  # seconds of the sliding window
    tolt_fixed_value_passthrough: bool = False  # v2 shows the raw number
    tolt_two_decimals: bool = False  # v2 echoes "20.00" instead of "20"
    tolt_duration: str = "forever"  # duration of codes made by API
    tolt_active_bumps: bool = True  # a flip of `active` moves updated_at
    tolt_same_ids: bool = False  # v1 shows the ids of v2
    tolt_inherit_code: bool = True  # sales copy it from customers
    # How the charge_id of a sale is kept.
    tolt_charge_ids: Literal["exact", "trim", "lower"] = "exact"
    tolt_transactions_lag: float = 0.0  # seconds until a new sale is read
    tolt_v2_create_status: Literal[200, 201] = 201  # of every create
    tolt_reject_unknown_fields: bool = False  # 400 on an unknown field
    # A code that the partner has already, in v1.
    tolt_v1_duplicate: Literal["409", "400", "silent"] = "409"
    # A map with type and message, a bare text, or `message` alone.
    tolt_v1_errors: Literal["object", "string", "message"] = "object"
    # A map with code and message, or the bare code.
    tolt_v1_warnings: Literal["objects", "strings"] = "objects"
    tolt_v1_whole_rows: bool = False  # v1 reads of codes, sales, buyers as v1 writes
    tolt_v1_whole_partners: bool = False  # and of partners, with their status
    tolt_v1_transaction_codes: bool = False  # v1 sales show their code
    tolt_v1_amounts: Literal["number", "text"] = "number"  # 4999 or "4999"
    tolt_v1_times: Literal["z", "offset"] = "z"  # .000Z or .000000+00:00
    tolt_v1_ids: Literal["prefixed", "bare"] = "prefixed"  # part_... or ...
    tolt_v1_programs: bool = True  # v1 has GET /programs, which came later
    # Is the answer to a new partner of v1 an array of one, or the bare object.
    tolt_v1_new_partner: Literal["array", "object"] = "array"
    tolt_v1_unique_charges: bool = False  # v1 refuses a charge_id again
    tolt_v1_email_filter: bool = True  # v1 partners honours email=
    tolt_v1_entity_type: bool = False  # v1 shows entity_type, else null
    tolt_v1_deprecation: bool = False  # v1 sends Deprecation and Sunset

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

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@functools.cache
def _hints() -> dict[str, Any]:
    return typing.get_type_hints(Switches)


def _fits(value: object, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        # `in` alone would take True for 1.
        return any(
            value == allowed and type(value) is type(allowed)
            for allowed in get_args(hint)
        )
    return type(value) is hint or (hint is float and type(value) is int)
