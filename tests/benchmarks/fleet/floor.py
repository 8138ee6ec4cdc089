"""The floor of a fleet: ``floor.py FOLDER LOOPS``, and nothing that heals anything.

Each loop claims the pair that is due longest (SKIP LOCKED), does the very pass that a
worker does, says when the pair is due again, and claims the next. A loop that dies
takes its pair with it, an outage of the server ends it, and pairs that share a key run
side by side: what a real engine adds is measured against this.
"""

import sys
import time
from pathlib import Path
from threading import Thread

import psycopg

from tests.benchmarks.fleet.one_pass import Worked

CLAIM = """UPDATE partnero_tolt.fleet_pair SET queued = 1, begun = 1
WHERE pair = (SELECT pair FROM partnero_tolt.fleet_pair
    WHERE NOT paused AND queued IS NULL
    AND due <= extract(epoch FROM clock_timestamp()) * 1000000
    ORDER BY due LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING pair, section"""
END = """UPDATE partnero_tolt.fleet_pair
SET due = %s, queued = NULL, begun = NULL WHERE pair = %s"""


def loop(work: Worked) -> None:
    with psycopg.connect(work.url, autocommit=True) as database:
        while True:
            claimed = database.execute(CLAIM).fetchone()
            if claimed is None:
                time.sleep(0.05)
                continue
            database.execute(END, (work.done(*claimed), claimed[0]))


if __name__ == "__main__":
    work = Worked(Path(sys.argv[1]))
    loops = [Thread(target=loop, args=(work,)) for _ in range(int(sys.argv[2]))]
    for one in loops:
        one.start()
    for one in loops:
        one.join()
