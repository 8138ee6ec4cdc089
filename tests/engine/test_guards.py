"""Guards refuse a whole run before its first write, exactly at their boundaries."""

import shlex
from dataclasses import replace
from decimal import Decimal

import pytest

from connector.engine.causes.cause import Quoted
from connector.engine.change import Change, Grant, Status
from connector.engine.guards import GUARDS, Before, Evidence, Programmes, Stage, refuse
from connector.engine.policy import Limits
from connector.reports.messages.say import said
from mappings.canonical import Side
from state.model import PairFacts, Programme
from tests.acts import act_of

P, T = Side.PARTNERO, Side.TOLT
WIDE = Limits(creates=10**6, updates=10**6, deletes=10**6, share=Decimal(1))


def texts(count):
    return [f"C{n:04} 20% anna" for n in range(count)]


def links(words, count):
    return tuple(words.link(text) for text in texts(count))


def sides(words, left=50, right=50, **more):
    return (
        words.side(P, texts(left) if isinstance(left, int) else left, **more),
        words.side(T, texts(right) if isinstance(right, int) else right, **more),
    )


def changes(action, count, **more):
    return [
        Change(
            act_of(action, "tolt", names=frozenset({"discount"})),
            key=f"k{n}",
            code=f"K{n}",
            row=1,
            grant=Grant.FREE,
            reason="r",
            causes=(Quoted("m"),),
            **more,
        )
        for n in range(count)
    ]


def known(links=(), counts=None, *, decided=frozenset(), of=None, **facts):
    """Return what earlier runs know; ``of`` names the programmes by side."""
    programmes = {Side(side): Programme(id_) for side, id_ in (of or {}).items()}
    counts = {Side(side): number for side, number in (counts or {}).items()}
    pair = PairFacts(programmes=programmes, counts=counts, **facts)
    return Before(tuple(links), decided, pair)


def check(both, proposed, limits, before):
    """Ask the guards over what was read, and where they agree those over the plan."""
    read = {one.side: one for one in both}
    evidence = Evidence(limits=limits, sides=read, before=before, changes=proposed)
    return refuse(Stage.READ, evidence) or refuse(Stage.PLANNED, evidence)


def guard(refusal):
    return refusal and refusal.guard


# -- their order -----------------------------------------------------------------


def test_the_guards_stand_in_the_order_in_which_they_are_asked():
    stages = [list(Stage).index(one.stage) for one in GUARDS]

    assert stages == sorted(stages)
    assert set(stages) == set(range(len(Stage)))


def test_each_guard_stands_in_the_order_once():
    """By the side that it looks at, where it looks at one."""
    checks = [getattr(one.check, "args", one.check) for one in GUARDS]

    assert len(set(checks)) == len(checks)


def test_of_two_guards_that_refuse_the_first_one_speaks(words):
    """Another programme explains why nothing is there; and Partnero comes first."""
    left, right = sides(words, 0, 0)
    both = (left, replace(right, identity="prg_2"))
    counts = {"partnero": 40, "tolt": 40}
    before = known(counts=counts, of={"tolt": "prg_1"})

    assert guard(check(both, [], WIDE, before)) == "other_account"
    empty = check((left, right), [], WIDE, known(counts=counts))
    assert (empty.guard, empty.side) == ("empty_side", P)


# -- amounts -------------------------------------------------------------------


@pytest.mark.parametrize("action", ["create", "update", "delete"])
@pytest.mark.parametrize(("count", "refused"), [(3, False), (4, True)])
def test_a_limit_may_be_reached_and_not_passed(words, action, count, refused):
    limits = replace(WIDE, **{f"{action}s": 3})

    refusal = check(sides(words), changes(action, count), limits, known())

    assert guard(refusal) == (f"too_many_{action}s" if refused else None)


@pytest.mark.parametrize("action", ["create", "update", "delete"])
@pytest.mark.parametrize(("count", "refused"), [(6, False), (7, True)])
def test_a_share_counts_against_the_linked_records(words, action, count, refused):
    """30 per cent of 20 linked records are 6."""
    limits = replace(WIDE, share=Decimal("0.3"))
    before = known(links(words, 20))

    refusal = check(sides(words), changes(action, count), limits, before)

    assert guard(refusal) == (f"too_many_{action}s" if refused else None)


