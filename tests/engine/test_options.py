"""What each word would do to all that waits, worked out once and kept."""

import json
from dataclasses import replace

import pytest

from connector.engine.asks import Ask, sort_out
from connector.engine.causes.asks import (
    NoSuchPair,
    NotWorkedOut,
    NoWord,
    SaidOtherwise,
    SaidTwice,
)
from connector.engine.decisions import Word, decide
from connector.engine.options import consent, open_questions, options
from connector.engine.plan import make_plan
from connector.engine.planned import Plan, SideReport
from connector.engine.policy import Policy
from connector.reports.inbox import public
from connector.reports.waiting import BASIS, waiting_rows
from mappings.canonical import Side
from state.model import Tombstone, Waiting

P, T = Side.PARTNERO, Side.TOLT
WHO, AT = "ada@desk", "2026-01-02T00:00:00Z"


class Looked:
    """A plan of some records, and what waits in it."""

    def __init__(self, words, *args, policy=None, **more):
        self.policy = policy or Policy()
        self.facts = words.facts(*args, **more)
        made = make_plan(self.facts, self.policy)
        sides = {side.value: SideReport(1, 1, True, 1) for side in Side}
        self.plan = Plan(
            pair="acme",
            created_at=AT,
            expires_at=AT,
            config="c",
            state="s",
            sides=sides,
            changes=made.changes,
            findings=made.findings,
            tally=made.tally,
            acceptable=made.acceptable,
        )

    def rows(self, later=()):
        return waiting_rows(self.plan, self.facts, self.policy, "r_1", later)

    def answered(self):
        waiting = open_questions(self.plan)
        return waiting, options(waiting, self.facts, self.policy)


@pytest.fixture
def look(words):
    return lambda *args, **more: Looked(words, *args, **more)


def only(rows):
    (row,) = rows
    return row, json.loads(row.document)


def test_each_word_says_what_it_would_do(look):
    row, shown = only(look(["SAM20 20% anna"], ["SAM20 30% anna"]).rows())

    assert (row.code, row.key, row.run, row.at) == ("SAM20", "sam20", "r_1", AT)
    assert shown["sights"] == {"partnero": "discount 20%", "tolt": "discount 30%"}
    assert shown["partner"].startswith("a***@example.com (")
    effects = {take: said.get("effects") for take, said in shown["options"].items()}
    assert effects["partnero"] == ["SAM20 is changed on Tolt: discount becomes 20%."]
    assert effects["tolt"][0].startswith("SAM20 is replaced by a new code on Partnero")
    assert effects["keep"] == ["SAM20: the difference is accepted."]
    assert shown["options"]["tolt"]["destroys"]
    assert not shown["options"]["partnero"]["destroys"]
    assert "nothing is proposed" in shown["options"]["proposed"]["why"]


def test_the_mail_of_a_partner_is_kept_to_be_asked_for_and_not_to_be_shown(look):
    row, _ = only(look(["SAM20 20% anna"], ["SAM20 30% anna"]).rows())

    assert "anna@example.com" in row.people.splitlines()
    assert "anna@example.com" not in row.document


def test_a_kept_option_is_the_consent_that_a_fresh_look_would_give(look):
    looked = look(
        ["SAM20 20% anna", "LOST 20% anna", "DEAD 20% anna"],
        ["SAM20 30% bob", "DEAD 30% anna"],
        ["LOST 20% anna"],
    )
    waiting, answers = looked.answered()

    for row in looked.rows():
        for take, answer in answers[row.id].items():
            made = consent(row, take, WHO, AT, "why")
            (alone,) = decide(
                [w for w in waiting if w.id == row.id],
                Word(take, WHO, AT, "why"),
                looked.facts,
                looked.policy,
            )
            assert bool(alone.why) == bool(answer.why)
            assert answer.why or made == alone.decision


