"""A person decides about one record, for exactly the values they saw."""

import pytest

from connector.engine.change import seen_digest
from connector.engine.policy import Policy
from connector.reports.messages.say import said
from mappings.canonical import Both, Side
from state.model import Decision

P, T = Side.PARTNERO, Side.TOLT
OLD, NEW, OTHER = "SAM20 20% anna", "SAM20 30% anna", "SAM20 15% anna"
BOB = "SAM20 20% bob"


def world(base, left, right):
    """Return the arguments of a plan of one record."""
    return tuple([one] if one else [] for one in (left, right, base))


def plan_of(words, base, left, right, **more):
    return words.plan(*world(base, left, right), **more)


def decide(words, take, base, left, right, **more):
    return words.decisions(take, *world(base, left, right), **more)


DECIDED = [
    (
        "row 4 Partnero",
        "partnero",
        None,
        OLD,
        OTHER,
        "update tolt ready changed_on_partnero discount",
    ),
    (
        "row 4 Tolt",
        "tolt",
        None,
        OLD,
        OTHER,
        "replace partnero ready replace_needed discount",
    ),
    (
        "row 4 payee",
        "tolt",
        None,
        OLD,
        BOB,
        "update partnero ready payee_change partner",
    ),
    (
        "row 7 as planned",
        "partnero",
        OLD,
        NEW,
        OLD,
        "update tolt ready changed_on_partnero discount",
    ),
    (
        "row 7 undone",
        "tolt",
        OLD,
        NEW,
        OLD,
        "replace partnero ready replace_needed discount",
    ),
    (
        "row 8 undone",
        "partnero",
        OLD,
        OLD,
        OTHER,
        "update tolt ready changed_on_partnero discount",
    ),
    (
        "row 11 Partnero",
        "partnero",
        OLD,
        NEW,
        OTHER,
        "update tolt ready changed_on_partnero discount",
    ),
    (
        "row 12 gone too",
        "partnero",
        OLD,
        None,
        OLD,
        "delete tolt ready gone_on_partnero -",
    ),
    (
        "row 12 made anew",
        "tolt",
        OLD,
        None,
        OLD,
        "create partnero ready gone_on_partnero -",
    ),
    ("row 13 gone too", "tolt", OLD, OLD, None, "delete partnero ready gone_on_tolt -"),
    (
        "row 13 made anew",
        "partnero",
        OLD,
        OLD,
        None,
        "create tolt ready gone_on_tolt -",
    ),
    (
        "row 14 gone too",
        "partnero",
        OLD,
        None,
        NEW,
        "delete tolt ready deleted_and_edited -",
    ),
    (
        "row 14 made anew",
        "tolt",
        OLD,
        None,
        NEW,
        "create partnero ready gone_on_partnero -",
    ),
    ("row 20 B4", "partnero", OLD, BOB, OLD, "replace tolt ready payee_change partner"),
]


@pytest.mark.parametrize("case", [pytest.param(row[1:], id=row[0]) for row in DECIDED])
def test_what_a_person_decided_is_ready(words, case):
    take, base, left, right, line = case
    decisions = decide(words, take, base, left, right, policy=Policy(update="hold"))

    decided = plan_of(words, base, left, right, decisions=decisions)

    done = [change for change in decided.changes if change.action != "adopt"]
    assert [found for found in words.lines(decided) if "adopt" not in found] == [line]
    assert all(change.decided for change in done)


def test_a_decision_goes_where_the_policy_holds(words):
    policy = Policy(update="hold")
    decisions = decide(words, "partnero", OLD, NEW, OLD, policy=policy)

    (change,) = plan_of(
        words, OLD, NEW, OLD, policy=policy, decisions=decisions
    ).changes

    assert (change.status, change.consents) == ("ready", tuple(decisions))


NEVER = [
    pytest.param("update", OLD, NEW, OTHER, "partnero", id="an update"),
    pytest.param("payee", OLD, BOB, OLD, "partnero", id="a payee"),
    pytest.param("replace", OLD, OLD, OTHER, "tolt", id="a replace"),
    pytest.param("delete", OLD, None, OLD, "partnero", id="a deletion"),
    pytest.param("delete", OLD, NEW, OTHER, "delete", id="a removal"),
    pytest.param("create", OLD, OLD, None, "partnero", id="a record made anew"),
]


