"""What is equal at a first look is remembered in bulk, by the rules of a change."""

from dataclasses import replace

import pytest

from connector.engine.plan import make_plan
from connector.engine.planned import Plan, SideReport
from connector.engine.policy import Policy
from mappings.canonical import Side
from state.model import Tombstone
from tests.harness.singly import singly

AT = "2026-01-01T00:00:00Z"
EQUAL = ["SAM20 20% anna", "ZOË 25.00USD -", "ÀB10 10% -"]


def plan_of(decided):
    read = SideReport(0, 0, complete=True, requests=0)
    sides = {side.value: read for side in Side}
    found = (decided.changes, decided.findings, decided.tally)
    return Plan("acme", AT, AT, "c", "s", sides, *found, adopted=decided.adopted)


def first_look(words, left=EQUAL, right=EQUAL, **more):
    facts = words.facts(left, right, **more)
    return facts, make_plan(facts, Policy())


def written(decided):
    return [left.written for left, _ in decided.adopted.pairs]


def test_equal_codes_are_adopted_in_the_order_of_their_keys_and_make_no_change(words):
    _, decided = first_look(words)

    assert decided.changes == ()
    assert written(decided) == ["SAM20", "ZOË", "ÀB10"]
    assert (decided.tally.in_sync, decided.tally.compared) == (3, 3)


def test_the_ids_and_the_digest_are_those_that_single_changes_have(words):
    left = [*EQUAL, "ONLY 20% anna", "OTHER 20% anna"]
    facts, decided = first_look(words, left, [*EQUAL, "OTHER 30% anna"])
    alone = singly(decided, facts, Policy())

    bulk, single = plan_of(decided), plan_of(alone)

    assert decided.adopted.pairs
    assert decided.changes
    assert bulk.ids() == {change.id for change in single.changes}
    assert bulk.digest == single.digest
    assert bulk.digest != plan_of(replace(decided, adopted=alone.adopted)).digest


def test_a_part_of_them_is_ready_and_the_rest_is_for_another_run(words):
    _, decided = first_look(words)
    ids = list(decided.adopted.ids())

    now, later = decided.adopted.among({ids[1], "c_something"})
    split = replace(plan_of(decided), adopted=now, adopted_later=later)

    assert [one.code for one in now.named()] == ["ZOË"]
    assert [one.id for one in later.named()] == [ids[0], ids[2]]
    assert split.ids() == set(ids)
    assert split.digest != plan_of(decided).digest


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("SAM20 20% anna", "SAM20 30% anna"),
        ("SAM20 20% anna", "sam20 20% anna"),
        ("SAM20 20% anna", "SAM20 20% bob"),
        ("SAM20 20% anna", "SAM20 20% -"),
        ("SAM20 20% -", "SAM20 20% anna"),
    ],
)
def test_what_is_not_alike_in_everything_is_looked_at_singly(words, left, right):
    _, decided = first_look(words, [left], [right])

    assert not decided.adopted.pairs
    assert decided.changes or decided.findings


def test_what_was_deleted_once_is_asked_about(words):
    stone = Tombstone("sam20", "SAM20", "both", AT, "20%")
    _, decided = first_look(words, tombstones={"sam20": stone})

    assert written(decided) == ["ZOË", "ÀB10"]
    assert [change.reason for change in decided.changes] == ["reappeared"]


def test_what_several_records_claim_is_a_collision(words):
    _, decided = first_look(words, EQUAL, [*EQUAL, "sam20 20% bob =promo_2"])

    assert written(decided) == ["ZOË", "ÀB10"]
    assert [change.reason for change in decided.changes] == ["collision"]


def test_nothing_is_adopted_while_a_side_was_not_read_to_its_end(words):
    facts = words.facts(EQUAL, EQUAL)
    decided = make_plan(
        replace(facts, tolt=replace(facts.tolt, missed="a page failed")), Policy()
    )

    assert not decided.adopted.pairs
    assert decided.tally.unproven == len(EQUAL)


def test_what_is_remembered_of_each_is_both_halves_as_they_are(words):
    facts, decided = first_look(words)
    single = singly(decided, facts, Policy())

    assert list(decided.adopted.links()) == [change.link for change in single.changes]
