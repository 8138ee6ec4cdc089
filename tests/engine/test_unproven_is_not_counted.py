"""A record of which one side is unknown is neither equal nor on one side alone."""

from dataclasses import asdict

import pytest

from connector.engine.certificate import certify
from connector.engine.planned import Plan, SideReport
from connector.reports.sections import headline
from mappings.canonical import Side

P, T = Side.PARTNERO, Side.TOLT
SPECS = [f"C{n} 20% anna" for n in range(4)]


def counted(decided):
    return {name: number for name, number in asdict(decided.tally).items() if number}


@pytest.mark.parametrize("side", [P, T], ids=str)
def test_where_a_side_was_not_read_nothing_is_on_the_other_alone(words, side):
    shown = words.side(side.other, SPECS)
    unread = words.side(side, [], missed="page 1 timed out")
    sides = (shown, unread) if side is T else (unread, shown)

    decided = words.plan(*sides)

    assert counted(decided) == {"unproven": 4}


@pytest.mark.parametrize("side", [P, T], ids=str)
def test_what_is_linked_and_was_not_seen_is_on_no_side_alone(words, side):
    """More proofs than a run spends, or a listing that was cut."""
    sides = [SPECS, SPECS[:2]] if side is T else [SPECS[:2], SPECS]

    decided = words.plan(*sides, SPECS, proven=False)

    assert counted(decided) == {"in_sync": 2, "unproven": 2}


def test_what_is_proven_to_be_gone_is_on_one_side_alone(words):
    decided = words.plan(SPECS, SPECS[:2], SPECS)

    assert counted(decided) == {"in_sync": 2, "only_on_partnero": 2}


def test_the_headline_and_the_certificate_say_what_was_not_proven(words):
    decided = words.plan(SPECS, SPECS[:2], SPECS, proven=False)
    reports = {side.value: SideReport(4, 2, complete=True, requests=1) for side in Side}
    plan = Plan("acme", "", "", "", None, reports, (), decided.findings, decided.tally)

    proof = certify(plan, {})

    assert "2 codes compared: 2 in step, 2 not certain" in headline(plan)
    assert (proof.equal, len(proof.exceptions)) == (2, 2)
    assert {one.reason for one in proof.exceptions} == {"unproven"}
