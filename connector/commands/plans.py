"""plan and explain: reading, deciding and reporting; nothing is written but FILE."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from connector.commands.context import (
    DONE,
    FAILED,
    FOUND,
    PARTIAL,
    REFUSED,
    Context,
    dumped,
    note,
    now,
    worst,
)
from connector.config import Config, PairSection
from connector.connect import Keys, open_readers
from connector.engine.change import Plan, SideReport, Status, Tally
from connector.engine.table import FIELD_ROWS, RECORD_ROWS
from connector.errors import Failed, Misconfigured, SyncError
from connector.look import Memory, Sighting, iso, job_of, look, recall
from connector.reports.documents import (
    change_document,
    finding_document,
    plan_document,
)
from connector.reports.safe import cell, inert
from connector.reports.text import plan_text
from mappings.canonical import PromoCode, Side, fold
from state.database import StateProblem, open_to_read
from state.model import discount_text
from state.store import Store


def plan(context: Context, out: Path | None, *, exit_code: bool) -> int:
    """Report what an apply would do, for each pair."""
    context.wants("text", "json")
    config = context.config()
    if out is not None:
        context.one_pair(config)  # one file holds the plan of one pair
    codes = []
    for pair, keys in context.each(config):
        made = planned(config, pair, keys).plan
        document = plan_document(made)
        if out is not None:
            write_file(out, dumped(document))
        context.show(document, plan_text(made))
        codes.append(_code(made, exit_code=exit_code))
    return worst(codes)


def planned(
    config: Config, pair: PairSection, keys: Keys, *, afresh: bool = False
) -> Sighting:
    """Read both sides with clients that cannot write, and make the plan.

    ``afresh`` asks again for what an earlier run remembers of the sides themselves.
    """
    readers = open_readers(pair, keys)
    try:
        engine = open_to_read(config.state_url)
        memory = recall(
            Store(engine, pair.name) if engine else None, pair.tolt.api_version
        )
        if afresh:
            memory = replace(memory, coupons={})
        return look(job_of(config, pair, keys), readers, memory, now())
    except Misconfigured:
        raise
    except (SyncError, StateProblem) as error:
        return _failed(pair, str(error))
    finally:
        for reader in readers.values():
            reader.close()


def _failed(pair: PairSection, message: str) -> Sighting:
    """Return a plan that says why there is none: a document is printed all the same."""
    unread = SideReport(codes=0, partners=0, complete=False, requests=0)
    at = iso(now())
    made = Plan(
        pair=pair.name,
        created_at=at,
        expires_at=at,
        config="",
        state=None,
        sides={side.value: unread for side in Side},
        changes=(),
        findings=(),
        tally=Tally(),
        failed=message,
    )
    return Sighting(made, {}, None, ())


def _code(made: Plan, *, exit_code: bool) -> int:
    if made.failed:
        note(made.failed)
        return FAILED
    if made.refused:
        return REFUSED
    if not made.complete:
        return PARTIAL
    found = any(
        c.action != "adopt" or c.status is not Status.READY for c in made.changes
    )
    waiting = found or any(c.status is Status.READY for c in made.changes)
    return FOUND if exit_code and waiting else DONE


def write_file(path: Path, text: str) -> None:
    """Write a result to a file; Failed where that cannot be done."""
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}") from None


def explain(context: Context, code: str) -> int:
    """Say everything that is known of one code, and why it is treated as it is."""
    context.wants("text", "json")
    config = context.config()
    pair = context.one_pair(config)
    ((_, keys),) = context.each(config)
    sighting = planned(config, pair, keys)
    if sighting.plan.failed:
        raise Failed(sighting.plan.failed)
    engine = open_to_read(config.state_url)
    version = pair.tolt.api_version
    memory = recall(Store(engine, pair.name) if engine else None, version)
    document = _explained(sighting, memory, fold(code), code)
    context.show(document, "\n".join(_explanation(document)))
    return DONE if document["found"] else FOUND


def _explained(
    sighting: Sighting, memory: Memory, key: str, code: str
) -> dict[str, Any]:
    links = [one for one in memory.links if one.base.partnero.code == key]
    ids = {side: {one.ids.of(side) for one in links} for side in Side}
    sides = {
        side.value: [
            _shown(one)
            for one in sighting.sides[side].codes.values()
            if one.values.code == key or one.id in ids[side]
        ]
        for side in Side
    }
    plan_ = sighting.plan
    changes = [change for change in plan_.changes if change.key == key]
    findings = [
        finding
        for finding in plan_.findings
        if fold(finding.code or "") == key or key in map(fold, finding.codes)
    ]
    decision = (memory.decisions or {}).get(key)
    stone = (memory.tombstones or {}).get(key)
    return {
        "format": "partnero-tolt/explain",
        "version": 1,
        "pair": plan_.pair,
        "code": code,
        "found": bool(any(sides.values()) or links or stone),
        "sides": sides,
        "complete": {side: report.complete for side, report in plan_.sides.items()},
        "match": "by stored link"
        if links
        else "by text"
        if all(sides.values())
        else None,
        "base": [
            {
                "partnero": [one.ids.partnero, *_texts(one.base.partnero)],
                "tolt": [one.ids.tolt, *_texts(one.base.tolt)],
                "unset": sorted(one.unset),
            }
            for one in links
        ],
        "tombstone": stone
        and {"where": stone.where, "at": stone.at, "last": stone.last},
        "decision": decision
        and {"take": decision.take, "who": decision.who, "at": decision.at},
        "rows": sorted({(change.row, _words(change.row)) for change in changes}),
        "changes": [
            change_document(change) | {"policy": change.grant.value}
            for change in changes
        ],
        "findings": [finding_document(finding) for finding in findings],
    }


def _shown(code: PromoCode) -> dict[str, Any]:
    carried = code.carried
    stated = {
        name: getattr(carried, name)
        for name in carried.__slots__
        if getattr(carried, name) not in (None, False)
    }
    return {
        "id": code.id,
        "written": code.written,
        "discount": discount_text(code.values.discount) or str(code.values.discount),
        "partner": code.values.partner,
        "carried": stated,
    }


def _texts(values: Any) -> list[str | None]:  # noqa: ANN401 (Values)
    return [values.code, discount_text(values.discount), values.partner]


def _words(number: int) -> str:
    known = {row.number: row.words for row in RECORD_ROWS}
    known |= {row.number: row.words for row in FIELD_ROWS}
    return known.get(number, "a key that is not unique")


def _explanation(document: dict[str, Any]) -> Iterable[str]:
    code = cell(document["code"])
    if not document["found"]:
        yield f"{code}: no such code on either side, and none is remembered."
        return
    yield f"{code} (pair {document['pair']})"
    for side in Side:
        known = document["sides"][side.value]
        complete = document["complete"][side.value]
        nothing = "no such code" if complete else "unknown: not read completely"
        for shown in known:
            more = ", ".join(
                f"{name} {value}" for name, value in shown["carried"].items()
            )
            told = (
                f"{shown['written']}, {shown['discount']}, partner {shown['partner']}"
            )
            yield cell(f"  {side.label}: {told}{'; ' if more else ''}{more}")
        if not known:
            yield f"  {side.label}: {nothing}"
    yield f"  Match: {document['match'] or 'none'}"
    for base in document["base"]:
        unset = f"; no base for {', '.join(base['unset'])}" if base["unset"] else ""
        yield cell(f"  Base: Partnero {base['partnero']}, Tolt {base['tolt']}{unset}")
    if not document["base"]:
        yield "  Base: none"
    if document["tombstone"]:
        yield cell(f"  Tombstone: {document['tombstone']}")
    if document["decision"]:
        yield cell(f"  Decision: {document['decision']}")
    for number, words in document["rows"]:
        yield f"  Row {number} of the table: {words}"
    for change in document["changes"]:
        yield (
            f"  {change['status']}: {change['action']} on {change['target']} "
            f"[{change['reason']}], policy {change['policy']}"
        )
        yield f"      {inert(change['message'])}"
    for finding in document["findings"]:
        yield f"  [{finding['kind']}] {inert(finding['message'])}"
    if not document["changes"]:
        yield "  Nothing is to be done."
