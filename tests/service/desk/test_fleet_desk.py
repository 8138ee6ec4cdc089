"""The desk of a fleet: counts, the stale first, pages, and one pair found by a name."""

import re

import pytest
from sqlalchemy import event

from connector.commands import remembered
from connector.commands.remembered import Remembered
from connector.config.load import load
from connector.config.row import Row
from connector.config.table import joined
from state.counts import PlanCounts
from state.model import RunSummary
from tests.harness.desk import AT, Visitor, text_of, town, visiting, waits

NAMES = tuple(f"pair-{number:03}" for number in range(120))


def run_of(pair, number, status="complete"):
    return RunSummary(
        f"r_{pair}_{number}",
        pair,
        *("sync", status, AT, AT, PlanCounts()),
        error="" if status == "complete" else f"Tolt answered 503 to {pair}",
    )


@pytest.fixture
def fleet(tmp_path):
    made = town(tmp_path, *NAMES)
    for pair in ("pair-007", "pair-090"):
        made.wait(waits(7, code=f"OF{pair[-3:]}"), waits(8), pair=pair)
    store = made.stores["pair-100"]
    store.journal.save_run(run_of("pair-100", 1, "failed"))
    return made


@pytest.fixture
def visitor(fleet):
    made = Visitor(fleet.app, "look-at-it")
    with visiting(made):
        yield made


def names_in(page):
    return re.findall(r"<b>(pair-\d+)</b>", page)


def test_a_fleet_is_shown_fifty_a_page_with_its_counts_on_top(visitor):
    first, third = visitor.get("/").text, visitor.get("/?page=3").text

    assert len(names_in(first)) == 50
    assert len(names_in(third)) == 20
    assert not {*names_in(first)} & {*names_in(third)}
    assert "pairs 120 stale 120 last run failed 1" in text_of(first)
    assert "Page 1 of 3" in text_of(first)


@pytest.mark.parametrize(
    ("query", "found"),
    [("pair-00", 10), ("failed", 1), ("stale pair-11", 10), ("nobody", 0)],
)
def test_a_fleet_is_searched_by_names_and_by_how_pairs_stand(visitor, query, found):
    page = visitor.get("/", params={"q": query}).text

    assert len(names_in(page)) == found
    assert f"{found} of 120 pairs match" in text_of(page)


def test_the_inbox_of_a_fleet_shows_the_pairs_in_which_something_waits(visitor):
    page = visitor.get("/inbox").text

    assert "OF007" in page
    assert "OF090" in page
    assert "4 wait for a decision" in text_of(page)
    assert len(re.findall("<option", page)) < 20


def test_a_pair_is_found_by_a_part_of_its_name_on_every_page(visitor):
    for place in ("inbox", "report", "money", "history"):
        one = visitor.get(f"/{place}?pair=090").text
        several = visitor.get(f"/{place}?pair=09").text

        assert 'value="pair-090"' in one
        assert f'{place}?pair=pair-091"' in several
    assert "OF090" in visitor.get("/inbox?pair=090").text
    assert "OF007" not in visitor.get("/inbox?pair=090").text


@pytest.mark.parametrize("place", ["report", "money"])
def test_a_page_of_a_fleet_is_about_some_pairs_and_says_so(visitor, place):
    page = visitor.get(f"/{place}").text

    assert page.count("<h2") == 50
    assert "70 more are not on this page" in text_of(page)


def test_the_history_of_a_fleet_is_of_the_pairs_that_ran_last(visitor):
    page = visitor.get("/history").text

    assert "Tolt answered 503 to pair-100" in page


def test_a_run_is_found_without_asking_each_pair(fleet, visitor):
    asked = []
    engine = fleet.stores["pair-000"].transactions.engine

    def count(*_told):
        asked.append(1)

    event.listen(type(engine), "before_cursor_execute", count)
    page = visitor.get("/runs/r_pair-100_1").text
    event.remove(type(engine), "before_cursor_execute", count)

    assert "pair-100" in page
    assert 0 < len(asked) < 30


def test_a_page_of_one_pair_never_names_another_one(fleet, visitor):
    """Beside what one may go to: the desk is one for all pairs."""
    fleet.wait(waits(1, code="MINE"), pair="pair-001")
    fleet.stores["pair-001"].journal.save_run(run_of("pair-001", 1))

    for place in ("inbox", "report", "money", "history"):
        page = visitor.get(f"/{place}?pair=pair-001").text

        assert {*re.findall(r"pair-\d{3}", page)} == {"pair-001"}, place


def test_a_paused_pair_is_named_so_and_is_never_stale(tmp_path):
    head = '[state]\nurl = "postgresql+psycopg://user@127.0.0.1:1/none"\n'
    made = town(tmp_path, "acme", "beta")
    section = '{"partnero": {"api_key": {"env": "A"}}, "tolt": {"api_key": '
    section += '{"env": "B"}, "program_id": "p"}}'
    (tmp_path / "fleet.toml").write_text(head)
    config = joined(
        load(tmp_path / "fleet.toml"),
        [Row("acme", section, paused=True), Row("beta", section)],
    )
    engine = made.stores["acme"].transactions.engine

    acme, beta = remembered.standings(
        config, remembered.timetables(config.file.pairs), engine
    )

    assert (acme.paused, acme.stale) == (True, False)
    assert (beta.paused, beta.stale) == (False, True)


def test_pairs_that_were_imported_meanwhile_are_shown(tmp_path, monkeypatch):
    town(tmp_path, "acme")
    before = load(tmp_path / "connector.toml")
    town(tmp_path, "acme", "beta")
    known = Remembered(
        before, before.file.pairs, lambda: load(tmp_path / "connector.toml")
    )

    early = known.names
    monkeypatch.setattr(remembered, "SECONDS", -1)

    assert (early, known.names) == (["acme"], ["acme", "beta"])
    assert [one.pair for one in known.standings()] == ["acme", "beta"]


@pytest.mark.parametrize(
    ("paused", "said"),
    [
        (0, "All 120 pairs are up to date."),
        (1, "119 of 120 pairs are up to date, 1 is paused."),
        (2, "118 of 120 pairs are up to date, 2 are paused."),
    ],
)
def test_paused_pairs_are_not_counted_as_up_to_date(visitor, monkeypatch, paused, said):
    found = Remembered.standings

    def standings(known):
        every = enumerate(found(known))
        return [one._replace(stale=False, paused=n < paused) for n, one in every]

    monkeypatch.setattr(Remembered, "standings", standings)

    assert said in text_of(visitor.get("/").text)
