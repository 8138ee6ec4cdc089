"""Records are matched by exact keys, and never by a guess."""

import pytest

from connector.engine.match import Crowd, pair_up, rematch
from connector.engine.plan import (
    make_plan,
)
from connector.reports.messages.say import said
from mappings.canonical import Both, Side

P, T = Side.PARTNERO, Side.TOLT


# -- records -------------------------------------------------------------------


def paired(words, partnero=(), tolt=(), links=(), **more):
    facts = words.facts(partnero, tolt, links, **more)
    found = pair_up(facts.partnero, facts.tolt, facts.links, facts.version)
    return [*found.linked, *found.free, *found.crowds]


def ids_of(found):
    """Return each pairing as its two ids, each collision as the ids in it."""
    shown = []
    for one in found:
        if isinstance(one, Crowd):
            group = (*one.partnero, *one.tolt)
            shown.append(("collision", *sorted(code.id for code in group)))
        else:
            ids = (half.id if half else None for half in (one.partnero, one.tolt))
            shown.append(tuple(ids))
    return sorted(shown, key=str)


def test_records_match_by_text_without_a_link(words):
    found = paired(words, ["SAM20 20% anna"], ["sam20 20% bob =promo_1"])

    assert ids_of(found) == [("SAM20", "promo_1")]


def test_stored_ids_win_over_the_text(words):
    link = words.link("SAM20 20% anna", "SAM20 20% anna =promo_1")

    found = paired(words, ["SAM20 20% anna"], ["NEW 20% anna =promo_1"], [link])

    assert ids_of(found) == [("SAM20", "promo_1")]


@pytest.mark.parametrize(
    ("partnero", "tolt", "collisions"),
    [
        pytest.param(
            [],
            ["SAM20 20% anna =1", "SAM20 20% bob =2"],
            [("collision", "1", "2")],
            id="C10 twins of two partners on Tolt",
        ),
        pytest.param(
            ["SAM20 20% anna"],
            ["SAM20 20% anna =1", "sam20 20% bob =2"],
            [("collision", "1", "2", "SAM20")],
            id="one against twins",
        ),
        pytest.param(
            ["SAM20 20% anna", "sam20 20% bob"],
            ["SAM20 20% anna =1"],
            [("collision", "1", "SAM20", "sam20")],
            id="two spellings on Partnero",
        ),
        pytest.param(
            ["SAM20 20% anna", "sam20 20% bob"],
            ["SAM20 20% anna =1", "SAM20 20% bob =2"],
            [("collision", "1", "2", "SAM20", "sam20")],
            id="two on both",
        ),
        pytest.param(
            [],
            ["STRASSE 20% anna =1", "stra\u00dfe 20% anna =2"],
            [("collision", "1", "2")],
            id="C10 German sharp s",
        ),
    ],
)
def test_a_key_that_is_not_unique_is_one_collision(words, partnero, tolt, collisions):
    assert ids_of(paired(words, partnero, tolt)) == collisions


def test_everything_else_goes_on_beside_a_collision(words):
    found = paired(
        words,
        ["SAM20 20% anna", "OK 20% anna"],
        ["SAM20 20% anna =1", "SAM20 20% bob =2"],
    )

    assert ids_of(found) == [("OK", None), ("collision", "1", "2", "SAM20")]


def test_a_linked_record_is_held_with_the_twin_that_appeared(words):
    link = words.link("SAM20 20% anna", "SAM20 20% anna =1")

    found = paired(
        words,
        ["SAM20 20% anna"],
        ["SAM20 20% anna =1", "SAM20 20% bob =2"],
        [link],
    )

    assert ids_of(found) == [("collision", "1", "2", "SAM20")]


def test_a_rename_to_the_text_of_a_free_record_is_a_collision(words):
    """B24."""
    link = words.link("SAM20 20% anna", "SAM20 20% anna =1")

    found = paired(
        words, ["SAM20 20% anna", "BOB 20% bob"], ["BOB 20% anna =1"], [link]
    )

    assert ids_of(found) == [("collision", "1", "BOB", "SAM20")]


def test_a_newcomer_with_a_linked_records_text_holds_that_record_too(words):
    """The linked Tolt code was renamed, and somebody took its old text."""
    link = words.link("SAM20 20% anna", "SAM20 20% anna =1")

    found = paired(
        words,
        ["SAM20 30% anna"],
        ["SUM20 20% anna =1", "SAM20 20% bob =2"],
        [link],
    )

    assert [type(one) for one in found] == [Crowd]


