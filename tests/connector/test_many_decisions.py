"""Many decisions at once: by a sheet, by a reason, by keys; one reading for all."""

import csv
import importlib.util
import io
import os
import pty
import sys
from pathlib import Path

import pytest

from state.model import Look


@pytest.fixture
def settled(place):
    place.settle()
    return place


def sheet_of(place):
    text = place.run("inbox", "--format", "csv").out.removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


def filled(place, words, *, more=(), name="sheet.csv"):
    """Write the sheet back with these words, by code."""
    rows = [row | {"decision": words.get(row["code"], "")} for row in sheet_of(place)]
    written = io.StringIO()
    writer = csv.DictWriter(written, rows[0], delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows([*rows, *more])
    path = place.folder / name
    path.write_text(written.getvalue(), encoding="utf-8", newline="")
    return path


def kept(place):
    return {d.code: d for d in place.store().decisions().values()}


def codes_of(document, name):
    return {one["code"] for one in document[name]}


def test_an_address_in_a_note_leaves_in_no_format(settled):
    words = ("NOPARTNER", "--keep", "--note", "ask ada.b@example.com")
    settled.run("decide", *words, "--by", "sam.c@example.com")

    for format_ in ("csv", "json", "text"):
        shown = settled.run("inbox", "--kept", "--format", format_)
        assert "a***@example.com" in shown.out
        assert "ada.b@" not in shown.out + shown.err
        assert "sam.c@" not in shown.out + shown.err


# -- the inbox ------------------------------------------------------------------------


def test_the_inbox_is_what_the_last_run_saw_and_asks_nobody(settled):
    settled.sandbox.requests.clear()
    shown = settled.json("inbox").document

    assert settled.sandbox.requests == []
    assert shown["as_of"] == settled.store().looked().as_of
    assert shown["age_seconds"] >= 0
    assert {one["status"] for one in shown["changes"]} == {"held", "blocked"}
    assert all(one["status"] == "held" for one in shown["held"])
    assert codes_of(shown, "acceptable") >= {"EXPIRED10", "INACTIVE10"}
    assert all("decision" not in str(one["options"]) for one in shown["held"])


def test_without_any_look_it_reads_and_says_so(place):
    shown = place.run("inbox")

    assert shown.code == 0
    assert "no run has looked yet" in shown.err
    assert "wait for a decision" in shown.out
    assert not place.database.exists()


def test_an_outage_shows_what_waited_before_and_why_it_is_not_read_anew(
    settled, hurried
):
    before = settled.json("inbox").document
    settled.fault("status", path="tolt", status=503, count=None)
    still = settled.json("inbox")
    fresh = settled.json("inbox", "--fresh")
    text = settled.run("inbox", "--fresh")

    assert (still.code, fresh.code, text.code) == (0, 1, 1)
    for shown in (still.document, fresh.document):
        assert shown["held"] == before["held"]
        assert shown["as_of"] == before["as_of"]
    assert "503" in fresh.document["error"]
    assert "503" in text.err
    assert "waited before" in text.out


def test_a_part_of_it_by_reason_or_by_person(settled):
    by_reason = settled.json("inbox", "--reason", "payee_change").document
    by_mail = settled.json("inbox", "--partner", "ANNA@example.com ").document
    by_id = settled.json("inbox", "--partner", "prt_a00000004").document
    nobody = settled.json("inbox", "--partner", "anna@example").document

    assert {one["reason"] for one in by_reason["changes"]} == {"payee_change"}
    assert "DISCOUNTDIFF" in codes_of(by_mail, "held")
    assert codes_of(by_mail, "held") < codes_of(settled.json("inbox").document, "held")
    assert codes_of(by_id, "held") == codes_of(by_mail, "held")
    assert nobody["changes"] == []


def test_what_is_decided_waits_no_more_and_what_is_kept_can_be_seen(settled):
    settled.run("decide", "DISCOUNTDIFF", "--take", "partnero")
    settled.run("decide", "EXPIRED10", "--keep", "--by", "Ada", "--note", "podcast")
    shown = settled.json("inbox", "--kept").document
    text = settled.run("inbox", "--kept").out

    assert "DISCOUNTDIFF" not in codes_of(shown, "held")
    assert "EXPIRED10" not in codes_of(shown, "acceptable")
    assert codes_of(shown, "decided") == {"DISCOUNTDIFF"}
    (one,) = shown["kept"]
    assert (one["code"], one["by"], one["note"]) == ("EXPIRED10", "Ada", "podcast")
    assert "EXPIRED10 (dead_here_live_there): keep, by Ada" in text
    assert "podcast" in text


def test_each_command_of_the_inbox_can_be_typed(settled):
    every = settled.json("inbox").document
    for one in [*every["changes"], *every["acceptable"]]:
        if fits := [w for w, said in one["options"].items() if "effects" in said]:
            assert one.get("commands"), (one["id"], fits)


# -- the sheet ------------------------------------------------------------------------


def test_a_sheet_is_taken_by_one_reading_and_done_by_the_next_run(settled):
    words = {
        "DISCOUNTDIFF": "Partnero ",
        "NOPARTNER": "tolt",
        "ONLYPARTNERO-LIMITED": "PROPOSED",
        "SAM20": "keep",
    }
    path = filled(settled, words)
    settled.sandbox.requests.clear()
    said = settled.json("decide", "--from", path, "--note", "spring", "--by", "Ada")
    asked = [r.path for r in settled.sandbox.requests if "promotion-codes" in r.path]

    assert said.code == 0
    assert codes_of(said.document, "taken") == set(words)
    assert {d.who for d in kept(settled).values()} == {"Ada"}
    assert {d.note for d in kept(settled).values()} == {"spring"}
    assert len(asked) == len(set(asked))
    done = settled.json("sync").outcomes
    assert {done[code] for code in words if code != "SAM20"} == {"confirmed"}


def test_a_wrong_row_is_refused_by_itself_with_its_line(settled):
    rows = sheet_of(settled)
    line = {row["code"]: number for number, row in enumerate(rows, 2)}
    twice = next(row for row in rows if row["code"] == "NOPARTNER")
    other = {"pair": "beta", "id": "c_0", "code": "X", "decision": "keep"}
    path = filled(
        settled,
        {"DISCOUNTDIFF": "partnero", "TWICE15": "tolt", "SAM20": "yes please"},
        more=[twice | {"decision": "keep"}, twice | {"decision": "tolt"}, other],
    )
    said = settled.json("decide", "--from", path)
    refused = {one["line"]: one["why"] for one in said.document["refused"]}

    assert said.code == 4
    assert codes_of(said.document, "taken") == {"DISCOUNTDIFF"}
    assert set(refused) == {
        line["TWICE15"],
        line["SAM20"],
        len(rows) + 2,
        len(rows) + 3,
        len(rows) + 4,
    }
    assert "several records" in refused[line["TWICE15"]]
    assert "no decision" in refused[line["SAM20"]]
    assert "different words" in refused[len(rows) + 2]
    assert "no pair beta" in refused[len(rows) + 4]


def test_a_row_whose_values_have_changed_is_refused_and_the_others_count(settled):
    path = filled(settled, {"DISCOUNTDIFF": "partnero", "NOPARTNER": "tolt"})
    settled.edit("tolt", "set_code", code="DISCOUNTDIFF", value=44)
    said = settled.json("decide", "--from", path)

    assert said.code == 4
    assert codes_of(said.document, "taken") == {"NOPARTNER"}
    assert "nothing waits under this id any more" in said.document["refused"][0]["why"]
    assert settled.json("sync").outcomes.get("DISCOUNTDIFF") is None


def test_a_run_between_the_sheet_and_its_answers_changes_nothing_of_it(settled):
    path = filled(settled, {"DISCOUNTDIFF": "partnero"})
    settled.json("sync")

    assert settled.json("decide", "--from", path).code == 0


def test_a_consent_does_not_outlive_the_values_that_it_was_for(settled):
    path = filled(settled, {"DISCOUNTDIFF": "partnero"})
    settled.json("decide", "--from", path)
    settled.edit("tolt", "set_code", code="DISCOUNTDIFF", value=44)
    settled.json("sync")
    settled.edit("tolt", "set_code", code="DISCOUNTDIFF", value=15)

    assert settled.json("sync").outcomes.get("DISCOUNTDIFF") is None
    assert kept(settled) == {}
    again = settled.json("decide", "--from", path)
    assert again.code == 0
    assert settled.json("sync").outcomes["DISCOUNTDIFF"] == "confirmed"


def test_a_shifted_row_is_noticed_by_its_code(settled):
    rows = sheet_of(settled)
    first, second = (r for r in rows if r["code"] in ("DISCOUNTDIFF", "NOPARTNER"))
    shifted = first | {"code": second["code"], "decision": "tolt"}
    path = filled(settled, {}, more=[shifted])
    said = settled.json("decide", "--from", path)

    assert said.code == 2
    assert kept(settled) == {}
    (no,) = said.document["refused"]
    assert f"the id is of {first['code']}" in no["why"]


def test_what_destroys_needs_a_yes_for_the_whole_sheet(settled):
    path = filled(settled, {"PARTNERDIFF": "delete", "EXPIRED10": "keep"})
    refused = settled.run("decide", "--from", path)

    assert refused.code == 2
    assert "--yes" in refused.err
    assert "PARTNERDIFF is deleted for good on Tolt. Lost: " in refused.err
    assert kept(settled) == {}
    assert settled.json("decide", "--from", path, "--yes").code == 0


def test_one_sheet_may_come_twice_and_takes_words_back(settled):
    path = filled(settled, {"DISCOUNTDIFF": "partnero", "EXPIRED10": "keep"})
    settled.json("decide", "--from", path)
    again = settled.json("decide", "--from", path)
    assert (again.code, codes_of(again.document, "refused")) == (0, set())

    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(";partnero;", ";withdraw;"), encoding="utf-8")
    settled.sandbox.requests.clear()
    back = settled.json("decide", "--from", path)

    assert len(back.document["withdrawn"]) == 1
    assert set(kept(settled)) == {"EXPIRED10"}


