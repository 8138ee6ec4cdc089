"""state check, backup, restore, export, prune: looking after the memory."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.commands.context import (
    DONE,
    FAILED,
    Context,
    emit,
    memory,
    now,
    result,
    whole,
)
from connector.commands.memory import open_known
from connector.commands.outputs import refuse_own
from connector.config import marker
from connector.config.load import Config
from connector.config.location import Location
from connector.errors import Failed, Locked, Misconfigured
from connector.reports.documents import titled
from connector.reports.safe import cell
from connector.run.lease import holding
from connector.terminal.streams import aside
from mappings.moments import iso
from state import database
from state.copies import put_in_place
from state.database import (
    Engine,
    StateBusy,
    StateProblem,
    file_of,
    identity_of,
    integrity,
    open_to_read,
    open_to_write,
)
from state.every_pair import pairs_of
from state.files import same_as
from state.journal import KEPT
from state.model import Pruned
from state.places import files_of, url_of
from state.store import Store


def check(context: Context) -> int:
    context.wants("text", "json")
    config = context.config()
    path = file_of(config.location.state_url)
    engine, problems = _opened(config.location, path)
    pairs: dict[str, dict[str, int]] = {}
    if engine is not None:
        for section in context.sections(config):
            store = Store(engine, section.name)
            problems += store.unreadable()
            pairs[section.name] = store.sizes()
    document = titled(
        "state",
        state=path.name if path else "server",
        exists=engine is not None,
        ok=not problems,
        problems=problems,
        pairs=pairs,
    )
    lines = [f"FAIL  {cell(problem)}" for problem in problems]
    if engine is None and not lines:
        lines.append("ok    There is no state yet; the first sync makes it.")
    for name, sizes in pairs.items():
        held = ", ".join(f"{count} {what}" for what, count in sizes.items())
        lines.append(f"ok    {name}: {held}")
    context.show(document, "\n".join(lines))
    return FAILED if problems else DONE


def _opened(location: Location, path: Path | None) -> tuple[Engine | None, list[str]]:
    """Open the state to read, and say what is wrong with it; StateBusy is raised."""
    is_there = path is not None and path.exists() and path.stat().st_size
    if path is not None and is_there and (damaged := integrity(path)):
        return None, damaged
    engine = None
    try:
        engine = open_to_read(location.state_url)
        missing = marker.missing(location, identity_of(location.state_url))
    except StateBusy:
        raise
    except StateProblem as error:
        return engine, [str(error)]
    return engine, [f"{missing}. {marker.advice(location, 'sync')}"] if missing else []


def backup(context: Context, target: Path | None) -> int:
    aside()
    config = context.config()
    path = _file(config)
    if not path.exists():
        raise Misconfigured(f"{path} does not exist: there is nothing to copy")
    if target is None:
        target = path.with_name(f"{path.name}.{_stamp()}.backup")
    refuse_own(config, target, "FILE")
    if os.path.lexists(target):
        raise Misconfigured(f"{target} exists and was left as it is; name another file")
    if problems := integrity(path):
        raise Failed(f"{path} is damaged and was not copied: {problems[0]}")
    database.backup(path, target)
    result(f"Copied {path.name} to {target}.")
    return DONE


def restore(context: Context, source: Path) -> int:
    """Put a copy in the state's place, at once, while nobody uses either."""
    aside()
    config = context.config()
    path, source = _file(config), source.absolute()
    if not source.is_file():  # a pipe would be waited for
        what = "is no file" if source.exists() else "does not exist"
        raise Misconfigured(f"{source} {what}; nothing was restored")
    if same_as(source, files_of(config.location.state_url)) is not None:
        raise Misconfigured(
            f"{source} is the state itself, or a part of it: nothing was restored. "
            "Name a copy of it, as state backup makes them."
        )
    if problems := integrity(source):
        raise Failed(f"{source} is damaged; nothing was restored: {problems[0]}")
    state = identity_of(url_of(source))
    if state is None:
        raise Failed(f"{source} holds no state; nothing was restored")
    kept = path.with_name(f"{path.name}.{_stamp()}.replaced")
    with _held_by_nobody(config.location.state_url, path):
        put_in_place(source, path, kept)
    marker.keep(config.location, state)
    where = f"; the former one is kept as {kept.name}" if kept.exists() else ""
    result(f"Restored {path.name} from {source}{where}.")
    return DONE


def prune(context: Context) -> int:
    """Forget the runs that are older than the configuration keeps."""
    context.wants("text", "json")
    config = context.config()
    section, engine = config.file.state, open_known(config.location)
    if engine is None:
        memory(config.location)  # which says what is missing
    before = iso(now() - timedelta(seconds=section.keep_seconds))
    for pair in context.sections(config):
        none = Pruned(runs=0, intents=0)
        done = Store(engine, pair.name).journal.prune(before) if engine else none
        document = titled(
            "state-prune",
            pair=pair.name,
            keep_runs=section.keep_runs,
            before=before,
            runs=done.runs,
            writes=done.intents,
        )
        context.show(
            document,
            f"{pair.name}: {done.runs} runs from before {before} were forgotten, with "
            f"{done.intents} settled writes; the last {KEPT} runs stay.",
        )
    return DONE


def export(context: Context) -> int:
    config = context.config()
    engine = memory(config.location)
    for pair in context.sections(config):
        tables = Store(engine, pair.name).tables() if engine else {}
        document = titled("state-export", pair=pair.name, tables=tables)
        emit(whole(document, lines=context.pair is None))
    return DONE


@contextmanager
def _held_by_nobody(url: str, path: Path) -> Iterator[None]:
    """Hold every pair of the state that is replaced; Locked while a run uses one.

    A damaged state is what a restore is for: as far as it can be read, it is asked.
    """
    with ExitStack() as held:
        try:
            engines = [open_to_write(url)] if identity_of(url) else []
            for engine in engines:
                for pair in pairs_of(engine):
                    held.enter_context(holding(Store(engine, pair)))
        except StateBusy:
            raise
        except StateProblem as error:
            if database.is_held(path, surely=True):
                why = f"A run holds {path}, which is damaged ({error})"
                raise Locked(f"{why}. Nothing was restored.") from None
        yield


def _file(config: Config) -> Path:
    path = file_of(config.location.state_url)
    if path is None:
        raise Misconfigured(
            "the state lives in a database server: nothing was copied or restored. Use "
            "that server's own tools: pg_dump, and psql or pg_restore"
        )
    return path


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
