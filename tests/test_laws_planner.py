"""The laws of a plan, on small worlds: what it may do, and that it then is done.

``World`` is all there is: both programmes and the bases. ``applied`` carries out
what is ready, as an apply would. ``reference`` is a second, tiny opinion on the
three-way table, compared with the planner over every small world.
"""

import itertools
import json
import random
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.engine.decisions import OPTIONS, Word, decide
from connector.engine.facts import Facts
from connector.engine.partners import match_partners
from connector.engine.plan import (
    make_plan,
)
from connector.engine.planned import Plan, SideReport
from connector.engine.policy import Policy
from connector.engine.snapshot import Snapshot
from connector.reports.documents import plan_document
from mappings.canonical import (
    FIELDS,
    Both,
    Carried,
    Coupon,
    Partner,
    PromoCode,
    Side,
    Values,
    fold,
    percentage,
)
from mappings.capability import CAPABILITIES
from state.model import Link, Tombstone
from tests.harness.singly import singly

FIXED = settings(derandomize=True, deadline=None, max_examples=120)
P, T = Side.PARTNERO, Side.TOLT
PREFIX = {P: "prt_", T: "part_"}
PEOPLE = {
    side: {
        PREFIX[side] + name: Partner(PREFIX[side] + name, f"{name}@example.com")
        for name in ("x", "y")
    }
    for side in Side
}
PARTNERS = match_partners(PEOPLE[P], PEOPLE[T])
PERCENT = {"x": percentage(Decimal(20)), "y": percentage(Decimal(15))}
CAN = {P: CAPABILITIES["partnero"], T: CAPABILITIES["tolt-v2"]}
ALIKE = dict.fromkeys(Side, CAPABILITIES["tolt-v2"])


def values(side, text, state):
    """Return the values of a state: a word for the discount, one for the partner."""
    discount, owner = state
    partner = None if owner == "none" else PREFIX[side] + owner
    return Values(fold(text), PERCENT.get(discount), partner)


def code(side, text, state, **carried):
    id_ = text if side is P else f"promo_{text}"
    return PromoCode(id_, text, values(side, text, state), Carried(**carried))


@dataclass(frozen=True)
class World:
    """Both programmes by id, the bases by key, and what is gone."""

    sides: dict
    links: dict
    tombs: dict = field(default_factory=dict)
    decisions: dict = field(default_factory=dict)
    unread: frozenset = frozenset()

    @classmethod
    def of(cls, records, **more):
        """Build it from (text, base, Partnero's state, Tolt's state)."""
        sides = {P: {}, T: {}}
        links = {}
        for text, base, left, right in records:
            for side, state in ((P, left), (T, right)):
                if state:
                    one = code(side, text, state)
                    sides[side][one.id] = one
            if base:
                halves = Both(values(P, text, base[0]), values(T, text, base[1]))
                ids = Both(text, f"promo_{text}")
                links[fold(text)] = Link(ids, halves, text, "v2")
        return cls(sides, links, **more)

    def snapshot(self, side, order=None):
        codes, gone = self.sides[side], set()
        for link in self.links.values():
            if link.ids.of(side) not in codes:
                gone.add(link.ids.of(side))
        items = list(codes.items())
        if order is not None:
            random.Random(order).shuffle(items)  # noqa: S311 (no secret)
        coupons = {
            f"C{word}": Coupon(f"C{word}", amount, "lifetime", Carried())
            for word, amount in PERCENT.items()
        }
        return Snapshot(
            side,
            dict(items),
            PEOPLE[side],
            coupons if side is P else {},
            missed="cut" if side in self.unread else "",
            gone=frozenset(gone),
        )

    def facts(self, can=CAN, order=None):
        links = list(self.links.values())
        if order is not None:
            random.Random(order).shuffle(links)  # noqa: S311 (no secret)
        left, right = (self.snapshot(side, order) for side in Side)
        return Facts(
            left,
            right,
            PARTNERS,
            can,
            "v2",
            links,
            tombstones=self.tombs,
            decisions=self.decisions,
        )

    def plan(self, policy, can=CAN, order=None):
        facts = self.facts(can, order)
        return singly(make_plan(facts, policy), facts, policy)

    def swapped(self):
        """Return the world in the mirror: what Partnero held is Tolt's now."""

        def moved(one, side):
            owner = one.partner and PREFIX[side] + one.partner.split("_")[1]
            return one._replace(partner=owner)

        sides = {
            side: {
                replaced.id: replaced
                for one in self.sides[side.other].values()
                for replaced in [
                    one._replace(
                        id=one.written if side is P else f"promo_{one.written}",
                        values=moved(one.values, side),
                    )
                ]
            }
            for side in Side
        }
        links = {
            key: link._replace(
                base=Both(moved(link.base.right, P), moved(link.base.left, T)),
            )
            for key, link in self.links.items()
        }
        return World(sides, links, self.tombs)


