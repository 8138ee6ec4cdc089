"""Who is one person on both sides: exact keys, a person's word, and never a guess."""

import pytest

from connector.engine.partners import (
    Alias,
    match_partners,
    perhaps_left,
    unknown_aliases,
)
from mappings.canonical import Partner, Side
from state.model import PartnerLink

P, T = Side.PARTNERO, Side.TOLT


def partner(id_, email):
    return {id_: Partner(id_, email)}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("anna@example.com", "anna@example.com", id="the same"),
        pytest.param("Anna@Example.com", "anna@example.COM", id="C5 letter case"),
        pytest.param(" anna@example.com ", "anna@example.com", id="blanks around"),
    ],
)
def test_partners_match_by_their_folded_address(left, right):
    found = match_partners(partner("p1", left), partner("t1", right))

    assert found.counterpart(P, "p1") == "t1"
    assert found.counterpart(T, "t1") == "p1"
    assert found.same("p1", "t1")
    assert not found.ambiguous


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("anna+x@example.com", "anna@example.com", id="C5 a plus-tag"),
        pytest.param("a.nna@example.com", "anna@example.com", id="dots"),
        pytest.param("anna+x@example.com", "a.nna+y@example.com", id="both"),
    ],
)
def test_a_likeness_of_addresses_is_only_a_suggestion(left, right):
    found = match_partners(partner("p1", left), partner("t1", right))

    assert found.counterpart(P, "p1") is None
    assert found.suggestions == {(P, "p1"): "t1", (T, "t1"): "p1"}


def test_names_never_match():
    found = match_partners(
        {"p1": Partner("p1", None, "Anna Kask")},
        {"t1": Partner("t1", None, "Anna Kask")},
    )

    assert found.counterpart(P, "p1") is None
    assert found.suggestions == {}


def test_a_likeness_to_several_partners_suggests_the_same_one_in_any_order():
    """Law 1."""
    lefts = partner("p1", "anna@example.com")
    one, two = partner("t1", "anna+a@example.com"), partner("t2", "anna+b@example.com")

    first = match_partners(lefts, one | two)
    second = match_partners(lefts, two | one)

    assert first.suggestions == second.suggestions


@pytest.mark.parametrize(
    "alias",
    [
        pytest.param(("anna@example.com", "kask@example.com"), id="by e-mail"),
        pytest.param(("p1", "t1"), id="by id"),
        pytest.param(("ANNA@example.com", "t1"), id="mixed, other letter case"),
    ],
)
def test_an_alias_matches_what_addresses_do_not(alias):
    found = match_partners(
        partner("p1", "anna@example.com"),
        partner("t1", "kask@example.com"),
        aliases=[Alias(*alias)],
    )

    assert found.same("p1", "t1")


def test_an_alias_wins_over_an_equal_address():
    found = match_partners(
        partner("p1", "anna@example.com"),
        partner("t1", "anna@example.com") | partner("t2", "kask@example.com"),
        aliases=[Alias("p1", "t2")],
    )

    assert found.counterpart(P, "p1") == "t2"
    assert found.counterpart(T, "t1") is None


def test_stored_ids_survive_a_new_address():
    found = match_partners(
        partner("p1", "new@example.com"),
        partner("t1", "old@example.com"),
        stored=[PartnerLink("p1", "t1")],
    )

    assert found.same("p1", "t1")


def test_an_alias_to_nobody_matches_nobody():
    found = match_partners(
        partner("p1", "anna@example.com"),
        {},
        aliases=[Alias("p1", "nobody@example.com")],
    )

    assert found.counterpart(P, "p1") is None
    assert not found.ambiguous


@pytest.mark.parametrize(
    ("alias", "unknown"),
    [
        pytest.param(("anna@example.com", "kask@example.com"), [], id="both are there"),
        pytest.param(("p1", "t1"), [], id="by id"),
        pytest.param(("p9", "t1"), [P], id="nobody on Partnero"),
        pytest.param(("p1", "nobody@example.com"), [T], id="nobody on Tolt"),
        pytest.param(("a@example.com", "b@example.com"), [P, T], id="nobody at all"),
        pytest.param(("away", "t2"), [], id="matched before and not listed, by id"),
        pytest.param(("away@example.com", "t2"), [], id="the same by e-mail"),
    ],
)
def test_an_alias_that_names_nobody_is_found_out(alias, unknown):
    found = match_partners(
        partner("p1", "anna@example.com"),
        partner("t1", "kask@example.com") | partner("t2", "two@example.com"),
        stored=[PartnerLink("away", "t2")],
        aliases=[Alias(*alias)],
    )

    assert list(unknown_aliases([Alias(*alias)], found)) == [
        (side, Alias(*alias)) for side in unknown
    ]