@pytest.mark.parametrize(
    ("action", "linked", "refused"),
    [
        ("create", 9, False),
        ("create", 10, True),
        ("update", 9, False),
        ("update", 10, True),
        ("delete", 0, False),
        ("delete", 1, True),
        ("delete", 9, True),
    ],
)
def test_a_share_says_nothing_about_few_records_except_for_deletes(
    words, action, linked, refused
):
    """From 10 records up; on a first run not at all."""
    limits = replace(WIDE, share=Decimal("0.3"))
    before = known(links(words, linked))

    refusal = check(sides(words), changes(action, 4), limits, before)

    assert guard(refusal) == (f"too_many_{action}s" if refused else None)


def test_the_absolute_limit_holds_on_a_first_run_too(words):
    limits = replace(WIDE, creates=100)

    assert guard(check(sides(words), changes("create", 101), limits, known())) == (
        "too_many_creates"
    )


def test_a_first_run_may_fill_an_empty_side(words):
    """A4."""
    limits = replace(WIDE, share=Decimal("0.3"))

    refusal = check(sides(words, 50, 0), changes("create", 50), limits, known())

    assert refusal is None


@pytest.mark.parametrize("status", [Status.HELD, Status.BLOCKED])
def test_what_is_not_ready_does_not_count(words, status):
    limits = replace(WIDE, deletes=0)

    assert (
        check(sides(words), changes("delete", 5, status=status), limits, known())
        is None
    )


def test_what_a_person_decided_does_not_count(words):
    """A20."""
    limits = replace(WIDE, deletes=1)
    named = changes("delete", 5, decided=True)

    assert check(sides(words), [*named, *changes("delete", 1)], limits, known()) is None
    assert guard(
        check(sides(words), [*named, *changes("delete", 2)], limits, known())
    ) == ("too_many_deletes")


@pytest.mark.parametrize("action", ["adopt", "forget", "coupon", "partner", "replace"])
def test_other_actions_are_not_limited(words, action):
    assert check(sides(words), changes(action, 500), Limits(), known()) is None


def test_a_refusal_names_its_numbers_and_what_goes_on(words):
    refusal = check(sides(words), changes("delete", 6), Limits(), known())

    assert "6" in said(refusal)
    assert "5" in said(refusal)
    assert "--accept" in said(refusal)


# -- listings ------------------------------------------------------------------


@pytest.mark.parametrize("side", [P, T], ids=str)
def test_a_side_that_lists_nothing_but_had_records_is_refused(words, side):
    """A1."""
    both = sides(words, 0 if side is P else 40, 0 if side is T else 40)
    before = known(links(words, 40), counts={"partnero": 40, "tolt": 40})

    refusal = check(both, [], Limits(), before)

    assert (refusal.guard, refusal.side) == ("empty_side", side)
    assert "40" in said(refusal)


def test_a_side_that_never_had_records_may_be_empty(words):
    """A3, A4."""
    before = known(counts={"partnero": 0, "tolt": 40})

    assert check(sides(words, 0, 40), [], Limits(), before) is None
    assert check(sides(words, 0, 0), [], Limits(), known()) is None


@pytest.mark.parametrize(
    ("now", "last", "refused"),
    [
        pytest.param(70, 100, False, id="30 per cent fewer are allowed"),
        pytest.param(69, 100, True, id="31 per cent fewer are not"),
        pytest.param(65, 100, True, id="A16 35 per cent fewer"),
        pytest.param(1, 4, True, id="A17 three of four"),
        pytest.param(2, 2, False, id="none fewer"),
        pytest.param(120, 100, False, id="more"),
    ],
)
@pytest.mark.parametrize("side", [P, T], ids=str)
def test_a_listing_may_be_shorter_by_the_share_and_no_more(
    words, side, now, last, refused
):
    both = sides(words, now if side is P else 100, now if side is T else 100)
    before = known(counts={side.value: last})

    refusal = check(both, [], Limits(), before)

    assert guard(refusal) == ("short_listing" if refused else None)
    if refused:
        assert refusal.side == side
        assert str(now) in said(refusal)
        assert str(last) in said(refusal)


def test_a_side_that_was_not_read_completely_is_not_called_short(words):
    """A7: it is unknown, and nothing rests on it anyway."""
    both = sides(words, 10, 10, missed="page 3 timed out")

    assert check(both, [], Limits(), known(counts={"partnero": 100})) is None