def test_two_renames_that_swap_their_texts_stay_two_records(words):
    """B23: by id, so that neither is taken for the other."""
    links = [
        words.link("AAA 20% anna", "AAA 20% anna =1"),
        words.link("BBB 20% anna", "BBB 20% anna =2"),
    ]

    found = paired(
        words,
        ["AAA 20% anna", "BBB 20% anna"],
        ["BBB 20% anna =1", "AAA 20% anna =2"],
        links,
    )

    assert ids_of(found) == [("AAA", "1"), ("BBB", "2")]


def test_ids_that_stand_for_several_records_are_a_collision(words):
    side = words.side(P, ["SAM20 20% anna"], doubled=frozenset({"SAM20"}))

    found = paired(words, side, ["SAM20 20% anna =1"])

    assert ids_of(found) == [("collision", "1", "SAM20")]


@pytest.mark.parametrize(
    ("partnero", "tolt", "ids"),
    [
        pytest.param(
            ["SAM20 20% anna"],
            ["SAM20 20% anna =new"],
            [("SAM20", "new")],
            id="made anew on Tolt",
        ),
        pytest.param(
            ["sam20 20% anna"],
            ["SAM20 20% anna =old"],
            [("sam20", "old")],
            id="made anew on Partnero in another spelling",
        ),
        pytest.param(
            ["sam20 20% anna"],
            ["SAM20 20% anna =new"],
            [("sam20", "new")],
            id="made anew on both",
        ),
    ],
)
def test_a_code_that_was_made_anew_under_a_new_id_keeps_its_link(
    words, partnero, tolt, ids
):
    link = words.link("SAM20 20% anna", "SAM20 20% anna =old")

    found = paired(words, partnero, tolt, [link])

    assert ids_of(found) == ids
    assert found[0].link == link


def test_a_code_made_anew_is_adopted_under_its_new_id(words):
    link = words.link("SAM20 20% anna", "SAM20 20% anna =old")

    decided = words.plan(["SAM20 20% anna"], ["SAM20 20% anna =new"], [link])

    (change,) = decided.changes
    assert (change.action, change.status) == ("adopt", "ready")
    assert change.link.ids == Both("SAM20", "new")
    assert change.link.base == link.base


@pytest.mark.parametrize(
    ("partnero", "tolt", "ids"),
    [
        pytest.param(
            ["NEW 20% anna"], ["NEW 20% anna =old"], [("NEW", "old")], id="renamed"
        ),
        pytest.param(
            ["new 20% anna"],
            ["NEW 30% anna =old"],
            [("new", "old")],
            id="in another spelling, and a field changed",
        ),
        pytest.param(
            ["NEW 20% anna =SAM20"],
            ["NEW 20% anna =new"],
            [("SAM20", "new")],
            id="renamed on Partnero and made anew on Tolt",
        ),
    ],
)
def test_a_record_with_one_new_text_on_both_sides_is_still_one(
    words, partnero, tolt, ids
):
    link = words.link("SAM20 20% anna", "SAM20 20% anna =old")

    found = paired(words, partnero, tolt, [link])

    assert ids_of(found) == ids
    assert found[0].link == link


def test_a_record_that_was_renamed_on_both_sides_is_adopted_and_told(words):
    link = words.link("SAM20 20% anna", "SAM20 20% anna =old")

    decided = words.plan(["NEW 20% anna"], ["NEW 20% anna =old"], [link])

    (change,) = decided.changes
    assert (change.action, change.status, change.key) == ("adopt", "ready", "sam20")
    assert change.link.ids == Both("NEW", "old")
    assert change.link.base.left.code == change.link.base.right.code == "new"
    assert "SAM20 was renamed, or made anew: it is NEW" in said(change)


def test_of_two_candidates_none_is_taken(words):
    """One has the old text in another spelling, one has the new text."""
    link = words.link("SAM20 20% anna", "SAM20 20% anna =old")

    found = paired(
        words, ["sam20 20% anna", "NEW 20% anna"], ["NEW 20% anna =old"], [link]
    )

    assert ("collision", "NEW", "old") in ids_of(found)


