"""What one side alone enforces: dead here and live there, looser, another unit."""

import pytest

from connector.engine.certificate import certify
from connector.engine.planned import Plan, SideReport
from connector.engine.policy import Policy
from mappings.canonical import Side

P, T = Side.PARTNERO, Side.TOLT
SAM = "SAM20 20% anna"
TODAY = "2026-11-30"
DEAD = [
    pytest.param({"expires": "2022-05-01"}, id="expired"),
    pytest.param({"redemption_limit": 5, "redeemed": 5}, id="used up"),
    pytest.param({"coupon_limit": 5, "coupon_redeemed": 9}, id="its coupon used up"),
    pytest.param({"switched_off": True}, id="off"),
]
LIVE = [
    pytest.param({"expires": TODAY}, id="on its last day"),
    pytest.param({"redemption_limit": 5}, id="nobody tells the uses"),
    pytest.param({"redemption_limit": 5, "redeemed": 4}, id="one use left"),
]


def plan(words, left, right, **more):
    links = more.pop("links", [SAM] if left and right else [])
    sides = ([left] if left else [], [right] if right else [])
    return words.plan(*sides, links, today=TODAY, **more)


@pytest.mark.parametrize("carried", DEAD)
@pytest.mark.parametrize("linked", [True, False])
def test_a_code_that_is_dead_on_partnero_and_live_on_tolt_is_not_in_step(
    words, carried, linked
):
    """B12: the certificate calls no such pair equal."""
    left = words.code(P, SAM, **carried)

    made = plan(words, left, SAM, links=[SAM] if linked else [])

    assert words.kinds(made) == ["dead_here_live_there"]
    assert (made.tally.in_sync, made.tally.differ) == (0, 1)
    assert made.acceptable[0].code == "SAM20"


def test_where_tolt_switched_off_what_lives_on_partnero_the_word_stays(words):
    made = plan(words, SAM, words.code(T, SAM, switched_off=True))

    assert words.kinds(made) == ["switched_off"]
    assert made.tally.in_sync == 0


@pytest.mark.parametrize("carried", DEAD)
def test_dead_on_both_sides_is_equal(words, carried):
    left, right = words.code(P, SAM, **carried), words.code(T, SAM, switched_off=True)

    made = plan(words, left, right)

    assert (made.findings, made.tally.in_sync) == ((), 1)


@pytest.mark.parametrize("carried", LIVE)
def test_a_live_code_with_a_limit_is_in_step_and_looser_on_tolt(words, carried):
    made = plan(words, words.code(P, SAM, **carried), SAM)

    assert words.kinds(made) == ["looser_on_tolt"]
    assert made.findings[0].codes == ("SAM20",)
    assert made.tally.in_sync == 1


def test_each_kind_of_limit_is_one_line_with_its_codes(words):
    lefts = [
        words.code(P, f"C{n} 20% anna", first_order_only=True, minimum_order="20")
        for n in range(3)
    ]
    rights = [f"C{n} 20% anna" for n in range(3)]

    made = words.plan(lefts, rights, rights, today=TODAY)

    assert [f.codes for f in made.findings] == [("C0", "C1", "C2")] * 2


def test_an_accepted_limit_is_silent_until_the_limit_changes(words):
    """A counter that grows ends nothing."""
    limited = {"redemption_limit": 9, "redeemed": 2}
    args = ([words.code(P, SAM, **limited)], [SAM], [SAM])
    (waits,) = words.plan(*args, today=TODAY).acceptable
    decisions = words.accepted(waits)

    grown = words.code(P, SAM, **limited | {"redeemed": 7})
    other = words.code(P, SAM, **limited | {"redemption_limit": 20})

    after = plan(words, grown, SAM, decisions=decisions)
    assert (words.kinds(after), after.ended) == ([], frozenset())
    assert after.accepted[0].decision.who == "sam@desk"
    changed = plan(words, other, SAM, decisions=decisions)
    assert words.kinds(changed) == ["looser_on_tolt"]
    assert changed.ended == decisions.keys()


