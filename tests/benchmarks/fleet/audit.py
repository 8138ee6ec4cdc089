"""A second record that no worker writes: triggers in the database note what it did.

Each hold of a pair with its token, and each pass from its begin to its end, by the
database's own clock.
"""

from dataclasses import dataclass
from typing import Any

import psycopg

TRIGGERS = """
CREATE SCHEMA audit;
CREATE TABLE audit.hold (
    at double precision DEFAULT extract(epoch FROM clock_timestamp()),
    pair text, token bigint, owner text, before text, ran_until bigint
);
CREATE TABLE audit.pass (
    pair text, worker text, begun double precision, ended double precision
);
CREATE FUNCTION audit.note_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO audit.hold (pair, token, owner, before, ran_until)
        VALUES (NEW.pair, NEW.token, NEW.owner, '', 0);
    ELSIF NEW.token <> OLD.token THEN
        INSERT INTO audit.hold (pair, token, owner, before, ran_until)
        VALUES (NEW.pair, NEW.token, NEW.owner, OLD.owner, OLD.expires);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION audit.note_pass() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.begun IS NOT NULL AND NEW.begun IS DISTINCT FROM OLD.begun THEN
        UPDATE audit.pass SET ended = extract(epoch FROM clock_timestamp())
        WHERE pair = NEW.pair AND ended IS NULL;
    END IF;
    IF NEW.begun IS NOT NULL AND NEW.begun IS DISTINCT FROM OLD.begun THEN
        INSERT INTO audit.pass (pair, worker, begun)
        VALUES (NEW.pair, NEW.worker, extract(epoch FROM clock_timestamp()));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_hold AFTER INSERT OR UPDATE ON partnero_tolt.lease
    FOR EACH ROW EXECUTE FUNCTION audit.note_hold();
CREATE TRIGGER note_pass AFTER UPDATE ON partnero_tolt.fleet_pair
    FOR EACH ROW EXECUTE FUNCTION audit.note_pass();
"""
GONE = """
DROP TRIGGER note_hold ON partnero_tolt.lease;
DROP TRIGGER note_pass ON partnero_tolt.fleet_pair;
"""


@dataclass(frozen=True, slots=True)
class Begun:
    """One pass as the row of its pair tells it, in Unix seconds."""

    pair: str
    worker: str
    begun: float
    ended: float | None


def begin(database: "psycopg.Connection[Any]") -> None:
    database.execute(TRIGGERS.encode())


def end(database: "psycopg.Connection[Any]") -> None:
    """Note no more; what was noted stays."""
    database.execute(GONE.encode())


def passes(database: "psycopg.Connection[Any]") -> list[Begun]:
    asked = "SELECT pair, worker, begun, ended FROM audit.pass ORDER BY begun"
    return [Begun(*row) for row in database.execute(asked)]


def stolen(database: "psycopg.Connection[Any]", killed: set[int]) -> list[str]:
    """Name each hold that was taken from a process which was neither late nor killed.

    A holder is named HOST/PROCESS/...; "" is nobody.
    """
    asked = "SELECT pair, owner, before FROM audit.hold WHERE before <> '' AND "
    asked += "ran_until > at ORDER BY at"
    return [
        f"{pair}: {owner} took it from {before}"
        for pair, owner, before in database.execute(asked.encode())
        if int(before.split("/")[1]) not in killed
    ]


def same_token_twice(database: "psycopg.Connection[Any]") -> list[str]:
    asked = "SELECT pair, token FROM audit.hold GROUP BY 1, 2 HAVING count(*) > 1"
    return [f"{pair}: token {token}" for pair, token in database.execute(asked)]
