"""The last word before a write leaves: asked on the wire itself, not before it.

Between a check and its request lie the pace, the connection and TLS, and a process
may be stopped on any line of them. So who holds the pair is asked again when the
connection stands, right before the first byte, and before the body: a request without
its body does nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

MOMENTS = ("send_request_headers.started", "send_request_body.started")
Watch = Callable[[str, Mapping[str, Any]], None]


def watching(fence: Callable[[], None]) -> Watch:
    """Return what httpcore tells of each step, and what then asks the fence."""

    def hear(step: str, _facts: Mapping[str, Any]) -> None:
        if step.endswith(MOMENTS):
            fence()

    return hear
