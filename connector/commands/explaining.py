"""explain: everything that is known of one code, and why it is treated as it is."""

from collections.abc import Iterator
from typing import Any

from connector.commands.context import DONE, Context, remembered
from connector.commands.plans import certain
from connector.engine import words
from connector.engine.change import Change
from connector.engine.deciding import OPTIONS
from connector.reports.documents import (
    Document,
    decision_document,
    item_document,
    titled,
)
from connector.reports.meaning import row_words
from connector.reports.safe import cell
from connector.run.look import (
    Memory,
    Sighting,
    recall,
)
from mappings.canonical import PromoCode, Side, fold
from mappings.discounts import discount_text, parse_discount
from state.model import Link


def explain(context: Context, code: str) -> int:
    context.wants("text", "json")
    for pair in context.pairs():
        sighting = certain(pair)
        store, key = remembered(pair.location, pair.name), fold(code)
        links = _links(sighting, key)
        memory = recall(store, pair.version)
        document = _explained(sighting, memory, links, code)
        context.show(document, "\n".join(_explanation(document)))
    return DONE


def _links(sighting: Sighting, key: str) -> list[Link]:
    """Return what is remembered of a code, by its ids of now."""
    known = sighting.facts.links if sighting.facts else ()
    return [link for link in known if fold(link.ids.left) == key]


def _match(sighting: Sighting, links: list[Link], *, texts: bool) -> str | None:
    """Say how both sides are matched; an id of another version matches nothing."""
    spoken = sighting.facts.version if sighting.facts else None
    if links and all(link.version == spoken for link in links):
        return "by stored link"
    return "by text" if texts and not links else None


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
    hidden = {
        side.value: any(one.hides(id_, key) for id_ in (*ids[side], ""))
        for side, one in sighting.sides.items()
    }
    changes = [change for change in plan.changes if change.key == key]
    decisions = _decisions(sighting, memory, key)
    stone = (memory.tombstones or {}).get(key)
    return titled(
        "explain",
        pair=plan.pair,
        code=code,
        found=bool(any(sides.values()) or links or stone or any(hidden.values())),
        sides=sides,
        complete={
            side: report.complete and not hidden.get(side)
            for side, report in plan.sides.items()
        },
        match=_match(sighting, links, texts=all(sides.values())),
        base=[_base(one, sighting) for one in links],
        tombstone=stone and {"where": stone.where, "at": stone.at, "last": stone.last},
        decision=next((one for one in decisions if not one["over"]), None),
        decisions=decisions,
        rows=[(row, row_words(row)) for row in _rows(changes)],
        changes=[
            item_document(plan, one) | {"policy": one.grant.value} for one in changes
        ],
        findings=[
            item_document(plan, finding)
            for finding in plan.findings
            if key in map(fold, (finding.code or "", *finding.codes))
        ],
    )


def _rows(changes: list[Change]) -> list[int]:
    """Return the rows of the table that apply; a sale falls under none."""
    return sorted({one.row for one in changes if one.push is None})


def _decisions(sighting: Sighting, memory: Memory, key: str) -> list[Document]:
    """Return what a person decided about a code and its sales; some may be over."""
    return [
        decision_document(decision) | {"over": decision.id in sighting.ended}
        for decision in (memory.decisions or {}).values()
        if key in (decision.key, fold(decision.code))
    ]


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
        told = f"{change['action']} on {change['target'].capitalize()}"
        yield (
            f"  {change['status']}: {told} [{change['reason']}], policy "
            + change["policy"]
        )
        yield f"      {cell(change['message'])}"
        yield from _typed(change)
    for finding in document["findings"]:
        yield f"  [{finding['kind']}] {cell(finding['message'])}"
        yield from _typed(finding)
    if not document["changes"]:
        yield "  Nothing is to be done."


def _of_side(document: dict[str, Any], side: Side) -> Iterator[str]:
    for shown in document["sides"][side.value]:
        partner = shown["partner"] or "none"
        discount = _for_people(shown["discount"])
        told = f"{shown['written']}, {discount}, partner {partner}"
        more = "".join(f", {name} {value}" for name, value in shown["carried"].items())
        yield f"  {side.label}: {cell(told + more)}"
    if not document["sides"][side.value]:
        complete = document["complete"][side.value]
        nothing = "no such code" if complete else "unknown: not read completely"
        yield f"  {side.label}: {nothing}"


def _typed(item: dict[str, Any]) -> Iterator[str]:
    for command in item.get("commands", ()):
        yield f"      {command}"


def _for_people(discount: str) -> str:
    """Return a stored discount as people write it; what is none stays as it is."""
    try:
        return words.discount(parse_discount(discount))
    except ValueError:
        return discount


def _remembered(document: dict[str, Any]) -> Iterator[str]:
    for base in document["base"]:
        halves = "; ".join(_half(side, base[side.value]) for side in Side)
        unset = f"; never agreed: {', '.join(base['unset'])}" if base["unset"] else ""
        yield f"  Base: {cell(halves + unset)}"
    if not document["base"]:
        yield "  Base: none"
    if stone := document["tombstone"]:
        yield f"  Tombstone: {cell(stone['where'])} at {stone['at']}; it was " + cell(
            stone["last"]
        )
    for decision in document["decisions"]:
        yield f"  {_decided(decision)}"


def _half(side: Side, base: list[str | None]) -> str:
    """Say what one side itself reported when both were last verified."""
    id_, code, discount, owner = base
    told = f"{code}, {_for_people(discount or '')}, partner {owner or 'none'}"
    return f"{side.label} {told} ({id_})"


def _decided(decision: dict[str, Any]) -> str:
    """Say who decided what, about which change, when and why."""
    action = decision["action"]
    what = "these records" if action in ("", "adopt") else action
    what += f" of {', '.join(decision['fields'])}" if decision["fields"] else ""
    on = decision["target"]
    what += f" on {on.capitalize()}" if on in list(Side) else ""
    note = f": {decision['note']}" if decision["note"] else ""
    word = "Accepted" if decision["take"] == "keep" else "Decided"
    over = " It is over: a value has changed since." if decision["over"] else ""
    return cell(
        f"{word}: {OPTIONS[decision['take']]} for {what} ({decision['id']}), by "
        f"{decision['by']}, {decision['at']}{note}.{over}"
    )
