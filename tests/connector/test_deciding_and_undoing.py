"""What a person decides, what a run can take back, and the care of the state."""

import json
import re
import sqlite3
from contextlib import closing

import pytest


def held(place):
    return {c["code"]: c for c in place.json("inbox", "--fresh").document["held"]}


def test_a_decision_is_done_by_the_next_sync_and_leaves_the_inbox(place):
    place.settle()

    said = place.run("decide", "NOPARTNER", "--take", "tolt")
    ended = place.json("sync")

    assert said.code == 0
    assert ended.outcomes["NOPARTNER"] == "confirmed"
    assert place.sandbox.world.partnero.code("NOPARTNER").partners
    assert "NOPARTNER" not in held(place)


def test_a_decision_expires_when_a_value_changes(place):
    place.settle()
    place.run("decide", "NOPARTNER", "--take", "tolt")
    place.edit("partnero", "move_partner", code="NOPARTNER", partner="ben@example.com")

    ended = place.json("sync")

    assert "NOPARTNER" not in ended.outcomes
    assert "NOPARTNER" in held(place)


def test_a_decision_can_be_taken_back_before_it_is_done(place):
    place.settle()
    place.run("decide", "NOPARTNER", "--take", "tolt")

    assert place.run("decide", "NOPARTNER", "--withdraw").code == 0
    assert "NOPARTNER" not in place.json("sync").outcomes


def test_explain_says_who_decided_what_when_and_why(place):
    """The stored consent, used or only accepted; not the older form by record."""
    place.settle()
    place.run("decide", "NOPARTNER", "--take", "tolt", "--by", "Ada", "--note", "asked")
    place.run("decide", "EXPIRED10", "--keep", "--by", "Ben")

    pending = place.json("explain", "NOPARTNER").document
    accepted = place.run("explain", "EXPIRED10").out

    (one,) = pending["decisions"]
    assert (one["take"], one["by"], one["note"]) == ("tolt", "Ada", "asked")
    assert (one["fields"], one["over"]) == (["partner"], False)
    assert pending["decision"] == one
    said = r"Accepted: --keep for dead_here_live_there \(f_\w+\), by Ben, 20\S+Z\."
    assert re.search(said, accepted)
    assert "[" not in next(line for line in accepted.splitlines() if "Base:" in line)


def test_the_inbox_names_what_can_be_accepted_and_what_is_decided(place):
    place.settle()
    place.run("decide", "NOPARTNER", "--take", "tolt", "--by", "Ada")

    lines = [line.strip() for line in place.run("inbox").out.splitlines()]

    assert "partnero-tolt decide EXPIRED10 --keep  # accept it as it is" in lines
    assert "partnero-tolt decide INACTIVE10 --keep  # accept it as it is" in lines
    assert any("looser_on_tolt" in line for line in lines)
    assert "Decided, done by the next sync or apply (1)" in lines


def test_a_second_word_about_what_is_decided_names_the_way_to_take_it_back(place):
    place.settle()
    place.run("decide", "NOPARTNER", "--take", "tolt", "--by", "Ada")

    again = place.run("decide", "NOPARTNER", "--keep")

    assert again.code == 2
    assert "decided already (--take tolt, by Ada)" in again.err
    assert "partnero-tolt decide NOPARTNER --withdraw" in again.err


def test_the_journal_says_who_decided(place):
    place.settle()
    place.run("decide", "NOPARTNER", "--take", "tolt", "--by", "Ada")
    run = place.json("sync").document["run"]

    shown = place.run("show", run).out

    assert "confirmed   NOPARTNER: update on Partnero, decided by Ada" in shown


def test_show_names_what_was_skipped_and_what_to_type(place, tmp_path):
    file = tmp_path / "plan.json"
    place.run("plan", "--out", file)
    run = place.json("apply", file, "--accept", "all", "--yes").document["run"]

    lines = place.run("show", run).out.splitlines()

    assert any(
        line.startswith("  skipped     SAM20: remember: ")
        and line.endswith("partnero-tolt decide SAM20 --keep")
        for line in lines
    )