@pytest.mark.parametrize(
    ("lefts", "rights", "ambiguous"),
    [
        pytest.param(
            partner("p1", "a@x.com") | partner("p2", "A@x.com"),
            partner("t1", "a@x.com"),
            {(P, "p1"), (P, "p2"), (T, "t1")},
            id="C7 two on Partnero",
        ),
        pytest.param(
            partner("p1", "a@x.com"),
            partner("t1", "a@x.com") | partner("t2", "a@x.com"),
            {(P, "p1"), (T, "t1"), (T, "t2")},
            id="C7 two on Tolt",
        ),
        pytest.param(
            partner("p1", "a@x.com") | partner("p2", "a@x.com"),
            partner("t1", "a@x.com") | partner("t2", "a@x.com"),
            {(P, "p1"), (P, "p2"), (T, "t1"), (T, "t2")},
            id="C7 two on both",
        ),
        pytest.param(
            {},
            partner("t1", "a@x.com") | partner("t2", "a@x.com"),
            {(T, "t1"), (T, "t2")},
            id="C7 two on Tolt, nobody on Partnero",
        ),
        pytest.param(
            partner("p1", "a@x.com") | partner("p2", "a@x.com"),
            {},
            {(P, "p1"), (P, "p2")},
            id="C7 two on Partnero, nobody on Tolt",
        ),
    ],
)
def test_a_shared_address_is_ambiguous(lefts, rights, ambiguous):
    found = match_partners(lefts, rights)

    assert found.ambiguous == ambiguous
    assert found.to_tolt == {}


def test_an_address_that_moved_to_another_partner_is_ambiguous():
    """p1 is t1 by stored ids; t2 now has p1's address, so t2 is not simply missing."""
    found = match_partners(
        partner("p1", "anna@example.com"),
        partner("t1", "old@example.com") | partner("t2", "anna@example.com"),
        stored=[PartnerLink("p1", "t1")],
    )

    assert found.same("p1", "t1")
    assert found.counterpart(T, "t2") is None
    assert (T, "t2") in found.ambiguous


def test_stored_ids_settle_an_ambiguous_address():
    found = match_partners(
        partner("p1", "a@x.com"),
        partner("t1", "a@x.com") | partner("t2", "a@x.com"),
        stored=[PartnerLink("p1", "t1")],
    )

    assert found.same("p1", "t1")
    assert found.ambiguous == {(T, "t2")}


def test_nobody_is_the_same_as_nobody_only():
    found = match_partners(
        partner("p1", "anna@example.com"), partner("t1", "anna@example.com")
    )

    assert found.same(None, None)
    assert not found.same(None, "t1")
    assert not found.same("p1", None)


# -- what makes two mailboxes ----------------------------------------------------

LIKENESSES = [
    pytest.param("stra\u00dfe@example.com", "strasse@example.com", id="sharp s"),
    pytest.param("\uff41nna@example.com", "anna@example.com", id="full-width letters"),
    pytest.param("anna@example\uff0ecom", "anna@example.com", id="full-width dot"),
    pytest.param("\u00c9va@example.com", "\u00e9va@example.com", id="accented case"),
    pytest.param("\u212aask@example.com", "kask@example.com", id="the Kelvin sign"),
    pytest.param("e\u0301va@example.com", "\u00e9va@example.com", id="accents apart"),
    pytest.param("anna@example.com\u00a0", "anna@example.com", id="a hard blank"),
]


@pytest.mark.parametrize(("left", "right"), LIKENESSES)
def test_what_only_unicode_calls_alike_are_two_mailboxes(left, right):
    found = match_partners(partner("p1", left), partner("t1", right))

    assert found.to_tolt == {}
    assert not found.ambiguous


@pytest.mark.parametrize(("left", "right"), LIKENESSES)
def test_a_match_that_an_earlier_version_made_of_a_likeness_ends(left, right):
    found = match_partners(
        partner("p1", left), partner("t1", right), stored=[PartnerLink("p1", "t1")]
    )

    assert found.to_tolt == {}
    assert [(one.link[:2], one.why) for one in found.ended] == [(("p1", "t1"), "alike")]


@pytest.mark.parametrize("alias", [("p1", "t1"), ("strasse@example.com", "t1")])
def test_a_line_of_the_alias_file_is_no_likeness(alias):
    found = match_partners(
        partner("p1", "strasse@example.com"),
        partner("t1", "stra\u00dfe@example.com"),
        stored=[PartnerLink("p1", "t1")],
        aliases=[Alias(*alias)],
    )

    assert found.same("p1", "t1")
    assert found.links() == {PartnerLink("p1", "t1", "alias")}
    assert not found.ended


