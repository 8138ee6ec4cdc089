"""The clients of a pair whose products are both in memory."""

from connector.providers.base import Writers
from connector.providers.memory.charges import MemoryCharges
from connector.providers.memory.partnero import MemoryPartnero
from connector.providers.memory.programme import Process, Programme
from connector.providers.memory.sales import MemorySales
from connector.providers.memory.tolt import MemoryTolt


def writers_of(
    left: Programme, right: Programme, process: Process, version: str = "v2"
) -> Writers:
    """Return what one process may ask of both products, and send to them."""
    partnero = MemoryPartnero(left, process)
    tolt = MemoryTolt(right, process, version)
    return Writers(
        partnero,
        tolt,
        marks=partnero,
        changes=tolt,
        sales=lambda: MemorySales(partnero),
        charges=lambda: MemoryCharges(tolt),
        coupons=partnero,
    )
