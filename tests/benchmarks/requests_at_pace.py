"""Requests as fast as the shared window lets them: ``NAME.py URL RATE SECONDS STATE``.

A program of its own, so that several of them share one key beside one state.
"""

import sys
from time import perf_counter

from connector.providers.http import Access, ReadOnly
from connector.providers.pace import SlidingWindow
from state.sharing import Sharing

KEY = "tlt_live_sandbox_acme"

if __name__ == "__main__":
    url, rate, seconds = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    pace = SlidingWindow(rate, KEY, "bench", Sharing(sys.argv[4]))
    http = ReadOnly(Access("Tolt", url, KEY, pace))
    end = perf_counter() + seconds
    while perf_counter() < end:
        http.get("programs", {"limit": 1})