@pytest.mark.parametrize(("name", "base", "left", "right", "take"), NEVER)
def test_what_the_policy_says_never_to_do_is_not_decided(  # noqa: PLR0917 (a table)
    words, name, base, left, right, take
):
    """C15: refused when it is given, and one that is pending waits and is named."""
    policy = Policy(**{name: "never"})
    given = decide(words, take, base, left, right)

    refused = decide(words, take, base, left, right, policy=policy)
    pending = plan_of(words, base, left, right, policy=policy, decisions=given)

    assert given
    assert refused == {}
    assert [c for c in pending.changes if c.status == "ready"] == []
    told = [said(f) for f in pending.findings if "sam@desk" in said(f)]
    assert told
    assert pending.ended == frozenset()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("SAM20 31% anna", OTHER, id="on Partnero"),
        pytest.param(NEW, "SAM20 14% anna", id="on Tolt"),
        pytest.param(NEW, "SAM20 15% anna =promo_new", id="the id alone"),
        pytest.param(None, OTHER, id="gone on Partnero"),
        pytest.param(NEW, None, id="gone on Tolt"),
    ],
)
@pytest.mark.parametrize("take", ["partnero", "tolt", "keep", "delete"])
def test_a_decision_ends_when_a_value_of_its_own_changes(words, take, left, right):
    decisions = decide(words, take, OLD, NEW, OTHER)
    assert decisions

    with_it = plan_of(words, OLD, left, right, decisions=decisions)
    without = plan_of(words, OLD, left, right)

    assert words.document(with_it) == words.document(without)
    assert with_it.ended == decisions.keys()


@pytest.mark.parametrize("take", ["partnero", "tolt", "keep"])
def test_a_decision_about_a_discount_stands_while_the_payee_moves(words, take):
    """C15: who is paid is another question, and waits for an answer of its own."""
    decisions = decide(words, take, OLD, NEW, OTHER)

    moved = plan_of(words, OLD, "SAM20 30% bob", OTHER, decisions=decisions)

    payee = next(c for c in moved.changes if c.scope == ("partner",))
    assert payee.status == "held"
    assert moved.ended == frozenset()


def test_a_decision_about_another_record_says_nothing(words):
    decisions = words.decisions("partnero", ["OTHER 30% anna"], ["OTHER 15% anna"])

    assert words.lines(plan_of(words, OLD, NEW, OTHER, decisions=decisions)) == [
        "update tolt held both_changed discount"
    ]


KEPT = [
    pytest.param(None, OLD, OTHER, "diverged", id="row 4"),
    pytest.param(OLD, OLD, OTHER, "replace_needed", id="row 8"),
    pytest.param(OLD, NEW, OTHER, "both_changed", id="row 11"),
    pytest.param(OLD, None, OLD, "gone_on_partnero", id="row 12"),
    pytest.param(OLD, NEW, None, "deleted_and_edited", id="row 15"),
    pytest.param(OLD, BOB, OLD, "payee_change", id="row 20"),
]


@pytest.mark.parametrize(("base", "left", "right", "reason"), KEPT)
def test_a_kept_difference_is_silent_and_an_accepted_exception(
    words, base, left, right, reason
):
    decisions = decide(words, "keep", base, left, right)

    decided = plan_of(words, base, left, right, decisions=decisions)

    assert all(change.action == "adopt" for change in decided.changes)
    assert [(f.kind, f.code) for f in decided.accepted] == [(reason, "SAM20")]


LATER = Policy(delete="auto", payee="auto", conflict="partnero", lossy="auto")


@pytest.mark.parametrize(("base", "left", "right", "reason"), KEPT)
def test_a_kept_difference_is_stronger_than_any_later_policy(
    words, base, left, right, reason
):
    """C15"""
    decisions = decide(words, "keep", base, left, right)

    decided = plan_of(words, base, left, right, decisions=decisions, policy=LATER)

    assert all(change.action == "adopt" for change in decided.changes)
    # Where both changed it, the policy says by now which side is right.
    said = {"both_changed": "changed_on_partnero"}.get(reason, reason)
    assert [(f.kind, f.code) for f in decided.accepted] == [(said, "SAM20")]


def test_a_kept_difference_does_not_hold_up_the_other_fields(words):
    """Row 10: what is ready goes on, and what was kept stays kept after it."""
    left, right = "SAM20 30% anna", BOB
    decisions = decide(words, "keep", OLD, left, right)

    decided = plan_of(words, OLD, left, right, decisions=decisions)
    after = plan_of(words, "SAM20 30% anna", left, "SAM20 30% bob", decisions=decisions)

    assert words.lines(decided) == ["update tolt ready changed_on_partnero discount"]
    for plan in (decided, after):
        assert [finding.kind for finding in plan.accepted] == ["payee_change"]


def test_a_collision_can_be_kept_with_the_records_that_it_had(words):
    """C17: a further record is another collision, and is held."""
    twins = ["SAM20 20% anna =1", "SAM20 20% bob =2"]
    people = ("anna", "bob", "carl")
    sides = words.side(P), words.side(T, twins, people=people)
    decisions = words.decisions("keep", *sides)
    more = words.side(T, [*twins, "SAM20 20% carl =3"], people=people)

    decided = words.plan(*sides, decisions=decisions)
    grown = words.plan(words.side(P), more, decisions=decisions)

    assert decided.changes == decided.findings == ()
    assert [found.kind for found in decided.accepted] == ["collision"]
    assert [(c.reason, c.status) for c in grown.changes] == [("collision", "held")]
    assert grown.ended == decisions.keys()