def test_a_death_that_was_accepted_is_named_in_the_certificate_with_who(words):
    left = words.code(P, SAM, expires="2022-05-01")
    decisions = words.accepted(plan(words, left, SAM).acceptable[0])
    made = plan(words, left, SAM, decisions=decisions)

    proof = certify(whole(made), {})

    (exception,) = proof.exceptions
    assert (exception.reason, exception.accepted) == ("dead_here_live_there", True)
    assert (exception.by, proof.equal) == ("sam@desk", 0)


def whole(made):
    sides = {side.value: SideReport(1, 1, complete=True, requests=1) for side in Side}
    return Plan(
        pair="acme",
        created_at="2026-01-01T00:00:00Z",
        expires_at="2026-01-01T00:00:00Z",
        config="",
        state=None,
        sides=sides,
        changes=made.changes,
        findings=made.findings,
        tally=made.tally,
        accepted=made.accepted,
    )


# -- a dead code is not carried -----------------------------------------------------


@pytest.mark.parametrize("carried", DEAD)
def test_a_dead_code_is_not_carried_by_default_and_named_once(words, carried):
    """B12: an expired code would come to life for ever."""
    lefts = [words.code(P, f"C{n} 20% anna", **carried) for n in range(2)]

    made = words.plan(lefts, today=TODAY)

    assert made.changes == ()
    assert [(f.kind, f.codes) for f in made.findings] == [("dead", ("C0", "C1"))]
    proof = certify(whole(made), {})
    assert (proof.exceptions, proof.dead) == ((), ("C0", "C1"))


def test_a_code_that_is_off_on_tolt_is_not_made_live_on_partnero(words):
    made = words.plan([], [words.code(T, SAM, switched_off=True)], today=TODAY)

    assert (made.changes, words.kinds(made)) == ((), ["dead"])


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        pytest.param(Policy(dead="hold", lossy="auto"), "held", id="held as dead"),
        pytest.param(Policy(dead="auto"), "held", id="held as lossy"),
        pytest.param(Policy(dead="auto", lossy="auto"), "ready", id="both allow it"),
    ],
)
def test_a_dead_code_needs_both_permissions(words, policy, status):
    left = words.code(P, SAM, expires="2022-05-01")

    (change,) = words.plan([left], policy=policy, today=TODAY).changes

    assert (change.status, change.reason) == (status, "dead")
    assert change.lost == ("expires 2022-05-01",)


def test_a_replace_of_a_dead_code_falls_under_dead(words):
    left = words.code(P, "SAM20 30% anna", expires="2022-05-01")

    made = plan(words, left, "SAM20 15% anna", links=["SAM20 30% anna"])
    asked = plan(
        words,
        left,
        "SAM20 15% anna",
        links=["SAM20 30% anna"],
        policy=Policy(dead="hold"),
    )

    assert made.changes == ()
    assert [(c.action, c.status) for c in asked.changes] == [("replace", "held")]


# -- another unit -------------------------------------------------------------------

MAJOR, MINOR = "SAM20 2500USD anna", "SAM20 25USD anna"


@pytest.mark.parametrize(
    ("base", "left", "right"),
    [
        pytest.param(None, MAJOR, MINOR, id="never linked"),
        pytest.param(MINOR, MAJOR, MINOR, id="changed on Partnero"),
        pytest.param(MAJOR, MAJOR, MINOR, id="changed on Tolt"),
        pytest.param("SAM20 9USD anna", MINOR, MAJOR, id="both changed"),
    ],
)
def test_an_amount_in_another_unit_is_flagged_and_held(words, base, left, right):
    made = words.plan([left], [right], [base] if base else [])

    held = [c for c in made.changes if c.action in ("update", "replace")]
    assert [(c.status, c.reason) for c in held] == [("held", "wrong_unit")]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("SAM20 2500JPY anna", "SAM20 25JPY anna", id="no decimals"),
        pytest.param("SAM20 2500USD anna", "SAM20 25.01USD anna", id="not exactly"),
        pytest.param("SAM20 0USD anna", "SAM20 25USD anna", id="nothing off"),
    ],
)
def test_other_differences_of_amounts_are_no_question_of_the_unit(words, left, right):
    made = words.plan([left], [right])

    assert "wrong_unit" not in [change.reason for change in made.changes]


def test_three_decimals_make_another_power_of_ten(words):
    made = words.plan(["SAM20 25000KWD anna"], ["SAM20 25KWD anna"])

    assert "wrong_unit" in [change.reason for change in made.changes]
