"""Each command from outside: its output, its exit code, and what it leaves alone."""

import io
import json
import re
import sys
from datetime import UTC, datetime

import pytest

from connector.sandbox import seed
from tests.harness.place import OF_EACH_RUN


class Terminal(io.StringIO):
    """A keyboard at which somebody has already typed."""

    def isatty(self):
        return True


def stand_still(place, hours=0):
    """Stop the clock of both products, on which the reading of sales depends."""
    at = datetime(2026, 6, 1, 9 + hours, tzinfo=UTC)
    place.sandbox.world.clock = lambda: at


def mails(place):
    left = [row.email for row in place.sandbox.world.partnero.partners]
    return {*left, *(row.email for row in place.sandbox.world.tolt.partners)}


# --- init, help, usage ------------------------------------------------------------


def test_init_writes_a_configuration_that_only_lacks_its_keys(place, monkeypatch):
    monkeypatch.delenv("PARTNERO_API_KEY")
    place.config.unlink()

    made = place.run("init")
    planned = place.run("plan")

    assert made.code == 0
    assert "program_id" in place.config.read_text()
    assert "partnero-tolt check" in made.out
    # The file is well-formed; the next thing missing is a key.
    assert planned.code == 2
    assert "export PARTNERO_API_KEY=" in planned.err


def test_init_never_overwrites(place):
    before = place.config.read_bytes()

    refused = place.run("init")

    assert refused.code == 2
    assert refused.out == ""
    assert "connector.toml exists" in refused.err
    assert place.config.read_bytes() == before


def test_init_writes_where_config_says(place):
    made = place.run("init", "--config", "other.toml")

    assert made.code == 0
    assert (place.folder / "other.toml").exists()


def test_a_configuration_that_is_not_there_names_the_command_that_makes_one(place):
    place.config.unlink()

    failed = place.run("plan")

    assert failed.code == 2
    assert "partnero-tolt --config connector.toml init" in failed.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frobnicate"], "frobnicate"),
        (["plan", "--frobnicate"], "--frobnicate"),
        (["--format", "yaml", "plan"], "'text', 'json'"),
        (["plan", "--log-level", "loud"], "'debug', 'info', 'warning', 'error'"),
        (["explain"], "'code'"),
        (["check", "--format", "html"], "text, json"),
        (["plan", "--pair", "acm"], "did you mean 'acme'"),
    ],
    ids=["command", "option", "format", "level", "argument", "format here", "pair"],
)
def test_a_usage_error_is_exit_code_2_and_says_what_is_allowed(place, arguments, said):
    """I3: a misspelt option is an error with a suggestion."""
    failed = place.run(*arguments)

    assert failed.code == 2
    assert failed.out == ""
    assert said in failed.err
    assert len(place.sandbox.requests) == 0


def test_every_command_has_help(place):
    whole = place.run("--help")

    assert whole.code == 0
    for command in ("demo", "init", "check", "plan", "apply", "sync", "explain"):
        assert command in whole.out
        assert "--help" in place.run(command, "--help").out
    assert "--accept" in place.run("apply", "--help").out


# --- check ------------------------------------------------------------------------


def test_check_says_a_line_about_each_part_and_writes_nothing(place):
    text = place.run("check")
    document = place.json("check").document

    assert text.code == 0
    assert document["ok"]
    checks = {one["check"] for one in document["checks"]}
    assert checks >= {"config", "keys", "state", "partnero", "tolt", "tolt currency"}
    assert len(text.out.splitlines()) == len(document["checks"])
    assert place.writes == []
    assert not place.database.exists()


def test_check_finds_everything_that_is_wrong_at_once(place, monkeypatch):
    place.configure(program_id='"prg_other"', currency='"EUR"')
    monkeypatch.setenv("PARTNERO_API_KEY", "wrong")

    checked = place.json("check")

    bad = {
        one["check"]: one["said"] for one in checked.document["checks"] if not one["ok"]
    }
    assert checked.code == 1
    assert not checked.document["ok"]
    assert "401" in bad["partnero"]
    assert "prg_other" in bad["tolt"]