def applied(world, decided):
    """Carry out what is ready, one change after the other."""
    sides = {side: dict(codes) for side, codes in world.sides.items()}
    links, tombs = dict(world.links), dict(world.tombs)
    for change in ready(decided):
        if change.action == "adopt":
            links[change.key] = change.link
        elif change.action == "forget":
            del links[change.key]
            tombs[change.key] = Tombstone(change.key, change.code, "both", "2026", "")
        else:
            written(sides, links, tombs, change)
    return World(sides, links, tombs, world.decisions)


def written(sides, links, tombs, change):
    """Do one remote write, and move the base to what both sides then show."""
    side = change.side
    there = change.seen[side] and sides[side].pop(change.seen[side].id)
    if change.action == "delete":
        links.pop(change.key, None)
        tombs[change.key] = Tombstone(change.key, change.code, side, "2026", "")
        return
    want = change.want
    wanted = Values(fold(want.written), want.discount, want.partner)
    names = set(FIELDS) if change.action == "create" else want.fields
    now = there.values if there else wanted
    now = now._replace(**{name: getattr(wanted, name) for name in names})
    text = want.written if not there or "code" in names else there.written
    id_ = there.id if there and side is T else text if side is P else f"promo_{text}"
    sides[side][id_] = PromoCode(id_, text, now)
    other = sides[side.other][change.seen[side.other].id]
    shown = {side: now, side.other: other.values}
    fresh = Link(Both("", ""), Both(shown[P], shown[T]), text, "v2", frozenset(FIELDS))
    old = links.get(change.key, fresh)
    moved = {
        half: old.base.of(half)._replace(**{n: getattr(shown[half], n) for n in names})
        for half in Side
    }
    ids = {side: id_, side.other: other.id}
    links[change.key] = old._replace(
        ids=Both(ids[P], ids[T]),
        base=Both(moved[P], moved[T]),
        unset=old.unset - names,
    )


# -- random worlds and policies ------------------------------------------------

STATES = st.tuples(st.sampled_from("xy"), st.sampled_from("xy"))
LEFT = st.none() | st.tuples(st.sampled_from("xy"), st.sampled_from(("x", "y", "none")))
RIGHT = st.none() | st.tuples(
    st.sampled_from(("x", "y", "none")), st.sampled_from(("x", "y"))
)
BASES = st.none() | STATES.map(lambda state: (state, state)) | st.tuples(STATES, STATES)
TEXTS = ("Alpha", "BRAVO", "char-lie", "d_4")
RECORDS = st.tuples(*(st.tuples(st.just(t), BASES, LEFT, RIGHT) for t in TEXTS))
VERDICTS = st.sampled_from(("auto", "hold", "never"))
SIDES = st.sampled_from(("hold", "partnero", "tolt"))
POLICIES = st.builds(
    Policy,
    direction=st.sampled_from(("both", "both", "to-partnero", "to-tolt")),
    create=VERDICTS,
    update=VERDICTS,
    payee=VERDICTS,
    replace=st.sampled_from(("hold", "never")),
    delete=VERDICTS,
    conflict=SIDES,
    conflicts=st.dictionaries(st.sampled_from(("discount", "partner")), SIDES),
)
SUPPORT = ("coupon", "partner")
BOLD = Policy(lossy="auto", payee="auto", delete="auto")


