"""Revision 0004: what was noted before belongs to the version that was spoken."""

import json
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

import state
from state.database import open_to_write
from state.store import Store

DECISION = (
    "INSERT INTO decision VALUES ('acme', :id, 'sam20', 'SAM20', 'keep', 's', 'ada', "
    "'2026-01-01T00:00:00Z', 'delete', 'tolt', '', '[]', '')"
)
INTENT = (
    "INSERT INTO intent (id, pair, run, change_id, key, code, action, target, state, "
    "change, copied, detail, at) VALUES ('i_1', 'acme', 'r', 'c', 'sam20', 'SAM20', "
    "'delete', 'tolt', 'uncertain', '{}', '', '', '2026-01-01T00:00:00.000000Z')"
)
LINK = (
    "INSERT INTO link VALUES ('acme', :key, :key, :key, '', NULL, :key, :key, '', "
    "NULL, :version, '')"
)


def older(tmp_path, links=(), fingerprint=None):
    """Return a state of revision 0003 with a decision and an open write in it."""
    path = tmp_path / "connector.db"
    config = Config()
    scripts = Path(state.__file__).parent / "migrations"
    config.set_main_option("script_location", str(scripts))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for id_ in ("c_1", "f_1"):
            connection.execute(text(DECISION), {"id": id_})
        connection.execute(text(INTENT))
        for number, version in enumerate(links):
            row = {"key": f"k{number}", "version": version}
            connection.execute(text(LINK), row)
        if fingerprint:
            value = json.dumps({"tolt.version": fingerprint})
            statement = "INSERT INTO pair_state VALUES ('acme', 'fingerprints', :value)"
            connection.execute(text(statement), {"value": value})
    engine.dispose()
    return Store(open_to_write(f"sqlite:///{path}"), "acme")


@pytest.mark.parametrize(
    ("links", "fingerprint", "version"),
    [
        (["v1", "v1"], None, "v1"),
        (["v1", "v2"], None, ""),
        (["v1", "v2"], "v2", "v2"),
        ([], "v1", "v1"),
        ([], None, ""),
    ],
    ids=["all links", "two versions", "the last run", "no links", "nothing"],
)
def test_words_and_open_writes_get_the_version_that_is_certain(
    tmp_path, links, fingerprint, version
):
    store = older(tmp_path, links, fingerprint)

    decisions = store.decisions()
    (intent,) = store.journal.open_intents()

    assert decisions["c_1"].version == version
    assert intent.version == version
    # An accepted finding is about limits: it holds no id of Tolt.
    assert decisions["f_1"].version == ""