def test_two_records_that_took_one_text_are_a_collision(words):
    links = [
        words.link("AAA 20% anna", "AAA 20% anna =1"),
        words.link("BBB 20% anna", "BBB 20% anna =2"),
    ]

    found = paired(
        words, ["NEW 20% anna"], ["NEW 20% anna =1", "NEW 20% bob =2"], links
    )

    assert [one for one in ids_of(found) if one[0] == "collision"] == [
        ("collision", "1", "2", "NEW")
    ]


def test_a_renamed_text_is_not_taken_while_the_old_one_may_still_live(words):
    """The absence of the old text is not proven."""
    link = words.link("SAM20 20% anna", "SAM20 20% anna =old")

    decided = words.plan(["NEW 20% anna"], ["NEW 20% anna =old"], [link], proven=False)

    assert [change.reason for change in decided.changes] == ["collision"]


def test_a_new_id_is_not_taken_while_the_old_one_may_still_live(words):
    """The absence of the old id is not proven."""
    link = words.link("SAM20 20% anna", "SAM20 20% anna =old")

    decided = words.plan(
        ["SAM20 20% anna"], ["SAM20 20% anna =new"], [link], proven=False
    )

    assert [change.reason for change in decided.changes] == ["collision"]


# -- another version of Tolt's API ---------------------------------------------


V1 = {"part_anna": "prt_anna", "part_bob": "prt_bob", "uuid-of-anna": "prt_anna"}
FORMER = {"v1": V1}
"""Who the partners were on Partnero, by their ids under v1."""


def rematched(words, tolt, link, version="v2", former=FORMER):
    facts = words.facts(["SAM20 20% anna"], tolt)
    (found,) = rematch([link], facts.tolt.codes, facts.partners, version, former)
    return found


def test_a_link_of_the_same_version_is_left_alone(words):
    link = words.link("SAM20 20% anna", "SAM20 20% anna =1")

    assert rematched(words, ["SAM20 20% anna =2"], link) is link


def test_after_a_switch_of_the_version_a_record_is_matched_by_its_text(words):
    link = words.link("SAM20 20% anna", "SAM20 20% anna =prc_1", version="v1")

    found = rematched(words, ["sam20 20% anna =promo_1"], link)

    assert found == link._replace(ids=Both("SAM20", "promo_1"), version="v2")


def test_after_a_switch_the_partner_of_the_base_has_its_new_id(words):
    link = words.link("SAM20 20% anna", "SAM20 20% anna =prc_1", version="v1")
    was = link.base.right._replace(partner="uuid-of-anna")
    link = link._replace(base=link.base._replace(right=was))

    found = rematched(words, ["SAM20 20% anna =promo_1"], link)

    assert found.base.right.partner == "part_anna"


def test_after_a_switch_two_who_differed_before_differ_still(words):
    """Nobody changed who is paid: the base has the partner that Tolt showed then."""
    link = words.link("SAM20 20% anna", "SAM20 20% bob =prc_1", version="v1")

    found = rematched(words, ["SAM20 20% bob =promo_1"], link)

    assert (found.base.left.partner, found.base.right.partner) == (
        "prt_anna",
        "part_bob",
    )
    decided = words.plan(
        ["SAM20 20% anna"], ["SAM20 20% bob =promo_1"], [found], words.everything_auto
    )
    assert [c.status for c in decided.changes] == ["held"]


def test_after_a_switch_a_partner_whom_nobody_knows_has_no_base(words):
    """What Tolt shows by now is no change that somebody made there."""
    link = words.link("SAM20 20% anna", "SAM20 20% anna =prc_1", version="v1")

    found = rematched(words, ["SAM20 20% bob =promo_1"], link, former={})

    assert found.unset == {"partner"}
    decided = words.plan(
        ["SAM20 20% anna"], ["SAM20 20% bob =promo_1"], [found], words.everything_auto
    )
    assert [c.status for c in decided.changes] == ["held"]


@pytest.mark.parametrize(
    "tolt",
    [[], ["SAM20 20% anna =1", "SAM20 20% bob =2"]],
    ids=["none has the text", "two have the text"],
)
def test_after_a_switch_nothing_is_guessed(words, tolt):
    link = words.link("SAM20 20% anna", "SAM20 20% anna =prc_1", version="v1")

    assert rematched(words, tolt, link) is link


