"""history, show, undo: what earlier runs did, and the way back."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from connector.commands.context import DONE, Context, dumped, now, remembered, result
from connector.commands.outputs import refuse_own, write_file
from connector.commands.runs import unbegun
from connector.config.clients import open_readers
from connector.engine.notes import decided_by
from connector.engine.trouble import failing
from connector.errors import Misconfigured
from connector.reports import typed
from connector.reports.documents import Document, plan_document, titled
from connector.reports.meaning import guard_text, verb
from connector.reports.past_runs import Did, did, did_document, did_text
from connector.reports.runs import recorded, run_document, run_text
from connector.reports.safe import cell
from connector.reports.text import plan_text
from connector.run.undo import (
    prepare_undo,
)
from connector.terminal.width import width
from mappings.canonical import Side
from state.database import StateProblem
from state.model import Intent, RunSummary
from state.store import Store


def history(context: Context, limit: int | None = None) -> int:
    """List the runs of each pair, the latest first; ``limit`` is how many of each."""
    context.wants("text", "json")
    config = context.config()
    code = DONE
    for pair in context.sections(config):
        try:
            store = remembered(config.location, pair.name)
            runs = store.journal.runs(limit) if store else []
            counted = [(run, did_of(store, run)) for run in runs if store]
        except StateProblem as error:
            document = titled("history", pair=pair.name, runs=[], error=str(error))
            context.show(document, f"{pair.name}: {error}")
            code = error.exit_code
            continue
        heads = [_head(run) | did_document(run, done) for run, done in counted]
        document = titled("history", pair=pair.name, runs=heads, error=None)
        lines = [
            f"{run.started_at}  {run.id}  {run.command:<8} {run.status:<11} "
            f"{did_text(run, done)}{passes_text(run)}{_because(run)}"
            for run, done in counted
        ]
        context.show(document, "\n".join(lines) or f"{pair.name}: no run yet.")
    return code


def _because(run: RunSummary) -> str:
    error = recorded(run)
    return f": {error}" if error else ""


def did_of(store: Store, run: RunSummary) -> Did:
    """Count what a run did; one that had no time to print it has left a journal."""
    printed = store.journal.document(run.id) if run.outcomes else ""
    killed = not printed and not run.finished_at
    return did(run, printed, store.journal.intents(run.id) if killed else ())


def passes_text(run: RunSummary) -> str:
    """Say how many passes that did nothing stand in one line."""
    if run.passes < 2:
        return ""
    return f", the last of {run.passes} that did nothing, since {run.since}"


def _head(run: RunSummary) -> Document:
    return {
        "run": run.id,
        "command": run.command,
        "status": run.status,
        "started_at": run.started_at,
        "finished_at": run.finished_at or None,
        "error": recorded(run),
        "reason": run.reason or None,
        **({"passes": run.passes, "since": run.since} if run.passes else {}),
    }


def show(context: Context, run: str) -> int:
    context.wants("text", "json")
    try:
        store, record = _find(context, run)
        document = document_of(store, record)
    except StateProblem as error:
        for pair in context.sections(context.config()):
            unknown = unbegun(pair.name, "show", failing(error))
            context.show(run_document(unknown), run_text(unknown))
        return error.exit_code
    context.show(document, "\n".join(_shown(record, document)))
    return DONE


def document_of(store: Store, record: RunSummary) -> Document:
    """Return what a run left, with its journal.

    A run that was killed had no time to write its document.
    """
    printed = store.journal.document(record.id)
    document: Document = json.loads(printed or "null") or titled(
        "run",
        **_head(record),
        pair=record.pair,
        plan=None,
        outcomes=[],
        requests={side.value: 0 for side in Side},
    )
    document["finished_at"] = document["finished_at"] or record.started_at
    document["error"] = document.get("error") or recorded(record)
    document["reason"] = document.get("reason") or record.reason or None
    document["journal"] = list(map(_entry, store.journal.intents(record.id)))
    return document


def _entry(intent: Intent) -> Document:
    return {
        "id": intent.id,
        "change": intent.change_id,
        "code": intent.code,
        "action": intent.action,
        "target": intent.target,
        "state": intent.state,
        "detail": intent.detail,
        "by": decided_by(intent.change),
    }


def _shown(record: RunSummary, document: Document) -> Iterator[str]:
    """Say what a run did: why it ended as it did, its journal, what it left undone."""
    when = f"{record.started_at} to {document['finished_at']}"
    yield f"{record.id}: {record.command} of {record.pair}, {record.status}, {when}"
    refused = document.get("refused")
    guard = f"Refused, {guard_text(refused['guard'])}: " if refused else ""
    if document["error"]:
        yield f"  {guard}{cell(document['error'])}"
    for entry in document["journal"]:
        yield _line(entry["state"], entry)
    noted = {entry["change"] for entry in document["journal"]}
    for outcome in document["outcomes"]:
        good = outcome["outcome"] in ("confirmed", "adopted")
        if outcome["id"] not in noted and not good:
            yield _line(outcome["outcome"], outcome)


def _line(became: str, item: Document) -> str:
    detail = f": {cell(item['detail'])}" if item["detail"] else ""
    detail = f", decided by {cell(item['by'])}{detail}" if item.get("by") else detail
    on = "" if item["target"] == "state" else f" on {Side(item['target']).label}"
    return f"  {became:<11} {cell(item['code'])}: {verb(item['action'])}{on}{detail}"


def undo(context: Context, run: str, out: Path | None) -> int:
    context.wants("text", "json")
    refuse_own(context.config(), out)
    store, record = _find(context, run)
    pair = context.of_pair(record.pair).one_pair()
    readers = open_readers(pair)
    try:
        plan = prepare_undo(pair, readers, store, record.id, now()).plan
    finally:
        readers.close()
    document = plan_document(plan)
    if out is not None:
        write_file(out, dumped(document))
    context.show(document, plan_text(plan, width(sys.stdout)))
    if context.format == "text" and out is not None:
        named = plan.pair if plan.several else None
        words = ("apply", typed.file(out), "--accept")
        one = typed.command(*words, "ID", pair=named)
        every = typed.command(*words, "all", pair=named)
        result(f"To take lines back: {one} (or all of them: {every})")
    return DONE


def _find(context: Context, run: str) -> tuple[Store, RunSummary]:
    config = context.config()
    for pair in context.sections(config):
        store = remembered(config.location, pair.name)
        record = store.journal.run(run) if store else None
        if store and record:
            return store, record
    raise Misconfigured(f"there is no run {run}; see: partnero-tolt history")
