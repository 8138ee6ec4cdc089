"""Opening the database: a state that cannot be trusted is refused, untouched.

A report opens it read-only. A run that writes upgrades an older schema first, in one
transaction, after a backup. Nothing is repaired and nothing is created by a report.
"""

import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep, time

from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.pool import NullPool

from state import files, servers
from state.copies import backup, integrity
from state.leases import SECONDS
from state.places import file_of, is_there, public_name
from state.problems import (
    WAIT,
    StateBusy,
    StateProblem,
    is_busy,
    refusing,
    told,
    unusable,
)
from state.transactions import TURN

__all__ = (
    "HEAD",
    "KNOWN",
    "Engine",
    "StateBusy",
    "StateProblem",
    "backup",
    "file_of",
    "identity_of",
    "integrity",
    "is_held",
    "open_to_read",
    "open_to_write",
    "refusing",
    "told",
)

HEAD = "0013"
"""The newest revision in migrations/versions."""
KNOWN = (
    *("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009"),
    *("0010", "0011", "0012", "0013"),
)
_turns: dict[Path, threading.Lock] = {}
"""Who writes to a file takes turns with the other threads here, by transaction."""
LARGE = 4 * 1024 * 1024
"""From this size a state file is not checked as a whole by every run."""


def open_to_read(url: str) -> Engine | None:
    """Open for a report: None where there is no state yet, the file never changes."""
    engine, revision = _opened(url)
    if engine is None or revision is None:
        return None
    if revision != HEAD:
        first = ", after a backup" if file_of(url) else "; take a copy first (pg_dump)"
        raise StateProblem(
            f"{public_name(url)} has the older schema {revision}. Nothing was changed. "
            f"A run that writes upgrades it{first}: partnero-tolt sync"
        )
    return engine


def identity_of(url: str) -> tuple[str, str] | None:
    """Return the id and birth of the state that is there, of any known schema."""
    engine, revision = _opened(url, whole=False)
    if engine is None or revision is None:
        return None
    with _refusing(url), engine.connect() as connection:
        rows = connection.execute(text("SELECT name, value FROM meta"))
        known: dict[str, str] = {row.name: row.value for row in rows}
    return (known["identity"], known["born"]) if "identity" in known else None


def _opened(url: str, *, whole: bool = True) -> tuple[Engine | None, str | None]:
    """Return what is there to be read, and its schema; ``whole`` looks for damage."""
    path = file_of(url)
    if path is None:
        engine = servers.opened(url)
        with _refusing(url):
            return engine, check_revision(engine, public_name(url))
    if not is_there(path):
        return None, None
    return looked_at(path, whole=whole)


def _refusing(url: str) -> AbstractContextManager[None]:
    path = file_of(url)
    if path is None:
        return refusing(public_name(url), server=True)
    return refusing(str(path), unused=lambda: not is_held(path))


def looked_at(path: Path, *, whole: bool = True) -> tuple[Engine, str | None]:
    """Open a file that cannot be changed by it; StateProblem if it is not sound."""
    verdict = "ok"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=WAIT)
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            connection.close()
            if is_busy(error) or os.access(path.parent, os.W_OK):
                raise
            # Without a writable folder there is no shared memory for the log: the
            # file is read as it lies, which is right: nobody else can write it.
            unchanging = f"{path.as_uri()}?mode=ro&immutable=1"
            return sqlite3.connect(unchanging, uri=True)
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    with refusing(str(path), unused=lambda: not is_held(path)):
        revision = check_revision(engine, str(path))
        if whole:
            with engine.connect() as connection:
                verdict = _damage(connection, path.stat().st_size)
    if verdict != "ok":
        raise unusable(str(path), verdict, broken=not is_held(path))
    return engine, revision


def is_held(path: Path, *, surely: bool = False) -> bool:
    """Say whether a run holds any pair of this state, as far as it can be read.

    ``surely`` leaves out what ends later than any hold can: another clock wrote that.
    """
    query = "SELECT count(*) FROM lease WHERE owner != '' AND expires BETWEEN ? AND ?"
    now = int(time())
    ends = (now + 1, now + SECONDS if surely else 2**62)
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as opened:
            return bool(opened.execute(query, ends).fetchone()[0])
    except sqlite3.Error as error:
        return is_busy(error)


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
            verdict = str(connection.execute(asked).scalar())
            if verdict != "ok":
                return verdict
    return "ok"


