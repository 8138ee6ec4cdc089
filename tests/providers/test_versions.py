"""Tolt's two versions mean other amounts: one is never read as the other."""

from contextlib import closing

import pytest

from connector.errors import Failed
from connector.providers.base import Remembered
from connector.providers.http import Access, ReadOnly
from connector.providers.tolt_reading import ToltReader
from tests.standins.faults import Fault
from tests.standins.front import Sandbox


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        running.switches.tolt_rate_limit = 0
        yield running


@pytest.fixture
def reader(sandbox):
    """Return a reader of one version that is pointed at another."""
    opened = []

    def build(version, at):
        key = sandbox.environment["TOLT_API_KEY"]
        http = ReadOnly(Access("Tolt", f"{sandbox.url}/tolt/{at}/", key))
        opened.append(http)
        program = f"prg_{sandbox.world.tolt.program.uid}"
        return ToltReader(http, version=version, program_id=program, currency="USD")

    yield build
    for http in opened:
        http.close()


def code_id(sandbox, text, prefix):
    return f"{prefix}_{sandbox.world.tolt.codes_named(text)[0].uid}"


ASKED = {
    "read": lambda one: one.read(Remembered()),
    "find": lambda one: one.find("CANARY"),
    "find_partner": lambda one: one.find_partner("anna@example.com"),
    "identify": lambda one: one.identify(),
    "prove_version": lambda one: one.prove_version(),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(("version", "at"), [("v1", "v2"), ("v2", "v1")])
def test_answers_of_the_other_version_end_the_run(reader, asked, version, at):
    with pytest.raises(Failed) as failed:
        ASKED[asked](reader(version, at))

    assert f"answers as {at} of its API does" in str(failed.value)
    assert f'Correct api_version to "{at}"' in str(failed.value)
    assert "Nothing was written" in str(failed.value)


@pytest.mark.parametrize(
    ("version", "at", "prefix"), [("v1", "v2", "promo"), ("v2", "v1", "prc")]
)
def test_one_fixed_amount_in_the_other_unit_ends_the_run(
    sandbox, reader, version, at, prefix
):
    with pytest.raises(Failed, match="a fixed value"):
        reader(version, at).get(code_id(sandbox, "FIXED25", prefix))


@pytest.mark.parametrize(("version", "at"), [("v1", "v2"), ("v2", "v1")])
def test_a_missing_path_of_the_other_version_is_told_as_such(
    sandbox, reader, version, at
):
    """v1 had no list of programmes for long."""
    sandbox.faults.add(Fault("status", path="/programs", status=404, answer={}))

    with pytest.raises(Failed, match=f"answers as {at} of its API does"):
        reader(version, at).identify()


@pytest.mark.parametrize(("version", "prefix"), [("v1", "prc"), ("v2", "promo")])
def test_answers_of_the_same_version_are_read(sandbox, reader, version, prefix):
    tolt = reader(version, version)

    for ask in ASKED.values():
        ask(tolt)

    assert tolt.get(code_id(sandbox, "FIXED25", prefix)).written == "FIXED25"


@pytest.mark.parametrize(
    ("version", "value"), [("v1", "25"), ("v2", 2500)], ids=["text", "number"]
)
def test_a_list_that_says_neither_is_told_by_its_amounts(sandbox, value, version):
    program = f"prg_{sandbox.world.tolt.program.uid}"
    row = {"id": "x", "code": "FIXED25", "type": "fixed", "value": value}
    answer = {"success": True, "has_more": False, "data": [row]}
    fault = Fault("status", path="promotion-codes", status=200, answer=answer)
    key = sandbox.environment["TOLT_API_KEY"]
    sandbox.faults.add(fault)
    at = f"{sandbox.url}/tolt/{version}/"
    with closing(ReadOnly(Access("Tolt", at, key))) as http:
        tolt = ToltReader(http, version=version, program_id=program, currency="USD")
        with pytest.raises(Failed, match="a fixed value"):
            tolt.find("FIXED25")