def test_what_a_person_decided_about_is_not_missing(words):
    decided = frozenset({"c0008", "c0009"})
    before = known(links(words, 10), counts={"tolt": 10}, decided=decided)

    assert check(sides(words, 10, 5), [], Limits(), before) is None
    assert guard(check(sides(words, 10, 4), [], Limits(), before)) == "short_listing"


def test_what_was_left_aside_before_makes_no_later_listing_look_longer(words):
    """Two were decided about and gone already: the last count has them no more."""
    decided, aside = frozenset({"c0008", "c0009"}), {T: ["c0008", "c0009"]}
    before = known(links(words, 10), {"tolt": 8}, decided=decided, aside=aside)

    assert check(sides(words, 10, 6), [], Limits(), before) is None
    assert guard(check(sides(words, 10, 5), [], Limits(), before)) == "short_listing"


def test_a_decision_about_one_side_makes_the_other_no_shorter(words):
    decided = frozenset(f"c{n:04}" for n in range(5, 10))
    before = known(links(words, 10), {"partnero": 10, "tolt": 10}, decided=decided)

    assert check(sides(words, 10, 5), [], Limits(), before) is None
    refusal = check(sides(words, texts(15)[5:11], 10), [], Limits(), before)
    assert guard(refusal) == "short_listing"


@pytest.mark.parametrize(
    ("rest", "count", "refused"),
    [(0, 7, True), (8, 8, False), (8, 9, True)],
    ids=["nothing is left", "what is left", "more than is left"],
)
@pytest.mark.parametrize("action", ["create", "update"])
def test_what_a_stopped_run_has_left_is_not_measured_once_more(
    words, action, rest, count, refused
):
    limits = replace(WIDE, share=Decimal("0.3"))
    before = known(links(words, 20), rest={action: rest})

    refusal = check(sides(words), changes(action, count), limits, before)

    assert guard(refusal) == (f"too_many_{action}s" if refused else None)


def test_what_is_left_of_creates_lets_no_updates_and_no_deletes_through(words):
    limits = replace(WIDE, share=Decimal("0.3"))
    before = known(links(words, 20), rest={"create": 20, "delete": 20})

    for action in ("update", "delete"):
        refusal = check(sides(words), changes(action, 7), limits, before)
        assert guard(refusal) == f"too_many_{action}s"


@pytest.mark.parametrize("absent", [0, 1, 5])
def test_everything_that_is_there_changed_whatever_is_not(words, absent):
    """One linked code that is gone for ever does not turn the guard off."""
    before = known(links(words, 20))
    other = [f"C{n:04} 50% anna" for n in range(20 - absent)]

    refusal = check(sides(words, 20, other), [], Limits(), before)

    assert guard(refusal) == "everything_changed"


@pytest.mark.parametrize("side", [P, T], ids=str)
@pytest.mark.parametrize(
    ("numbers", "refused"),
    [
        pytest.param((20, 10, 10), True, id="half of twenty"),
        pytest.param((10, 10, 12), True, id="all of ten"),
        pytest.param((21, 10, 10), False, id="less than half"),
        pytest.param((12, 9, 20), False, id="nine"),
        pytest.param((20, 10, 9), False, id="fewer in their place"),
    ],
)
def test_a_listing_of_strangers_is_refused(words, side, numbers, refused):
    """The listing of another programme, as long as the right one."""
    linked, gone, new = numbers
    strange = [f"OTHER{n} 20% anna" for n in range(new)]
    now = [*texts(linked)[gone:], *strange]
    both = sides(words, now if side is P else linked, now if side is T else linked)

    refusal = check(both, [], WIDE, known(links(words, linked)))

    assert guard(refusal) == ("strangers" if refused else None)
    if refused:
        assert refusal.side == side
        assert f"{gone} of {linked} known codes" in said(refusal)


def test_strangers_are_not_seen_where_a_person_decided_about_what_is_gone(words):
    now = [*texts(20)[10:], *(f"OTHER{n} 20% anna" for n in range(10))]
    before = known(links(words, 20), decided=frozenset({"c0000"}))

    assert check(sides(words, 20, now), [], WIDE, before) is None


# -- everything at once --------------------------------------------------------


