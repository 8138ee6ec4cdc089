"""Runs a program and says what it took: ``measure.py FILE PROGRAM ARGUMENT...``.

A program of its own, and a small one: Linux counts the peak of the process that
starts a program as the program's, and that of pytest may be gigabytes.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter

if __name__ == "__main__":
    begun = perf_counter()
    process = subprocess.Popen(sys.argv[2:])
    _, status, used = os.wait4(process.pid, 0)
    spent = {
        "wall": perf_counter() - begun,
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss / 1024,
    }
    Path(sys.argv[1]).write_text(json.dumps(spent), encoding="utf-8")
    sys.exit(os.waitstatus_to_exitcode(status))
