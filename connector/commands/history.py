"""history, show, undo: what earlier runs did, and the way back."""

import json
from pathlib import Path
from typing import Any

from connector.commands.context import DONE, Context, dumped, now, result
from connector.commands.plans import write_file
from connector.config import Config
from connector.connect import open_readers
from connector.errors import Failed, Misconfigured
from connector.look import job_of
from connector.reports.documents import plan_document
from connector.reports.safe import cell
from connector.reports.text import plan_text
from connector.undo import undo_sighting
from state.database import StateProblem, open_to_read
from state.model import RunRecord
from state.store import Store


def history(context: Context) -> int:
    """List the runs of each pair, newest first."""
    context.wants("text", "json")
    config = context.config()
    for pair in context.pairs(config):
        store = open_store(config, pair.name)
        runs = store.runs() if store else []
        document = {
            "format": "partnero-tolt/history",
            "version": 1,
            "pair": pair.name,
            "runs": [
                {
                    "run": run.id,
                    "command": run.command,
                    "status": run.status,
                    "started_at": run.started_at,
                    "finished_at": run.finished_at or None,
                }
                for run in runs
            ],
        }
        lines = [
            f"{run.started_at}  {run.id}  {run.command:<8} {run.status}" for run in runs
        ]
        context.show(document, "\n".join(lines) or f"{pair.name}: no run yet.")
    return DONE


def show(context: Context, run: str) -> int:
    """Print one run as it was reported, with its journal."""
    context.wants("text", "json")
    config = context.config()
    store, record = _find(context, config, run)
    document: dict[str, Any] = (
        json.loads(record.document) if record.document else _unfinished(record)
    )
    document["journal"] = [
        {
            "id": intent.id,
            "change": intent.change_id,
            "code": intent.code,
            "action": intent.action,
            "target": intent.target,
            "state": intent.state,
            "detail": intent.detail,
        }
        for intent in store.intents(record.id)
    ]
    lines = [f"{record.id}: {record.command} of {record.pair}, {record.status}"]
    lines += [
        f"  {one['state']:<11} {one['action']} on {one['target']}: {cell(one['code'])}"
        f"{'  ' if one['detail'] else ''}{cell(one['detail'])}"
        for one in document["journal"]
    ]
    context.show(document, "\n".join(lines))
    return DONE


def undo(context: Context, run: str, out: Path | None) -> int:
    """Print the inverse plan of a run; it is applied by naming its lines."""
    context.wants("text", "json")
    config = context.config()
    store, record = _find(context, config, run)
    pair = config.pair(record.pair)
    ((_, keys),) = Context(context.config_path, record.pair).each(config)
    readers = open_readers(pair, keys)
    try:
        job = job_of(config, pair, keys)
        plan = undo_sighting(job, readers, store, record.id, now()).plan
    finally:
        for reader in readers.values():
            reader.close()
    document = plan_document(plan)
    if out is not None:
        write_file(out, dumped(document))
    context.show(document, plan_text(plan))
    if context.format == "text" and out is not None:
        result(f"To take lines back: partnero-tolt apply {out} --accept ID")
    return DONE


def open_store(config: Config, pair: str) -> Store | None:
    """Open a pair's memory to read; None where there is none yet."""
    try:
        engine = open_to_read(config.state_url)
    except StateProblem as error:
        raise Failed(str(error)) from None
    return Store(engine, pair) if engine else None


def _find(context: Context, config: Config, run: str) -> tuple[Store, RunRecord]:
    for pair in context.pairs(config):
        store = open_store(config, pair.name)
        for record in store.runs() if store else ():
            if store and record.id == run:
                return store, record
    raise Misconfigured(f"there is no run {run}; see: partnero-tolt history")


def _unfinished(record: RunRecord) -> dict[str, Any]:
    """Stand in for the document of a run that was killed before it could write one."""
    return {
        "format": "partnero-tolt/run",
        "version": 1,
        "run": record.id,
        "pair": record.pair,
        "command": record.command,
        "status": record.status,
        "started_at": record.started_at,
        "finished_at": record.finished_at or record.started_at,
        "plan": None,
        "outcomes": [],
        "requests": {},
    }