@pytest.mark.parametrize("side", [P, T], ids=str)
@pytest.mark.parametrize(
    ("linked", "changed", "refused"),
    [
        pytest.param(10, 10, True, id="A23 all of ten"),
        pytest.param(10, 9, False, id="nine of ten"),
        pytest.param(9, 9, False, id="all of nine"),
    ],
)
def test_every_record_changed_at_once_is_refused_from_ten_up(
    words, side, linked, changed, refused
):
    now = [
        text.replace("20%", "30%") if n < changed else text
        for n, text in enumerate(texts(linked))
    ]
    both = sides(words, now if side is P else linked, now if side is T else linked)

    refusal = check(both, [], WIDE, known(links(words, linked)))

    assert guard(refusal) == ("everything_changed" if refused else None)
    if refused:
        assert refusal.side == side
        assert "C0000, C0001, C0002" in said(refusal)


@pytest.mark.parametrize("code", ["-SAM", "--keep", "A$B", "A'B"])
def test_the_command_of_a_refusal_can_be_pasted_for_any_code(words, code):
    were = [f"{name} 20% anna" for name in (code, *(f"Z{n}" for n in range(9)))]
    before = known(
        tuple(words.link(text) for text in were), counts={"partnero": 10, "tolt": 10}
    )
    now = [text.replace("20%", "30%") for text in were]

    changed = check(sides(words, now, were), [], WIDE, before)
    gone = check(sides(words, [], were), [], WIDE, before)

    for refusal, word in ((changed, "explain"), (gone, "decide")):
        line = said(refusal).rpartition(f"partnero-tolt {word} ")[2]
        assert shlex.split(line)[-2:] == ["--", code]


# -- who answers ---------------------------------------------------------------


@pytest.mark.parametrize("side", [P, T], ids=str)
def test_another_programme_behind_the_key_is_refused(words, side):
    """G10."""
    both = tuple(replace(one, identity=f"prg_{one.side}") for one in sides(words))
    before = known(of={side.value: "prg_of_before"})

    refusal = check(both, [], Limits(), before)

    assert (refusal.guard, refusal.side) == ("other_account", side)
    assert "prg_of_before" in said(refusal)


@pytest.mark.parametrize(
    ("identity", "remembered"),
    [("prg_1", {"tolt": "prg_1"}), ("", {"tolt": "prg_1"}), ("prg_1", {})],
    ids=["the same", "nobody asked", "nothing remembered"],
)
def test_a_programme_is_only_refused_when_it_is_known_to_be_another(
    words, identity, remembered
):
    left, right = sides(words)
    both = (left, replace(right, identity=identity))

    assert check(both, [], Limits(), known(of=remembered)) is None


@pytest.mark.parametrize(
    ("other", "side"),
    [
        pytest.param(Programmes("b", "key of b", "tolt prg_b"), None, id="none"),
        pytest.param(Programmes("b", "key of a", "tolt prg_b"), P, id="one key"),
        pytest.param(Programmes("b", "key of b", "tolt prg_a"), T, id="one programme"),
        pytest.param(Programmes("b", "", "tolt prg_b"), None, id="no key to compare"),
    ],
)
def test_two_pairs_with_one_programme_are_refused_before_anything_is_read(other, side):
    mine = Programmes("a", "key of a", "tolt prg_a")
    third = Programmes("c", "key of c", "tolt prg_c")
    evidence = Evidence(programmes=(mine, third, other), configuration="pairs.toml")

    refusal = refuse(Stage.CONFIGURED, evidence)

    assert (refusal and refusal.side) == side
    if side:
        assert refusal.guard == "same_program"
        assert "a and b share one" in said(refusal)


# -- the sentinel --------------------------------------------------------------


@pytest.mark.parametrize("side", [P, T], ids=str)
def test_a_missing_sentinel_is_refused(words, side):
    """A22."""
    with_it = [*texts(5), "CANARY 1% anna"]
    both = sides(words, 5 if side is P else with_it, 5 if side is T else with_it)

    refusal = check(both, [], Limits(sentinel="CANARY"), known())

    assert (refusal.guard, refusal.side) == ("sentinel_missing", side)


def test_the_sentinel_is_matched_like_any_code(words):
    with_it = [*texts(5), "CANARY 1% anna"]

    assert (
        check(sides(words, with_it, with_it), [], Limits(sentinel=" canary "), known())
        is None
    )


def test_the_sentinel_is_not_missed_on_a_side_that_was_not_read(words):
    both = sides(words, 5, 5, missed="cut")

    assert check(both, [], Limits(sentinel="CANARY"), known()) is None


def test_without_a_sentinel_none_is_missed(words):
    assert check(sides(words), [], Limits(), known()) is None