def test_check_compares_the_currency_with_tolts(place):
    place.configure(currency='"EUR"')

    checked = place.json("check")

    bad = {
        one["check"]: one["said"] for one in checked.document["checks"] if not one["ok"]
    }
    assert checked.code == 1
    assert "USD" in bad["tolt currency"]
    assert "EUR" in bad["tolt currency"]


# --- plan -------------------------------------------------------------------------


def test_plan_shows_both_sides_and_writes_nothing_at_all(place):
    """C20: text from a provider is inert. H17: the first sentence says it all."""
    text = place.run("plan")
    document = place.json("plan").document

    assert text.code == 0
    assert text.out.startswith("51 codes compared")
    assert "Nothing was changed" in text.out
    assert "\x1b" not in text.out
    assert "\u202e" not in text.out
    assert "\x1b" not in json.dumps(document, ensure_ascii=False)
    assert place.writes == []
    assert sorted(path.name for path in place.folder.iterdir()) == ["connector.toml"]
    counted = document["summary"]
    counted = [counted[status] for status in ("ready", "held", "blocked")]
    assert sum(counted) == len(document["changes"])
    assert document["sides"]["partnero"]["complete"]
    assert document["sides"]["tolt"]["codes"] == 50
    assert "Good to know" in text.out


def test_text_and_json_of_one_plan_show_the_same_changes(place):
    """H13: the same numbers in every format."""
    text = place.run("plan").out
    document = place.json("plan").document

    shown = [one for one in document["changes"] if one["action"] != "adopt"]
    assert shown
    assert [one["id"] for one in shown if one["id"] not in text] == []
    held = [one for one in document["changes"] if one["status"] == "held"]
    assert f"Needs a decision ({len(held)})" in text
    blocked = document["summary"]["blocked"]
    assert f"Cannot be done as things are ({blocked})" in text


def test_the_same_facts_give_the_same_plan(place):
    """H1: plan twice without a change; only the times may differ."""
    one, two = place.json("plan").document, place.json("plan").document

    assert one["digest"] == two["digest"]
    for document in (one, two):
        for name in ("created_at", "expires_at", "seal"):
            document.pop(name)
    assert json.dumps(one) == json.dumps(two)


def test_a_plan_is_saved_as_json_whatever_is_printed(place):
    printed = place.run("plan", "--out", "plan.json")
    saved = json.loads((place.folder / "plan.json").read_text(encoding="utf-8"))

    assert printed.code == 0
    assert not printed.out.startswith("{")
    assert saved["digest"][7:19] in printed.out
    assert place.json("plan").document["digest"] == saved["digest"]


def test_a_plan_that_cannot_be_saved_is_a_failure(place):
    (place.folder / "here").mkdir()

    failed = place.json("plan", "--out", "here")

    assert failed.code == 1
    assert "here cannot be written" in failed.err
    assert failed.document["summary"]["ready"] > 0


def test_exit_code_3_means_that_something_waits(place):
    """H10: clean, changes, and parked are told apart only where it is asked for."""
    assert place.run("plan").code == 0
    assert place.run("plan", "--exit-code").code == 3
    assert place.run("sync").code == 0
    # What is held and blocked still waits.
    assert place.run("plan", "--exit-code").code == 3


def test_findings_alone_are_no_reason_for_exit_code_3(place):
    world = seed.big(12, partners=3, coupons=2)
    world.partnero.code("CODE000001").redemption_limit = 10
    world.partnero.code("CODE000001").times_redeemed = 9
    place.inhabit(world)
    assert place.run("sync").code == 0

    planned = place.json("plan", "--exit-code")

    kinds = {one["kind"] for one in planned.document["findings"]}
    assert "limit_nearly_used" in kinds
    assert planned.document["changes"] == []
    assert planned.code == 0


def test_two_empty_sides_are_in_step(place):
    """A3: both empty, no base."""
    place.inhabit(seed.big(0, partners=0))

    planned = place.json("plan", "--exit-code")
    synced = place.json("sync")

    assert planned.code == 0
    assert planned.document["changes"] == []
    assert synced.document["status"] == "complete"
    assert place.writes == []


def test_a_first_run_with_one_empty_side_only_creates(place):
    """A4: nothing is deleted for want of the other half."""
    place.inhabit(seed.big(12, partners=3, coupons=2, only_tolt=1.0))

    synced = place.json("sync")

    assert synced.code == 0
    assert synced.document["plan"]["delete"] == 0
    assert set(synced.outcomes.values()) == {"confirmed"}
    assert len(place.sandbox.world.partnero.codes) == 12
    assert {write.method for write in place.writes} == {"POST"}