def test_after_a_switch_an_equal_id_is_another_records(words):
    """Number 7 of one version is not number 7 of the other."""
    link = words.link("SAM20 20% anna", "SAM20 20% anna =7", version="v1")
    sides = ["SAM20 20% anna"], ["OTHER 30% anna =7"]

    decided = words.plan(*sides, [link], words.everything_auto, proven=False)

    (perhaps,) = decided.changes
    assert (perhaps.key, perhaps.status, perhaps.reason) == (
        "other",
        "held",
        "unproven",
    )
    assert "SAM20" in said(perhaps)


def test_after_a_switch_an_equal_id_that_is_gone_proves_nothing(words):
    link = words.link("SAM20 20% anna", "SAM20 20% anna =7", version="v1")
    tolt = words.side(T, [], gone=frozenset({"7"}))
    facts = words.facts(["SAM20 20% anna"], tolt, [link], proven=False)

    decided = make_plan(facts, words.everything_auto)

    assert decided.changes == ()
    assert "unproven" in words.kinds(decided)


def test_after_a_switch_no_record_is_taken_from_another_one(words):
    """What is linked under this version already has only taken over the text."""
    old = words.link("SAM20 20% anna", "SAM20 20% anna =prc_1", version="v1")
    new = words.link("BOB 20% bob", "BOB 20% bob =promo_2")
    tolt = words.facts([], ["SAM20 20% bob =promo_2"])

    found = rematch([old, new], tolt.tolt.codes, tolt.partners, "v2")

    assert list(found) == [old, new]


def test_after_a_switch_what_cannot_be_matched_is_unproven(words):
    """Nothing is created, deleted or forgotten for it, whatever the listing shows."""
    link = words.link("SAM20 20% anna", "SAM20 20% anna =prc_1", version="v1")
    facts = words.facts(["SAM20 20% anna"], ["OTHER 20% bob"], [link], proven=False)
    links = rematch([link], facts.tolt.codes, facts.partners, "v2")

    decided = words.plan(
        ["SAM20 20% anna"],
        ["OTHER 20% bob"],
        links,
        words.everything_auto,
        proven=False,
    )

    (perhaps,) = decided.changes
    assert (perhaps.code, perhaps.status) == ("OTHER", "held")
    assert (perhaps.reason, perhaps.action) == ("unproven", "create")
    assert "unproven" in words.kinds(decided)


def test_a_switch_of_the_version_changes_nothing_in_the_plan(words):
    """C11: cents in v1 and major units in v2 are one value by then."""
    specs = ["SAM20 25USD anna", "BOB 20% bob"]
    olds = [f"{spec} =prc_{n}" for n, spec in enumerate(specs)]
    links = [
        words.link(spec, old, version="v1")
        for spec, old in zip(specs, olds, strict=True)
    ]
    facts = words.facts(specs, specs)
    found = list(rematch(links, facts.tolt.codes, facts.partners, "v2", FORMER))

    assert words.plan(specs, specs, found).changes == ()


# -- collisions in the plan ----------------------------------------------------


def test_a_collision_is_held_and_named_and_touches_nothing(words):
    decided = words.plan(
        ["SAM20 20% anna"],
        ["SAM20 30% anna =1", "sam20 20% bob =2"],
        policy=words.everything_auto,
    )

    assert words.lines(decided) == ["adopt state held collision -"]
    (finding,) = decided.findings
    assert (finding.kind, finding.codes) == ("collision", ("SAM20", "sam20"))
    assert decided.tally.collisions == 1


def test_swapped_renames_are_all_held(words):
    """B23: renames that collide with each other."""
    links = [
        words.link("AAA 20% anna", "AAA 20% anna =1"),
        words.link("BBB 20% anna", "BBB 20% anna =2"),
    ]

    decided = words.plan(
        ["AAA 20% anna", "BBB 20% anna"],
        ["BBB 20% anna =1", "AAA 20% anna =2"],
        links,
        words.everything_auto,
    )

    assert words.lines(decided) == ["replace partnero held renamed code"] * 2


def test_swapped_renames_towards_tolt_are_all_held(words):
    """The engine is told of such renames, whether Partnero can do them or not."""
    links = [
        words.link("AAA 20% anna", "AAA 20% anna =1"),
        words.link("BBB 20% anna", "BBB 20% anna =2"),
    ]

    decided = words.plan(
        ["BBB 20% anna =AAA", "AAA 20% anna =BBB"],
        ["AAA 20% anna =1", "BBB 20% anna =2"],
        links,
        words.everything_auto,
    )

    assert {change.status for change in decided.changes} == {"held"}