def test_show_says_why_a_run_was_refused(place):
    place.settle()
    place.configure(limits='sentinel = "NOSUCH"')
    run = place.json("sync").document["run"]

    assert "[sentinel_missing]" in place.run("show", run).out


def test_an_accepted_difference_is_silent_and_named_in_the_certificate(place):
    place.settle()

    place.run("decide", "DISCOUNTDIFF", "--keep")

    assert "DISCOUNTDIFF" not in held(place)
    exceptions = place.json("verify").document["exceptions"]
    (kept,) = [one for one in exceptions if one["code"] == "DISCOUNTDIFF"]
    assert kept["accepted"]


def test_the_certificate_is_also_a_page_in_which_nothing_is_markup(place, tmp_path):
    place.settle()
    kept = ("decide", "PARTNERDIFF", "--keep", "--by", "Ada <ada>", "--note", "agreed")
    place.run(*kept)
    out = tmp_path / "certificate.html"

    shown = place.run("verify", "--format", "html", "--out", out)

    page = out.read_text(encoding="utf-8")
    assert shown.code == 3
    assert shown.out == page
    still_open, accepted = (
        re.search(f'<h2 id="{name}">.*?</section>', page, re.DOTALL)[0]
        for name in ("open", "accepted")
    )
    assert "DISCOUNTDIFF" in still_open
    assert "DISCOUNTDIFF" not in accepted
    for told in ("PARTNERDIFF", "Who is paid differs", "Ada &lt;ada&gt;", "agreed"):
        assert told in accepted
    assert "&lt;script&gt;alert(" in page
    assert page.count("<script") == 1  # its own, which sorts


def test_a_collision_cannot_be_decided_for_one_side(place):
    place.settle()

    refused = place.run("decide", "SAM20", "--take", "tolt")

    assert refused.code == 2
    assert "Rename or delete" in refused.err or "rename or delete" in refused.err


def test_absence_cannot_be_taken_from_a_side_that_never_had_the_code(place):
    place.settle()

    refused = place.run("decide", "ONLYPARTNERO-LIMITED", "--take", "tolt")

    assert refused.code == 2
    assert "--delete" in refused.err


def test_a_deletion_without_a_terminal_needs_a_yes(place):
    place.settle()

    assert place.run("decide", "ANNA10", "--delete").code == 2
    assert place.run("decide", "ANNA10", "--delete", "--yes").code == 0
    place.run("sync")

    assert place.sandbox.world.tolt.codes_named("ANNA10") == []
    with pytest.raises(LookupError):
        place.sandbox.world.partnero.code("ANNA10")


def test_what_was_deleted_on_demand_comes_back_only_as_a_question(place):
    place.settle()
    place.run("decide", "ANNA10", "--delete", "--yes")
    place.run("sync")
    place.edit(
        "partnero",
        "create_code",
        code="ANNA10",
        coupon="PCT10",
        partner="anna@example.com",
    )

    assert held(place)["ANNA10"]["reason"] == "reappeared"
    assert "ANNA10" not in place.json("sync").outcomes


def undone(place, run):
    place.run("undo", run, "--out", place.folder / "undo.json")
    plan = json.loads((place.folder / "undo.json").read_text(encoding="utf-8"))
    return {change["code"]: change for change in plan["changes"]}


def test_undo_shows_the_inverse_and_writes_nothing(place):
    run = place.json("sync").document["run"]
    writes = len(place.writes)

    lines = undone(place, run)

    assert lines["ONLYTOLT20"]["action"] == "delete"
    assert {line["status"] for line in lines.values()} == {"held"}
    assert lines["ONLYTOLT20"]["lost"]
    assert len(place.writes) == writes


def test_an_undo_names_each_partner_by_masked_address_and_id(place):
    run = place.json("sync").document["run"]
    before = undone(place, run)["ONLYTOLT20"]
    place.edit("partnero", "move_partner", code="ONLYTOLT20", partner="ben@example.com")
    after = undone(place, run)["ONLYTOLT20"]

    (was,) = [one["partnero"] for one in before["fields"] if one["field"] == "partner"]
    assert re.fullmatch(r"\w\*\*\*@example\.com \(\w+\)", was)
    assert re.search(r"partner is b\*\*\*@example\.com \(\w+\), ", after["message"])
    assert after["message"].endswith(f"the run left {was}.")