# --- global options ---------------------------------------------------------------


def test_global_options_stand_before_or_after_the_command(place):
    place.config.rename(place.folder / "elsewhere.toml")
    options = ["--config", "elsewhere.toml", "--pair=acme", "--format", "json"]

    before = place.run(*options, "plan")
    after = place.run("plan", *options)
    split = place.run(*options[:2], "plan", *options[2:])

    assert before.code == after.code == split.code == 0
    digests = {one.document["digest"] for one in (before, after, split)}
    assert len(digests) == 1


def test_the_configuration_may_be_named_by_the_environment(place, monkeypatch):
    place.config.rename(place.folder / "elsewhere.toml")
    monkeypatch.setenv("PARTNERO_TOLT_CONFIG", "elsewhere.toml")

    assert place.run("plan").code == 0


def test_several_pairs_give_one_object_a_line(place):
    place.add_pair()

    checked = place.run("check", "--format", "json")
    both = place.run("plan", "--format", "json")
    named = place.run("plan", "--format", "json", "--pair", "beta")

    assert [one["pair"] for one in both.documents] == ["acme", "beta"]
    assert len(both.out.splitlines()) == 2
    assert named.document["pair"] == "beta"
    assert len(checked.documents) == 1


def test_one_file_cannot_hold_the_plans_of_several_pairs(place):
    place.add_pair()

    refused = place.run("plan", "--out", "plan.json")

    assert refused.code == 2
    assert "--pair" in refused.err
    assert not (place.folder / "plan.json").exists()
    assert place.run("decide", "ANNA10", "--keep").code == 2


# --- sync and apply ---------------------------------------------------------------


def test_sync_does_what_the_policy_allows_and_leaves_the_rest(place):
    """B1: the run after it writes nothing, neither there nor here."""
    stand_still(place)
    planned = place.json("plan").document

    synced = place.json("sync")

    ready = {one["id"] for one in planned["changes"] if one["status"] == "ready"}
    remote = {"ONLYPARTNERO20", "ONLYTOLT20", "ONLYTOLT30"}
    assert synced.code == 0
    assert synced.document["status"] == "complete"
    assert synced.outcomes == dict.fromkeys(remote, "confirmed")
    assert {
        one["code"]
        for one in planned["changes"]
        if one["status"] == "ready" and one["target"] != "state"
    } == remote
    assert {one["id"] for one in synced.document["outcomes"]} == ready
    assert synced.document["plan"] == planned["summary"]
    assert (
        synced.document["requests"]["tolt"]
        == sum("/tolt/" in row.path for row in place.sandbox.requests)
        - planned["sides"]["tolt"]["requests"]
    )

    place.run("sync")  # what it made is seen: answers may rest on it from now on
    done = place.tables(but=OF_EACH_RUN)
    place.sandbox.requests.clear()
    again = place.json("sync")

    assert again.code == 0
    assert again.document["outcomes"] == []
    assert place.writes == []
    assert place.tables(but=OF_EACH_RUN) == done
    assert len(place.run("sync").out.splitlines()) == 1


def test_an_hour_in_which_nothing_happens_changes_no_record(place):
    """B1: zero state rewrites, also where only the time has moved on."""
    stand_still(place)
    place.run("sync")
    place.run("sync")  # what it made is seen: answers may rest on it from now on
    done = place.tables(but=OF_EACH_RUN)
    stand_still(place, hours=1)

    again = place.json("sync")

    assert again.document["outcomes"] == []
    assert place.tables(but=OF_EACH_RUN) == done


def test_held_changes_touch_neither_side(place):
    """Law 3: what waits for a person is not done."""
    planned = place.json("plan").document
    held = {c["code"] for c in planned["changes"] if c["status"] != "ready"}

    place.run("sync")

    written = {w.body["code"] for w in place.writes if "code" in (w.body or {})}
    assert held
    assert written
    assert written & held == set()