@st.composite
def worlds(draw, unread=None):
    """Draw a world, with tombstones, and decisions on what it shows or once showed."""
    world = World.of(
        draw(RECORDS),
        unread=draw(unread if unread is not None else st.just(frozenset())),
    )
    buried = draw(st.sets(st.sampled_from([fold(text) for text in TEXTS])))
    tombs = {key: Tombstone(key, key, "both", "2026", "") for key in buried}
    facts = replace(world.facts(), tombstones=tombs)
    answers = []
    for change in make_plan(facts, Policy()).changes:
        take = draw(st.sampled_from((None, None, *OPTIONS)))
        if take and change.status == "held" and change.action not in SUPPORT:
            answers += decide([change], Word(take, "sam", "2026"), facts, Policy())
    decisions = {}
    for answer in answers:
        if not answer.why:
            expired = replace(answer.decision, seen="expired")
            decision = draw(st.sampled_from((answer.decision, expired)))
            decisions[decision.id] = decision
    return replace(world, tombs=tombs, decisions=decisions)


def document(decided):
    report = SideReport(0, 0, complete=True, requests=0)
    plan = Plan(
        pair="acme",
        created_at="2026",
        expires_at="2027",
        config="c",
        state="s",
        sides={side.value: report for side in Side},
        changes=decided.changes,
        findings=decided.findings,
        tally=decided.tally,
        accepted=decided.accepted,
    )
    return json.dumps(plan_document(plan))


def ready(decided):
    return [change for change in decided.changes if change.status == "ready"]


def by_key(world, side):
    return {one.values.code: one for one in world.sides[side].values()}


def touched(decided):
    """Return what may change: (side, key, field) of everything that is ready."""
    return {
        (change.side, change.key, name)
        for change in ready(decided)
        if change.target != "state"
        for name in (
            FIELDS
            if change.action in ("create", "delete")
            else (field.field for field in change.fields)
        )
    }


# -- the laws ------------------------------------------------------------------


@FIXED
@given(worlds(), POLICIES, st.integers(0, 99))
def test_law_1_the_same_facts_in_any_order_print_the_same_bytes(world, policy, order):
    """H1."""
    assert document(world.plan(policy, order=order)) == document(world.plan(policy))


@FIXED
@given(worlds(), POLICIES)
def test_law_2_a_one_sided_change_arrives_or_is_named(world, policy):
    decided = world.plan(policy)
    after = applied(world, decided)
    named = {change.key for change in decided.changes if change.status != "ready"}
    named |= {fold(f.code) for f in (*decided.findings, *decided.accepted) if f.code}
    before = {side: by_key(world, side) for side in Side}
    now = {side: by_key(after, side) for side in Side}

    for key, link in world.links.items():
        if key not in before[P] or key not in before[T]:
            continue
        for name in ("discount", "partner"):
            change = [
                getattr(before[side][key].values, name)
                != getattr(link.base.of(side), name)
                for side in Side
            ]
            if sum(change) == 1 and key not in named:
                gone = key not in now[P] and key not in now[T]
                assert gone or equal(now, key, name)


def equal(now, key, name):
    left, right = (getattr(now[side][key].values, name) for side in Side)
    return PARTNERS.same(left, right) if name == "partner" else left == right


@FIXED
@given(worlds(), POLICIES)
def test_laws_3_and_4_nothing_but_what_is_ready_changes(world, policy):
    """What is held stays untouched on both sides, and so does everything else."""
    decided = world.plan(policy)
    after, allowed = applied(world, decided), touched(decided)

    for side in Side:
        before, now = by_key(world, side), by_key(after, side)
        for key in before.keys() | now.keys():
            for name in FIELDS:
                old, new = (
                    getattr(one[key].values, name) if key in one else "absent"
                    for one in (before, now)
                )
                assert old == new or (side, key, name) in allowed


@FIXED
@given(worlds(), POLICIES)
def test_law_3_no_field_is_held_and_ready_at_once(world, policy):
    decided = world.plan(policy)
    held = {
        (change.key, field.field)
        for change in decided.changes
        if change.status == "held"
        for field in change.fields
    }

    assert not {(key, name) for _, key, name in touched(decided)} & held


