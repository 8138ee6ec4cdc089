"""Records that both sides have: what agrees is adopted, what changed is carried.

Each field follows its row of the table. Fields that go to one side become one
change, split by the permission that they need; what only a person can say becomes
an open question.
"""

from collections.abc import Iterable, Mapping

from connector.engine import words
from connector.engine.change import Change, Grant, Status, Want
from connector.engine.desk import Desk, blocked, written
from connector.engine.match import Pairing
from connector.engine.merge import FieldVerdict, merge
from connector.engine.table import Verb
from mappings.canonical import FIELDS, PromoCode, Side, Unreadable
from mappings.fields import raises_discount
from state.model import Halves, Ids, Link


def compare(desk: Desk, pairing: Pairing, winner: Side | None) -> Iterable[Change]:
    """Merge field by field: adopt what agrees, update what one side changed."""
    left, right = pairing.partnero, pairing.tolt
    if left is None or right is None:
        return
    verdicts = merge(pairing, left, right, desk.partners)
    if all(v.row and v.row.equal for v in verdicts):
        desk.tally.in_sync += 1
    else:
        desk.tally.differ += 1
    yield from _adopt(desk, pairing, (left, right), verdicts)
    yield from _unreadable(desk, pairing, (left, right), verdicts)
    open_ones = [v for v in verdicts if v.row and not v.row.equal]
    bound = [(v, toward) for v in open_ones if (toward := _toward(desk, v, winner))]
    for target in Side:
        going = {v.field: v.row.number for v, side in bound if v.row and side is target}
        if going and desk.policy.allows(target):
            yield from _carry(desk, pairing, going, target, winner)
    for verdict, toward in bound:
        if not desk.policy.allows(toward):
            _say_it_is_forbidden(desk, pairing, verdict.field, toward)
    if winner is None:
        yield from _open_questions(desk, pairing, open_ones)


def _adopt(
    desk: Desk,
    pairing: Pairing,
    both: tuple[PromoCode, PromoCode],
    verdicts: tuple[FieldVerdict, ...],
) -> Iterable[Change]:
    """Write a base for the fields that agree, and the link if it is new."""
    (left, right), link = both, pairing.link
    agreed = {v.field for v in verdicts if v.verb is Verb.ADOPT}
    if link and not agreed and link.ids == (left.id, right.id):
        return
    was = link.base if link else Halves(left.values, right.values)
    unset = link.unset if link else frozenset(FIELDS)
    new = Link(
        ids=Ids(left.id, right.id),
        base=Halves(
            was.partnero._replace(**{f: getattr(left.values, f) for f in agreed}),
            was.tolt._replace(**{f: getattr(right.values, f) for f in agreed}),
        ),
        written=left.written,
        version=desk.facts.version,
        unset=unset - agreed,
    )
    rows = [v.row.number for v in verdicts if v.row and v.verb is Verb.ADOPT]
    message = f"{left.written} is on both sides; what agrees is remembered."
    if link and link.ids != new.ids:
        message = f"{link.written} was renamed, or made anew: it is {left.written} on "
        message += f"Partnero and {right.written} on Tolt now, and still one record."
    draft = desk.draft(
        pairing,
        "adopt",
        None,
        row=min(rows, default=5),
        grant=Grant.FREE,
        reason="equal",
        message=message,
        fields=sorted(agreed),
    )
    yield draft._replace(link=new)


def _unreadable(
    desk: Desk,
    pairing: Pairing,
    both: tuple[PromoCode, PromoCode],
    verdicts: tuple[FieldVerdict, ...],
) -> Iterable[Change]:
    """Block what one side states in a way that cannot be compared."""
    blind = [v.field for v in verdicts if v.row is None]
    if not blind:
        return
    stated = [code.values.discount for code in both]
    why = next(found.why for found in stated if isinstance(found, Unreadable))
    draft = desk.draft(
        pairing,
        "update",
        Side.TOLT,
        row=17,
        grant=Grant.DECIDE,
        reason="currency_unknown" if "currency" in why else "not_expressible",
        message=f"{written(pairing)}: the discounts cannot be compared: {why}.",
        fields=blind,
    )
    yield draft._replace(status=Status.BLOCKED)


def _carry(
    desk: Desk,
    pairing: Pairing,
    rows: Mapping[str, int],
    target: Side,
    winner: Side | None,
) -> Iterable[Change]:
    """Carry fields to one side: updates, a move of the payee, a replacement."""
    can = desk.facts.can[target].updates
    for grant, names in (
        (Grant.UPDATE, [f for f in rows if f in can and f != "partner"]),
        (Grant.PAYEE, [f for f in rows if f in can and f == "partner"]),
        (Grant.REPLACE, [f for f in rows if f not in can]),
    ):
        if names:
            row = max(rows[name] for name in names)
            draft = _moved(desk, pairing, target, names, winner, grant, row)
            yield (
                _replacement(desk, pairing, draft) if grant is Grant.REPLACE else draft
            )


def _toward(desk: Desk, verdict: FieldVerdict, winner: Side | None) -> Side | None:
    """Return where a field would go: by decision, by the table, or by policy."""
    if winner is None and verdict.verb is Verb.CONFLICT:
        winner = desk.policy.winner(verdict.field)
    if winner is not None:
        return winner.other
    return verdict.row.toward if verdict.row else None