def test_to_take_words_back_alone_reads_no_side(settled):
    path = filled(settled, {"DISCOUNTDIFF": "partnero"})
    settled.json("decide", "--from", path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(";partnero;", ";withdraw;"), encoding="utf-8")
    settled.sandbox.requests.clear()

    assert settled.json("decide", "--from", path).code == 0
    assert settled.sandbox.requests == []
    assert kept(settled) == {}


def test_an_empty_sheet_decides_nothing_and_says_so(settled):
    said = settled.run("decide", "--from", filled(settled, {}))

    assert said.code == 0
    assert "no row has a decision" in said.err
    assert kept(settled) == {}


def test_the_sheet_of_two_pairs_decides_in_both(place):
    place.add_pair()
    place.run("sync")
    path = filled(place, {"DISCOUNTDIFF": "partnero"})
    said = place.run("--format", "json", "decide", "--from", path)

    assert {row["pair"] for row in sheet_of(place)} >= {"acme"}
    assert said.code == 0
    assert "--pair acme" in place.run("inbox").out


def test_a_pair_that_is_down_keeps_no_other_pair_from_being_decided(place, hurried):
    place.add_pair()
    place.run("sync")
    path = filled(place, {"DISCOUNTDIFF": "partnero"}, more=[BETA])
    place.setenv("TOLT_API_KEY_2", "tlt_nobody")
    said = place.run("--format", "json", "decide", "--from", path)
    fresh = place.run("inbox", "--fresh")

    assert said.code == 4
    assert "DISCOUNTDIFF" in kept(place)
    assert "beta" in said.out
    assert fresh.code == 1
    assert "acme: " in fresh.out
    assert "beta: could not be read now" in fresh.out.lower()