def test_an_accepted_line_of_an_undo_takes_one_write_back(place):
    run = place.json("sync").document["run"]
    line = undone(place, run)["ONLYTOLT20"]

    ended = place.json("apply", place.folder / "undo.json", "--accept", line["id"])

    assert ended.outcomes == {"ONLYTOLT20": "confirmed"}
    with pytest.raises(LookupError):
        place.sandbox.world.partnero.code("ONLYTOLT20")
    assert "ONLYTOLT20" not in place.json("sync").outcomes


def test_a_foreign_edit_since_then_blocks_its_line(place):
    run = place.json("sync").document["run"]
    place.edit("partnero", "move_partner", code="ONLYTOLT20", partner="ben@example.com")

    assert undone(place, run)["ONLYTOLT20"]["status"] == "blocked"


def test_taking_back_says_nothing_of_the_codes_that_it_does_not_name(place):
    """Four codes of four hundred were once "4 codes in step"."""
    run = place.json("sync").document["run"]
    line = undone(place, run)["ONLYTOLT20"]

    said = place.run("apply", place.folder / "undo.json", "--accept", line["id"]).out

    assert said.startswith("acme: complete, 1 change written (r_")


def test_a_deletion_that_is_undone_brings_its_restrictions_back(place):
    place.settle()
    place.run("decide", "MINORDER10", "--delete", "--yes")
    run = place.json("sync").document["run"]
    undone(place, run)
    plan = json.loads((place.folder / "undo.json").read_text(encoding="utf-8"))
    ids = [word for c in plan["changes"] for word in ("--accept", c["id"])]

    place.run("apply", place.folder / "undo.json", *ids)

    assert place.sandbox.world.partnero.code("MINORDER10").minimum_order == 50
    assert place.sandbox.world.tolt.codes_named("MINORDER10")


def test_a_backup_can_be_restored_and_the_former_state_is_kept(place):
    place.settle()
    copy = place.folder / "copy.db"
    before = place.tables()
    assert place.run("state", "backup", copy).code == 0
    place.run("decide", "NOPARTNER", "--take", "tolt")
    place.run("sync")

    assert place.run("state", "restore", copy).code == 0

    assert place.tables() == before
    assert list(place.folder.glob("*.replaced"))
    assert place.run("state", "check").code == 0


def test_a_copy_may_be_named_from_where_one_stands(place, monkeypatch):
    monkeypatch.chdir(place.folder)
    place.run("sync")
    assert place.run("state", "backup", "copy.db").code == 0

    assert place.run("state", "restore", "copy.db").code == 0


def test_the_former_state_is_kept_with_what_was_not_yet_in_its_file(place):
    place.settle()
    place.run("state", "backup", place.folder / "copy.db")
    with closing(sqlite3.connect(place.database)) as open_elsewhere:
        open_elsewhere.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        open_elsewhere.execute("CREATE TABLE late (x)")
        open_elsewhere.commit()
        assert place.run("state", "restore", place.folder / "copy.db").code == 0

    (kept,) = place.folder.glob("*.replaced")
    with closing(sqlite3.connect(kept)) as former:
        assert former.execute("SELECT count(*) FROM late").fetchone() == (0,)


def test_a_damaged_copy_is_not_restored(place):
    place.settle()
    before = place.tables()
    broken = place.folder / "broken.db"
    broken.write_bytes(b"no database at all" * 100)

    refused = place.run("state", "restore", broken)

    assert refused.code == 1
    assert place.tables() == before


def test_an_export_is_json_with_every_link(place):
    place.settle()

    exported = json.loads(place.run("state", "export").out)

    assert exported["format"] == "partnero-tolt/state-export"
    assert "ANNA10" in {row["written"] for row in exported["tables"]["link"]}
