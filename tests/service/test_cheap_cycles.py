"""Passes that look at changes only: cheap, and never the worse for it (B20, B21)."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from connector.commands.context import Context
from connector.commands.keeper import Keeper
from connector.terminal.log import configure
from state.database import open_to_write
from state.model import Decision
from state.store import Store
from tests.harness.settled import keep, settled_before
from tests.standins import edits

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Passes:
    """Passes of one pair by hand, under a clock that is moved by hand."""

    def __init__(self, town, clock) -> None:
        self.town, self.clock = town, clock

    def go(self, minutes: int = 15) -> str:
        """Do a pass some minutes later; return the line that it says."""
        configure("warning")
        self.clock.shift(timedelta(minutes=minutes))
        self.town.sandbox.requests.clear()
        config = self.town.loaded
        keeper = Keeper(Context(self.town.config), config)
        keeper.begin(config.pair("p0"), threading.Event())
        return self.town.capsys.readouterr().out.strip()

    def edit(self, side: str, action: str, **options: object) -> None:
        edit = {"side": side, "action": action, **options}
        edits.apply(self.view(), self.town.sandbox.switches, edit)

    def view(self):
        """Return a world whose two programmes are those of the pair."""
        world = self.town.sandbox.world
        left, right = world.programmes["pk_0"], world.organizations["tlt_0"]
        programmes, organizations = {"pk_0": left}, {"tlt_0": right}
        return type(world)(programmes, organizations, world.clock, [], "x")

    @property
    def asked_for_codes(self) -> list[dict[str, str]]:
        """Return the queries for codes that Tolt got."""
        return [
            one.query
            for one in self.town.sandbox.requests
            if one.path.endswith("/tolt/v2/promotion-codes")
        ]

    @property
    def last(self):
        return self.town.runs()[-1]


@pytest.fixture
def passes(town):
    town.settle("*/15 * * * *", codes=12)
    with time_machine.travel(START, tick=True) as clock:
        made = Passes(town, clock)
        if settled_before(town, "a first pass"):
            clock.shift(timedelta(minutes=15))
        else:
            made.go()  # adopts
            keep(town, "a first pass")
        made.go()  # finds nothing to do, and remembers from where
        yield made


def test_another_state_that_takes_over_is_no_idle_cycle(passes):
    view = passes.view()
    sentinel = next(iter(view.partnero.codes)).code
    path = passes.town.config
    text = path.read_text(encoding="utf-8")
    path.write_text(f'{text}\nlimits.sentinel = "{sentinel}"\n', encoding="utf-8")
    passes.go()
    idle = passes.go()

    kept = {"partnero_tolt.00000000000000aa": "2026-01-01T00:00:00Z"}
    passes.edit("partnero", "set_code", code=sentinel, metadata=kept)
    told = passes.go()

    assert is_idle(idle)
    assert not is_idle(told)
    assert passes.last.status == "refused"


def is_idle(said: str) -> bool:
    return "nothing new" in said and len(said.splitlines()) == 1


def test_an_idle_cycle_asks_tolt_once_for_codes_and_says_one_line(passes):
    said = passes.go()

    assert is_idle(said)
    (query,) = passes.asked_for_codes
    assert query["updated_after"].startswith("2026-11-22T12:25:")
    assert {one.method for one in passes.town.sandbox.requests} == {"GET"}
    assert passes.last.status == "complete"


def test_idle_cycles_keep_the_pair_up_to_date(passes):
    for _ in range(4):
        assert is_idle(passes.go())

    assert passes.town.call("health")[0] == 0


def test_an_idle_cycle_is_a_look_at_what_the_last_full_one_has_shown(passes):
    engine = open_to_write(passes.town.loaded.location.state_url)
    before = Store(engine, "p0").looked()
    assert is_idle(passes.go())
    after = Store(engine, "p0").looked()

    assert (after.run, after.config) == (before.run, before.config)
    assert (before.as_of[11:16], after.as_of[11:16]) == ("12:30", "12:45")


def test_a_change_on_tolt_is_carried_by_the_next_pass(passes):
    passes.edit("tolt", "create_code", code="NEW1", partner="partner00000@example.com")

    said = passes.go()

    assert not is_idle(said)
    codes = passes.town.sandbox.world.programmes["pk_0"].codes
    assert "NEW1" in {one.code for one in codes}


def test_a_change_on_partnero_is_carried_by_the_next_pass(passes):
    passes.edit("partnero", "delete_code", code="CODE000003")

    assert "1 wait" in passes.go()


def test_two_changes_in_the_same_second_around_a_full_read_are_both_seen(passes):
    passes.edit("tolt", "set_code", code="CODE000001", value="31")
    assert not is_idle(passes.go(minutes=0))
    passes.edit("tolt", "set_code", code="CODE000002", value="32")

    said = passes.go(minutes=0)

    assert not is_idle(said)
    assert "10 codes in step" in said


@pytest.mark.parametrize("skew", [-3600, 3600])
def test_windows_follow_the_clock_of_tolt(passes, skew):
    world = passes.town.sandbox.world
    world.clock = lambda: datetime.now(UTC) + timedelta(seconds=skew)
    passes.go(minutes=360)
    passes.go()
    assert is_idle(passes.go())
    passes.edit("tolt", "create_code", code="NEW1", partner="partner00000@example.com")

    assert not is_idle(passes.go())


def test_a_deletion_on_tolt_waits_for_the_full_read_and_nothing_is_made_of_it(passes):
    passes.edit("tolt", "delete_code", code="CODE000003")

    said = [passes.go(minutes=60) for _ in range(5)]
    writes = list(passes.town.sandbox.requests.writes)
    full = passes.go(minutes=60)

    assert all(map(is_idle, said))
    assert writes == []
    assert "1 wait" in full


def test_a_change_that_tolt_does_not_date_waits_for_the_full_read(passes):
    passes.edit("tolt", "set_code", code="CODE000003", value="31", quietly=True)

    assert is_idle(passes.go())
    assert not is_idle(passes.go(minutes=360))


def test_a_decision_is_taken_up_by_the_next_pass(passes):
    store = Store(open_to_write(passes.town.loaded.location.state_url), "p0")
    at = "2026-11-22T12:00:00Z"
    store.decide([Decision("c_1", "code000003", "CODE000003", "keep", "x", "me", at)])

    assert not is_idle(passes.go())


def test_another_run_in_between_makes_the_next_pass_a_full_one(passes):
    assert is_idle(passes.go())
    assert passes.town.call("sync")[0] == 0

    assert not is_idle(passes.go())


def test_another_configuration_makes_the_next_pass_a_full_one(passes):
    passes.town.settle("*/15 * * * *", each='direction = "to-tolt"')

    assert not is_idle(passes.go())


def test_another_key_makes_the_next_pass_a_full_one(passes):
    organizations = passes.town.sandbox.world.organizations
    organizations["tlt_new"] = organizations["tlt_0"]
    passes.town.monkeypatch.setenv("TLT_0", "tlt_new")

    assert not is_idle(passes.go())


def test_a_look_that_fails_leaves_the_verdict_to_the_full_pass(passes):
    passes.town.fault("status", path="/tolt/", status=401, count=None)

    assert "failed" in passes.go()
    assert passes.last.status == "failed"


def test_with_0_every_pass_is_a_full_one(passes):
    passes.town.settle("*/15 * * * *", each='full_read_every = "0"')
    passes.go()

    assert "nothing new" not in passes.go()
    assert "updated_after" not in str(passes.asked_for_codes)


def test_a_probe_that_saw_no_windows_makes_every_pass_a_full_one(passes):
    store = Store(open_to_write(passes.town.loaded.location.state_url), "p0")
    store.facts.save_probed({"tolt.11": "no"})

    assert not is_idle(passes.go())
    assert not is_idle(passes.go())
    assert "updated_after" not in str(passes.asked_for_codes)


@pytest.mark.slow
def test_an_idle_cycle_of_10000_codes_asks_tolt_once_for_codes(town):
    town.settle("*/15 * * * *", each="limits.creates = 20000", codes=10_000)
    with time_machine.travel(START, tick=True) as clock:
        made = Passes(town, clock)
        made.go()
        made.go()

        said = made.go()

        assert is_idle(said)
        assert "10000 codes in step" in said
        assert len(made.asked_for_codes) == 1


@pytest.mark.parametrize("name", ["full_at", "since"])
def test_a_full_read_that_is_dated_in_the_future_is_unknown(passes, name):
    """Or nothing would be read whole until then."""
    store = Store(open_to_write(passes.town.loaded.location.state_url), "p0")
    ahead = {name: "2039-01-01T00:00:00Z"}
    store.facts.save_window(replace(store.facts.window(), **ahead))

    assert not is_idle(passes.go())
    assert is_idle(passes.go())
