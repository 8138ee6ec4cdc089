"""explain: everything that is known of one code, and why it is treated as it is."""

from collections.abc import Iterator
from typing import Any

from connector.commands.context import DONE, Context
from connector.commands.plans import planned
from connector.engine.table import FIELD_ROWS, RECORD_ROWS
from connector.errors import Failed
from connector.look import Memory, Sighting, recall
from connector.reports.documents import change_document, finding_document
from connector.reports.safe import cell
from mappings.canonical import PromoCode, Side, Values, fold
from state.database import open_to_read
from state.model import discount_text
from state.store import Store


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
    return DONE


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


def _texts(values: Values) -> list[str | None]:
    return [values.code, discount_text(values.discount), values.partner]


def _words(number: int) -> str:
    known = {row.number: row.words for row in RECORD_ROWS}
    known |= {row.number: row.words for row in FIELD_ROWS}
    return known.get(number, "a key that is not unique")


def _explanation(document: dict[str, Any]) -> Iterator[str]:
    code = cell(document["code"])
    if not document["found"]:
        yield f"{code}: no such code on either side, and none is remembered."
        return
    yield f"{code} (pair {document['pair']})"
    for side in Side:
        yield from _of_side(document, side)
    yield f"  Match: {document['match'] or 'none'}"
    yield from _remembered(document)
    for number, words in document["rows"]:
        yield f"  Row {number} of the table: {words}"
    for change in document["changes"]:
        told = f"  {change['status']}: {change['action']} on {change['target']} "
        yield f"{told}[{change['reason']}], policy {change['policy']}"
        yield f"      {cell(change['message'])}"
    for finding in document["findings"]:
        yield f"  [{finding['kind']}] {cell(finding['message'])}"
    if not document["changes"]:
        yield "  Nothing is to be done."


def _of_side(document: dict[str, Any], side: Side) -> Iterator[str]:
    for shown in document["sides"][side.value]:
        told = f"{shown['written']}, {shown['discount']}, partner {shown['partner']}"
        more = "".join(f", {name} {value}" for name, value in shown["carried"].items())
        yield f"  {side.label}: {cell(told + more)}"
    if not document["sides"][side.value]:
        complete = document["complete"][side.value]
        nothing = "no such code" if complete else "unknown: not read completely"
        yield f"  {side.label}: {nothing}"


def _remembered(document: dict[str, Any]) -> Iterator[str]:
    for base in document["base"]:
        unset = f"; no base for {', '.join(base['unset'])}" if base["unset"] else ""
        told = f"Partnero {base['partnero']}, Tolt {base['tolt']}{unset}"
        yield f"  Base: {cell(told)}"
    if not document["base"]:
        yield "  Base: none"
    for name in ("tombstone", "decision"):
        if document[name]:
            yield f"  {name.capitalize()}: {cell(str(document[name]))}"
