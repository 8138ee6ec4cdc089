"""What Tolt v1 and v2 share, and how each words its keys, errors and answers.

One store, two versions: a code that v1 made is the code that v2 lists. A handler asks
`call.old` where the two differ. v1 answers arrays of one and has three shapes of
error; v2 has one envelope and stable error codes. Bulk calls, clicks, flows and
reports are not served.
"""

import math
import time
from datetime import datetime
from typing import Any

from connector.sandbox.switches import Switches
from connector.sandbox.tolt_shapes import RESOURCES, TCall, find, show
from connector.sandbox.tolt_store import Organization
from connector.sandbox.wire import Api, Refused, Reply
from connector.sandbox.world import World

TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
ARRAYS = {"codes", "customers", "transactions"}


class ToltApi(Api[Organization]):
    """Keys, limits and errors of v2."""

    name = "tolt_v2"
    max_body: int | None = 1_000_000

    def owners(self, world: World) -> dict[str, Organization]:
        return world.organizations

    def limits(self, switches: Switches) -> tuple[int, float, str]:
        s = switches
        return s.tolt_rate_limit, s.tolt_rate_window, s.tolt_retry_after

    def headers(self, switches: Switches, left: int) -> dict[str, str]:
        if not switches.tolt_rate_limit:
            return {}
        return {
            "X-RateLimit-Limit": str(switches.tolt_rate_limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": str(
                math.ceil(time.time() + switches.tolt_rate_window)
            ),
        }

    def refusal(self, switches: Switches, refused: Refused) -> Reply:
        body: dict[str, Any] = {
            "success": False,
            "message": refused.message,
            "code": refused.code,
            "doc_url": f"https://docs.tolt.com/errors#{refused.code}",
        }
        if refused.fields:
            body["errors"] = [{"field": n, "message": m} for n, m in refused.fields]
        return Reply(refused.status, body, refused.headers)

    def plain(self, switches: Switches, value: datetime) -> str:
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ToltV1(ToltApi):
    """Keys, limits and errors of v1."""

    name = "tolt_v1"
    old = True
    max_body = None

    def limits(self, switches: Switches) -> tuple[int, float, str]:
        # v1 names no header for its limit: the client has to guess.
        return switches.tolt_rate_limit, switches.tolt_rate_window, "absent"

    def headers(self, switches: Switches, left: int) -> dict[str, str]:
        if not switches.tolt_v1_deprecation:
            return {}
        return {"Deprecation": "true", "Sunset": "Thu, 31 Dec 2026 23:59:59 GMT"}

    def refusal(self, switches: Switches, refused: Refused) -> Reply:
        kind = TYPES.get(refused.status, "invalid_request_error")
        error: Any = {"message": refused.message, "type": kind}
        body: dict[str, Any] = {"success": False, "error": error}
        if switches.tolt_v1_errors == "string":
            body["error"] = refused.message
        elif switches.tolt_v1_errors == "message":
            body = {"message": refused.message}
        return Reply(refused.status, body)


# --- answers ----------------------------------------------------------------------


def ok(call: TCall, data: Any, status: int = 200, **more: Any) -> Reply:
    message = {} if call.old else {"message": "Request successful"}
    return Reply(status, {"success": True, **message, "data": data, **more})


def written(call: TCall, row: Any, *, new: bool = False, **more: Any) -> Reply:
    """The answer to a create or an update: v1 wraps most rows into arrays of one."""
    shown: Any = show(call, row, written=True)
    if not call.old:
        return ok(call, shown, call.switches.tolt_v2_create_status if new else 200)
    array = RESOURCES[type(row)].table in ARRAYS
    if new and not array:
        array = call.switches.tolt_v1_partner_create_array
    return ok(call, [shown] if array else shown, **more)


# --- ids --------------------------------------------------------


def in_path(call: TCall, table: str) -> Any:
    row = find(call, table, call.path["id"])
    if row is None:
        what = table.removesuffix("s").capitalize()
        raise Refused(404, "not_found", f"{what} not found")
    return row