BETA = {"pair": "beta", "id": "c_000000000001", "code": "", "decision": "keep"}


@pytest.mark.parametrize(
    "words",
    [
        ["--from", "sheet.csv", "SAM20"],
        ["--from", "sheet.csv", "--keep"],
        ["--from", "none.csv"],
        ["--reason", "diverged", "SAM20", "--keep"],
        ["--reason", "diverged"],
        ["--keep"],
        [],
        ["--ask", "--keep"],
        ["--reason", "nonsense", "--keep"],
    ],
)
def test_what_says_two_things_or_nothing_is_refused_and_nothing_is_stored(
    settled, words
):
    filled(settled, {"EXPIRED10": "keep"})

    assert settled.run("decide", *words).code == 2
    assert kept(settled) == {}


# -- by reason ------------------------------------------------------------------------


def test_a_reason_means_all_that_is_held_for_it_and_nothing_else(settled):
    held = settled.json("inbox", "--reason", "payee_change").document["held"]
    said = settled.json("decide", "--reason", "payee_change", "--keep", "--note", "ok")

    assert said.code == 0
    assert set(kept(settled)) == {one["code"] for one in held}
    assert {d.fields for d in kept(settled).values()} == {("partner",)}
    back = settled.json("decide", "--reason", "payee_change", "--withdraw")
    assert len(back.document["withdrawn"]) == len(held)
    assert kept(settled) == {}


def test_what_was_not_so_when_it_was_last_shown_is_left_out_of_a_reason(settled):
    settled.edit("tolt", "move_partner", code="NOPARTNER", partner="ben@example.com")
    said = settled.json("decide", "--reason", "payee_change", "--take", "tolt", "--yes")

    assert said.code == 4
    assert "NOPARTNER" not in kept(settled)
    assert codes_of(said.document, "refused") >= {"NOPARTNER"}


def test_a_finding_is_accepted_by_its_reason_too(settled):
    said = settled.json("decide", "--reason", "looser_on_tolt", "--keep")

    assert codes_of(said.document, "taken") == {
        "CUSTOMER10",
        "FIRSTORDER10",
        "MINORDER10",
        "NEARLY100",
    }


# -- a key each -----------------------------------------------------------------------


