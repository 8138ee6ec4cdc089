"""Which records a wave is about: whole ones, by every text and every owner."""

import pytest

from connector.engine.change import Finding
from connector.engine.partners import match_partners
from connector.engine.plan import make_plan
from connector.engine.policy import Policy
from connector.engine.waves import (
    Asked,
    changes_within,
    findings_within,
    wave_of,
    with_wave,
    within,
)
from mappings.canonical import Partner, Side
from state.model import Wave as Begun

P, T = Side.PARTNERO, Side.TOLT


def asked(*partners, codes=()):
    return Asked(partners, tuple(codes))


def test_a_code_that_moved_to_another_partner_is_in_the_wave_of_both(words):
    facts = words.facts(["SAM 20% anna"], ["SAM 20% bob"], ["SAM 20% anna"])

    assert wave_of(asked("prt_anna"), facts).keys == {"sam"}
    assert wave_of(asked("bob@example.com"), facts).keys == {"sam"}


def test_a_code_that_is_gone_from_both_sides_is_in_the_wave_of_whose_it_was(words):
    facts = words.facts([], [], ["SAM 20% anna"])

    wave = wave_of(asked("anna@example.com", codes=["sam"]), facts)

    assert (wave.keys, wave.unknown, wave.outside) == ({"sam"}, (), ())


def test_renames_are_followed_from_text_to_text_until_nothing_is_new(words):
    links = [
        words.link("A 20% anna =A", "A 20% anna =promo_1"),
        words.link("B 20% bob =B", "B 20% bob =promo_2"),
    ]
    facts = words.facts(
        ["A 20% anna =A", "B 20% bob =B", "Z 20% bob"],
        ["B 20% anna =promo_1", "C 20% bob =promo_2"],
        links,
    )

    wave = wave_of(asked(codes=["a"]), facts)

    assert wave.keys == {"a", "b", "c"}
    assert wave.outside == ("Z",)


def test_a_code_in_a_row_that_nobody_understands_is_not_called_unknown(words):
    tolt = words.side(T, [], hidden_texts=frozenset({"sam"}))
    facts = words.facts(["BEN 20% bob"], tolt)

    assert wave_of(asked(codes=["SAM", "NOPE"]), facts).unknown == ("NOPE",)


def test_each_record_outside_is_named_once_whatever_it_is_called(words):
    facts = words.facts(
        ["Sam 20% anna", "OLD 20% bob =OLD", "IN 20% bob"],
        ["SAM 20% anna", "NEW 20% bob =promo_9"],
        [words.link("OLD 20% bob =OLD", "OLD 20% bob =promo_9")],
    )

    assert wave_of(asked(codes=["IN"]), facts).outside == ("OLD", "Sam")


def test_all_who_share_an_address_are_meant_and_the_address_is_not_told(words):
    people = {
        f"prt_{n}": Partner(f"prt_{n}", "both@example.com") for n in ("anna", "bob")
    }
    left = words.side(P, ["A 20% anna", "B 20% bob"], people=people)
    facts = words.facts(left, [], partners=match_partners(people, {}))

    wave = wave_of(asked("Both@example.com"), facts)

    assert wave.keys == {"a", "b"}
    assert wave.people.left == {"prt_anna", "prt_bob"}
    assert wave_of(asked("prt_anna"), facts).named == ("prt_anna",)


def test_an_address_of_one_person_is_told_by_an_id(words):
    facts = words.facts(["A 20% anna"], ["A 20% anna"])

    assert wave_of(asked("anna@example.com"), facts).named == ("prt_anna",)


def test_a_matched_partner_whom_no_listing_shows_is_no_stranger(words):
    left = words.side(P, ["A 20% anna"], people={})
    facts = words.facts(left, ["A 20% anna"])

    known = {"prt_anna": "part_anna"}, {"part_anna": "prt_anna"}
    partners = facts.partners.__class__({}, facts.tolt.partners, *known)
    facts = words.facts(left, ["A 20% anna"], partners=partners)

    assert wave_of(asked("prt_anna"), facts).strangers == ()
    assert wave_of(asked("prt_zoe"), facts).strangers == ("prt_zoe",)


@pytest.mark.parametrize("name", ["A", "B"])
def test_what_is_proposed_for_a_record_is_the_same_in_a_wave_and_in_the_whole(
    words, name
):
    """Ids and reasons as well: a decision fits both."""
    sides = ["A 20% anna", "B 20% bob"], ["A 15% anna", "C 20% bob"]
    facts = words.facts(*sides)
    wave = wave_of(asked(codes=[name]), facts)

    part = make_plan(within(facts, wave), Policy(), wave.keys)

    whole = make_plan(facts, Policy())
    assert part.changes == tuple(changes_within(whole.changes, wave))
    assert part.tally.compared == 1


def test_a_decision_about_a_code_outside_neither_ends_nor_waits_in_the_wave(words):
    sides = ["A 20% anna", "B 20% bob"], ["A 15% anna", "B 15% bob"]
    decisions = words.decisions("keep", *sides)
    facts = words.facts(*sides, decisions=decisions)
    wave = wave_of(asked(codes=["A"]), facts)

    part = make_plan(within(facts, wave), Policy(), wave.keys)

    assert [finding.code for finding in part.accepted] == ["A"]
    assert words.kinds(part) == []
    assert part.ended == frozenset()


def begun(id_, *keys, run="r_1", at="2026-01-01", partners=0):
    return Begun(id_, run, at, partners, keys)


def test_a_wave_that_was_corrected_or_grew_stays_the_wave_that_it_was():
    known = [begun("1", "a", "b", partners=1), begun("2", "x")]
    corrected = begun("3", "a", "b", "c", run="r_2", at="2026-01-02", partners=2)

    waves = with_wave(known, corrected)

    first = begun("3", "a", "b", "c", run="r_2", partners=2)
    assert waves == [first, known[1]]


def test_a_wave_of_some_of_anothers_codes_is_no_new_one_and_loses_none_of_them():
    known = [begun("1", "a", "b", partners=1)]

    (one,) = with_wave(known, begun("9", "a", run="r_2", at="2026-01-02"))

    assert (one.keys, one.partners, one.at, one.run) == (
        ("a", "b"),
        1,
        "2026-01-01",
        "r_2",
    )


def test_waves_that_overlap_are_two_and_one_that_has_both_is_one():
    known = [begun("1", "a", "b"), begun("2", "b", "c")]

    assert with_wave(known[:1], known[1]) == known
    assert [one.keys for one in with_wave(known, begun("3", "a", "b", "c"))] == [
        ("a", "b", "c")
    ]


def test_a_wave_of_which_nothing_is_there_swallows_no_other_one():
    known = [begun("1", "a", "b"), begun("2", "x")]

    assert with_wave(known, begun("3")) == known


def test_the_same_names_are_the_same_wave_though_the_codes_are_others():
    (one,) = with_wave([begun("1", "a", "b")], begun("1", "b", "c"))

    assert one.keys == ("a", "b", "c")


def test_findings_keep_the_codes_of_the_wave_and_what_is_about_none(words):
    facts = words.facts(["A 20% anna", "B 20% bob"], [])
    wave = wave_of(asked(codes=["a"]), facts)
    told = [
        Finding("one", (), "A"),
        Finding("two", (), "B"),
        Finding("three", (), None, ("A", "B")),
        Finding("four", (), None, ("B",)),
        Finding("five", ()),
    ]

    kept = [(f.kind, f.code, f.codes) for f in findings_within(told, wave)]

    assert kept == [("one", "A", ()), ("three", None, ("A",)), ("five", None, ())]
