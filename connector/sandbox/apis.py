"""The three APIs with their routes, by the path that each is mounted under."""

from typing import Any

from connector.sandbox import (
    partnero,
    partnero_codes,
    partnero_sales,
    tolt,
    tolt_writes,
)
from connector.sandbox.wire import Api

PARTNERO = [*partnero.ROUTES, *partnero_codes.ROUTES, *partnero_sales.ROUTES]
APIS: tuple[Api[Any], ...] = (
    partnero.PartneroApi("/partnero/v1", PARTNERO),
    tolt.ToltV1("/tolt/v1", tolt_writes.V1_ROUTES),
    tolt.ToltApi("/tolt/v2", tolt_writes.V2_ROUTES),
)
