"""What each reading of the APIs makes of the town, where it is not the usual.

A case is a story around one value of one switch: what else is so, what somebody does
meanwhile, how the runs end, what comes and what waits, and what proves that the switch
was at work. `tests/connector/test_every_switch.py` plays them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import stamina

from connector.sandbox.world import World
from tests.standins.twin import Twin

BUYER = "buyer-of-anna10@buyers.example"


def nothing(_place: Any) -> None:
    """Nobody does anything."""


def answers_differ(_place: Any, twin: Twin) -> bool:
    return bool(twin.differing)


@dataclass(frozen=True, slots=True)
class Case:
    """What else is so, and what comes of it; the default is that all comes."""

    waits: tuple[str, ...] = ()  # parts of the lines that do not come
    instead: tuple[str, ...] = ()  # lines that come and usually do not
    others: tuple[str, ...] = ()  # parts of the lines that are somebody else's doing
    exits: tuple[int, ...] = (0, 0)  # of each run; the last one writes nothing
    says: tuple[str, ...] = ()  # what the plan after them, or the last run, tells
    world: Mapping[str, Any] = field(default_factory=dict)
    switches: Mapping[str, Any] = field(default_factory=dict)
    policy: str = ""
    version: str = ""
    before: Callable[[Any], None] = nothing
    between: Callable[[Any], None] = nothing  # the first run and the second
    at_work: Callable[[Any, Twin], bool] = answers_differ


# --- what people and servers do in a story --------------------------------------------


def wrong_key(place: Any) -> None:
    place.setenv("PARTNERO_API_KEY", "pk_of_nobody")


def in_earnest(_place: Any) -> None:
    """Wait between two attempts, as a run does."""
    stamina.set_testing(False)


def an_hour_later(place: Any) -> None:
    now = place.sandbox.world.now()
    place.sandbox.world.clock = lambda: now.replace(hour=now.hour + 1)


def does(side: str, action: str, **options: Any) -> Callable[[Any], None]:
    return lambda place: place.edit(side, action, **options)


def fault(kind: str, **options: Any) -> Callable[[Any], None]:
    return lambda place: place.fault(kind, **options)


def after(path: str, edit: Any, **options: Any) -> Callable[[Any], None]:
    """Somebody edits right after this request was answered, before the next one."""
    return fault("edit", path=path, edit=edit, **{"method": "GET", **options})


def alone(step: Callable[[Any], None]) -> Callable[[Any], None]:
    """Of the two sales of one buyer only R-1 is there."""

    def before(place: Any) -> None:
        place.edit("tolt", "delete_sale", charge_id="R-2")
        step(place)

    return before


def lose_buyer(world: World) -> None:
    buyers = world.partnero.customers
    buyers.remove(buyers.exact(BUYER))


def same_code_on_partnero(text: str) -> Callable[[Any], None]:
    edit = {"side": "partnero", "action": "create_code", "code": text}
    owner = {"coupon": "PCT10", "partner": "anna@example.com"}
    return after("/promotion-codes/ToPartnero", {**edit, **owner})


SAME_CODE_ON_TOLT = after(
    "/promotion-codes.*search=TOTOLT",
    {
        "side": "tolt",
        "action": "create_code",
        "code": "TOTOLT",
        "partner": "ben@example.com",
        "value": "20",
    },
)
SAME_SALE_ON_PARTNERO = after(
    "/promotion-codes/ANNA10",
    {
        "side": "partnero",
        "action": "sale",
        "code": "ANNA10",
        "amount": "49.99",
        "key": "R-1",
        "customer": BUYER,
    },
)
SAME_SALE_ON_TOLT = after(
    "/tolt/v1/transactions.*customer_id=",
    {
        "side": "tolt",
        "action": "sale",
        "code": "BEN20",
        "amount": 2000,
        "charge_id": "L-1",
    },
    nth=2,
)
OTHER_NAME_ON_TOLT = after(
    r"/tolt/v1/customers\?.*search=buyer-of-ben20",
    {"side": "tolt", "action": "rename_code", "code": "BEN20", "to": "BEN21"},
    nth=2,
)
PUT_AWAY = after(
    r"/transactions\?.*key=R-1",
    {"side": "partnero", "action": "archive_sale", "key": "R-1"},
    nth=2,
)
REDEEMED = {"method": "PUT", "path": "/promotion-codes", "body": "R-1"}


# --- what proves that a switch was at work --------------------------------------------


def unused(_why: str, **more: Any) -> Case:
    """A switch to which the program gives no occasion: all answers are the usual."""
    return Case(at_work=lambda _, twin: not twin.differing, **more)


def coupon_counts(place: Any, _twin: Twin) -> bool:
    return place.sandbox.world.partnero.code("ANNA10").coupon.times_redeemed == 3


def counted_twice(place: Any, _twin: Twin) -> bool:
    return place.sandbox.world.partnero.code("ANNA10").times_redeemed == 3


def credited_by_customer(place: Any, _twin: Twin) -> bool:
    (sale,) = place.sandbox.world.tolt.transactions.named("L-1")
    owner = sale.customer.partner.email
    return (sale.promotion_code_name, owner) == (None, "ben@example.com")


def pages_of_html(_place: Any, twin: Twin) -> bool:
    return any(b"<!doctype html" in said[2] for said in twin.struck)


def off_and_not_moved(place: Any, _twin: Twin) -> bool:
    (code,) = place.sandbox.world.tolt.codes_named("BEN20")
    return not code.active and code.updated_at == code.created_at


# --- the readings under which something else comes than usual -------------------------

SLOWED = {"partnero_rate_limit": 5, "partnero_rate_window": 0.2}
SLOWED_TOLT = {"tolt_rate_limit": 5, "tolt_rate_window": 0.2}
STRANGERS = {
    "world": {"strangers": True},
    "policy": "create_partners = true",
    "instead": (
        "partnero: code OLGA10, 10 percent, of Olga Kask",
        "tolt: code OTTO10, 10 percentage, of otto@example.com",
    ),
}
RULE = {"waits": ("OLD10 counts",), "says": ("OLD10 redeem held quarantined",)}
TWIN_CODE = {"exits": (4, 0), "says": ("ToPartnero adopt held collision",)}
TWIN_LINE = "partnero: code ToPartnero, 10 percent, of Anna Kask"
CASES: dict[tuple[str, Any], Case] = {
    ("any_key", True): Case(before=wrong_key),
    ("tidy_paths", False): unused("no path has a segment of dots"),
    ("partnero_rate_limit", 5): Case(
        switches={"partnero_rate_window": 0.2}, before=in_earnest
    ),
    ("partnero_rate_window", 0.2): Case(
        switches={"partnero_rate_limit": 5}, before=in_earnest
    ),
    ("partnero_retry_after", "absent"): Case(switches=SLOWED, before=in_earnest),
    ("partnero_limit_range", "1-250"): unused("a page has 100 rows in both"),
    ("partnero_limit_out_of_range", "reject"): unused("100 rows are in every range"),
    ("partnero_next_keeps_limit", False): Case(world={"crowd": 100}),
    ("partnero_pages_shift", "insert"): Case(
        world={"crowd": 100}, others=("code SHIFTED",)
    ),
    ("partnero_pages_shift", "delete"): Case(
        # The newest code goes each time: in the second run the one that was made.
        world={"crowd": 100},
        others=("code MANY", "partnero: code ToPartnero"),
        waits=("partnero: code ToPartnero",),
        says=("ToPartnero delete held gone_on_partnero",),
    ),
    ("partnero_create_path", "plural"): unused("only the plural path is asked"),
    ("partnero_path_addressing", True): unused("codes are written by the body"),
    ("partnero_drop_delete_body", True): Case(
        policy='delete = "auto"',
        between=does("tolt", "delete_code", code="FIX25"),
        others=("tolt: code FIX25",),
        exits=(0, 4, 4, 4, 0),
        says=("FIX25 delete held quarantined",),
    ),
    ("partnero_html_errors", True): Case(
        before=fault("status_after", status=503, **REDEEMED), at_work=pages_of_html
    ),
    ("partnero_duplicate_code", "per_coupon"): Case(
        before=same_code_on_partnero("ToPartnero"), instead=(TWIN_LINE,), **TWIN_CODE
    ),
    ("partnero_duplicate_code", "silent"): Case(
        before=same_code_on_partnero("ToPartnero"), instead=(TWIN_LINE,), **TWIN_CODE
    ),
    ("partnero_case", "sensitive"): Case(
        before=same_code_on_partnero("TOPARTNERO"),
        instead=("partnero: code TOPARTNERO, 10 percent, of Anna Kask",),
        says=("TOPARTNERO adopt held collision",),
    ),
    ("partnero_case", "upper"): Case(
        waits=("code ToPartnero",),
        instead=("partnero: code TOPARTNERO, 33 percent, of Anna Kask",),
        says=("spelling",),
    ),
    ("partnero_list_shape", "old"): Case(waits=("R-", "L-1"), says=("unproven",)),
    ("partnero_list_shape", "no_log"): Case(
        waits=("L-1",), says=("redemption_counter",)
    ),
    ("partnero_log_limit", 1): Case(waits=("L-1",), says=("redemption_counter",)),
    ("partnero_reject_unknown_fields", True): unused("no field is sent but known ones"),
    ("partnero_put_applies_all", True): unused("no limit is sent in an update"),
    ("partnero_redeem_rules", "no_op"): Case(exits=(4, 0), **RULE),
    ("partnero_redeem_rules", "reject"): Case(exits=(4, 4, 4, 0), **RULE),
    ("partnero_redeem_bumps_coupon", True): Case(at_work=coupon_counts),
    ("partnero_redeem_race", True): Case(
        # Something in between sends the request twice at once.
        before=fault("doubled", **REDEEMED),
        instead=("partnero: ANNA10 counts R-1",),
        says=("redemption_twice",),
        at_work=counted_twice,
    ),
    ("partnero_no_op_applies_rest", True): unused(
        "a redeem is sent alone",
        switches={"partnero_redeem_rules": "no_op"},
        exits=(4, 0),
        **RULE,
    ),
    ("partnero_archived_counts", True): Case(before=PUT_AWAY),
    ("partnero_unique_transactions", True): Case(
        before=alone(SAME_SALE_ON_PARTNERO), others=("R-2",)
    ),
    ("partnero_keys", "trim"): unused("a key with blanks around is not sent"),
    ("partnero_keys", "lower"): Case(
        exits=(4, 0),
        waits=("R-",),
        instead=(
            "partnero: sale r-1, 49.99 of anna@example.com pays 9.998",
            "partnero: sale r-2, 25 of anna@example.com pays 5",
            "partnero: sale r-old, 12 of anna@example.com pays 2.4",
        ),
        says=("ANNA10 transaction held quarantined",),
    ),
    ("partnero_transactions_lag", 50.0): Case(exits=(4, 0, 0), between=an_hour_later),
    ("partnero_unknown_customer", "accept"): Case(
        # As the notes say: recorded against nobody, and nothing is paid for it. That
        # is not what was asked for: a person decides.
        exits=(4, 0),
        before=alone(after("/promotion-codes/ANNA10", lose_buyer)),
        others=("R-2",),
        waits=("R-1",),
        instead=("partnero: sale R-1, 49.99 of None pays 0",),
    ),
    ("partnero_integer_created_at", True): unused("a time is sent as a number"),
    ("partnero_two_decimals", True): Case(
        world={"currency": "KWD"},
        exits=(4, 4, 4, 0),
        waits=("R-1", "R-2, 25", "R-old, 12", "L-1, 2000"),
        instead=(
            "partnero: sale R-2, 2.5 of anna@example.com pays 0.5",
            "partnero: sale R-old, 1.2 of anna@example.com pays 0.24",
            "tolt: sale L-1, 20000 of ben@example.com on BEN20 pays 4000",
        ),
        says=("ANNA10 transaction held quarantined",),
    ),
    ("partnero_discount_code_redeems", True): unused("no sale is sent with a code"),
    ("partnero_coupon_delete_cascades", True): unused("no coupon is ever deleted"),
    ("partnero_partner_by_email", False): unused("partners are listed", **STRANGERS),
    **{
        ("partnero_connected", name): unused("no coupon is synced to a provider")
        for name in ("stripe", "shopify", "woocommerce", "paddle")
    },
    **{
        ("partnero_program_type", name): Case(exits=(1, 1), waits=("",), says=(name,))
        for name in ("refer-a-friend", "newsletter")
    },
    ("partnero_wrong_key_status", 403): Case(
        before=wrong_key, exits=(1, 1), waits=("",), says=("403",)
    ),
    ("tolt_rate_limit", 5): Case(
        switches={"tolt_rate_window": 0.2}, before=in_earnest, says=("limit_changed",)
    ),
    ("tolt_rate_window", 0.2): Case(switches={"tolt_rate_limit": 5}, before=in_earnest),
    ("tolt_active_bumps", False): Case(
        between=does("tolt", "flip_active", code="BEN20"),
        says=("switched_off",),
        at_work=off_and_not_moved,
    ),
    ("tolt_same_ids", True): Case(version="v1"),
    ("tolt_inherit_code", False): Case(
        others=("on BEN20 pays", "on None pays"), at_work=credited_by_customer
    ),
    ("tolt_charge_ids", "trim"): unused("a key with blanks around is not sent"),
    ("tolt_charge_ids", "lower"): Case(
        exits=(4, 0),
        waits=("L-1",),
        instead=("tolt: sale l-1, 2000 of ben@example.com on BEN20 pays 400",),
        says=("BEN20 transaction held lookalike",),
    ),
    ("tolt_transactions_lag", 50.0): Case(exits=(4, 0, 0), between=an_hour_later),
    ("tolt_reject_unknown_fields", True): unused("no field is sent but known ones"),
    ("tolt_v1_duplicate", "400"): Case(before=SAME_CODE_ON_TOLT),
    ("tolt_v1_duplicate", "silent"): Case(
        before=SAME_CODE_ON_TOLT,
        instead=("tolt: code TOTOLT, 20 percentage, of ben@example.com",),
        says=("TOTOLT adopt held collision",),
    ),
    ("tolt_v1_errors", "string"): Case(before=SAME_CODE_ON_TOLT),
    ("tolt_v1_errors", "message"): Case(before=SAME_CODE_ON_TOLT),
    ("tolt_v1_warnings", "strings"): Case(
        before=OTHER_NAME_ON_TOLT,
        others=("tolt: code BEN2",),
        exits=(4, 0, 0),
        waits=("L-1",),
        instead=("tolt: sale L-1, 2000 of ben@example.com on BEN21 pays 400",),
        says=("BEN20 replace held renamed",),
    ),
    ("tolt_v1_whole_rows", False): Case(
        waits=("R-", "L-1"), says=("redemption_code_unseen",)
    ),
    ("tolt_v1_new_partner", "object"): Case(**STRANGERS),
    ("tolt_v1_email_filter", False): Case(**STRANGERS),
    ("tolt_v1_unique_charges", True): Case(before=SAME_SALE_ON_TOLT),
}
