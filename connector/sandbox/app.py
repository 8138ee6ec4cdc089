"""Puts the three APIs and the control endpoints together."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp

from connector.sandbox import (
    partnero,
    partnero_codes,
    partnero_coupons,
    partnero_people,
    partnero_transactions,
    tolt_v1,
    tolt_v2,
)
from connector.sandbox.control import control_routes
from connector.sandbox.gate import Gate, Site

PARTNERO_ROUTES = [
    *partnero_codes.ROUTES,
    *partnero_coupons.ROUTES,
    *partnero_people.ROUTES,
    *partnero_transactions.ROUTES,
]


async def _bad_control(request: Request, why: Exception) -> Response:
    """A typing error in a test script: say which, and do nothing."""
    return JSONResponse({"message": str(why)}, 400)


def build_app(site: Site) -> ASGIApp:
    app = Starlette(
        routes=[
            Mount("/partnero/v1", partnero.router(site.limiter, PARTNERO_ROUTES)),
            Mount("/tolt/v1", tolt_v1.router(site.limiter)),
            Mount("/tolt/v2", tolt_v2.router(site.limiter)),
            Mount("/_sandbox", routes=control_routes(site)),
        ],
        exception_handlers={
            ValueError: _bad_control,
            KeyError: _bad_control,
            TypeError: _bad_control,
        },
    )
    return Gate(app, site)
