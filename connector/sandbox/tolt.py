"""What Tolt v1 and v2 share, and how each words its errors and answers.

One store, two versions: a code that v1 made is the code that v2 lists. A handler asks
`call.old` where the two differ. v1 answers arrays of one and has three shapes of
error; v2 has one envelope and stable error codes. How rows are shown is next door.
"""

import math
import time
from datetime import datetime
from typing import Any, TypeAlias

from connector.sandbox import tolt_store as store
from connector.sandbox.switches import Switches
from connector.sandbox.wire import Api, Call, Refused, Reply, retry_after
from connector.sandbox.world import World

TCall: TypeAlias = Call[store.Organization]
TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


class ToltApi(Api[store.Organization]):
    """Keys, limits and errors of v2."""

    product = "tolt"
    max_body: int | None = 1_000_000

    def owners(self, world: World) -> dict[str, store.Organization]:
        return world.organizations

    def headers(self, switches: Switches, left: int, wait: float) -> dict[str, str]:
        if not switches.tolt_rate_limit:
            return {}
        reset = math.ceil(time.time() + switches.tolt_rate_window)
        return {
            "X-RateLimit-Limit": str(switches.tolt_rate_limit),
            "X-RateLimit-Remaining": str(max(left, 0)),
            "X-RateLimit-Reset": str(reset),
            **(retry_after(wait) if left < 0 else {}),
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
        return Reply(refused.status, body)

    def plain(self, switches: Switches, value: datetime) -> str:
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ToltV1(ToltApi):
    """Keys, limits and errors of v1, which names no header for its limit."""

    old = True
    max_body = None

    def headers(self, switches: Switches, left: int, wait: float) -> dict[str, str]:
        if not switches.tolt_v1_deprecation:
            return {}
        return {"Deprecation": "true", "Sunset": "Thu, 31 Dec 2026 23:59:59 GMT"}

    def plain(self, switches: Switches, value: datetime) -> str:
        if switches.tolt_v1_times == "offset":
            return value.isoformat(timespec="microseconds")
        return super().plain(switches, value)

    def refusal(self, switches: Switches, refused: Refused) -> Reply:
        kind = TYPES.get(refused.status, "invalid_request_error")
        error: Any = {"message": refused.message, "type": kind}
        body: dict[str, Any] = {"success": False, "error": error}
        if switches.tolt_v1_errors == "string":
            body["error"] = refused.message
        elif switches.tolt_v1_errors == "message":
            body = {"message": refused.message}
        return Reply(refused.status, body)


def problem(code: str, name: str, text: str) -> Refused:
    status = 409 if code == "already_exists" else 400
    return Refused(status, code, f"{name}: {text}", [(name, text)])


def invalid(bad: list[tuple[str, str]]) -> Refused:
    """Every bad field is named at once."""
    text = "; ".join(f"{name}: {why}" for name, why in bad)
    return Refused(400, "validation_error", text, bad)


def ok(call: TCall, data: Any, status: int = 200, **more: Any) -> Reply:
    message = {} if call.old else {"message": "Request successful"}
    return Reply(status, {"success": True, **message, "data": data, **more})