def test_no_consent_rests_on_another_one_about_the_same_record(look):
    """Said to both fields at once it would be one replace, and cover neither alone."""
    looked = look(["SAM20 20% anna"], ["SAM20 30% bob"])
    waiting, answers = looked.answered()
    discount = next(w for w in waiting if w.scope == ("discount",))
    answer = answers[discount.id]["partnero"]

    assert len(waiting) == 2
    assert (answer.decision.action, answer.decision.lost) == ("update", ())


@pytest.mark.parametrize("side", ["partnero", "tolt"])
def test_consents_about_one_record_that_were_worked_out_apart_are_carried_out_together(
    look, words, side
):
    looked = look(["SAM20 20% anna"], ["SAM20 30% bob"])
    given = [consent(row, side, WHO, AT) for row in looked.rows()]
    kept = {decision.id: decision for decision in given}
    later = words.plan(["SAM20 20% anna"], ["SAM20 30% bob"], decisions=kept)
    done = [change for change in later.changes if change.status == "ready"]

    assert len(kept) == 2
    assert {id_ for change in done for id_ in change.consents} == set(kept)
    assert later.ended == frozenset()


def test_a_consent_to_one_field_does_nothing_to_the_other(look, words):
    looked = look(["SAM20 20% anna"], ["SAM20 30% bob"])
    row = next(r for r in looked.rows() if '"discount 20%"' in r.document)
    one = consent(row, "partnero", WHO, AT)
    later = words.plan(["SAM20 20% anna"], ["SAM20 30% bob"], decisions={one.id: one})
    (done,) = [c for c in later.changes if c.status == "ready" and c.target != "state"]

    assert (done.action, done.scope) == ("update", ("discount",))


def test_what_the_policy_never_does_is_said_with_the_word(look):
    never = Policy(replace="never")
    _, shown = only(look(["SAM20 20% anna"], ["SAM20 30% anna"], policy=never).rows())

    assert "never" in shown["options"]["tolt"]["why"]
    assert shown["options"]["partnero"]["effects"]


def test_what_is_blocked_can_be_accepted_or_removed_and_nothing_else(look, words):
    looked = look(["SAM20 20% anna"], words.side(T, people=()))
    row, shown = only(looked.rows())

    assert shown["status"] == "blocked"
    fits = {take for take, said in shown["options"].items() if "why" not in said}
    assert fits == {"keep", "delete"}
    assert consent(row, "keep", WHO, AT).take == "keep"


def test_what_waits_only_because_others_are_done_is_none_of_it(look):
    looked = look(["SAM20 20% anna"], ["SAM20 30% anna"])
    (row,) = looked.rows()

    assert looked.rows(later=[row.id]) == []


def test_of_an_older_look_no_word_is_known():
    older = Waiting("c_1", "sam", "SAM", "r_1", AT, "{}")

    assert consent(older, "keep", WHO, AT) == NotWorkedOut()


# -- many answers, sorted -------------------------------------------------------------


def ask(word, id_="c_1", pair="acme", line=None):
    return Ask(pair, id_, word, line=line)


def why_not(*asks, pairs=("acme",)):
    return [why for _, why in sort_out(asks, pairs).refused]


def test_case_blanks_and_a_missing_name_of_the_only_pair_do_not_matter():
    (good,) = sort_out([ask(" KEEP ", " c_1 ", "")], ["acme"]).good

    assert (good.word, good.id, good.pair, good.take) == ("keep", "c_1", "acme", "keep")


def test_what_is_blank_waits():
    assert sort_out([ask("  ")], ["acme"]) == ([], [])


def test_a_bad_word_and_a_foreign_pair_are_refused_by_themselves():
    answers = [ask("yes"), ask("keep", "c_2", "beta"), ask("keep", "c_3")]

    assert why_not(*answers) == [NoWord("yes"), NoSuchPair("beta", ("acme",))]
    assert [good.id for good in sort_out(answers, ["acme"]).good] == ["c_3"]


def test_of_several_pairs_one_has_to_be_named():
    assert why_not(ask("keep", pair=""), pairs=("a", "b")) == [
        NoSuchPair("", ("a", "b"))
    ]