def test_apply_without_a_terminal_asks_for_a_yes(place):
    refused = place.json("apply")

    assert refused.code == 2
    assert "--yes" in refused.err
    assert len(place.sandbox.requests) == 0

    applied = place.json("apply", "--yes")

    assert applied.code == 0
    assert applied.document["command"] == "apply"
    assert len(applied.outcomes) == 3


@pytest.mark.parametrize("answer", ["n\n", "\n", "perhaps\n", ""])
def test_a_no_at_the_prompt_writes_nothing(place, monkeypatch, answer):
    """H11: zero writes, and the report says zero."""
    monkeypatch.setattr(sys, "stdin", Terminal(answer))

    said = place.json("apply")

    assert (said.code, said.document["status"]) == (1, "declined")
    assert said.document["outcomes"] == []
    assert "[y/N]" in said.err
    assert "ONLYPARTNERO20" in said.err
    assert place.writes == []


def test_a_yes_at_the_prompt_does_what_was_shown(place, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))

    said = place.json("apply")

    assert said.code == 0
    assert set(said.outcomes) == {"ONLYPARTNERO20", "ONLYTOLT20", "ONLYTOLT30"}
    shown = [code for code in said.outcomes if code in said.err]
    assert len(shown) == 3


def test_a_held_change_is_done_when_it_is_named(place):
    """A20: just those that a person accepts run."""
    planned = place.json("plan").document
    (lossy,) = [c for c in planned["changes"] if c["reason"] == "lossy"]

    applied = place.json("apply", "--yes", "--accept", lossy["id"])

    assert applied.code == 0
    assert applied.outcomes["ONLYPARTNERO-LIMITED"] == "confirmed"
    assert "DISCOUNTDIFF" not in applied.outcomes
    assert lossy["lost"] == ["at most 10 redemptions"]
    assert lossy["raises_exposure"]


def test_a_question_is_not_answered_by_accepting_it(place):
    planned = place.json("plan").document
    (open_,) = [c for c in planned["changes"] if c["reason"] == "diverged"]

    ended = place.json("apply", "--yes", "--only", open_["id"], "--accept", open_["id"])

    assert ended.code == 4
    (outcome,) = ended.document["outcomes"]
    assert (outcome["id"], outcome["outcome"]) == (open_["id"], "skipped")
    assert "partnero-tolt decide DISCOUNTDIFF --take partnero" in outcome["detail"]
    assert place.writes == []


def test_only_what_was_named_is_done(place):
    """C19: printed as "do it as proposed", it carried out everything else as well."""
    planned = place.json("plan").document
    lossy = next(c for c in planned["changes"] if c["reason"] == "lossy")

    held = place.json("apply", "--yes", "--only", lossy["id"])
    ended = place.json("apply", "--yes", "--only", lossy["id"], "--accept", lossy["id"])

    assert (held.code, held.document["outcomes"][0]["outcome"]) == (4, "skipped")
    assert ended.code == 0
    assert ended.outcomes == {lossy["code"]: "confirmed"}
    assert {row.method for row in place.writes} == {"POST"}
    assert len(place.writes) == 1


def test_a_ready_change_alone_brings_only_what_it_needs(place):
    planned = place.json("plan").document
    new = next(
        c for c in planned["changes"] if c["code"] == "ONLYTOLT30" and c["needs"]
    )

    ended = place.json("apply", "--yes", "--only", new["id"])

    assert sorted(o["action"] for o in ended.document["outcomes"]) == [
        "coupon",
        "create",
    ]


def test_an_unknown_id_is_refused_before_anything_is_written(place):
    refused = place.run("apply", "--yes", "--only", "c_000000000000")

    assert refused.code == 2
    assert place.writes == []


def test_accepting_all_needs_a_plan_that_was_reviewed(place):
    out = place.folder / "plan.json"
    place.run("plan", "--out", out)

    refused = place.run("apply", "--yes", "--accept", "all")
    ended = place.json("apply", out, "--accept", "all", "--yes")

    assert refused.code == 2
    assert ended.code == 4  # what has no direction is named, and skipped
    assert ended.outcomes["ONLYPARTNERO-LIMITED"] == "confirmed"
    assert ended.outcomes["DISCOUNTDIFF"] == "skipped"


# --- explain ----------------------------------------------------------------------


