"""Silence in a fleet is told once, whoever of the workers notices it."""

import pytest

from connector.commands import fleet_silence
from connector.commands.context import Context
from connector.commands.fleet_passes import FleetPasses
from connector.commands.fleet_silence import WATCHING, Silence
from connector.fleet.passes import Stop
from state.store import Store

pytestmark = pytest.mark.filterwarnings("ignore:.imghdr. is deprecated")
NOTICES = '[notify]\nurls = ["json://127.0.0.1:1/notice"]'


class Listener:
    """A worker's look for silence, and the notices that it has sent."""

    def __init__(self, works) -> None:
        works.configure(NOTICES)
        self.works, self.titles, self.bodies = works, [], []
        context = Context(works.config, format="json")
        self.passes = FleetPasses(context, works.loaded)
        self.passes.announcer._send = self.send
        self.silence = Silence(works.engine, self.passes)

    def send(self, _url, title, body):
        self.titles.append(title)
        self.bodies.append(body)
        return True

    def watch(self):
        self.silence.watch()
        return sorted(self.titles)

    def passed(self, pair):
        """Let a pass of a pair be made by this worker, and all of it be told."""
        (claim,) = [
            one for one in self.works.fleet.claim(100, nowhere) if one.pair == pair
        ]
        row = self.works.fleet.begin(claim, "host/1")
        self.passes.work(row, Stop())
        self.works.fleet.end(claim, 2**60)
        self.passes.teller._notices.rest(20)


def nowhere(_connection, _claims):
    """A queue that keeps nothing."""


@pytest.fixture
def listener(works):
    return Listener(works)


def test_pairs_that_never_had_a_pass_are_told_once_by_one_of_the_workers(
    works, listener
):
    works.bring(2)
    other = Listener(works)
    assert listener.watch() == ["p0: silent", "p1: silent"]
    assert other.watch() == []
    assert listener.watch() == ["p0: silent", "p1: silent"]
    assert "no verified success since" in listener.bodies[0]


def test_many_that_are_silent_together_are_one_notice_and_come_back_quietly(
    works, listener
):
    works.bring(8)
    assert listener.watch() == ["8 pairs are silent"]
    assert "fleet status" in listener.bodies[0]
    assert "p0" in listener.bodies[0]
    other = Listener(works)
    assert other.watch() == []
    other.passed("p3")
    assert other.titles == []
    assert Store(works.engine, "p3").facts.alarm() == frozenset()
    assert Store(works.engine, "p4").facts.alarm() == frozenset({"silent_many"})


def test_a_pair_that_comes_back_is_well_again(works, listener):
    works.bring(1)
    listener.watch()
    listener.passed("p0")
    assert listener.titles == ["p0: silent", "p0 is well again"]
    assert len(listener.watch()) == 2


def test_what_is_paused_or_under_way_is_not_silent(works, listener):
    works.bring(2)
    works.table.pause(["p0"], at="2026-11-30T12:00:00Z", by="ann")
    works.fleet.claim(1, nowhere)
    assert listener.watch() == []


def test_a_row_that_cannot_be_read_silences_nobody(works, listener):
    works.bring(2)
    with works.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE fleet_pair SET section = '{}' WHERE pair = 'p0'"
        )
    assert listener.watch() == ["p1: silent"]


def test_while_another_worker_looks_this_one_does_not(works, listener):
    works.bring(1)
    with works.fleet.turn(WATCHING) as mine:
        assert mine
        assert listener.watch() == []
    assert listener.watch() == ["p0: silent"]


def test_no_silent_pair_is_hidden_behind_many_others(works, listener, monkeypatch):
    monkeypatch.setattr(fleet_silence, "MOST", 2)
    works.bring(5)
    assert listener.watch() == [f"p{number}: silent" for number in range(5)]
