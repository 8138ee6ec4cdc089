"""A peer at the same work: vdirsyncer in memory, its status too, 1 % changed.

A program of its own, run by the Python of another environment: ``peer NUMBER`` prints
the CPU seconds that the second synchronisation takes.
"""

import asyncio
import sys
from time import process_time

from vdirsyncer.storage.memory import MemoryStorage
from vdirsyncer.sync import sync
from vdirsyncer.sync.status import SqliteStatus
from vdirsyncer.vobject import Item


def item(number: int, percent: int) -> Item:
    return Item(f"UID:code{number:08d}\nX-PERCENT:{percent}\nX-PARTNER:{number % 1000}")


async def measured(records: int) -> float:
    left, right, status = MemoryStorage(), MemoryStorage(), SqliteStatus(":memory:")
    for number in range(records):
        await left.upload(item(number, 20))
        await right.upload(item(number, 20))
    await sync(left, right, status)
    for number in range(0, records, 100):
        href = f"code{number:08d}"
        _, etag = await left.get(href)
        await left.update(href, item(number, 25), etag)
    begun = process_time()
    await sync(left, right, status)
    return process_time() - begun


if __name__ == "__main__":
    print(asyncio.run(measured(int(sys.argv[1]))))  # noqa: T201 (a program)