@pytest.mark.parametrize(
    ("base", "left", "right", "targets"),
    [
        pytest.param(OLD, OLD, OLD, ["partnero", "tolt"], id="on both, in step"),
        pytest.param(OLD, NEW, OTHER, ["partnero", "tolt"], id="on both, in conflict"),
        pytest.param(None, OLD, None, ["partnero"], id="only on Partnero"),
        pytest.param(None, None, OLD, ["tolt"], id="only on Tolt"),
        pytest.param(OLD, None, OLD, ["tolt"], id="gone on Partnero"),
    ],
)
def test_a_record_is_deleted_wherever_it_lives(words, base, left, right, targets):
    decisions = decide(words, "delete", base, left, right)

    decided = plan_of(words, base, left, right, decisions=decisions)

    assert [(c.action, c.target, c.status) for c in decided.changes] == [
        ("delete", target, "ready") for target in targets
    ]
    assert all(change.lost for change in decided.changes)


@pytest.mark.parametrize("take", ["partnero", "tolt"])
@pytest.mark.parametrize("blind", [P, T], ids=str)
def test_no_decision_makes_up_for_a_side_that_was_not_read(words, take, blind):
    """Row 17."""
    sides = {
        side: words.side(side, [OLD], missed="cut" if side is blind else "")
        for side in Side
    }

    decisions = words.decisions(take, [OLD], [OTHER], [BOB])

    decided = words.plan(sides[P], sides[T], [BOB], decisions=decisions)

    assert decisions
    assert decided.changes == ()
    assert decided.ended == frozenset()


def test_a_record_that_is_back_is_made_again_once_decided(words):
    """Row 18."""
    stones = words.tombstone("SAM20")
    decisions = words.decisions("partnero", [OLD], tombstones=stones)

    decided = words.plan([OLD], tombstones=stones, decisions=decisions)

    assert words.lines(decided) == ["create tolt ready reappeared -"]


def test_a_record_that_is_back_on_both_sides_is_adopted_once_decided(words):
    stones = words.tombstone("SAM20")
    decisions = words.decisions("partnero", [OLD], [OLD], tombstones=stones)

    decided = words.plan([OLD], [OLD], tombstones=stones, decisions=decisions)

    (change,) = decided.changes
    assert (change.action, change.status) == ("adopt", "ready")
    assert change.link.ids == Both("SAM20", "promo_sam20")


@pytest.mark.parametrize("direction", ["to-partnero", "to-tolt"])
@pytest.mark.parametrize("take", ["partnero", "tolt"])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(NEW, OTHER, id="both changed"),
        pytest.param(None, OLD, id="gone on Partnero"),
        pytest.param(OLD, None, id="gone on Tolt"),
    ],
)
def test_no_decision_to_take_a_side_writes_against_the_direction(
    words, direction, take, left, right
):
    """B27: a side that is only read sees reads only."""
    decisions = decide(words, take, OLD, left, right)
    policy = Policy(direction=direction)

    decided = plan_of(words, OLD, left, right, policy=policy, decisions=decisions)

    against = "tolt" if direction == "to-partnero" else "partnero"
    assert [
        c for c in decided.changes if c.status == "ready" and c.target == against
    ] == []


@pytest.mark.parametrize(
    ("base", "left", "right", "take", "direction"),
    [
        pytest.param(OLD, OLD, BOB, "partnero", "to-partnero", id="row 8 undone"),
        pytest.param(OLD, NEW, OTHER, "tolt", "to-tolt", id="row 11"),
        pytest.param(None, OLD, OTHER, "partnero", "to-partnero", id="row 4"),
    ],
)
def test_a_decision_that_the_direction_forbids_is_named(  # noqa: PLR0917 (a table)
    words, base, left, right, take, direction
):
    """Laws 2 and 9: neither written nor forgotten."""
    decided = plan_of(
        words,
        base,
        left,
        right,
        policy=Policy(direction=direction),
        decisions=decide(words, take, base, left, right),
    )

    named = [c.code for c in decided.changes if c.reason != "equal"]
    named += [finding.code for finding in decided.findings]
    assert set(named) == {"SAM20"}
    assert [c for c in decided.changes if c.status == "ready" and c.want] == []


# -- decisions of the older form, about a whole record ------------------------------


