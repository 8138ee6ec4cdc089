"""What ``explain`` says of one code, in lines for people."""

from collections.abc import Iterator

from connector.engine.decisions import OPTIONS
from connector.reports.documents import Document
from connector.reports.safe import cell
from mappings.canonical import Side
from mappings.discounts import parse_discount, shown_discount


def explanation_text(document: Document) -> str:
    """Say what the document of ``explain`` holds."""
    return "\n".join(_lines(document))


def _lines(document: Document) -> Iterator[str]:
    code = cell(document["code"])
    if not document["found"]:
        nothing = "no such code on either side, and none is remembered."
        yield f"{code} (pair {document['pair']}): {nothing}"
        return
    yield f"{code} (pair {document['pair']})"
    for side in Side:
        yield from _of_side(document, side)
    yield f"  Match: {document['match'] or 'none'}"
    yield from _remembered(document)
    for number, text in document["rows"]:
        yield f"  Row {number} of the table: {text}"
    for change in document["changes"]:
        yield from _of_change(change)
    for finding in document["findings"]:
        yield f"  [{finding['kind']}] {cell(finding['message'])}"
        yield from _typed(finding)
    if not document["changes"]:
        yield "  Nothing is to be done."


def _of_change(change: Document) -> Iterator[str]:
    what = f"{change['action']} on {change['target'].capitalize()}"
    why, policy = change["reason"], change["policy"]
    yield f"  {change['status']}: {what} [{why}], policy {policy}"
    yield f"      {cell(change['message'])}"
    yield from _typed(change)


def _of_side(document: Document, side: Side) -> Iterator[str]:
    for shown in document["sides"][side.value]:
        partner = shown["partner"] or "none"
        discount = _for_people(shown["discount"])
        more = "".join(f", {name} {value}" for name, value in shown["carried"].items())
        text = f"{shown['written']}, {discount}, partner {partner}{more}"
        yield f"  {side.label}: {cell(text)}"
    if not document["sides"][side.value]:
        complete = document["complete"][side.value]
        nothing = "no such code" if complete else "unknown: not read completely"
        yield f"  {side.label}: {nothing}"


def _typed(item: Document) -> Iterator[str]:
    for command in item.get("commands", ()):
        yield f"      {command}"


def _for_people(discount: str) -> str:
    """Return a stored discount as people write it; what is none stays as it is."""
    try:
        return shown_discount(parse_discount(discount))
    except ValueError:
        return discount


def _remembered(document: Document) -> Iterator[str]:
    for base in document["base"]:
        halves = "; ".join(_half(side, base[side.value]) for side in Side)
        unset = f"; never agreed: {', '.join(base['unset'])}" if base["unset"] else ""
        yield f"  Base: {cell(halves + unset)}"
    if not document["base"]:
        yield "  Base: none"
    if stone := document["tombstone"]:
        where, last = cell(stone["where"]), cell(stone["last"])
        yield f"  Tombstone: {where} at {stone['at']}; it was {last}"
    for decision in document["decisions"]:
        yield f"  {_decided(decision)}"


def _half(side: Side, base: list[str | None]) -> str:
    """Say what one side itself reported when both were last verified."""
    id_, code, discount, owner = base
    values = f"{code}, {_for_people(discount or '')}, partner {owner or 'none'}"
    return f"{side.label} {values} ({id_})"


def _decided(decision: Document) -> str:
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
