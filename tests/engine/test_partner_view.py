"""One line a partner: codes, differences, what waits."""

from dataclasses import replace

import pytest

from connector.engine.keys import Keys
from connector.engine.partner_view import partner_lines
from connector.engine.partners import match_partners
from connector.engine.planned import Plan, Tally
from connector.reports.partner_view import partner_lines_text, partners_csv
from mappings.canonical import Partner, Side

P, T = Side.PARTNERO, Side.TOLT


@pytest.fixture
def seen(words):
    def make(partnero, tolt, links=(), **more):
        facts = words.facts(partnero, tolt, links, **more)
        made = words.plan(partnero, tolt, links, **more)
        plan = Plan(
            pair="acme",
            created_at="",
            expires_at="",
            config="",
            state=None,
            sides={},
            changes=made.changes,
            findings=made.findings,
            accepted=made.accepted,
            tally=Tally(),
        )
        keys = Keys(made.every, facts.links)
        return replace(plan, partners=partner_lines(facts, keys, plan))

    return make


def lines(plan):
    return {
        line.name.partition("@")[0]: (
            line.codes,
            line.differ,
            line.waiting,
            line.blocked,
        )
        for line in plan.partners
    }


def test_each_partner_has_one_line_whatever_side_their_codes_are_on(seen):
    plan = seen(
        ["A1 20% anna", "A2 20% anna", "B1 20% bob", "N1 20% -"],
        ["A1 20% anna", "A2 15% anna", "A3 20% anna"],
        ["A1 20% anna"],
    )

    assert lines(plan) == {
        "a***": (3, 2, 1, 0),
        "b***": (1, 1, 0, 0),
        "no partner": (1, 1, 0, 1),
    }


def test_what_both_sides_credit_differently_counts_for_both(seen):
    plan = seen(["X 20% anna"], ["X 20% bob"])

    assert lines(plan) == {"a***": (1, 1, 1, 0), "b***": (1, 1, 1, 0)}


def test_two_who_are_not_known_to_be_one_person_are_two_lines(seen, words):
    left = {"prt_mia": Partner("prt_mia", "mia@home.example")}
    right = {"part_mia": Partner("part_mia", "mia@work.example")}
    plan = seen(
        words.side(P, ["X 20% mia"], people=left),
        words.side(T, ["X 20% mia"], people=right),
        partners=match_partners(left, right),
    )

    assert sorted((line.partnero, line.tolt) for line in plan.partners) == [
        ("", "m***@work.example (part_mia)"),
        ("m***@home.example (prt_mia)", ""),
    ]


def test_a_code_that_was_renamed_is_one_code_of_its_partner(seen, words):
    link = words.link("OLD 20% anna =OLD", "OLD 20% anna =promo_1")

    plan = seen(["OLD 20% anna =OLD"], ["NEW 20% anna =promo_1"], [link])

    assert lines(plan)["a***"][0] == 1


def test_partners_in_step_are_not_named_in_text_and_all_are_in_the_sheet(seen):
    plan = seen(["A1 20% anna", "B1 20% bob"], ["A1 20% anna"], ["A1 20% anna"])

    told = [line for _, line in partner_lines_text(plan)]

    assert told == [
        "By partner (1 of 2 have something open)",
        "b***@example.com (prt_bob): 1 code, 1 not the same",
    ]
    sheet = partners_csv([plan]).splitlines()
    assert len(sheet) == 3
    assert sheet[2].startswith('"acme","a***@example.com (prt_anna)"')