PLACEHOLDERS = [
    "n/a", "-", "unknown", "deleted", "none@none", "@example.com", "anna@", "a@b@c.de",
    "anna@.com", "anna@example.", "an na@example.com", "anna@exam ple.com", "@", ".",
]  # fmt: skip


@pytest.mark.parametrize("email", PLACEHOLDERS)
def test_what_is_no_address_joins_nobody(email):
    """Not matched, not ambiguous, no suggestion: alone or with others of the kind."""
    lefts = partner("p1", email) | partner("p2", email)

    one = match_partners(partner("p1", email), partner("t1", email))
    several = match_partners(lefts, partner("t1", email))

    for found in (one, several):
        assert found.to_tolt == {}
        assert not found.ambiguous
        assert not found.suggestions


@pytest.mark.parametrize("email", PLACEHOLDERS)
def test_a_match_that_an_earlier_version_made_of_placeholders_ends(email):
    found = match_partners(
        partner("p1", email), partner("t1", email), stored=[PartnerLink("p1", "t1")]
    )

    assert found.to_tolt == {}


# -- the alias file against what is remembered ----------------------------------


def test_a_line_that_contradicts_a_stored_match_replaces_it():
    line = Alias("p1", "b@example.com", 7)
    found = match_partners(
        partner("p1", "anna@example.com"),
        partner("t1", "a@example.com") | partner("t2", "b@example.com"),
        stored=[PartnerLink("p1", "t1", "email")],
        aliases=[line],
    )

    assert found.to_tolt == {"p1": "t2"}
    (ended,) = found.ended
    assert ended == (PartnerLink("p1", "t1", "email"), "replaced", line)
    assert found.links() == {PartnerLink("p1", "t2", "alias")}


def test_a_line_between_two_stored_matches_ends_both():
    found = match_partners(
        partner("p1", "anna@example.com") | partner("p2", "bob@example.com"),
        partner("t1", "a@example.com") | partner("t2", "b@example.com"),
        stored=[PartnerLink("p1", "t1"), PartnerLink("p2", "t2")],
        aliases=[Alias("p1", "t2", 1)],
    )

    assert found.to_tolt == {"p1": "t2"}
    assert [one.link for one in found.ended] == [
        PartnerLink("p1", "t1"),
        PartnerLink("p2", "t2"),
    ]


def test_a_line_that_was_removed_ends_its_match():
    found = match_partners(
        partner("p1", "anna@example.com"),
        partner("t1", "kask@example.com"),
        stored=[PartnerLink("p1", "t1", "alias")],
    )

    assert found.to_tolt == {}
    assert [one.why for one in found.ended] == ["removed"]


def test_after_its_line_was_removed_an_equal_address_matches():
    found = match_partners(
        partner("p1", "anna@example.com"),
        partner("t1", "anna@example.com") | partner("t2", "kask@example.com"),
        stored=[PartnerLink("p1", "t2", "alias")],
    )

    assert found.links() == {PartnerLink("p1", "t1", "email")}


@pytest.mark.parametrize(
    ("alias", "lefts"),
    [
        pytest.param(("anna@example.com", "t1"), {}, id="away, by e-mail"),
        pytest.param(("p1", "t1"), {}, id="away, by id"),
        pytest.param(
            ("anna@example.com", "kask@example.com"),
            partner("p1", "new@example.com"),
            id="has another e-mail by now",
        ),
    ],
)
def test_a_line_whose_partner_cannot_be_found_by_name_keeps_its_match(alias, lefts):
    found = match_partners(
        lefts,
        partner("t1", "kask@example.com"),
        stored=[PartnerLink("p1", "t1", "alias")],
        aliases=[Alias(*alias, 1)],
    )

    assert found.same("p1", "t1")
    assert not found.ended


@pytest.mark.parametrize("how", ["email", "created", ""])
def test_what_no_line_has_made_does_not_end_for_want_of_one(how):
    found = match_partners(
        partner("p1", "anna@example.com"),
        partner("t1", "kask@example.com"),
        stored=[PartnerLink("p1", "t1", how)],
    )

    assert found.links() == {PartnerLink("p1", "t1", how)}


