"""Records that both sides have: what agrees is adopted, what changed is carried.

Each field follows its row of the table. What goes to one side becomes one change, split
by the permission that it needs; what only a person can say becomes a question.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connector.engine.acts import Adopt, Question, Replace, Update, Want
from connector.engine.causes.cause import Causes
from connector.engine.causes.codes import (
    DeadThere,
    Differs,
    Incomparable,
    NeedsNewCode,
    NotCarriedOver,
    OnBothSides,
    PerhapsOnePerson,
    PerhapsWrongUnit,
    StillOneRecord,
    WouldChange,
)
from connector.engine.change import Change, Finding, Grant, Status, blocked
from connector.engine.decide import FieldVerdict, Verb
from connector.engine.proposals.items import Item
from connector.engine.proposals.lost import dies_with
from connector.engine.proposals.needs import (
    crossed,
    expressible,
    hung,
    owner_inactive,
    replaceable,
    why_no_owner,
)
from connector.engine.proposals.record import Record, shown
from mappings.canonical import FIELDS, Both, PromoCode, Side, Values
from mappings.fields import BY_NAME, MERGED, fields_of, pays, taken
from mappings.limits import why_dead
from state.model import Link

Rows = Mapping[str, int]
"""The row of the table that each of some fields falls under."""


def values_of(record: Record) -> Both[Values] | None:
    """Return the values of both sides, where both have the record."""
    left, right = record.pairing.partnero, record.pairing.tolt
    if left is None or right is None:
        return None
    return Both(left.values, right.values)


# -- what agrees --------------------------------------------------------------------


def adopted(
    record: Record, codes: Both[PromoCode], verdicts: Sequence[FieldVerdict]
) -> Iterator[Change]:
    """Write a base for the fields that agree, and the link if it is new."""
    link = record.link
    rows = {v.field: v.row.number for v in verdicts if v.row and v.verb is Verb.ADOPT}
    if link and not rows and link.ids == codes.map(lambda code: code.id):
        return
    new = _linked(record, codes, rows)
    cause: OnBothSides | StillOneRecord = OnBothSides(codes.left.written)
    if link and link.ids != new.ids:
        cause = StillOneRecord(link.written, codes.map(lambda code: code.written))
    yield record.draft(
        Adopt(new),
        Grant.FREE,
        "equal",
        (cause,),
        fields=record.fields(sorted(rows)),
        row=min(rows.values(), default=5),
    )


def _linked(record: Record, codes: Both[PromoCode], agreed: Iterable[str]) -> Link:
    """Return the link with a base for what agrees."""
    link, now = record.link, codes.map(lambda code: code.values)
    was = link.base if link else now
    names = frozenset(agreed)
    unset = link.unset if link else frozenset(FIELDS)
    base = Both(taken(now.left, was.left, names), taken(now.right, was.right, names))
    return Link(
        ids=codes.map(lambda code: code.id),
        base=base,
        written=codes.left.written,
        version=record.facts.version,
        unset=unset - names,
    )


# -- what goes to one side ----------------------------------------------------------


def carried(record: Record, rows: Rows, target: Side) -> Iterator[Change]:
    """Propose fields for one side: updates, a move of the payee, a replacement."""
    can = record.facts.can[target].updates
    for names in (
        [name for name in rows if name in can and not BY_NAME[name].pays],
        [name for name in rows if name in can and BY_NAME[name].pays],
        [name for name in rows if name not in can],
    ):
        if names:
            yield drafted(record, target, {name: rows[name] for name in names})


def drafted(record: Record, target: Side, rows: Rows) -> Change:
    """Return the one change of these fields of one side."""
    draft = _update(record, target, rows)
    if not rows.keys() <= record.facts.can[target].updates:
        draft = _replacement(record, draft)
    return draft.with_id()


def _update(record: Record, target: Side, rows: Rows) -> Change:
    """Draft the update of some fields of one side with the other's values."""
    source, names = target.other, frozenset(rows)
    fields = record.fields(rows, source)
    draft = record.draft(
        Update(target, names),
        _grant(record, target, names),
        _reason(names, source),
        (WouldChange(record.written, target, shown(fields)),),
        fields=fields,
        row=max(rows.values()),
    )
    new, old = record.of(source), record.of(target)
    if new is None or old is None:
        return draft
    values = crossed(record, source, new)
    if pays(names):
        owner = new.values.partner
        if values.partner is None:
            return blocked(draft, *why_no_owner(record, source, owner))
        if inactive := owner_inactive(record, target, values.partner):
            return blocked(draft, "partner_inactive", inactive)
    moved = fields_of(names)
    raises = any(field.raises(old.values, new.values) for field in moved)
    draft = draft._replace(act=Update(target, names, Want(values, names), raises))
    draft = _unit_asked(record, draft, names)
    if all(field.pays for field in moved):
        return draft
    return expressible(record, draft, new)


def _grant(record: Record, target: Side, names: frozenset[str]) -> Grant:
    if not names <= record.facts.can[target].updates:
        return Grant.REPLACE
    return Grant.PAYEE if pays(names) else Grant.UPDATE