def _moved(  # noqa: PLR0917 (each of them is in the change)
    desk: Desk,
    pairing: Pairing,
    target: Side,
    names: list[str],
    winner: Side | None,
    grant: Grant,
    row: int,
) -> Change:
    """Draft the update of some fields of one side with the other's values."""
    source = target.other
    new, old = pairing.of(source), pairing.of(target)
    draft = desk.draft(
        pairing,
        "update",
        target,
        row=row,
        grant=grant,
        reason=_reason(names, source, winner),
        message="",
        fields=names,
        source=source,
    )
    message = f"{draft.code} on {target.label}: {_told(draft, 'becomes')}."
    owner = new.values.partner if new else None
    partner = desk.partners.counterpart(source, owner)
    stated = draft._replace(message=message, decided=winner is not None)
    if new is None or old is None:
        return stated
    if "partner" in names and partner is None:
        return blocked(stated, *desk.carriers.why_no_partner(source, owner))
    raises = "discount" in names and raises_discount(
        old.values.discount, new.values.discount
    )
    want = Want(new.written, new.values.discount, partner, frozenset(names))
    stated = stated._replace(want=want, raises_exposure=raises)
    return stated if names == ["partner"] else desk.expressible(stated, new, target)


def _replacement(desk: Desk, pairing: Pairing, draft: Change) -> Change:
    """Turn an update that the target cannot do into a new record for the old one."""
    target = draft.side
    old, source = pairing.of(target), pairing.of(target.other)
    if draft.want is None or old is None or source is None:
        return draft._replace(action="replace")
    names = draft.want.fields
    message = f"{target.label} cannot change this: {draft.code}, "
    message += f"{_told(draft, 'would become')}. It takes a new code in place of the "
    draft = draft._replace(
        action="replace",
        reason=draft.reason if names & {"partner", "code"} else "replace_needed",
        lost=words.dies_with(target, old),
        message=f"{message}old one, and the old one's history is lost.",
    )
    discount = (source if "discount" in names else old).values.discount
    whole = source._replace(
        written=(source if "code" in names else old).written,
        values=source.values._replace(discount=discount),
    )
    if "partner" not in names:
        partner = old.values.partner
    else:
        partner = draft.want.partner if draft.want else None
    want = Want(whole.written, discount, partner, names)
    return desk.carried(draft._replace(want=want), whole, target)


def _open_questions(
    desk: Desk, pairing: Pairing, verdicts: Iterable[FieldVerdict]
) -> Iterable[Change]:
    """Hold what only a person can say: which of two values is right."""
    groups: dict[str, list[FieldVerdict]] = {}
    for verdict in verdicts:
        if verdict.verb is Verb.CONFLICT and not desk.policy.winner(verdict.field):
            groups.setdefault("both_changed", []).append(verdict)
        elif verdict.verb is Verb.DIVERGED:
            payee = verdict.field == "partner"
            groups.setdefault("payee_change" if payee else "diverged", []).append(
                verdict
            )
    for reason, group in groups.items():
        yield _question(desk, pairing, reason, group)


def _question(
    desk: Desk, pairing: Pairing, reason: str, group: list[FieldVerdict]
) -> Change:
    names = [verdict.field for verdict in group]
    row = max(verdict.row.number for verdict in group if verdict.row)
    able = [side for side in Side if names[0] in desk.facts.can[side].updates]
    draft = desk.draft(
        pairing,
        "update",
        (able or [Side.TOLT])[0],
        row=row,
        grant=Grant.DECIDE,
        reason=reason,
        message="",
        fields=names,
    )
    told = "; ".join(
        f"{f.field} is {f.partnero} on Partnero and {f.tolt} on Tolt"
        for f in draft.fields
    )
    if row == 6:
        desk.report("diverged", f"{draft.code}: {told}.", draft.code)
    ask = f"Which is right? partnero-tolt decide {words.typed(draft.code)} "
    ask += "--take partnero, --take tolt or --keep"
    hint = _same_person(desk, pairing) if reason == "payee_change" else ""
    return draft._replace(
        message=f"{draft.code}: {told}.{hint} {ask}",
    )


def _same_person(desk: Desk, pairing: Pairing) -> str:
    """Ask whether two owners whose e-mails look alike are one person."""
    left, right = pairing.partnero, pairing.tolt
    owner = left.values.partner if left else None
    if owner is None or right is None:
        return ""
    alike = desk.partners.suggestions.get((Side.PARTNERO, owner))
    same = alike is not None and alike == right.values.partner
    row = f"{owner},{right.values.partner}"
    return f" If both are one person, add {row} to the alias file." if same else ""


def _say_it_is_forbidden(
    desk: Desk, pairing: Pairing, field: str, toward: Side
) -> None:
    """Name a field that would be carried, were it not for the direction."""
    text, source = written(pairing), toward.other
    message = f"{text}: {field} of {source.label} is not carried over; the "
    message += f"direction is {desk.policy.direction}, so nothing is written."
    desk.report(f"changed_on_{source}", message, text)


def _told(draft: Change, verb: str) -> str:
    return "; ".join(
        f"{f.field} {f.partnero if draft.target == Side.PARTNERO else f.tolt} {verb} "
        f"{f.new}"
        for f in draft.fields
    )


def _reason(names: list[str], source: Side, winner: Side | None) -> str:
    if "partner" in names:
        return "payee_change"
    if "code" in names:
        return "renamed"
    return "decided" if winner else f"changed_on_{source}"
