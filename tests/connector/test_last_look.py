"""The last complete look: what a run leaves, so that a person can decide by it."""

import json

import pytest

from connector.engine.asks import Ask
from connector.run.deciding import accept

AT = "2026-01-02T00:00:00Z"


@pytest.fixture
def settled(place):
    place.settle()
    return place


def waits(place, code):
    return next(w for w in place.store().waiting().values() if w.code == code)


def decided(place, *asks, sure=False, by="ada@desk"):
    return accept({"acme": place.store()}, asks, who=by, at=AT, sure=sure)


def test_a_run_leaves_when_both_sides_were_seen_and_what_waits(settled):
    look, waiting = settled.store().looked(), settled.store().waiting()

    assert look.run == settled.json("history").document["runs"][0]["run"]
    assert waiting
    documents = [json.loads(w.document) for w in waiting.values()]
    assert all(document["options"] for document in documents)
    assert {"held", "blocked"} <= {document.get("status") for document in documents}
    assert any(document.get("kind") == "looser_on_tolt" for document in documents)


def test_a_look_that_finds_nothing_waiting_is_a_look(place):
    place.settle(codes=3)

    assert place.store().looked()
    assert place.store().waiting() == {}


def test_what_waits_on_keeps_since_when_it_waits(settled):
    before = waits(settled, "NOPARTNER")
    first = settled.store().looked()
    settled.edit("tolt", "set_code", code="ANNA10", value=33)
    settled.json("sync")

    assert waits(settled, "NOPARTNER").run == before.run
    assert settled.store().looked().run != first.run


@pytest.mark.parametrize("words", [("plan",), ("check",), ("inbox",), ("verify",)])
def test_what_only_reads_leaves_no_look(settled, words):
    before = settled.database.read_bytes()
    settled.run(*words)

    assert settled.database.read_bytes() == before


def test_an_answer_is_taken_by_the_last_look_and_done_by_the_next_run(settled):
    id_ = waits(settled, "NOPARTNER").id
    heard = decided(settled, Ask("acme", id_, "tolt", "asked", code="NOPARTNER"))

    assert [decision.note for _, decision in heard.taken] == ["asked"]
    assert heard.refused == []
    assert settled.json("sync").outcomes["NOPARTNER"] == "confirmed"


def test_what_destroys_is_stored_only_once_somebody_is_sure_and_with_it_the_rest(
    settled,
):
    both = [
        Ask("acme", waits(settled, "NOPARTNER").id, "delete"),
        Ask("acme", waits(settled, "EXPIRED10").id, "keep"),
    ]
    heard = decided(settled, *both)

    assert [shown.code for _, shown in heard.asks_again] == ["NOPARTNER"]
    assert (heard.taken, settled.store().decisions()) == ([], {})
    assert len(decided(settled, *both, sure=True).taken) == 2


def test_each_wrong_answer_is_refused_by_itself(settled):
    id_ = waits(settled, "NOPARTNER").id
    heard = decided(
        settled,
        Ask("acme", "c_000000000000", "keep"),
        Ask("acme", waits(settled, "EXPIRED10").id, "partnero"),
        Ask("acme", waits(settled, "SAM20").id, "keep", code="BEN10"),
        Ask("acme", id_, "keep"),
    )

    assert [decision.code for _, decision in heard.taken] == ["NOPARTNER"]
    whys = [refused.why for refused in heard.refused]
    assert "nothing waits under this id any more" in whys[0]
    assert "--keep" in whys[1]
    assert "the id is of SAM20, and the code beside it is BEN10" in whys[2]


def test_of_two_people_who_decide_the_first_one_counts(settled):
    id_ = waits(settled, "NOPARTNER").id
    decided(settled, Ask("acme", id_, "keep"), by="Ada")
    late = decided(settled, Ask("acme", id_, "tolt"), by="Ben")

    assert late.taken == []
    assert "decided already (--keep, by Ada)" in late.refused[0].why
    assert settled.store().decisions()[id_].who == "Ada"


def test_a_word_is_taken_back_by_the_same_way(settled):
    id_ = waits(settled, "NOPARTNER").id
    decided(settled, Ask("acme", id_, "keep"))
    back = decided(settled, Ask("acme", id_, "withdraw"))
    again = decided(settled, Ask("acme", id_, "withdraw"))

    assert [decision.id for _, decision in back.withdrawn] == [id_]
    assert settled.store().decisions() == {}
    assert "no decision to take back" in again.refused[0].why


def test_a_run_that_was_to_do_one_thing_looks_at_all_of_it(place, tmp_path):
    file = tmp_path / "plan.json"
    plan = place.json("plan", "--out", file).document
    ready = [c["id"] for c in plan["changes"] if c["status"] == "ready"]
    place.json("apply", file, "--only", ready[0], "--yes")

    waiting = place.store().waiting().keys()
    assert len(ready) > 1
    assert not set(ready) & waiting
    assert {c["id"] for c in plan["changes"] if c["status"] == "blocked"} <= waiting


def test_a_run_that_a_limit_refuses_has_looked_all_the_same(place):
    place.configure(limits="creates = 0")
    refused = place.json("sync")

    assert refused.guard == "too_many_creates"
    assert place.store().looked().run == refused.document["run"]


def test_a_side_that_was_not_read_completely_leaves_the_look_before(settled, hurried):
    before = settled.store().looked()
    settled.fault("status", path="promotion-codes", status=503, count=None)
    assert settled.json("sync").code == 4

    assert settled.store().looked() == before


def test_what_was_accepted_and_not_done_waits_on(settled):
    limited = waits(settled, "ONLYPARTNERO-LIMITED")
    settled.fault("status", method="POST", path="promotion-codes", status=422)
    ended = settled.json("apply", "--accept", limited.id, "--yes")

    assert ended.outcomes["ONLYPARTNERO-LIMITED"] == "failed"
    assert limited.id in settled.store().waiting()
    again = settled.json("apply", "--accept", limited.id, "--yes")
    assert again.outcomes["ONLYPARTNERO-LIMITED"] == "confirmed"
    assert limited.id not in settled.store().waiting()


def test_no_command_is_printed_that_would_be_refused(place):
    """A payee who has no counterpart: neither side's word can be carried out."""
    place.edit("partnero", "create_partner", email="mia@home.example")
    place.edit("tolt", "create_partner", email="mia@work.example")
    for code in ("MIA1", "MIA2"):
        row = {"code": code, "coupon": "PCT10", "partner": "mia@home.example"}
        place.edit("partnero", "create_code", **row)
        place.edit("tolt", "create_code", code=code, partner="mia@work.example")
    place.json("sync")

    shown = json.loads(waits(place, "MIA1").document)

    assert "why" in shown["options"]["partnero"]
    assert [way["command"] for way in shown["ways"]] == shown["commands"]
    assert shown["commands"] == ["partnero-tolt decide MIA1 --keep"]
    (only,) = shown["question"]["ways"]
    assert only["command"] == "partnero-tolt check --aliases aliases.csv"
    said = place.run("inbox").out
    assert "decide MIA1 MIA2 --take" not in said
    assert "decide NOPARTNER --take tolt" in said