def _reason(names: Iterable[str], source: Side) -> str:
    """Return why it is proposed: the word of a field, who is paid first."""
    own = sorted(fields_of(names), key=lambda field: not field.pays)
    return next((f.reason for f in own if f.reason), f"changed_on_{source}")


def _unit_asked(record: Record, draft: Change, names: Iterable[str]) -> Change:
    """Ask a person where the amount is probably in another unit."""
    if not is_unit_mixed_up(record, names):
        return draft
    grant = Grant.DECIDE if draft.grant is Grant.UPDATE else draft.grant
    causes = (*draft.causes, PerhapsWrongUnit())
    return draft._replace(reason="wrong_unit", grant=grant, causes=causes)


def is_unit_mixed_up(record: Record, names: Iterable[str]) -> bool:
    both = values_of(record)
    return both is not None and any(f.is_wrong_unit(*both) for f in fields_of(names))


def _replacement(record: Record, draft: Change) -> Change:
    """Turn an update that the target cannot do into a new record for the old one."""
    act, target = draft.act, draft.side
    old, source = record.of(target), record.of(target.other)
    if not isinstance(act, Update):
        return draft
    if act.want is None or old is None or source is None:
        return draft._replace(act=Replace(target, act.names, raises=act.raises))
    dead = why_dead(old.carried, record.facts.today)
    kept = old.values._replace(code=old.written)
    want = Want(taken(act.want.values, kept, act.names), act.names)
    lost = dies_with(target, old)
    new = Replace(target, act.names, want, lost, act.raises, dead)
    causes: Causes = (NeedsNewCode(draft.code, target, shown(draft.fields)),)
    causes += (DeadThere(dead),) if dead else ()
    own = draft.reason == "wrong_unit" or any(f.reason for f in fields_of(act.names))
    reason = draft.reason if own else "replace_needed"
    draft = draft._replace(act=new, reason=reason, causes=causes)
    whole = old._replace(written=want.written, values=want.values)
    if any(field.unreadable(want.values) for field in MERGED):
        return expressible(record, draft, whole)  # what stays cannot be made anew
    return replaceable(record, hung(record, draft), old)


# -- what only a person can say -----------------------------------------------------


def unreadable(record: Record, verdicts: Iterable[FieldVerdict]) -> Iterator[Change]:
    """Block what one side states in a way that cannot be compared."""
    blind = [verdict.field for verdict in verdicts if verdict.row is None]
    both = values_of(record)
    if not blind or both is None:
        return
    odd = next(odd for f in MERGED for values in both if (odd := f.unreadable(values)))
    reason = "currency_unknown" if odd.kind == "currency" else "not_expressible"
    draft = record.draft(
        Question(Side.TOLT, frozenset(blind)),
        Grant.DECIDE,
        reason,
        (Incomparable(record.written, odd.why),),
        fields=record.fields(blind),
        row=17,
    )
    yield draft._replace(status=Status.BLOCKED)


def questions(record: Record, verdicts: Iterable[FieldVerdict]) -> Iterator[Item]:
    """Hold what only a person can say: which of two values is right."""
    groups: dict[str, list[FieldVerdict]] = {}
    for verdict in verdicts:
        if verdict.verb is Verb.CONFLICT and not record.policy.winner(verdict.field):
            groups.setdefault("both_changed", []).append(verdict)
        elif verdict.verb is Verb.DIVERGED:
            payee = BY_NAME[verdict.field].pays
            reason = "payee_change" if payee else "diverged"
            groups.setdefault(reason, []).append(verdict)
    for reason, group in groups.items():
        # Who is paid is a question of its own: an answer about a value is none.
        for payee in (False, True):
            apart = [v for v in group if BY_NAME[v.field].pays is payee]
            if apart:
                yield from _question(record, reason, apart)


def _question(
    record: Record, reason: str, group: Sequence[FieldVerdict]
) -> Iterator[Item]:
    names = [verdict.field for verdict in group]
    row = max(verdict.row.number for verdict in group if verdict.row)
    able = [side for side in Side if names[0] in record.facts.can[side].updates]
    fields = record.fields(names)
    causes: Causes = (Differs(record.written, shown(fields)),)
    if row == 6:
        yield Finding("diverged", causes, record.written)
    if reason == "payee_change":
        causes += _perhaps_one_person(record)
    if is_unit_mixed_up(record, names):
        reason, causes = "wrong_unit", (*causes, PerhapsWrongUnit())
    act = Question((able or [Side.TOLT])[0], frozenset(names))
    yield record.draft(act, Grant.DECIDE, reason, causes, fields=fields, row=row)


def _perhaps_one_person(record: Record) -> Causes:
    """Ask whether two owners whose e-mails look alike are one person."""
    both = values_of(record)
    if both is None or both.left.partner is None:
        return ()
    owners = both.map(lambda values: values.partner)
    known = record.facts.partners.suggestions
    alike = known.get((Side.PARTNERO, both.left.partner))
    same = alike is not None and alike == owners.right
    return (PerhapsOnePerson(owners),) if same else ()


def forbidden(record: Record, field: str, toward: Side) -> Finding:
    """Name a field that would be carried, were it not for the direction."""
    source, direction = toward.other, record.policy.direction
    cause = NotCarriedOver(record.written, field, source, direction)
    return Finding(f"changed_on_{source}", (cause,), record.written)