def test_one_word_said_twice_counts_once():
    assert why_not(ask("keep", line=2), ask("keep ", line=5)) == [SaidTwice(2)]


@pytest.mark.parametrize("other", ["delete", "withdraw", "kepe"])
def test_of_two_words_about_one_thing_neither_counts(other):
    sorted_ = sort_out([ask("keep"), ask(other)], ["acme"])

    assert sorted_.good == []
    assert SaidOtherwise(("keep", other)) in [why for _, why in sorted_.refused]


def test_one_id_in_two_pairs_is_two_things():
    asks = [ask("keep"), ask("delete", pair="beta")]

    assert len(sort_out(asks, ["acme", "beta"]).good) == 2


# -- kept from one look to the next -------------------------------------------------


class Counted(Looked):
    """A look that knows what the last one has kept, and for what it made plans anew."""

    def rows_after(self, earlier):
        known = {row.id: row for row in earlier}
        return waiting_rows(
            self.plan, self.facts, self.policy, "r_2", known=with_other_effects(known)
        )


def with_other_effects(known):
    """Return what was kept, its effects exchanged: so it shows which were kept."""
    marked = {}
    for id_, row in known.items():
        document = json.loads(row.document)
        for said in document["options"].values():
            said["effects"] = ["kept"]
        marked[id_] = replace(row, document=json.dumps(document))
    return marked


def kept_of(rows):
    shown = {row.code: json.loads(row.document)["options"] for row in rows}
    return {
        code: options["keep"]["effects"] == ["kept"] for code, options in shown.items()
    }


HELD = (["SAM20 20% anna", "ZOE20 20% bob"], ["SAM20 30% anna", "ZOE20 30% bob"])


def test_answers_of_what_is_as_it_was_are_kept_from_the_last_look(words):
    first, second = (Counted(words, *HELD) for _ in range(2))

    rows = second.rows_after(first.rows())

    assert kept_of(rows) == {"SAM20": True, "ZOE20": True}


def test_only_what_has_moved_is_worked_out_anew(words):
    first = Counted(words, *HELD)
    second = Counted(words, HELD[0], ["SAM20 30% anna", "ZOE20 25% bob"])

    assert kept_of(second.rows_after(first.rows())) == {"SAM20": True, "ZOE20": False}


@pytest.mark.parametrize(
    "change",
    [
        {"policy": Policy(replace="never")},
        {"today": "2026-02-03"},
        {"tombstones": {"old": Tombstone("old", "OLD", "both", AT, "20%")}},
        {"quarantined": {"c_1": "why"}},
    ],
    ids=["policy", "today", "tombstone", "quarantined"],
)
def test_what_answers_rest_on_beside_the_record_ends_all_of_them(words, change):
    first, second = Counted(words, *HELD), Counted(words, *HELD, **change)
    if "policy" in change:
        second.plan = replace(second.plan, config="another")

    assert not any(kept_of(second.rows_after(first.rows())).values())


def test_a_coupon_that_came_ends_them_and_a_counter_that_grew_does_not(words):
    def looked(coupons, redeemed):
        left = words.side(Side.PARTNERO, HELD[0], coupons=coupons)
        grown = {
            uuid: replace(
                one, restrictions=one.restrictions._replace(redeemed=redeemed)
            )
            for uuid, one in left.coupons.items()
        }
        return Counted(words, replace(left, coupons=grown), HELD[1])

    first = looked(("20%",), 1).rows()

    assert all(kept_of(looked(("20%",), 2).rows_after(first)).values())
    assert not any(kept_of(looked(("20%", "30%"), 1).rows_after(first)).values())


def test_what_the_answers_rest_on_is_shown_to_nobody(look):
    _, shown = only(look(["SAM20 20% anna"], ["SAM20 30% anna"]).rows())

    assert shown[BASIS]
    assert BASIS not in public(shown)