@FIXED
@given(RECORDS, POLICIES)
def test_law_5_swapped_sides_give_the_mirrored_plan(records, policy):
    """B29: where both sides can do the same; a coupon is Partnero's own affair."""
    other = {"partnero": "tolt", "tolt": "partnero", "hold": "hold", "both": "both"}
    turned = replace(
        policy,
        direction=other.get(
            policy.direction, "to-" + other[policy.direction.removeprefix("to-")]
        )
        if policy.direction != "both"
        else "both",
        conflict=other[policy.conflict],
        conflicts={name: other[side] for name, side in policy.conflicts.items()},
    )
    world = World.of(records)

    def lines(decided, mirror):
        return sorted(
            (
                change.action,
                # which side an open question names is no direction
                "asked"
                if change.want is None and change.action == "update"
                else mirror.get(change.target, "state"),
                change.status.value,
                mirrored(change.reason, mirror),
                change.key,
                tuple(field.field for field in change.fields),
            )
            for change in decided.changes
        )

    def mirrored(reason, mirror):
        head, _, side = reason.rpartition("_")
        return f"{head}_{mirror[side]}" if side in ("partnero", "tolt") else reason

    straight = {"partnero": "partnero", "tolt": "tolt"}
    crossed = {"partnero": "tolt", "tolt": "partnero"}
    assert lines(world.plan(policy, ALIKE), straight) == lines(
        world.swapped().plan(turned, ALIKE), crossed
    )


@FIXED
@given(worlds(), POLICIES)
def test_law_6_after_an_apply_nothing_is_ready(world, policy):
    after = applied(world, world.plan(policy))

    assert ready(after.plan(policy)) == []


@FIXED
@given(worlds(), POLICIES)
def test_law_8_nothing_is_deleted_without_a_base_and_a_consent(world, policy):
    for change in ready(world.plan(policy)):
        if change.action not in ("delete", "replace"):
            continue
        given_for = [world.decisions[id_] for id_ in change.consents]
        decided = bool(given_for) and all(d.seen != "expired" for d in given_for)
        if change.action == "replace" or not decided:
            assert decided or policy.delete == "auto"
            assert decided or change.action == "delete"
            assert change.key in world.links or decided
            assert decided or change.seen[change.side.other] is None


@FIXED
@given(
    worlds(unread=st.sampled_from((frozenset({P}), frozenset({T}), frozenset(Side)))),
    POLICIES,
)
def test_law_8_nothing_rests_on_a_side_that_was_not_read(world, policy):
    """A7; nor does any decision make up for it."""
    assert world.plan(policy).changes == ()


@FIXED
@given(worlds(), POLICIES)
def test_law_15_a_consent_is_used_for_what_was_shown_and_nothing_else(world, policy):
    decided = world.plan(policy)
    for change in ready(decided):
        consents = [world.decisions[id_] for id_ in change.consents]
        assert all(one.seen != "expired" for one in consents)
        assert all(one.target in (change.target, "both", "state") for one in consents)
        if change.action != "delete":
            assert {name for one in consents for name in one.fields} <= {*change.scope}
        if consents and change.action in ("delete", "replace"):
            assert change.action in {one.action for one in consents}
            assert {*change.lost} <= {text for one in consents for text in one.lost}
    used = {id_ for change in ready(decided) for id_ in change.consents}
    after = replace(applied(world, decided), decisions=world.decisions)
    again = after.plan(policy)
    assert not used & {id_ for change in ready(again) for id_ in change.consents}


@FIXED
@given(worlds(), POLICIES)
def test_law_9_every_value_that_goes_is_printed_with_the_change(world, policy):
    decided = world.plan(policy)
    after = applied(world, decided)
    printed = document(decided)

    for side in Side:
        before, now = by_key(world, side), by_key(after, side)
        for key, one in before.items():
            gone = key not in now or now[key].values.discount != one.values.discount
            if gone and one.values.discount is not None:
                shown = [
                    getattr(field, side.value)
                    for change in decided.changes
                    if change.key == key and change.target == side
                    for field in change.fields
                ]
                assert str(one.values.discount) in shown
                assert str(one.values.discount) in printed


