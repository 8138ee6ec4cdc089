"""explain: everything that is known of one code, and why it is treated as it is."""

from collections.abc import Iterator
from typing import Any

from connector.commands.context import DONE, Context, remembered
from connector.commands.plans import certain
from connector.engine import words
from connector.look import Memory, Sighting, recall
from connector.reports.documents import (
    Document,
    change_document,
    finding_document,
    titled,
)
from connector.reports.meaning import row_words
from connector.reports.safe import cell
from mappings.canonical import PromoCode, Side, fold
from state.model import Link, discount_text


def explain(context: Context, code: str) -> int:
    context.wants("text", "json")
    for job in context.jobs():
        sighting = certain(job)
        store, key = remembered(job.config, job.pair.name), fold(code)
        link = store.link(key) if store else None
        links = [link] if link else []
        memory = recall(store, job.version)
        document = _explained(sighting, memory, links, code)
        context.show(document, "\n".join(_explanation(document)))
    return DONE


def _explained(
    sighting: Sighting, memory: Memory, links: list[Link], code: str
) -> Document:
    plan, key = sighting.plan, fold(code)
    ids = {side: {link.ids.of(side) for link in links} for side in Side}
    sides = {
        side.value: [
            _shown(one, side, sighting)
            for one in sighting.sides[side].codes.values()
            if one.values.code == key or one.id in ids[side]
        ]
        for side in Side
    }
    matched = "by text" if all(sides.values()) else None
    changes = [change for change in plan.changes if change.key == key]
    decision = (memory.decisions or {}).get(key)
    stone = (memory.tombstones or {}).get(key)
    return titled(
        "explain",
        pair=plan.pair,
        code=code,
        found=bool(any(sides.values()) or links or stone),
        sides=sides,
        complete={side: report.complete for side, report in plan.sides.items()},
        match="by stored link" if links else matched,
        base=[_base(one, sighting) for one in links],
        tombstone=stone and {"where": stone.where, "at": stone.at, "last": stone.last},
        decision=decision
        and {"take": decision.take, "who": decision.who, "at": decision.at},
        rows=[(row, row_words(row)) for row in sorted({one.row for one in changes})],
        changes=[change_document(one) | {"policy": one.grant.value} for one in changes],
        findings=[
            finding_document(finding)
            for finding in plan.findings
            if key in map(fold, (finding.code or "", *finding.codes))
        ],
    )


def _base(link: Link, sighting: Sighting) -> Document:
    def texts(side: Side) -> list[str | None]:
        code, discount, partner = link.base.of(side)
        owner = _owner(sighting, side, partner)
        return [link.ids.of(side), code, discount_text(discount), owner]

    both = {side.value: texts(side) for side in Side}
    return {**both, "unset": sorted(link.unset)}


def _owner(sighting: Sighting, side: Side, partner: str | None) -> str | None:
    """Return the masked e-mail and the id; None where there is no partner."""
    if partner is None or sighting.partners is None:
        return None
    return words.owner(sighting.partners, side, partner)


def _shown(code: PromoCode, side: Side, sighting: Sighting) -> dict[str, Any]:
    carried = code.carried._replace(limited=False)._asdict().items()
    return {
        "id": code.id,
        "written": code.written,
        "discount": discount_text(code.values.discount) or str(code.values.discount),
        "partner": _owner(sighting, side, code.values.partner),
        "carried": {n: value for n, value in carried if value not in (None, False)},
    }


def _explanation(document: dict[str, Any]) -> Iterator[str]:
    code = cell(document["code"])
    if not document["found"]:
        told = "no such code on either side, and none is remembered."
        yield f"{code} (pair {document['pair']}): {told}"
        return
    yield f"{code} (pair {document['pair']})"
    for side in Side:
        yield from _of_side(document, side)
    yield f"  Match: {document['match'] or 'none'}"
    yield from _remembered(document)
    for number, told in document["rows"]:
        yield f"  Row {number} of the table: {told}"
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
        partner = shown["partner"] or "none"
        told = f"{shown['written']}, {shown['discount']}, partner {partner}"
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
