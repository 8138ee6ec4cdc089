"""explain: everything that is known of one code, and why it is treated as it is."""

from dataclasses import replace

from connector.commands.context import DONE, Context, note, remembered, worst
from connector.commands.plans import certain
from connector.commands.together import Setback, each_pair
from connector.config.pair import Pair
from connector.engine.change import Change
from connector.engine.plan import (
    make_plan,
)
from connector.engine.planned import Plan
from connector.reports.documents import (
    Document,
    decision_document,
    item_document,
    titled,
)
from connector.reports.explanation import explanation_text
from connector.reports.meaning import row_words
from connector.run.memory import (
    Memory,
    recall,
)
from connector.run.prepare import (
    Prepared,
)
from connector.terminal.progress import progress
from mappings.canonical import PromoCode, Side, fold
from mappings.fields import MERGED, shown_owner
from state.model import Link


def explain(context: Context, code: str, jobs: int = 1) -> int:
    """Say it of each pair; of one that cannot be read, that it cannot, and why."""
    context.wants("text", "json")

    def work(pair: Pair) -> tuple[Document, int]:
        prepared = certain(pair, shown=shown)
        memory = recall(remembered(pair.location, pair.name), pair.version)
        return _explained(_singly(prepared, pair, code), memory, code), DONE

    def failed(setback: Setback) -> tuple[Document, int]:
        return titled("error", pair=setback.pair, error=setback.why), setback.code

    codes = []
    with progress() as shown:
        for document, ended in each_pair(context, work, failed, jobs):
            codes.append(ended)
            with shown.aside():
                _show(context, document)
    return worst(codes)


def _singly(prepared: Prepared, pair: Pair, code: str) -> Prepared:
    """Return the plan with the change of a code that it remembers in bulk."""
    key, facts, plan = fold(code), prepared.facts, prepared.plan
    if facts is None or all(left.values.code != key for left, _ in plan.adopted.pairs):
        return prepared
    own = make_plan(facts, pair.policy, [key]).changes
    return replace(prepared, plan=replace(plan, changes=(*plan.changes, *own)))


def _show(context: Context, document: Document) -> None:
    if "error" not in document:
        context.show(document, explanation_text(document))
        return
    note(f"{document['pair']}: {document['error']}")
    if context.format == "json":
        context.show(document, "")


def _explained(prepared: Prepared, memory: Memory, code: str) -> Document:
    """Return everything that is known of a code."""
    key = fold(code)
    links = _links(prepared, key)
    sides, hidden = _on_sides(prepared, links, key), _hidden(prepared, links, key)
    decisions = _decisions(prepared, memory, key)
    stone = (memory.tombstones or {}).get(key)
    return titled(
        "explain",
        pair=prepared.plan.pair,
        code=code,
        found=bool(any(sides.values()) or links or stone or any(hidden.values())),
        sides=sides,
        complete={
            side: report.complete and not hidden.get(side)
            for side, report in prepared.plan.sides.items()
        },
        match=_match(prepared, links, texts=all(sides.values())),
        base=[_base(link, prepared) for link in links],
        tombstone=stone and {"where": stone.where, "at": stone.at, "last": stone.last},
        decision=next((each for each in decisions if not each["over"]), None),
        decisions=decisions,
        **_planned(prepared.plan, key),
    )


def _links(prepared: Prepared, key: str) -> list[Link]:
    """Return what is remembered of a code, by its ids of now."""
    known = prepared.facts.links if prepared.facts else ()
    return [link for link in known if fold(link.ids.left) == key]


def _on_sides(prepared: Prepared, links: list[Link], key: str) -> Document:
    """Return the records of the code on each side, by their text or a stored id."""
    ids = {side: {link.ids.of(side) for link in links} for side in Side}
    return {
        side.value: [
            _shown(record, side, prepared)
            for record in prepared.sides[side].codes.values()
            if record.values.code == key or record.id in ids[side]
        ]
        for side in Side
    }


def _hidden(prepared: Prepared, links: list[Link], key: str) -> dict[str, bool]:
    """Say on which sides the code is listed and cannot be understood."""
    return {
        side.value: any(
            snapshot.hides(id_, key)
            for id_ in {*(link.ids.of(side) for link in links), ""}
        )
        for side, snapshot in prepared.sides.items()
    }


def _match(prepared: Prepared, links: list[Link], *, texts: bool) -> str | None:
    """Say how both sides are matched; an id of another version matches nothing."""
    spoken = prepared.facts.version if prepared.facts else None
    if links and all(link.version == spoken for link in links):
        return "by stored link"
    return "by text" if texts and not links else None


def _planned(plan: Plan, key: str) -> Document:
    """Return what the plan proposes and says about a code, and by which rows."""
    changes = [change for change in plan.changes if change.key == key]
    return {
        "rows": [(row, row_words(row)) for row in _rows(changes)],
        "changes": [
            item_document(plan, change) | {"policy": change.grant.value}
            for change in changes
        ],
        "findings": [
            item_document(plan, finding)
            for finding in plan.findings
            if key in map(fold, (finding.code or "", *finding.codes))
        ],
    }


def _rows(changes: list[Change]) -> list[int]:
    """Return the rows of the table that apply; a sale falls under none."""
    return sorted({change.row for change in changes if change.push is None})


def _decisions(prepared: Prepared, memory: Memory, key: str) -> list[Document]:
    """Return what a person decided about a code and its sales; some may be over."""
    return [
        decision_document(decision) | {"over": decision.id in prepared.ended}
        for decision in (memory.decisions or {}).values()
        if key in (decision.key, fold(decision.code))
    ]


def _base(link: Link, prepared: Prepared) -> Document:
    def texts(side: Side) -> list[str | None]:
        values = link.base.of(side)
        owner = _owner(prepared, side, values.partner)
        fields = [owner if field.pays else field.text(values) for field in MERGED]
        return [link.ids.of(side), *fields]

    both = {side.value: texts(side) for side in Side}
    return {**both, "unset": sorted(link.unset)}


def _owner(prepared: Prepared, side: Side, partner: str | None) -> str | None:
    """Return the masked e-mail and the id; None where there is no partner."""
    if partner is None or prepared.partners is None:
        return None
    return shown_owner(side, partner, prepared.partners)


def _values(code: PromoCode, side: Side, prepared: Prepared) -> Document:
    """Return the merged values beside the text, who is paid as a person."""
    return {
        field.name: _owner(prepared, side, code.values.partner)
        if field.pays
        else field.mark(code.values)
        for field in MERGED
        if not field.names
    }


def _shown(code: PromoCode, side: Side, prepared: Prepared) -> Document:
    carried = code.carried._replace(limited=False)._asdict().items()
    return {
        "id": code.id,
        "written": code.written,
        **_values(code, side, prepared),
        "carried": {n: value for n, value in carried if value not in (None, False)},
    }