def open_to_write(url: str) -> Engine:
    """Open for a run, creating or upgrading the schema where that is needed."""
    path = file_of(url)
    if path is None:
        engine = servers.opened(url)
        with _refusing(url):
            if check_revision(engine, public_name(url)) != HEAD:
                _upgrade(engine, public_name(url), None)
        return engine
    if is_there(path):
        looked_at(path)  # to open a stranger's file for writing would change it
    path = _made_writable(path)
    engine = create_engine(
        "sqlite://",
        creator=_writer(path),
        poolclass=NullPool,
        execution_options={TURN: _turns.setdefault(path, threading.Lock())},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    with _refusing(url):
        if check_revision(engine, str(path)) != HEAD:
            _upgrade(engine, str(path), path)
        _tighten(path)
    return engine


def _writer(path: Path) -> Callable[[], sqlite3.Connection]:
    """Return what connects to a file that is there: one that vanished stays away."""
    return lambda: sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=WAIT)


def check_revision(engine: Engine, name: str) -> str | None:
    """Return the schema's revision, None for a fresh one; StateProblem if unknown."""
    with engine.connect() as opened:
        return _revision(opened.execution_options(reading=True), name)


def _revision(connection: Connection, name: str) -> str | None:
    tables = set(inspect(connection).get_table_names())
    server = connection.dialect.name == "postgresql"
    if not tables:
        if server:
            servers.refuse_hidden(connection, name)
        return None
    revision = None
    if "alembic_version" in tables:
        query = text("SELECT version_num FROM alembic_version")
        revision = connection.execute(query).scalar()
    if revision is None or not tables >= servers.OURS:
        other = "schema in [state] schema" if server else "file in [state] url"
        raise StateProblem(
            f"{name} is a database, but not a state of this program. It was not "
            f"touched. Name another {other}."
        )
    if revision not in KNOWN:
        raise StateProblem(
            f"{name} was written by a newer version of this program (schema "
            f"{revision}, this one knows {HEAD}). It was not touched. Upgrade "
            "partnero-tolt."
        )
    return str(revision)


def _made_writable(path: Path) -> Path:
    """Make sure of a file that can be written, and return where it really is.

    A file that is there is not opened for that: to close it would take the locks of
    this process's other connections away.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        real = Path(os.path.realpath(path))
        try:
            files.create(real)
        except FileExistsError:
            if not os.access(real, os.W_OK):
                raise PermissionError(13, "Permission denied") from None
        with tempfile.TemporaryFile(dir=real.parent) as probe:
            probe.write(b"x" * 4096)
            probe.flush()
    except OSError as error:
        raise StateProblem(
            f"{path} cannot be written: {error.strerror}. Nothing was sent to either "
            "side, because a write that is not noted first could be done twice."
        ) from None
    return real


def _tighten(path: Path) -> None:
    """Let nobody else read the state: it holds e-mails and a salt."""
    if path.stat().st_mode & 0o077:
        path.chmod(files.PRIVATE)


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
            if not is_busy(error) or monotonic() > until:
                raise
            sleep(0.02)


def _begin(connection: Connection) -> None:
    """Take the write lock at once: one taken later can fail, and waits for nobody."""
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _upgrade(engine: Engine, name: str, path: Path | None) -> None:
    """Bring the schema up to date in one transaction; of several, one does it."""
    with engine.begin() as connection:
        if path is None:
            servers.wait_for_turn(connection)
            if _revision(connection, name) is None:
                servers.refuse_encoding(connection, name)
            servers.make_schema(connection)
        revision = _revision(connection, name)
        if revision == HEAD:
            return
        if path is not None and revision is None:
            from state import schema  # what a state that is there needs none of

            schema.make(connection, HEAD)
            return
        if path is not None:
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
            backup(path, path.with_name(f"{path.name}.{revision}.{stamp}.backup"))
        _migrate(connection)


def _migrate(connection: Connection) -> None:
    """Go from the revision that is there to the newest one, step by step."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
