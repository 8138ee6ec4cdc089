"""Puts the three APIs and the control endpoints together."""

from starlette.applications import Starlette
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
from connector.sandbox.control import control_app
from connector.sandbox.gate import Gate, Site

PARTNERO_ROUTES = [
    *partnero_codes.ROUTES,
    *partnero_coupons.ROUTES,
    *partnero_people.ROUTES,
    *partnero_transactions.ROUTES,
]


def build_app(site: Site) -> ASGIApp:
    app = Starlette(
        routes=[
            Mount("/partnero/v1", partnero.router(site.limiter, PARTNERO_ROUTES)),
            Mount("/tolt/v1", tolt_v1.router(site.limiter)),
            Mount("/tolt/v2", tolt_v2.router(site.limiter)),
            Mount("/_sandbox", control_app(site)),
        ],
    )
    return Gate(app, site)