@FIXED
@given(worlds(), POLICIES)
def test_law_10_an_adopted_base_is_what_both_sides_show(world, policy):
    shown = {side: by_key(world, side) for side in Side}

    for change in ready(world.plan(policy)):
        if change.action != "adopt":
            continue
        old = world.links.get(change.key)
        for name in set(FIELDS) - change.link.unset:
            halves = [getattr(change.link.base.of(side), name) for side in Side]
            now = [getattr(shown[side][change.key].values, name) for side in Side]
            agreed = PARTNERS.same(*now) if name == "partner" else now[0] == now[1]
            kept = old is not None and halves == [
                getattr(old.base.of(side), name) for side in Side
            ]
            assert kept or (halves == now and agreed)


@FIXED
@given(worlds(), POLICIES)
def test_law_11_planning_what_was_planned_for_gives_the_same_ids(world, policy):
    first, second = world.plan(policy), world.plan(policy)

    assert [change.id for change in first.changes] == [c.id for c in second.changes]
    assert [c.with_id().id for c in first.changes] == [c.id for c in first.changes]


@FIXED
@given(RECORDS)
def test_law_12_without_a_state_nothing_is_deleted_or_overwritten(records):
    """B30: it adopts, asks and creates."""
    world = World.of([(text, None, left, right) for text, _, left, right in records])

    assert {change.action for change in ready(world.plan(BOLD))} <= {
        "adopt",
        "create",
        "coupon",
    }


# -- a second opinion ----------------------------------------------------------


def reference(base, left, right):
    """Say what becomes of one record under the default policy: {(what, verb)}.

    ``base``, ``left`` and ``right`` are None or (discount, partner), each x or y.
    """
    if base is None:
        if left is None and right is None:
            return set()
        if left is None or right is None:
            return {("record", "create " + ("partnero" if left is None else "tolt"))}
        return {("code", "adopt")} | {
            (name, "adopt" if mine == theirs else "held")
            for name, mine, theirs in zip(TWO, left, right, strict=True)
        }
    if left is None and right is None:
        return {("record", "forget")}
    if left is None or right is None:
        return {("record", "held delete " + ("tolt" if left is None else "partnero"))}
    found = set()
    for name, was, mine, theirs in zip(TWO, base, left, right, strict=True):
        if mine == theirs:
            found |= {(name, "adopt")} if mine != was else set()
        elif theirs == was and name == "discount":
            found.add((name, "update tolt"))  # the one thing that Tolt can change
        else:
            found.add((name, "held"))
    return found


TWO = ("discount", "partner")
CELLS = [None, *itertools.product("xy", repeat=2)]
CORNERS = list(itertools.product(CELLS, repeat=3))


def opinion(changes):
    """Put a plan into the words of the reference."""
    found = set()
    for change in changes:
        held = change.status != "ready"
        if change.action == "delete":
            found.add(("record", f"held delete {change.target}" if held else "deleted"))
        elif change.action in ("create", "forget"):
            target = f" {change.target}" if change.action == "create" else ""
            found.add(("record", "held" if held else change.action + target))
        elif change.action == "adopt":
            found |= {(f.field, "held" if held else "adopt") for f in change.fields}
        else:
            verb = "held" if held else f"{change.action} {change.target}"
            found |= {(f.field, verb) for f in change.fields}
    return found


def cell(text, corner):
    base, left, right = corner
    return text, base and (base, base), left, right


@pytest.mark.parametrize(
    "corner", CORNERS, ids=lambda c: " ".join("".join(s) if s else "--" for s in c)
)
def test_the_planner_agrees_with_the_reference_on_one_code(corner):
    """J4: two fields, each x or y, or no record, for the base and both sides."""
    decided = World.of([cell("SAM20", corner)]).plan(Policy())

    assert opinion(decided.changes) == reference(*corner)


@pytest.mark.parametrize("first", CELLS, ids=lambda s: "".join(s) if s else "--")
def test_the_planner_agrees_with_the_reference_on_every_two_codes(first):
    """J4: neither code has an influence on the other."""
    corners = [corner for corner in CORNERS if corner[0] == first]
    for one, two in itertools.product(corners, CORNERS):
        decided = World.of([cell("AAA", one), cell("BBB", two)]).plan(Policy())

        for key, corner in (("aaa", one), ("bbb", two)):
            mine = [change for change in decided.changes if change.key == key]
            assert opinion(mine) == reference(*corner), (one, two)