CROWD = (
    partner("p1", "anna@example.com") | partner("p2", "bob@example.com"),
    partner("t1", "anna@example.com") | partner("t2", "bob@example.com"),
)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([("p1", "t1"), ("p1", "t2")], id="one of Partnero twice"),
        pytest.param([("p1", "t2"), ("p2", "t2")], id="one of Tolt twice"),
        pytest.param(
            [("anna@example.com", "t1"), ("p1", "bob@example.com")], id="e-mail and id"
        ),
        pytest.param([("p1", "t1"), ("p1", "nobody@example.com")], id="or nobody"),
    ],
)
@pytest.mark.parametrize("stored", [[], [PartnerLink("p1", "t1", "email")]])
def test_lines_that_contradict_each_other_match_nobody(lines, stored):
    lines = [Alias(*line, n) for n, line in enumerate(lines, 2)]

    found = match_partners(*CROWD, stored=stored, aliases=lines)

    named = {one for side in (found.to_tolt, found.to_partnero) for one in side}
    claimed = {one for line in lines for one in line[:2]}
    assert not named & claimed
    assert "p1" not in named
    assert (P, "p1") in found.ambiguous
    assert found.conflicts == (tuple(lines),)
    assert not found.ended  # it may be right again once the file is


def test_beside_lines_that_contradict_each_other_the_others_hold():
    lefts, rights = CROWD
    found = match_partners(
        lefts | partner("p3", "carl@example.com") | partner("p4", "dora@example.com"),
        rights | partner("t3", "c@example.com") | partner("t4", "dora@example.com"),
        aliases=[Alias("p1", "t1"), Alias("p1", "t2"), Alias("p3", "t3")],
    )

    assert found.to_tolt == {"p3": "t3", "p4": "t4"}


@pytest.mark.parametrize(
    "again", [("p1", "t2"), ("anna@example.com", "t2"), ("p1", " BOB@example.com")]
)
def test_the_same_line_twice_is_one_line(again):
    found = match_partners(*CROWD, aliases=[Alias("p1", "t2", 1), Alias(*again, 2)])

    assert found.to_tolt == {"p1": "t2"}
    assert not found.conflicts


@pytest.mark.parametrize("name", ["shared@example.com", "nobody@example.com"])
def test_whom_a_line_names_is_matched_by_nothing_weaker(name):
    """The line is not certain; that an e-mail is equal does not make it void."""
    lefts = partner("p1", "anna@example.com")
    lefts |= partner("p2", "shared@example.com") | partner("p3", "shared@example.com")

    found = match_partners(
        lefts, partner("t1", "anna@example.com"), aliases=[Alias(name, "t1")]
    )

    assert found.to_tolt == {}


# -- who left, and came back ------------------------------------------------------


def test_a_partner_who_may_be_back_under_a_new_id_is_found():
    found = match_partners(
        partner("new", "anna@example.com"),
        partner("t1", "Anna@example.com"),
        stored=[PartnerLink("old", "t1", "email")],
    )

    assert list(perhaps_left(found)) == [(P, ("old", "t1"), "new")]


@pytest.mark.parametrize(
    ("lefts", "rights"),
    [
        pytest.param({}, partner("t1", "anna@example.com"), id="nobody came"),
        pytest.param(
            partner("old", "anna@example.com") | partner("new", "anna@example.com"),
            partner("t1", "anna@example.com"),
            id="is listed",
        ),
        pytest.param(
            partner("new", "bob@example.com"),
            partner("t1", "anna@example.com"),
            id="somebody else came",
        ),
        pytest.param(partner("new", "-"), partner("t1", "-"), id="no address"),
        pytest.param(
            partner("new", "bob@example.com"),
            partner("t1", "bob@example.com") | partner("t2", "two@example.com"),
            id="who came is matched already",
        ),
    ],
)
def test_nobody_is_asked_for_where_nobody_seems_to_be_back(lefts, rights):
    stored = [PartnerLink("old", "t1", "email"), PartnerLink("p9", "t9", "email")]
    aliases = [Alias("bob@example.com", "t2")] if "t2" in rights else []

    found = match_partners(lefts, rights, stored=stored, aliases=aliases)

    assert list(perhaps_left(found)) == []


def test_once_the_old_id_is_gone_the_partner_is_matched_anew():
    found = match_partners(
        partner("new", "anna@example.com"),
        partner("t1", "anna@example.com"),
        stored=[PartnerLink("old", "t1", "email")],
        gone={("old", "t1")},
    )

    assert found.to_tolt == {"new": "t1"}
    assert [(one.link.partnero, one.why) for one in found.ended] == [("old", "left")]
    assert not found.ambiguous


def test_the_advice_to_name_them_in_the_alias_file_works_as_well():
    found = match_partners(
        partner("new", "anna@example.com"),
        partner("t1", "anna@example.com"),
        stored=[PartnerLink("old", "t1", "email")],
        aliases=[Alias("new", "t1", 1)],
    )

    assert found.to_tolt == {"new": "t1"}
