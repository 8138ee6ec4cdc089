"""How a pair stands is one row, kept in the transaction of what it sums up."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event, text

import state
from connector.service.health import standings
from connector.service.schedule import Timetable
from mappings.moments import iso
from state import servers, summing
from state.counts import PlanCounts
from state.database import open_to_write
from state.model import Decision, Look, RunSummary, Waiting
from state.standing import NEVER, LastRun
from state.store import Store
from state.summing import standings_of, touch, waits_of

AT = "2026-11-30T10:00:00Z"
LATER = "2026-11-30T11:00:00Z"
HOURLY = Timetable("0 * * * *")


def ran(id_, status="complete", ended=AT, pair="acme", **more):
    more = {"counts": PlanCounts(held=2)} | more
    return RunSummary(id_, pair, "sync", status, AT, ended, **more)


@pytest.fixture
def in_a_file(tmp_path):
    return lambda: Store(open_to_write(f"sqlite:///{tmp_path / 'state.db'}"), "acme")


def kept(store):
    (row,) = standings_of(store.transactions.engine, [store.pair])
    return row


@contextmanager
def statements(engine):
    """Yield what is asked of a database meanwhile."""
    asked = []

    def heard(_connection, _cursor, statement, *_):
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", heard)
    yield asked
    event.remove(engine, "before_cursor_execute", heard)


def test_how_many_pairs_stand_is_one_question(opened):
    names = [f"p{number}" for number in range(40)]
    for name in names:
        store = opened(name)
        store.journal.save_run(ran(f"r_{name}", pair=name), times=HOURLY)
    engine = store.transactions.engine
    standings(engine, dict.fromkeys(names, HOURLY), datetime.now(UTC))

    with statements(engine) as asked:
        known = standings(engine, dict.fromkeys(names, HOURLY), datetime.now(UTC))
        reasons = [one.reason for one in known]

    assert len([one for one in asked if one.startswith("SELECT standing")]) == 1
    assert len([one for one in asked if "FROM" in one]) == 1
    assert [one.pair for one in known] == names
    assert reasons == ["stale"] * 40


def test_readiness_reads_one_row_of_one_table(in_a_file):
    store = in_a_file()
    store.identity(AT)

    with statements(store.transactions.engine) as asked:
        touch(store.transactions.engine)

    (one,) = [statement for statement in asked if "FROM" in statement]
    assert "LIMIT" in one
    assert "JOIN" not in one


def test_of_very_many_names_all_rows_are_read_and_those_are_told(in_a_file):
    store = in_a_file()
    store.journal.save_run(ran("r_1"))
    names = ["acme", *(f"p{number}" for number in range(summing.FEW + 1))]

    known = standings(
        store.transactions.engine, dict.fromkeys(names, HOURLY), datetime.now(UTC)
    )

    assert len(known) == len(names)
    assert [one.last is None for one in known] == [False] + [True] * (len(names) - 1)


def test_a_run_that_begins_leaves_what_the_last_one_was(opened):
    store = opened()
    store.journal.save_run(ran("r_1", "failed", error="No.", reason="other"))
    store.journal.save_run(ran("r_2", "interrupted", ended="", counts=None))

    row = kept(store)
    first = LastRun("r_1", "sync", "failed", AT, AT, "No.", "other")
    assert (row.last.id, row.last.finished_at, row.before) == ("r_2", "", first)
    assert row.held == 2

    store.journal.save_run(ran("r_2", "partial", counts=PlanCounts(held=7)))

    row = kept(store)
    assert (row.last.id, row.last.status, row.before) == ("r_2", "partial", first)
    assert row.held == 7


def test_when_a_success_is_too_old_is_worked_out_once_and_kept(in_a_file):
    store = in_a_file()

    store.journal.save_run(ran("r_1"), times=HOURLY)
    assert kept(store).stale_at == "2026-11-30T12:00:00Z"
    store.journal.save_run(ran("r_2", "failed", ended=LATER), times=HOURLY)
    assert (kept(store).success, kept(store).stale_at) == (AT, "2026-11-30T12:00:00Z")
    store.journal.save_run(ran("r_3", "failed"), times=Timetable("0 0 * * *"))
    assert kept(store).stale_at == "2026-12-02T00:00:00Z"
    store.journal.save_run(ran("r_4", ended=LATER), times=Once())
    assert (kept(store).success, kept(store).stale_at) == (LATER, NEVER)
    now = datetime.now(UTC) + timedelta(days=9999)
    (one,) = standings(store.transactions.engine, {"acme": Once()}, now)
    assert not one.stale


def test_a_run_that_ends_after_a_later_one_has_begun_is_not_the_last(in_a_file):
    store = in_a_file()
    for id_ in ("r_1", "r_2"):
        store.journal.save_run(ran(id_, "interrupted", ended=""))

    store.journal.save_run(ran("r_1", ended=LATER), times=HOURLY)

    row = kept(store)
    assert (row.last.id, row.success) == ("r_2", LATER)


class Once:
    """A timetable of which nothing is due any more."""

    mark = "once"

    def ends(self, success):
        return NEVER


class Broken:
    """A timetable that cannot say when."""

    mark = "broken"

    def ends(self, success):
        raise ZeroDivisionError


def test_a_run_and_its_sum_are_kept_together_or_not_at_all(in_a_file):
    store = in_a_file()

    with pytest.raises(ZeroDivisionError):
        store.journal.save_run(ran("r_1"), times=Broken())

    assert store.journal.runs() == []
    assert standings_of(store.transactions.engine) == []


def test_what_was_forgotten_takes_no_success_away(in_a_file):
    store = in_a_file()
    store.journal.save_run(ran("r_0"), times=HOURLY)
    for number in range(1, 40):
        store.journal.save_run(ran(f"r_{number}", "failed", ended=LATER))

    assert store.journal.prune("9999").runs == 20

    assert "r_0" not in {run.id for run in store.journal.runs()}
    assert kept(store).success == AT


def waits(number, part="held", reason="lossy"):
    id_ = f"c_{number}"
    return Waiting(id_, id_, id_, "r_1", AT, "{}", part=part, reason=reason)


def test_what_needs_a_decision_is_counted_with_each_look_and_each_word(opened):
    store = opened()
    look = Look(AT, "r_1")
    three = [waits(1), waits(2), waits(3, reason="diverged")]
    others = [waits(4, part="blocked"), waits(5, part="acceptable", reason="dead")]
    store.save_look(look, [*three, *others])
    assert (kept(store).waits, kept(store).reasons) == (3, {"lossy": 2, "diverged": 1})

    store.decide([Decision("c_1", "c_1", "c_1", "keep", "m", "sam", AT)])
    assert kept(store).reasons == {"lossy": 1, "diverged": 1}
    store.withdraw(["c_1"])
    assert kept(store).waits == 3
    store.bury([], used=["c_2"])
    assert kept(store).reasons == {"lossy": 1, "diverged": 1}
    assert waits_of(store.transactions.engine) == {"acme": 2}
    store.save_look(look, [])
    assert (kept(store).waits, kept(store).reasons) == (0, {})
    assert waits_of(store.transactions.engine) == {}


# -- states of earlier versions ------------------------------------------------------

RUN = (
    "INSERT INTO run (id, seq, pair, command, status, started_at, finished_at, "
    "document, ready, held, outcomes, error, reason) VALUES (:id, :seq, 'acme', "
    "'sync', :status, :at, :at, '', :ready, :held, 0, :error, '')"
)
WAITS = (
    "INSERT INTO waiting (pair, id, key, code, run, at, document) VALUES "
    "('acme', :id, :id, :id, 'r', 't', :document)"
)
RUNS = (
    ("r_1", "complete", AT, 0, 5, ""),
    ("r_2", "complete", AT, 2, 4, ""),
    ("r_3", "complete", "2199-01-01T00:00:00Z", 0, 3, ""),
    ("r_4", "failed", LATER, None, None, "No."),
)
DOCUMENTS = {
    "c_1": '{"status": "held", "reason": "lossy"}',
    "c_2": '{"status": "blocked", "reason": "lossy"}',
    "c_3": '{"status": "held", "reason": "diverged"}',
    "f_1": '{"kind": "dead"}',
}


@pytest.fixture
def older(request, tmp_path):
    """Return a function that opens a state of revision 0009 as this version does."""

    opened = []

    def made(kind):
        url = f"sqlite:///{tmp_path / 'state.db'}"
        if kind == "postgres":
            url = request.getfixturevalue("postgres").database()
        _fill(url)
        opened.append(open_to_write(url))
        return Store(opened[0], "acme")

    yield made
    for engine in opened:
        engine.dispose()


def _fill(url):
    config, server = Config(), url.startswith("postgresql")
    scripts = f"{state.__path__[0]}/migrations"
    config.set_main_option("script_location", scripts)
    engine = servers.opened(url) if server else create_engine(url)
    with engine.begin() as connection:
        if server:
            servers.make_schema(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        names = ("id", "status", "at", "ready", "held", "error")
        for seq, run in enumerate(RUNS, start=1):
            row = dict(zip(names, run, strict=True)) | {"seq": seq}
            connection.execute(text(RUN), row)
        for id_, document in DOCUMENTS.items():
            connection.execute(text(WAITS), {"id": id_, "document": document})
        decided = "INSERT INTO decision VALUES ('acme', 'c_3', 'k', 'K', 'keep', 's', "
        decided += "'ada', 't', 'update', 'tolt', '', '[]', '', '')"
        connection.execute(text(decided))
        prints = '{"partnero.key": "mark1", "tolt": "prg", "tolt.key": "mark2"}'
        fact = "INSERT INTO pair_state VALUES ('acme', 'fingerprints', :prints)"
        connection.execute(text(fact), {"prints": prints})
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_an_older_state_is_summed_up_once(older, kind):
    store = older(kind)

    row = kept(store)

    assert (row.last.id, row.last.error) == ("r_4", "No.")
    assert row.before.id == "r_3"
    assert (row.success, row.held) == (AT, 3)
    assert (row.stale_at, row.schedule) == ("", "")
    assert (row.waits, row.reasons) == (1, {"lossy": 1})
    parts = {one.id: (one.part, one.reason) for one in store.waiting().values()}
    assert parts["c_2"] == ("blocked", "lossy")
    assert parts["f_1"] == ("acceptable", "dead")
    now = datetime.fromisoformat(AT) + timedelta(minutes=90)
    (one,) = standings(store.transactions.engine, {"acme": HOURLY}, now)
    assert (iso(one.success), one.stale) == (AT, False)
