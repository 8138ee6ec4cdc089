"""One question for a partner with two e-mails, and never an answer to it."""

import csv
import io

import pytest

from connector.config.aliases import read_aliases
from connector.engine.partners import match_partners
from connector.engine.persons import asking, questions
from connector.engine.policy import Policy
from connector.reports.alias_rows import alias_file
from mappings.canonical import Partner, Side

P, T = Side.PARTNERO, Side.TOLT


def people(side, **emails):
    prefix = "prt_" if side is P else "part_"
    return {f"{prefix}{n}": Partner(f"{prefix}{n}", mail) for n, mail in emails.items()}


@pytest.fixture
def asked(words):
    """Mia has another e-mail on each side; who Zoe is on Tolt, nobody can tell."""

    def make(partnero, tolt, **more):
        left = more.pop("left", {"mia": "mia@home.example", "zoe": "zoe@example.com"})
        right = more.pop("right", {"mia": "mia@work.example"})
        sides = people(P, **left), people(T, **right)
        facts = words.facts(
            words.side(P, partnero, people=sides[0]),
            words.side(T, tolt, people=sides[1]),
            partners=match_partners(*sides),
        )
        made = words.plan(facts.partnero, facts.tolt, partners=facts.partners)
        return facts.partners, made.changes

    return make


def test_all_codes_of_one_person_under_two_e_mails_ask_one_question(asked):
    texts = [f"MIA{n} 20% mia" for n in range(12)]

    partners, changes = asked([*texts, "MIA-ALONE 20% mia"], texts)

    (one,) = asking(changes)
    assert one.ids == ("prt_mia", "part_mia")
    assert len(one.codes) == 13
    (question,) = questions(partners, changes)
    assert (question.why, len(question.codes)) == ("same_codes", 13)


def test_a_partner_who_is_missing_is_one_question_without_a_candidate(asked):
    partners, changes = asked(["ZOE1 20% zoe", "ZOE2 20% zoe"], [])

    (question,) = questions(partners, changes)

    assert (question.partnero.id, question.tolt) == ("prt_zoe", None)
    assert (question.why, question.codes) == ("missing", ("ZOE1", "ZOE2"))


def test_with_two_candidates_a_single_code_is_given_to_neither(asked):
    right = {"mia": "mia@work.example", "mo": "mo@work.example"}
    partners, changes = asked(
        ["A 20% mia", "B 20% mia", "C 20% mia"], ["A 20% mia", "B 20% mo"], right=right
    )

    found = {
        (q.partnero.id, q.tolt and q.tolt.id): q for q in questions(partners, changes)
    }

    assert found["prt_mia", None].codes == ("C",)
    assert found.keys() == {
        ("prt_mia", "part_mia"),
        ("prt_mia", "part_mo"),
        ("prt_mia", None),
    }


def test_partners_who_are_matched_with_others_are_no_question_of_the_file(words):
    made = words.plan(["SAM 20% anna"], ["SAM 20% bob"])
    partners = words.facts().partners

    assert [one.ids for one in asking(made.changes)] == [("prt_anna", "part_bob")]
    assert questions(partners, made.changes) == []


def test_the_change_ids_stay_and_no_decision_of_anybody_is_made(asked, words):
    texts = ["MIA1 20% mia", "MIA2 20% mia"]
    _, changes = asked(texts, texts)

    (one,) = asking(changes)

    assert [change.id for change in one.changes] == [
        change.id for change in changes if change.reason == "payee_change"
    ]
    assert Policy().payee == "hold"


def test_alike_addresses_are_asked_about_though_no_code_waits(asked):
    partners, changes = asked(
        [], [], left={"zoe": "z.oe+x@example.com"}, right={"zoe": "zoe@example.com"}
    )

    (question,) = questions(partners, changes)

    assert (question.why, question.codes) == ("alike", ())


# -- the file -----------------------------------------------------------------------


def written(tmp_path, asked, *, taken_over=()):
    texts = ["MIA1 20% mia", 'M,"A 20% mia']
    partners, changes = asked([*texts, "ZOE1 20% zoe"], texts)
    text = alias_file("acme", "2026-01-01", "a.csv", questions(partners, changes))
    for line in taken_over:
        assert f"# {line}" in text
        text = text.replace(f"# {line}", line)
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    return path, text


def test_nothing_in_the_file_counts_before_somebody_has_taken_it_over(tmp_path, asked):
    path, text = written(tmp_path, asked)

    assert read_aliases(path, str) == []
    assert "# prt_mia,part_mia" in text
    assert "# prt_zoe," in text
    assert "mia@home" not in text


def test_a_row_that_was_taken_over_is_a_line_and_no_comment_swallows_it(
    tmp_path, asked
):
    path, text = written(tmp_path, asked, taken_over=["prt_mia,part_mia"])

    (alias,) = read_aliases(path, str)

    assert (alias.partnero, alias.tolt) == ("prt_mia", "part_mia")
    assert len(list(csv.reader(io.StringIO(text)))) == len(text.splitlines())
