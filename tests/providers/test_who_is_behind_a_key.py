"""Whatever is said of the programme behind a key, a reader tells it or says why not."""

from contextlib import closing

import pytest

from connector.errors import SyncError
from connector.providers.base import Identity
from connector.providers.http import Access, Patience, ReadOnly
from connector.providers.partnero_reading import PartneroReader
from connector.providers.tolt_reading import ToltReader
from tests.standins.faults import Fault
from tests.standins.front import Sandbox

ONCE = Patience(deadline=5, attempts=1)
ODD = [
    "text",
    [[]],
    7,
    {"data": "text"},
    {"data": {"program": "text"}},
    {"data": {"program": {"id": "x", "currency": []}}},
    {"data": {"program": [{"id": {}}, 7]}},
    {"success": True, "data": [7, "row"], "has_more": False},
    {"success": True, "data": [{"id": "prg_1", "currency_code": [1]}]},
    {"success": True, "data": [{"id": "prg_1", "currency_code": {"a": 1}}]},
]


@pytest.fixture
def sandbox():
    with Sandbox() as running:
        yield running


def reader_of(sandbox, product, version):
    http = ReadOnly(
        Access(
            product.capitalize(),
            f"{sandbox.url}/{product}/{version}/",
            sandbox.environment[f"{product.upper()}_API_KEY"],
            patience=ONCE,
        )
    )
    if product == "partnero":
        return PartneroReader(http, currency="USD")
    return ToltReader(http, version=version, program_id="prg_1", currency="USD")


@pytest.mark.parametrize(
    ("product", "version"), [("partnero", "v1"), ("tolt", "v1"), ("tolt", "v2")]
)
@pytest.mark.parametrize("body", ODD)
def test_a_programme_that_cannot_be_understood_is_one_error(
    sandbox, product, version, body
):
    sandbox.faults.add(Fault("status", status=200, answer=body, count=None))
    reader = reader_of(sandbox, product, version)
    with closing(reader):
        try:
            found = reader.identify()
        except SyncError as error:
            found = error

    assert isinstance(found, Identity) or product.capitalize() in str(found)
