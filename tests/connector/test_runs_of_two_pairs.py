"""What a run, a report, a notice of one pair does and says is of that pair alone."""

import pytest

from connector.config.load import load
from state import servers
from state.database import open_to_write
from tests.harness.tenancy import rows_of, watched

READ = (
    *("plan", "inbox", "verify", "status", "health", "history", "check"),
    *("explain ANNA10", "state check", "plan --format markdown", "plan --format html"),
)
WRITE = ("sync", "inbox --fresh", "apply --yes", "state prune")
SHARED = frozenset({"programme"})
"""Whose programmes are whose is asked of all pairs: nobody may share one."""


@pytest.fixture(params=["sqlite", "postgres"])
def two(place, request):
    """Two pairs that have run, in one state; returns its engine as well."""
    place.add_pair("beta")
    url = ""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").state()
        text = place.config.read_text()
        head, _, rest = text.partition("[state]")
        rest = rest.partition("[[pairs]]")[2]
        place.config.write_text(f'{head}[state]\nurl = "{url}"\n[[pairs]]{rest}')
    said = place.json("sync", "--jobs", "1")
    assert [one["status"] for one in said.documents] == ["complete", "complete"]
    engine = open_to_write(load(place.config).location.state_url)
    yield place, engine
    if url:
        servers.opened(url).dispose()


def others_words(engine):
    """Return what only beta has: its name, and the codes that it holds."""
    links = rows_of(engine, "beta")["link"]
    return ["beta", *(row[1] for row in links)]


def test_no_command_of_a_pair_touches_or_names_the_other_one(two):
    place, engine = two
    before, theirs = rows_of(engine, "beta"), others_words(engine)
    assert len(theirs) > 5

    for words in (*READ, *WRITE):
        with watched(engine, "acme", "beta", but=SHARED) as watch:
            said = place.run(*words.split(), "--pair", "acme")
        assert watch.seen, words
        assert watch.wrong == [], words
        text = (said.out + said.err).casefold()
        assert [word for word in theirs if word.casefold() in text] == [], words
        assert rows_of(engine, "beta") == before, words


def test_a_decision_about_a_pair_leaves_the_other_one_as_it_is(two):
    place, engine = two
    before = rows_of(engine, "beta")
    waits = place.json("inbox", "--pair", "acme").document["changes"][0]

    with watched(engine, "acme", "beta", but=SHARED) as watch:
        done = place.run("decide", waits["id"], "--keep", "--pair", "acme")
        place.run("sync", "--pair", "acme")

    assert done.code == 0
    assert watch.wrong == []
    assert rows_of(engine, "beta") == before
