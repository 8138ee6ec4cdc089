"""httpx without the command that it brings along, which nobody calls here.

That loads rich and pygments, a tenth of all that a plan loads. httpx knows how to do
without: so it is where these are not installed.
"""

import sys

_COMMAND = "httpx._main"
_is_loaded = _COMMAND in sys.modules
if not _is_loaded:
    sys.modules[_COMMAND] = None  # type: ignore[assignment]

import httpx  # noqa: E402 (what stands above is for it)

if not _is_loaded:
    del sys.modules[_COMMAND]

__all__ = ["httpx"]