class Terminal:
    """A person at a terminal, in whose place these keys are pressed."""

    def __init__(self, monkeypatch):
        self.hand, seat = pty.openpty()
        self.stream = os.fdopen(seat, "r", encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", self.stream)

    def press(self, keys):
        os.write(self.hand, keys.encode())


@pytest.fixture
def terminal(monkeypatch):
    made = Terminal(monkeypatch)
    yield made
    made.stream.close()
    os.close(made.hand)


def test_without_a_terminal_nobody_can_be_asked(settled):
    settled.sandbox.requests.clear()
    asked = settled.run("decide", "--ask")

    assert asked.code == 2
    assert "no terminal" in asked.err
    assert settled.sandbox.requests == []


def test_a_key_each_decides_skips_and_ends_and_keeps_what_was_answered(
    settled, terminal
):
    terminal.press("t\nsxkq")  # Tolt, skip, no key at all, accept, then the end
    said = settled.json("decide", "--reason", "payee_change", "--ask", "--by", "Ada")

    assert said.code == 0
    assert {d.take for d in kept(settled).values()} == {"keep", "tolt"}
    assert {d.who for d in kept(settled).values()} == {"Ada"}
    assert "1 of 4" in said.err
    assert "Tolt is right" in said.err
    assert len(said.document["taken"]) == 2


def test_what_destroys_asks_a_second_time_and_no_means_ask_again(settled, terminal):
    terminal.press("dnk")
    settled.json("decide", "PARTNERDIFF", "--ask")
    assert kept(settled)["PARTNERDIFF"].take == "keep"

    terminal.press("dy")
    settled.run("decide", "DISCOUNTDIFF", "--ask")
    assert kept(settled)["DISCOUNTDIFF"].take == "delete"


def test_a_key_that_does_not_fit_says_why_and_asks_again(settled, terminal):
    terminal.press("pak")
    said = settled.run("decide", "SAM20", "--ask")

    assert "several records" in said.err
    assert kept(settled)["SAM20"].take == "keep"


# -- a plan that was reviewed ---------------------------------------------------------


def test_a_yes_to_a_whole_plan_names_what_it_cannot_do_with_its_command(settled):
    out = settled.folder / "plan.json"
    plan = settled.json("plan", "--out", out).document
    ended = settled.json("apply", out, "--accept", "all", "--yes")
    details = {one["code"]: one["detail"] for one in ended.document["outcomes"]}

    assert ended.code == 4
    for change in plan["changes"]:
        if change["status"] == "blocked" or change["reason"] == "collision":
            assert ended.outcomes.get(change["code"], "skipped") == "skipped"
            assert change["commands"][0] in details[change["code"]]
    assert ended.outcomes["ONLYPARTNERO-LIMITED"] == "confirmed"


def test_only_may_be_said_several_times_and_does_nothing_else(place):
    out = place.folder / "plan.json"
    plan = place.json("plan", "--out", out).document
    made = [c for c in plan["changes"] if c["action"] == "create"]
    ready = [c for c in made if c["status"] == "ready"][:2]
    words = [word for change in ready for word in ("--only", change["id"])]
    ended = place.json("apply", out, *words)

    assert ended.code == 0
    done = {code for code, became in ended.outcomes.items() if became == "confirmed"}
    assert {c["code"] for c in ready} <= done
    assert len(ready) == 2


# -- the page about it -----------------------------------------------------------------


def forty():
    """Return what made the page: the world, and the answers of its person."""
    path = Path(__file__).parents[2] / "docs" / "forty_decisions.py"
    spec = importlib.util.spec_from_file_location("forty_decisions", path)
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def test_forty_questions_are_answered_by_twelve_lines_and_one_sheet(place):
    page = forty()
    place.inhabit(page.world())
    place.run("sync")
    before = place.json("inbox").document["held"]
    place.run("check", "--aliases", "aliases.csv")
    page.confirm(place.folder / "aliases.csv")
    place.configure(more='[pairs.partners]\naliases = "aliases.csv"')
    place.run("sync")
    (place.folder / "waiting.csv").write_text(
        place.run("inbox", "--format", "csv").out, encoding="utf-8"
    )
    page.fill_in(place.folder / "waiting.csv")
    decided = place.json("decide", "--from", "waiting.csv", "--by", "Ada")
    place.run("sync")

    assert len(before) == 40
    assert (decided.code, len(decided.document["taken"])) == (0, 16)
    assert place.json("inbox").document["held"] == []
    assert place.json("verify").code == 0


# -- what outlives a look -------------------------------------------------------------


def test_a_look_of_a_clock_that_was_ahead_is_not_older_than_now(settled):
    store = settled.store()
    ahead = Look("2126-01-01T00:00:00Z", "r_1")
    store.save_look(ahead, store.waiting().values())

    assert settled.json("inbox").document["age_seconds"] == 0