def test_explain_tells_everything_about_one_code(place):
    """H19: match, both values, base, row, decision and policy."""
    place.settle()
    writes = len(place.writes)

    agreed = place.json("explain", "anna10")
    text = place.run("explain", "ANNA10").out
    differing = place.json("explain", "DISCOUNTDIFF").document

    assert agreed.code == 0
    document = agreed.document
    assert document["match"] == "by stored link"
    assert document["sides"]["partnero"][0]["discount"] == "percentage:10"
    assert document["sides"]["tolt"][0]["discount"] == "percentage:10"
    both = ("partnero", "tolt")
    ours, theirs = (document["sides"][side][0]["partner"] for side in both)
    assert re.fullmatch(r"a\*\*\*@\S+ \(\w+\)", ours)
    assert re.fullmatch(r"a\*\*\*@\S+ \(part_\w+\)", theirs)
    assert f"partner {ours}" in text
    assert [document["base"][0][side][-1] for side in both] == [ours, theirs]
    assert document["base"][0]["unset"] == []
    assert document["changes"] == []
    assert "Nothing is to be done" in text
    assert [number for number, _ in differing["rows"]] == [4]
    assert differing["changes"][0]["policy"] == "decide"
    assert differing["base"][0]["unset"] == ["discount"]
    assert len(place.writes) == writes


def test_explain_of_a_code_that_nobody_knows_says_so(place):
    unknown = place.json("explain", "NOSUCHCODE")

    assert unknown.code == 0
    assert not unknown.document["found"]
    assert "no such code" in place.run("explain", "NOSUCHCODE").out


def test_a_code_is_explained_for_every_pair_unless_one_is_named(place):
    place.add_pair()

    every = place.json("explain", "ANNA10")
    named = place.json("explain", "ANNA10", "--pair", "beta")
    text = place.run("explain", "ANNA10").out

    assert every.code == 0
    assert [one["pair"] for one in every.documents] == ["acme", "beta"]
    assert [one["found"] for one in every.documents] == [True, False]
    assert len(every.out.splitlines()) == 2
    assert named.document["pair"] == "beta"
    assert "ANNA10 (pair acme)" in text
    assert "ANNA10 (pair beta): no such code" in text


def test_a_command_that_fails_prints_a_document_all_the_same(place):
    """Every code but 2 comes with JSON, so that a script need not read messages."""
    place.setenv("TOLT_API_KEY", "tlt_wrong")

    failed = place.json("explain", "ANNA10")
    text = place.run("explain", "ANNA10")

    assert failed.code == text.code == 1
    assert "401" in failed.document["error"]
    assert text.out == ""


def test_explain_shows_hostile_text_inert(place):
    shown = place.run("explain", "\x1b[31mHOSTILE-ANSI")

    assert shown.code == 0
    assert "\x1b" not in shown.out
    assert "HOSTILE-ANSI" in shown.out


# --- verify, inbox, history -------------------------------------------------------


def test_what_the_other_commands_print_is_published_as_well(place):
    """Each document has its format word and its schema."""
    place.settle()
    writes = len(place.writes)

    verified = place.json("verify")
    waiting = place.json("inbox").document
    runs = place.json("history").document["runs"]
    exported = place.json("state", "export").document
    shown = place.json("show", runs[0]["run"]).document

    assert verified.code == 3
    assert verified.document["equal"] == 30  # two are dead here and live there
    assert verified.document["complete"]
    held = {one["code"] for one in waiting["held"]}
    assert {"DISCOUNTDIFF", "PARTNERDIFF"} <= held
    assert [one["command"] for one in runs] == ["sync"]
    assert shown["run"] == runs[0]["run"]
    assert shown["status"] == "complete"
    assert exported["tables"]
    assert len(place.writes) == writes


# --- state check ------------------------------------------------------------------


def test_state_check_counts_what_is_remembered(place):
    nothing = place.json("state", "check")
    place.run("sync")
    something = place.json("state", "check")

    assert nothing.code == something.code == 0
    assert not nothing.document["exists"]
    assert something.document["exists"]
    assert something.document["ok"]
    held = something.document["pairs"]["acme"]
    assert held["links"] == 37
    assert held["runs"] == 1
    assert "37 links" in place.run("state", "check").out
    assert mails(place)
    assert not any(mail in place.run("state", "check").out for mail in mails(place))
