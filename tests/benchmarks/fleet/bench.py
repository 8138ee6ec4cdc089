"""``make bench-fleet``: a fleet under trouble, and its speed beside the floor.

Starts a PostgreSQL server, stand-ins and workers of its own, on loopback, and takes
them away at the end. Exit 1 where anything was lost, doubled or overlapped; how quick
it was is printed and fails nothing.
"""

import argparse
import sys
from pathlib import Path

from tests.benchmarks.fleet.figures import put_into, table, told
from tests.benchmarks.fleet.ground import Stuck, ground
from tests.benchmarks.fleet.speed import speeds
from tests.benchmarks.fleet.trouble import trouble


def arguments(words: list[str] | None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="make bench-fleet")
    asked.add_argument("--pairs", type=int, default=1000)
    asked.add_argument("--passes", type=int, default=600, help="of a timed round")
    asked.add_argument("--rounds", type=int, default=1, help="best of so many; 0: none")
    asked.add_argument("--slots", type=int, default=8)
    asked.add_argument("--standins", type=int, default=2, help="processes")
    asked.add_argument("--into", type=Path, help="the page that takes the figures")
    return asked.parse_args(words)


def main(words: list[str] | None = None) -> int:
    asked = arguments(words)
    try:
        with ground(asked.pairs, asked.standins, asked.slots) as where:
            story = trouble(where)
            _say(told(story, asked.pairs))
            timed = speeds(where, min(asked.passes, asked.pairs), asked.rounds)
            sizes = where.sizes()
    except Stuck as why:
        _say(f"STUCK: {why}")
        return 1
    page = told(story, asked.pairs) + "\n" + table(timed, sizes, asked.slots)
    _say(table(timed, sizes, asked.slots))
    if asked.into and not story.wrong:
        put_into(asked.into, page)
    return 1 if story.wrong else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
