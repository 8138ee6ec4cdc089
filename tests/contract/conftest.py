"""Any product there is, each in a test's own world."""

from collections.abc import Iterator

import pytest

from connector.sandbox.world import World
from tests.contract.products import PRODUCTS, Product, product_of
from tests.standins.front import Sandbox


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    """One server for all of them: each test gives it a world of its own."""
    switches = {"tolt_rate_limit": 0, "tolt_v1_whole_rows": True}
    with Sandbox(world=World(), switches=switches) as running:
        yield running


@pytest.fixture(params=PRODUCTS)
def product(request: pytest.FixtureRequest, served: Sandbox) -> Iterator[Product]:
    """Any product there is."""
    made = product_of(request.param, served)
    yield made
    made.writer.close()


@pytest.fixture(params=[name for name in PRODUCTS if "partnero" in name])
def partnero(request: pytest.FixtureRequest, served: Sandbox) -> Iterator[Product]:
    """What Partnero alone has."""
    made = product_of(request.param, served)
    yield made
    made.writer.close()


@pytest.fixture(params=[name for name in PRODUCTS if "tolt" in name])
def tolt(request: pytest.FixtureRequest, served: Sandbox) -> Iterator[Product]:
    """What Tolt alone has, in either version."""
    made = product_of(request.param, served)
    yield made
    made.writer.close()
