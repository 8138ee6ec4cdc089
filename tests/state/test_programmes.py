"""Who asks the same programme, or with the same key, is told by marks."""

import pytest
from sqlalchemy import event

from state.fleet_pairs import FleetPairs, NewPair
from state.model import ProgrammeMark, SameProgramme


def marks(programme, key, reference="env A"):
    return [
        ProgrammeMark("partnero", programme, key, reference),
        ProgrammeMark("tolt", f"tolt of {programme}", f"tolt's {key}", reference),
    ]


@pytest.fixture
def three(opened):
    """Three pairs; beta asks what acme asks, gamma something of its own."""
    stores = {name: opened(name) for name in ("acme", "beta", "gamma")}
    stores["acme"].programmes.keep(marks("one", "k1"))
    stores["beta"].programmes.keep(marks("one", "k2", "env B"))
    stores["gamma"].programmes.keep(marks("two", "k2"))
    return stores


def test_who_shares_a_programme_is_one_question(three):
    store, asked = three["acme"], []
    engine = store.transactions.engine
    event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))

    found = store.programmes.sharing(marks("one", "k1"))

    assert len([one for one in asked if "FROM" in one]) == 1
    assert found == [
        SameProgramme("beta", "partnero", "env B", is_tabled=False),
        SameProgramme("beta", "tolt", "env B", is_tabled=False),
    ]
    assert three["gamma"].programmes.sharing(marks("two", "k2")) == []
    assert three["gamma"].programmes.sharing(marks("", "k2")[:1]) == []


def test_a_pair_of_the_fleet_is_told_as_one(three):
    engine = three["acme"].transactions.engine
    FleetPairs(engine).bring([NewPair("beta", "{}", "k", "k")], at="t", by="ada")

    found = three["acme"].programmes.sharing(marks("one", "k1"))

    assert {one.is_tabled for one in found} == {True}

    FleetPairs(engine).pause(["beta"], at="t", by="ada")
    found = three["acme"].programmes.sharing(marks("one", "k1"))
    assert {one.is_tabled for one in found} == {False}


def test_what_is_no_news_is_not_written(three):
    store, asked = three["acme"], []
    engine = store.transactions.engine
    event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))

    store.programmes.keep(marks("one", "k1"))

    assert [one for one in asked if one.startswith("INSERT")] == []
