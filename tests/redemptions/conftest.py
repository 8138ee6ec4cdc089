"""Two programmes with sales on them, and runs of one pair between them."""

import pytest

from connector.sandbox import seed
from tests.harness.place import Place
from tests.harness.worlds import QUIET, shop
from tests.standins.front import Sandbox

PUSH = 'redemptions = "both"\ncommissions = true'


@pytest.fixture
def build() -> seed.Builder:
    """Both programmes with two codes, for a test that opens them by itself."""
    return shop()


@pytest.fixture
def open_shop(tmp_path):
    """Open places; all of them are closed at the end."""
    opened = []

    def open_one(build=None, version="v2", policy="", currency="USD") -> Place:
        build = build or shop(currency=currency)
        opened.append(Sandbox(world=build.world, switches=QUIET).start())
        place = Place(tmp_path, opened[-1], version, build)
        place.configure(policy=policy)
        return place

    yield open_one
    for sandbox in opened:
        sandbox.stop()


@pytest.fixture
def place(open_shop) -> Place:
    """A shop on both sides where nothing is sold yet and nothing is pushed."""
    return open_shop()


@pytest.fixture
def pusher(open_shop) -> Place:
    """The same, where redemptions are pushed both ways and may pay."""
    return open_shop(policy=PUSH)
