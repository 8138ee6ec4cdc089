"""Opening the database: a state that cannot be trusted is refused, untouched.

A report opens it read-only. A run that writes upgrades an older schema first, under
a file lock, after a backup. Nothing is repaired and nothing is created by a report.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

HEAD = "0004"
"""The newest revision in migrations/versions."""
KNOWN = ("0001", "0002", "0003", "0004")
WAIT = 10
"""Seconds for which a connection waits for another one's lock."""
LARGE = 4 * 1024 * 1024
"""From this size a state file is not checked as a whole by every run."""


class StateProblem(Exception):
    """The state cannot be used as it is; the file was not touched."""


def file_of(url: str) -> Path | None:
    """Return the file of a SQLite URL, or None for a server's database."""
    parsed = make_url(url)
    if not parsed.drivername.startswith("sqlite"):
        return None
    return Path(parsed.database or "connector.db")


def open_to_read(url: str) -> Engine | None:
    """Open for a report: None where there is no state yet, the file never changes."""
    path = file_of(url)
    if path is None:
        engine = create_engine(url)
        return engine if check_revision(engine, url) else None
    if not path.exists() or path.stat().st_size == 0:
        return None
    engine, revision = _looked_at(path)
    if revision != HEAD:
        raise StateProblem(
            f"{path} has the older schema {revision}. Nothing was changed. A run that "
            "writes upgrades it, after a backup: partnero-tolt sync"
        )
    return engine


def _looked_at(path: Path) -> tuple[Engine, str | None]:
    """Open a file that cannot be changed by it; StateProblem if it is not sound."""

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if os.access(path.parent, os.W_OK):
                raise
            # Without a writable folder there is no shared memory for the log: the
            # file is read as it lies, which is right: nobody else can write it.
            unchanging = f"{path.as_uri()}?mode=ro&immutable=1"
            return sqlite3.connect(unchanging, uri=True)
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    with refusing(str(path)):
        revision = check_revision(engine, str(path))
        with engine.connect() as connection:
            found = _damage(connection, path.stat().st_size)
    if found != "ok":
        raise _unusable(str(path), str(found))
    return engine, revision


def _damage(connection: Connection, size: int) -> str:
    """Return what is wrong with a file, or "ok".

    The ledger grows with every redemption, and a run must not: in a large file it is
    left to `state check`.
    """
    if size < LARGE:
        return str(connection.execute(text("PRAGMA quick_check(1)")).scalar())
    for table in inspect(connection).get_table_names():
        if table != "redemption":
            asked = text(f"PRAGMA quick_check('{table}')")
            found = str(connection.execute(asked).scalar())
            if found != "ok":
                return found
    return "ok"


def open_to_write(url: str) -> Engine:
    """Open for a run, creating or upgrading the schema where that is needed."""
    path = file_of(url)
    if path is None:
        engine = create_engine(url, pool_pre_ping=True)
        if check_revision(engine, url) != HEAD:
            _upgrade(engine)
        return engine
    if path.exists() and path.stat().st_size:
        _looked_at(path)  # to open a stranger's file for writing would change it
    _check_writable(path)
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    with refusing(str(path)):
        if check_revision(engine, str(path)) != HEAD:
            _upgrade_file(engine, path)
        _tighten(path)
    return engine


def check_revision(engine: Engine, name: str) -> str | None:
    """Return the schema's revision, None for a fresh one; StateProblem if unknown."""
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        if "alembic_version" not in tables:
            if tables:
                raise StateProblem(
                    f"{name} is a database, but not a state of this program. It was "
                    "not touched. Name another file in [state] url."
                )
            return None
        query = text("SELECT version_num FROM alembic_version")
        revision = connection.execute(query).scalar()
    if revision is not None and revision not in KNOWN:
        raise StateProblem(
            f"{name} was written by a newer version of this program (schema "
            f"{revision}, this one knows {HEAD}). It was not touched. Upgrade "
            "partnero-tolt."
        )
    return revision


@contextmanager
def refusing(name: str) -> Iterator[None]:
    """Turn the database's own errors into words."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        raise _unusable(name, str(getattr(error, "orig", error))) from None


def _unusable(name: str, reason: str) -> StateProblem:
    return StateProblem(
        f"{name} cannot be used: {reason}. It was not touched. Look with partnero-tolt "
        "state check; go back to a copy with partnero-tolt state restore FILE; or move "
        "the file away: the next run is then a first run, which adopts and asks, and "
        "never deletes."
    )


@contextmanager
def told(pair: str) -> Iterator[None]:
    """Turn what goes wrong in the middle of a run (a full disk) into words."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        reason = str(getattr(error, "orig", error))
        raise StateProblem(
            f"The state of {pair} cannot be read or written: {reason}. Nothing more is "
            "sent. When that is mended, the next run settles what was begun."
        ) from None


def _check_writable(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        with path.open("r+b"):
            pass
        probe = path.with_name(f".{path.name}.probe")
        probe.write_bytes(b"x" * 4096)
        probe.unlink(missing_ok=True)  # another run may try at the same time
    except OSError as error:
        raise StateProblem(
            f"{path} cannot be written: {error.strerror}. Nothing was sent to either "
            "side, because a write that is not noted first could be done twice."
        ) from None


def _tighten(path: Path) -> None:
    """Let nobody else read the state: it holds e-mails and a salt."""
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's BEGIN below is the only one
    for pragma in (
        f"busy_timeout={WAIT * 1000}",
        "foreign_keys=ON",
        "synchronous=FULL",
    ):
        connection.execute(f"PRAGMA {pragma}")
    _write_ahead(connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Set the journal's mode; SQLite itself waits for nobody who is just doing so."""
    until = monotonic() + WAIT
    done = False
    while not done:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            done = True
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > until:
                raise
            sleep(0.02)


def _begin(connection: Connection) -> None:
    """Take the write lock at once: one taken later can fail, and waits for nobody."""
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _upgrade_file(engine: Engine, path: Path) -> None:
    from filelock import FileLock

    with FileLock(f"{path}.upgrade.lock"):
        revision = check_revision(engine, str(path))
        if revision == HEAD:
            return
        if revision is not None:
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
            backup(path, path.with_name(f"{path.name}.{revision}.{stamp}.backup"))
        _upgrade(engine)


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def backup(path: Path, target: Path) -> None:
    """Copy a SQLite state safely, also while it is in use, readable by its owner."""
    target.touch(mode=0o600, exist_ok=True)
    with (
        closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)


def integrity(path: Path) -> list[str]:
    """Return what SQLite finds wrong with the file; an empty list is good news."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as opened:
            found = [row[0] for row in opened.execute("PRAGMA integrity_check")]
    except sqlite3.Error as error:
        return [str(error)]
    return [] if found == ["ok"] else found
