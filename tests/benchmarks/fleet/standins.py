"""Stand-ins of many pairs as one process: ``standins.py FIRST COUNT``.

Prints its port. One line on its input asks for one on its output: ``record`` for what
was seen, ``more TEXT`` for one more code of each programme on Partnero.
"""

import json
import sys

from connector.sandbox.server import Sandbox
from tests.benchmarks.fleet.record import Recorder
from tests.benchmarks.fleet.small_pairs import add_a_code, world_of


def main(first: int, count: int) -> None:
    world = world_of(range(first, first + count))
    sandbox = Sandbox(world=world)
    recorder = Recorder(sandbox.server.config.app)
    sandbox.server.config.app = recorder
    with sandbox:
        print(sandbox.port, flush=True)  # noqa: T201 (a program)
        for line in sys.stdin:
            word, _, text = line.strip().partition(" ")
            if word == "more":
                for key in list(world.programmes):
                    add_a_code(world, key, text)
            answer = recorder.told(world) if word == "record" else {}
            print(json.dumps(answer), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
