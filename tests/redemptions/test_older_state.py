"""A state that knows no redemptions yet: upgraded by a run, refused by a report."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import state
from state.database import StateProblem, open_to_read, open_to_write
from state.store import Store


@pytest.fixture
def older(tmp_path):
    """A file with the first schema, as the program before this one left it."""
    path = tmp_path / "connector.db"
    config = Config()
    scripts = Path(state.__file__).parent / "migrations"
    config.set_main_option("script_location", str(scripts))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    return path


def test_a_run_upgrades_it_and_keeps_a_copy(older):
    engine = open_to_write(f"sqlite:///{older}")

    assert Store(engine, "acme").ledger.totals() == []
    assert len(list(older.parent.glob("*.backup"))) == 1


def test_decisions_of_the_older_form_are_kept_as_what_they_were(older):
    with closing(sqlite3.connect(older)) as db:
        row = ("acme", "sam20", "keep", "abc", "ada", "2026-01-01T00:00:00Z")
        db.execute("INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?)", row)
        db.commit()

    (decision,) = (
        Store(open_to_write(f"sqlite:///{older}"), "acme").decisions().values()
    )

    assert decision.of_record
    assert (decision.key, decision.take, decision.seen) == ("sam20", "keep", "abc")
    assert (decision.who, decision.fields, decision.lost) == ("ada", (), ())


def test_a_report_refuses_it_and_leaves_it_as_it_is(older):
    before = older.read_bytes()

    with pytest.raises(StateProblem, match="older schema"):
        open_to_read(f"sqlite:///{older}")

    assert older.read_bytes() == before


def test_the_upgraded_schema_is_the_one_of_the_tables(older):
    with open_to_write(f"sqlite:///{older}").connect() as connection:
        context = MigrationContext.configure(connection)

        assert compare_metadata(context, SQLModel.metadata) == []


def test_what_it_knew_of_redemptions_is_kept_and_found_by_nearly_equal_keys(tmp_path):
    path = tmp_path / "connector.db"
    config = Config()
    scripts = Path(state.__file__).parent / "migrations"
    config.set_main_option("script_location", str(scripts))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.exec_driver_sql(
            "INSERT INTO redemption (pair, code, key, standing, at, logged, logged_at, "
            "sales, sold, buyer, sold_at, charges, charged, customer, charged_at, "
            "refunded, pushed) VALUES ('acme', 'anna10', 'Order 1', 'void', '', 0, '', "
            "NULL, '', '', '', '[\"v2:txn_1\"]', '1000 USD', 'c', '', 1, '')"
        )
    engine.dispose()

    ledger = Store(open_to_write(f"sqlite:///{path}"), "acme").ledger

    (entry,) = ledger.alike(["order1"])
    assert entry.key == "Order 1"
    assert (entry.charges, entry.refunds) == ((), ("v2:txn_1",))
