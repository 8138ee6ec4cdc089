"""Plans are sorted, print the same bytes for the same facts, and hide addresses."""

import json
import random
from dataclasses import replace

import pytest

from connector.engine.causes.cause import Quoted
from connector.engine.change import Refusal
from connector.engine.diff import differences
from connector.engine.notes import note, parse_note
from connector.engine.partners import match_partners
from connector.engine.policy import Policy
from connector.reports.documents import seal
from connector.reports.messages.say import said
from mappings.canonical import Partner, Side

P, T = Side.PARTNERO, Side.TOLT
LEFT = [
    "EQUAL 20% anna",
    "NEW 30% anna",
    "ONLY 20% anna",
    "ALSO 20% anna",
    "LATER 20% cleo",
    "SOON 20% cleo",
    "DIFFERS 20% anna",
    "BOTH 30% anna",
]
RIGHT = [
    "EQUAL 20% anna",
    "NEW 20% anna",
    "BOTH 15% anna",
    "DIFFERS 15% bob",
    "FIRST 25% dora",
    "AGAIN 25% anna",
    "GONE 20% anna",
    "TWIN 20% anna =1",
    "twin 20% bob =2",
    "J\u00dcRI 20% anna",
]
LINKED = ["EQUAL 20% anna", "NEW 20% anna", "BOTH 20% anna", "GONE 20% anna"]
POLICY = Policy(create_partners=True)


def world(words, order=None):
    """Return the plan of one world, its parts given in any order."""

    def mixed(items):
        items = list(items)
        if order is not None:
            random.Random(order).shuffle(items)  # noqa: S311 (no secret)
        return items

    people = {P: ("anna", "bob", "cleo"), T: ("anna", "bob", "dora")}
    named = {
        side: dict(mixed(words.people(side, names).items()))
        for side, names in people.items()
    }
    alike = {f"part_{n}": Partner(f"part_{n}", f"cleo+{n}@example.com") for n in "ab"}
    named[T] |= dict(mixed(alike.items()))
    sides = {
        side: words.side(side, mixed(specs), people=named[side])
        for side, specs in ((P, LEFT), (T, RIGHT))
    }
    coupons = dict(mixed(sides[P].coupons.items()))
    left = replace(sides[P], coupons=coupons)
    return words.plan(
        left,
        sides[T],
        mixed(words.link(spec) for spec in LINKED),
        POLICY,
        partners=match_partners(named[P], named[T]),
    )


@pytest.mark.parametrize("order", range(25))
def test_the_order_of_what_was_read_does_not_change_a_byte(words, order):
    """H1, law 1."""
    assert words.document(world(words, order)) == words.document(world(words))


def test_planning_twice_gives_the_same_digest(words):
    """H1."""
    first, second = (json.loads(words.document(world(words))) for _ in range(2))

    assert first["digest"] == second["digest"]
    assert first["seal"] == second["seal"]


def test_changes_and_findings_are_sorted(words):
    decided = world(words)

    keys = [(c.key, c.action, c.target, c.id) for c in decided.changes]
    kinds = [(f.kind, f.code or "", said(f)) for f in decided.findings]
    assert keys == sorted(keys)
    assert kinds == sorted(kinds)


def test_no_two_changes_share_an_id(words):
    ids = [change.id for change in world(words).changes]

    assert len(set(ids)) == len(ids)


def test_every_change_that_is_needed_is_in_the_plan(words):
    decided = world(words)

    ids = {change.id for change in decided.changes}
    needs = {need for change in decided.changes for need in change.needs}
    assert needs
    assert needs <= ids


def test_no_full_address_is_in_a_document(words):
    """I1."""
    text = words.document(world(words)).decode()

    for name in ("anna", "bob", "cleo", "dora"):
        assert f"{name}@" not in text
        assert f"{name}+" not in text
    assert "a***@example.com (part_anna)" in text


def test_the_summary_counts_every_change_once(words):
    decided = world(words)

    summary = json.loads(words.document(decided))["summary"]

    states = summary["ready"] + summary["held"] + summary["blocked"]
    assert states == len(decided.changes)
    assert summary["create"] == sum(c.action == "create" for c in decided.changes)
    assert summary["findings"] == len(decided.findings)


def test_every_record_is_tallied_once(words):
    tally = world(words).tally

    assert (tally.in_sync, tally.differ, tally.collisions) == (1, 3, 1)
    assert tally.only_on_partnero == len({"ONLY", "ALSO", "LATER", "SOON"})
    assert tally.only_on_tolt == len({"FIRST", "AGAIN", "GONE", "J\u00dcRI"})
    assert tally.compared == 13


def test_a_change_of_the_values_changes_the_digest(words):
    digests = {
        json.loads(words.document(words.plan([spec])))["digest"]
        for spec in ("SAM20 20% anna", "SAM20 21% anna", "SAM20 20% bob")
    }

    assert len(digests) == 3


def test_the_status_is_part_of_the_digest(words):
    digests = {
        json.loads(words.document(words.plan(["SAM20 20% anna"], policy=policy)))[
            "digest"
        ]
        for policy in (Policy(), Policy(create="hold"))
    }

    assert len(digests) == 2


def test_a_document_that_was_edited_does_not_fit_its_seal(words):
    document = json.loads(words.document(world(words)))
    assert seal(document) == document["seal"]

    document["changes"][0]["message"] += "."

    assert seal(document) != document["seal"]


def test_a_refusal_stands_in_the_document(words):
    refused = Refusal("empty_side", "tolt", (Quoted("Tolt lists no code at all."),))

    document = json.loads(words.document(words.plan(), refused=refused))

    assert document["refused"] == {
        "guard": "empty_side",
        "side": "tolt",
        "message": "Tolt lists no code at all.",
    }


def test_an_intents_note_gives_the_change_back(words):
    """What is needed to settle a write survives: preconditions, want, target."""
    for change in world(words).changes:
        again = parse_note(note(change))

        assert (again.id, again.action, again.target) == (
            change.id,
            change.action,
            change.target,
        )
        assert again.wanted == change.wanted
        assert again.precondition == change.precondition


def test_a_row_shows_both_sides_the_base_and_what_is_written(words):
    (change,) = words.plan(
        ["SAM20 30% anna"], ["SAM20 20% anna"], ["SAM20 20% anna"]
    ).changes

    (field,) = json.loads(
        words.document(
            words.plan(["SAM20 30% anna"], ["SAM20 20% anna"], ["SAM20 20% anna"])
        )
    )["changes"][0]["fields"]
    assert field == {
        "field": "discount",
        "base": "20%",
        "partnero": "30%",
        "tolt": "20%",
        "new": "30%",
    }
    assert change.raises_exposure


def test_a_partner_is_shown_with_its_id_on_each_side(words):
    """B4: both names."""
    (change,) = words.plan(
        ["SAM20 20% bob"], ["SAM20 20% anna"], ["SAM20 20% anna"]
    ).changes

    (field,) = change.fields
    assert field.partnero == "b***@example.com (prt_bob)"
    assert field.tolt == "a***@example.com (part_anna)"
    assert field.new == "b***@example.com (part_bob)"


def test_differences_are_told_field_by_field_and_sorted():
    before = {"b": 1, "a": "x", "same": 3}
    after = {"b": 2, "a": "x", "same": 3, "new": None}

    assert differences(before, after) == ("b: 1 -> 2", "new: nothing -> nothing")
    assert differences(before, dict(before)) == ()
