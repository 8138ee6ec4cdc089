"""The record of the stand-ins sees what it is there for: it can say no."""

import httpx
import pytest

from connector.sandbox.server import Sandbox
from tests.benchmarks.fleet import small_pairs
from tests.benchmarks.fleet.record import Recorder, Span, overlaps, twice


def span(begun, ended, *, key="pk_1", first="GET partners"):
    return Span(key, 1, first, begun, ended)


@pytest.mark.parametrize(
    ("spans", "crossed"),
    [
        pytest.param([span(1, 2), span(3, 4)], 0, id="one after the other"),
        pytest.param([span(1, 3), span(2, 4)], 1, id="one begins within another"),
        pytest.param([span(1, 9), span(2, 3), span(4, 5)], 2, id="two within one"),
        pytest.param([span(1, 3), span(2, 4, key="pk_2")], 0, id="another pair"),
        pytest.param(
            [span(1, 3), span(2, 4, first="GET PROMO1")], 0, id="one more of one pass"
        ),
    ],
)
def test_two_passes_of_a_pair_at_the_same_time_are_seen(spans, crossed):
    assert len(overlaps(spans)) == crossed
    assert len(overlaps(reversed(spans))) == crossed


def test_each_effect_that_is_there_twice_is_named():
    once = {"key": "a", "codes": {"SAM20": 1}, "sales": {"o-1": 1}, "paid": 1}

    assert twice([once]) == []
    assert twice([{**once, "codes": {"SAM20": 2}}]) == ["a: codes SAM20 2 times"]
    assert twice([{**once, "sales": {"o-1": 3}}]) == ["a: sales o-1 3 times"]
    assert twice([{**once, "paid": 2}]) == ["a: 2 commissions for 1 sales"]


@pytest.fixture
def served():
    world = small_pairs.world_of(range(9, 12))
    sandbox = Sandbox(world=world)
    recorder = Recorder(sandbox.server.config.app)
    sandbox.server.config.app = recorder
    with sandbox:
        yield sandbox, recorder


def asked(client, sandbox, key, path="partnero/v1/partners", **more):
    headers = {"Authorization": f"Bearer {key}"}
    return client.get(f"{sandbox.url}/{path}", headers=headers, **more)


def test_one_process_serves_each_pair_its_own_programmes(served):
    sandbox, recorder = served
    with httpx.Client(trust_env=False) as client:
        names = [
            asked(client, sandbox, small_pairs.keys_of(number)[0]).json()["data"][0]
            for number in range(9, 12)
        ]
        assert asked(client, sandbox, "pk_bench_00001").status_code == 401

    assert [one["email"].partition("@")[2] for one in names] == [
        f"{small_pairs.name_of(number)}.example" for number in range(9, 12)
    ]
    assert [one.requests for one in recorder.spans] == [1, 1, 1, 1]


def test_a_connection_is_a_span_and_a_second_one_another(served):
    sandbox, recorder = served
    key, _ = small_pairs.keys_of(10)
    with httpx.Client(trust_env=False) as one, httpx.Client(trust_env=False) as other:
        asked(one, sandbox, key)
        asked(other, sandbox, key)
        asked(one, sandbox, key)
    sandbox.stop()  # an answer is there a moment before its end is noted

    assert [span.requests for span in recorder.spans] == [2, 1]
    assert len(overlaps(recorder.spans)) == 1


def test_what_the_stand_ins_hold_is_counted_by_them_alone(served):
    sandbox, recorder = served
    key, other = small_pairs.keys_of(10)
    small_pairs.add_a_code(sandbox.world, key, "ONEMORE")

    effects = {one["key"]: one for one in recorder.told(sandbox.world)["effects"]}

    assert effects[key]["codes"]["ONEMORE"] == 1
    assert effects[key]["sales"] == {small_pairs.SALE: 1}
    assert effects[other]["sales"] == {}
    assert effects[other]["codes"][small_pairs.ONLY_TOLT] == 1
    assert twice(effects.values()) == []