def older(take, words, left, right, base=None):
    """Return a decision as an earlier version stored it: record and values."""
    (change, *_) = [
        c for c in plan_of(words, base, left, right).changes if c.action != "adopt"
    ]
    seen = seen_digest(change.seen)
    at = "2026-01-01T00:00:00Z"
    return {
        "record:sam20": Decision(
            "record:sam20", "sam20", "SAM20", take, seen, "ada", at
        )
    }


@pytest.mark.parametrize("take", ["partnero", "keep"])
def test_an_older_decision_counts_where_one_change_waits_for_it(words, take):
    decisions = older(take, words, OLD, OTHER)

    made = plan_of(words, None, OLD, OTHER, decisions=decisions)

    waits = [c for c in made.changes if c.status == "held"]
    assert waits == []
    assert made.ended == frozenset()


@pytest.mark.parametrize(
    ("left", "right", "take"),
    [
        pytest.param(OLD, "SAM20 15% bob", "partnero", id="two questions"),
        pytest.param(OLD, OTHER, "tolt", id="it would be a replace"),
    ],
)
def test_an_older_decision_is_asked_for_again_where_it_would_do_more(
    words, left, right, take
):
    decisions = older(take, words, left, right)

    made = plan_of(words, None, left, right, decisions=decisions)

    waits = [c for c in made.changes if c.action != "adopt"]
    assert {c.status for c in waits} == {"held"}


# -- accepting the id of a change ----------------------------------------------


def accept_all(words, *args, **more):
    held = words.plan(*args, **more)
    return words.plan(
        *args, accepted=frozenset(change.id for change in held.changes), **more
    )


@pytest.mark.parametrize(
    ("base", "left", "right"),
    [
        pytest.param(OLD, None, OLD, id="A20 a delete"),
        pytest.param(OLD, OLD, OTHER, id="a replacement"),
        pytest.param(OLD, OLD, BOB, id="a payee change"),
    ],
)
def test_an_accepted_change_is_ready(words, base, left, right):
    sides = [left] if left else [], [right] if right else []

    (change,) = accept_all(words, *sides, [base]).changes

    assert (change.status, change.decided) == ("ready", True)


@pytest.mark.parametrize(
    ("partnero", "tolt", "links", "more"),
    [
        pytest.param([NEW], [OTHER], [OLD], {}, id="a conflict"),
        pytest.param([OLD], [OTHER], [], {}, id="a divergence"),
        pytest.param([OLD], [BOB], [], {}, id="another payee"),
        pytest.param([], ["SAM20 20% anna =1", "SAM20 9% bob =2"], [], {}, id="twins"),
    ],
)
def test_a_yes_is_no_answer_to_the_question_which_is_right(
    words, partnero, tolt, links, more
):
    decided = accept_all(words, partnero, tolt, links, **more)

    open_ = [c for c in decided.changes if c.reason != "equal"]
    assert [change.status for change in open_] == ["held"]


def test_what_was_not_named_stays_held(words):
    """A20."""
    links = ["AAA 20% anna", "BBB 20% anna", "CCC 20% anna"]
    held = words.plan([], links, links)
    named = frozenset(change.id for change in held.changes[:2])

    decided = words.plan([], links, links, accepted=named)

    assert [change.status for change in decided.changes] == ["ready", "ready", "held"]


def test_a_blocked_change_stays_blocked_when_accepted(words):
    decided = accept_all(words, [], ["J\u00dcRI 20% anna"])

    assert [change.status for change in decided.changes] == ["blocked"]


def test_an_id_belongs_to_the_values_that_it_was_made_for(words):
    ids = {
        words.plan([], [spec], [OLD]).changes[0].id
        for spec in (OLD, NEW, BOB, "SAM20 20% anna")
    }

    assert len(ids) == 3


# -- quarantine ----------------------------------------------------------------


def test_a_change_that_failed_too_often_is_held_with_the_reason(words):
    """E14."""
    (ready,) = words.plan([OLD]).changes

    (change,) = words.plan([OLD], quarantined={ready.id: "422 bad code"}).changes

    assert (change.status, change.reason) == ("held", "quarantined")
    assert "422 bad code" in said(change)


def test_a_decision_ends_the_quarantine(words):
    (ready,) = words.plan([NEW], [OLD], [OLD]).changes
    parked = {ready.id: "422"}
    decisions = words.decisions("proposed", [NEW], [OLD], [OLD], quarantined=parked)

    (change,) = words.plan(
        [NEW], [OLD], [OLD], decisions=decisions, quarantined=parked
    ).changes

    assert (change.id, change.status) == (ready.id, "ready")
    assert change.consents == tuple(decisions)


def test_a_quarantined_code_does_not_bring_its_coupon_along(words):
    left = type(words.side(P))(P, {}, words.people(P))
    create = next(c for c in words.plan(left, [OLD]).changes if c.action == "create")

    decided = words.plan(left, [OLD], quarantined={create.id: "422"})

    assert {change.status for change in decided.changes} == {"held"}
