"""What may happen unattended: classes of policy, direction, conflicts by field."""

import pytest

from connector.engine.policy import Policy
from mappings.canonical import Side

OLD, NEW, OTHER = "SAM20 20% anna", "SAM20 30% anna", "SAM20 15% anna"
BOB = "SAM20 20% bob"

# policy class, Partnero, Tolt, base, the change's action, target and reason
CLASSES = [
    ("create", OLD, None, None, "create", "tolt", "only_on_partnero"),
    ("create", None, OLD, None, "create", "partnero", "only_on_tolt"),
    ("update", NEW, OLD, OLD, "update", "tolt", "changed_on_partnero"),
    ("payee", OLD, BOB, OLD, "update", "partnero", "payee_change"),
    ("delete", None, OLD, OLD, "delete", "tolt", "gone_on_partnero"),
    ("delete", OLD, None, OLD, "delete", "partnero", "gone_on_tolt"),
    ("replace", OLD, OTHER, OLD, "replace", "partnero", "replace_needed"),
]
EACH_CLASS = pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{case[0]} to {case[5]}") for case in CLASSES]
)


def plan_of(words, case, policy, **more):
    _, left, right, base, *_ = case
    return words.plan(
        [left] if left else [],
        [right] if right else [],
        [base] if base else [],
        policy,
        **more,
    )


@EACH_CLASS
@pytest.mark.parametrize(("verdict", "status"), [("auto", "ready"), ("hold", "held")])
def test_a_class_is_done_or_held_as_the_policy_says(words, case, verdict, status):
    """B10: a delete with opt-in is ready."""
    if (case[0], verdict) == ("replace", "auto"):
        status = "held"  # a configuration error; and even so never unattended

    (change,) = plan_of(words, case, Policy(**{case[0]: verdict})).changes

    assert (change.action, change.target, change.reason) == case[4:]
    assert change.status == status


@EACH_CLASS
def test_what_a_policy_never_allows_is_a_finding_and_no_change(words, case):
    decided = plan_of(words, case, Policy(**{case[0]: "never"}))

    assert decided.changes == ()
    (finding,) = decided.findings
    assert (finding.kind, finding.code) == (case[6], "SAM20")


@EACH_CLASS
def test_a_direction_lets_through_what_it_names(words, case):
    policy = Policy(direction=f"to-{case[5]}")

    (change,) = plan_of(words, case, policy).changes

    assert (change.action, change.target) == case[4:6]


@EACH_CLASS
def test_a_direction_turns_the_rest_into_findings(words, case):
    """B27."""
    other = "tolt" if case[5] == "partnero" else "partnero"

    decided = plan_of(words, case, Policy(direction=f"to-{other}"))

    assert decided.changes == ()
    assert [finding.code for finding in decided.findings] == ["SAM20"]


@pytest.mark.parametrize(
    ("create", "lossy", "status"),
    [
        ("auto", "auto", "ready"),
        ("auto", "hold", "held"),
        ("hold", "auto", "held"),
        ("auto", "never", None),
        ("never", "auto", None),
    ],
)
def test_a_lossy_create_needs_both_permissions(words, create, lossy, status):
    limited = words.code(Side.PARTNERO, OLD, expires="2026-12-31")

    decided = words.plan([limited], policy=Policy(create=create, lossy=lossy))

    assert [change.status for change in decided.changes] == ([status] if status else [])
    if status is None:
        assert words.kinds(decided) == ["lossy"]


@pytest.mark.parametrize("payee", ["hold", "never"])
@pytest.mark.parametrize("replace", ["hold", "never"])
def test_a_replacement_of_the_payee_needs_both_permissions(words, payee, replace):
    decided = words.plan([BOB], [OLD], [OLD], Policy(payee=payee, replace=replace))

    allowed = payee == replace == "hold"
    assert [change.status for change in decided.changes] == ["held"] * allowed


def test_an_edited_record_is_not_deleted_by_a_standing_consent(words):
    """B11: rows 14 and 15 stay held with delete = "auto"."""
    gone = words.plan([], [NEW], [OLD], Policy(delete="auto"))
    there = words.plan([NEW], [], [OLD], Policy(delete="auto"))

    assert words.lines(gone) == ["delete tolt held deleted_and_edited -"]
    assert words.lines(there) == ["delete partnero held deleted_and_edited -"]


# -- conflicts -----------------------------------------------------------------

BOTH = ("SAM20 30% anna", "SAM20 15% anna")


@pytest.mark.parametrize(
    ("policy", "line"),
    [
        pytest.param(Policy(), "update tolt held both_changed discount", id="hold"),
        pytest.param(
            Policy(conflict="partnero"),
            "update tolt ready changed_on_partnero discount",
            id="Partnero wins",
        ),
        pytest.param(
            Policy(conflict="tolt"),
            "replace partnero held replace_needed discount",
            id="Tolt wins, by a replacement",
        ),
        pytest.param(
            Policy(conflicts={"discount": "partnero"}),
            "update tolt ready changed_on_partnero discount",
            id="Partnero wins this field",
        ),
        pytest.param(
            Policy(conflict="partnero", conflicts={"discount": "hold"}),
            "update tolt held both_changed discount",
            id="the field is over the rest",
        ),
        pytest.param(
            Policy(conflicts={"partner": "partnero"}),
            "update tolt held both_changed discount",
            id="another field says nothing",
        ),
    ],
)
def test_a_conflict_is_held_unless_a_side_is_named_for_the_field(words, policy, line):
    """Row 11."""
    decided = words.plan([BOTH[0]], [BOTH[1]], [OLD], policy)

    assert words.lines(decided) == [line]


def test_a_conflict_policy_is_asked_field_by_field(words):
    decided = words.plan(
        ["SAM20 30% anna"],
        ["SAM20 15% bob"],
        ["SAM20 20% cleo"],
        Policy(conflicts={"discount": "partnero"}),
    )

    assert words.lines(decided) == [
        "update partnero held both_changed partner",
        "update tolt ready changed_on_partnero discount",
    ]


@pytest.mark.parametrize(
    ("winner", "direction"), [("partnero", "to-partnero"), ("tolt", "to-tolt")]
)
def test_a_conflict_policy_never_writes_against_the_direction(words, winner, direction):
    policy = Policy(conflict=winner, direction=direction)

    decided = words.plan([BOTH[0]], [BOTH[1]], [OLD], policy)

    assert decided.changes == ()
    assert [finding.code for finding in decided.findings] == ["SAM20"]


def test_a_winner_does_not_settle_what_was_never_linked(words):
    """Row 4 is held whatever the conflict policy says."""
    decided = words.plan([OLD], [NEW], [], Policy(conflict="partnero"))

    assert "update tolt held diverged discount" in words.lines(decided)


def test_a_winner_does_not_settle_what_nobody_changed(words):
    """Row 6 is held whatever the conflict policy says."""
    link = words.link(OLD, NEW)

    decided = words.plan([OLD], [NEW], [link], Policy(conflict="partnero"))

    assert words.lines(decided) == ["update tolt held diverged discount"]


def test_the_strictest_class_of_a_change_counts(words):
    """B8: two fields towards one side, split by the permission that each needs."""
    decided = words.plan(["SAM20 30% bob"], [OLD], [OLD])

    assert words.lines(decided) == [
        "replace tolt held payee_change partner",
        "update tolt ready changed_on_partnero discount",
    ]
