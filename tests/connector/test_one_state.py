"""Two machines with a state each on one programme: one of them may write."""

import json
import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from connector.run import claim as claiming
from connector.sandbox import seed

KEY = re.compile(r"^partnero_tolt\.[0-9a-f]{16}$")
OTHER = "partnero_tolt.00000000000000aa"
PUSH = '[pairs.policy]\nredemptions = "to-partnero"\ncommissions = true'
PUT = ("PUT", "/partnero/v1/promotion-codes")
SENTINEL = "/partnero/v1/promotion-codes/CANARY"


def canary(place):
    return place.sandbox.world.partnero.code("CANARY")


def marks(place):
    kept = canary(place).metadata
    return {name: kept[name] for name in kept if name.startswith("partnero_tolt.")}


def asked(place):
    return [(row.method, row.path) for row in place.sandbox.requests]


def puts(place):
    return [row for row in place.writes if row.method == "PUT"]


def new_code(place, text):
    place.edit("tolt", "create_code", code=text, partner="anna@example.com")


@pytest.fixture
def guarded(place):
    """A programme with a sentinel on both sides, and something to be written."""
    world = seed.Builder()
    world.programme(seed.PARTNERO_KEY, "Acme")
    world.organization(seed.TOLT_KEY, "Acme")
    world.partner("Anna", "anna@example.com", "anna@example.com")
    world.partner("Ben", "ben@example.com", "ben@example.com")
    world.both("CANARY", "Anna", "10")
    world.both("ANNA10", "Anna", "10")
    place.build = world
    place.inhabit(world.world, limits='sentinel = "CANARY"')
    new_code(place, "NEW1")
    return place


@pytest.fixture
def other(guarded):
    """Calls the program on a second machine: the same configuration, its own state."""
    folder = guarded.folder / "elsewhere"
    folder.mkdir()

    def call(*arguments):
        shutil.copy(guarded.config, folder / "connector.toml")
        return guarded.json("--config", folder / "connector.toml", *arguments)

    return call


# --- the first mark ---------------------------------------------------------------


def test_the_first_run_that_writes_puts_one_mark_before_anything_else(guarded):
    canary(guarded).metadata = {"campaign": "summer"}

    done = guarded.json("sync")

    first, *_ = guarded.writes
    ((name, value),) = marks(guarded).items()
    identity = guarded.tables()["meta"]
    assert (done.code, done.outcomes) == (0, {"NEW1": "confirmed"})
    assert (first.method, first.path) == PUT
    assert first.body == {"code": "CANARY", "metadata": {name: value}}
    assert KEY.match(name)
    assert any(name.removeprefix("partnero_tolt.") in row[1] for row in identity)
    assert abs(datetime.fromisoformat(value) - datetime.now(UTC)) < timedelta(minutes=1)
    assert canary(guarded).metadata["campaign"] == "summer"
    place = asked(guarded)
    assert place[place.index(PUT) + 1] == ("GET", SENTINEL)


def test_later_runs_ask_for_nothing_more_because_of_the_mark(guarded):
    def cost(text):
        new_code(guarded, text)
        guarded.sandbox.requests.clear()
        assert guarded.json("sync").outcomes == {text: "confirmed"}
        return sorted(asked(guarded))

    guarded.json("sync")
    with_mark = cost("NEW2")
    guarded.configure()
    without = cost("NEW3")

    def kinds(requests):
        return sorted(re.sub(r"NEW\d|promo_\w+", "", str(one)) for one in requests)

    assert kinds(with_mark) == kinds(without)


@pytest.mark.parametrize("command", ["plan", "verify", "inbox", "check"])
def test_nothing_that_only_reads_puts_a_mark(guarded, command):
    guarded.run(command)

    assert guarded.writes == []


def test_a_run_that_writes_nothing_remote_puts_no_mark(guarded):
    guarded.edit("tolt", "delete_code", code="NEW1")

    done = guarded.json("sync")

    assert done.code == 0
    assert done.document["plan"]["adopt"] == 2
    assert guarded.writes == []


def test_without_a_sentinel_no_mark_is_put_or_asked_for(guarded):
    canary(guarded).metadata = {OTHER: "2026-01-01T00:00:00Z"}
    guarded.configure()

    done = guarded.json("sync")

    assert done.outcomes == {"NEW1": "confirmed"}
    assert ("GET", SENTINEL) not in asked(guarded)
    assert list(marks(guarded)) == [OTHER]


def test_a_sentinel_in_another_spelling_is_marked_as_partnero_spells_it(guarded):
    guarded.configure(limits='sentinel = " canary "')
    guarded.sandbox.switches.partnero_case = "sensitive"

    assert guarded.json("sync").code == 0
    assert puts(guarded)[0].body["code"] == "CANARY"


# --- two states -------------------------------------------------------------------


def assert_refused(result, place, writes):
    assert result.code == 5
    assert result.guard == "other_state"
    assert result.document["status"] == "refused"
    assert "Nothing was written" in result.document["refused"]["message"]
    assert result.document["refused"]["message"].endswith("partnero-tolt state claim")
    assert len(place.writes) == writes


def test_the_second_state_is_refused_until_it_claims_and_then_the_first(guarded, other):
    assert guarded.json("sync").code == 0
    (since,) = marks(guarded).values()
    new_code(guarded, "NEW2")
    writes = len(guarded.writes)

    refused = other("sync")
    assert_refused(refused, guarded, writes)
    assert since[:19] in refused.document["refused"]["message"]
    assert_refused(other("apply", "--yes"), guarded, writes)

    claimed = other("state", "claim", "--yes")
    assert claimed.code == 0
    assert (claimed.document["ours"], claimed.document["claimed"]) == (True, True)
    assert [one["ours"] for one in claimed.document["marks"]] == [False]
    assert len(guarded.writes) == writes + 1
    assert sorted(value.partition(" ")[2] for value in marks(guarded).values()) == [
        "",
        "claim",
    ]

    assert other("sync").outcomes == {"NEW2": "confirmed"}
    new_code(guarded, "NEW3")
    writes = len(guarded.writes)
    assert_refused(guarded.json("sync"), guarded, writes)
    assert guarded.json("state", "claim", "--yes").document["claimed"] is True
    assert guarded.json("sync").outcomes == {"NEW3": "confirmed"}


@pytest.mark.parametrize("command", ["plan", "verify", "inbox", "check", "explain"])
def test_reading_commands_tell_and_do_not_refuse(guarded, command):
    guarded.json("sync")
    canary(guarded).metadata = {OTHER: "2026-01-01T00:00:00Z"}
    names = ["CANARY"] if command == "explain" else []

    read = guarded.json(command, *names)

    assert read.code == 0
    if command == "plan":
        assert read.guard is None
        (told,) = [
            one for one in read.document["findings"] if one["kind"] == "other_state"
        ]
        assert "2026-01-01T00:00:00Z" in told["message"]
        assert "state claim" in guarded.run("plan").out
    if command == "check":
        (told,) = [
            one for one in read.document["checks"] if one["check"] == "other_state"
        ]
        assert "2026-01-01T00:00:00Z" in told["said"]
        assert told["ok"]


def test_a_lost_state_is_refused_once_until_it_claims(guarded):
    assert guarded.json("sync").code == 0
    for file in guarded.folder.glob("connector.db*"):
        file.unlink()
    new_code(guarded, "NEW2")
    writes = len(guarded.writes)

    assert_refused(guarded.json("sync", "--first"), guarded, writes)
    assert guarded.json("state", "claim", "--yes").code == 0

    done = guarded.json("sync")
    assert (done.code, done.outcomes) == (0, {"NEW2": "confirmed"})
    assert guarded.json("sync").code == 0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("yesterday", "since a time that cannot be read"),
        (None, "since a time that cannot be read"),
        (5, "since a time that cannot be read"),
        ("2999-01-01T00:00:00Z", "in the future by this machine's clock"),
        ("2026-01-01T00:00:00Z claim", "took this programme over"),
    ],
)
def test_an_odd_mark_of_another_state_counts_and_says_what_is_odd(
    guarded, value, words
):
    canary(guarded).metadata = {OTHER: value}

    refused = guarded.json("sync")

    assert_refused(refused, guarded, 0)
    assert words in refused.document["refused"]["message"]
    assert guarded.json("state", "claim", "--yes").code == 0
    assert guarded.json("sync").outcomes == {"NEW1": "confirmed"}


def test_the_command_names_its_pair_where_there_are_several(guarded):
    canary(guarded).metadata = {OTHER: "2026-01-01T00:00:00Z"}
    guarded.add_pair()

    refused, _ = guarded.json("sync").documents

    assert refused["refused"]["guard"] == "other_state"
    told = refused["refused"]["message"]
    assert told.endswith("partnero-tolt --pair acme state claim")
    assert guarded.run("state", "claim", "--yes").code == 2
    assert guarded.json("--pair", "acme", "state", "claim", "--yes").code == 0


def test_of_two_that_begin_at_once_the_later_mark_is_refused(
    guarded, other, monkeypatch
):
    """Neither listing shows a mark: what is read after one's own PUT decides."""
    first_mark, theirs = claiming.first_mark, []

    def overtaken(now):
        monkeypatch.setattr(claiming, "first_mark", first_mark)
        theirs.append(other("sync"))
        return first_mark(datetime.now(UTC))

    monkeypatch.setattr(claiming, "first_mark", overtaken)
    refused = guarded.json("sync")

    assert theirs[0].outcomes == {"NEW1": "confirmed"}
    assert (refused.code, refused.guard) == (5, "other_state")
    assert "but this state's own mark" in refused.document["refused"]["message"]
    assert [row.method for row in guarded.writes] == ["PUT", "POST", "PUT"]
    assert len(marks(guarded)) == 2
    new_code(guarded, "NEW2")
    assert other("sync").outcomes == {"NEW2": "confirmed"}


def test_of_two_that_begin_at_once_the_earlier_mark_goes_on(guarded, monkeypatch):
    put = claiming.Claim.put

    def meet(self, value):
        canary(guarded).metadata[OTHER] = "2030-01-01T00:00:00Z"
        put(self, value)

    monkeypatch.setattr(claiming.Claim, "put", meet)

    assert guarded.json("sync").outcomes == {"NEW1": "confirmed"}


# --- answers that are lost, refused, late -----------------------------------------


def test_a_lost_answer_is_settled_by_reading_the_marks(guarded):
    guarded.fault("lost_after", method="PUT")

    done = guarded.json("sync")

    assert (done.code, done.outcomes) == (0, {"NEW1": "confirmed"})
    assert len(puts(guarded)) == 1
    assert len(marks(guarded)) == 1


def test_a_mark_that_does_not_show_ends_the_run_before_any_other_write(guarded):
    guarded.fault("lost_before", method="PUT", count=None)

    ended = guarded.json("sync")

    assert ended.code == 1
    assert "Nothing else was written" in ended.document["error"]
    assert [row.method for row in guarded.writes] == ["PUT"]
    guarded.sandbox.faults.clear()
    assert guarded.json("sync").outcomes == {"NEW1": "confirmed"}


def test_a_mark_that_was_lost_is_put_again_as_it_was(guarded):
    guarded.json("sync")
    before = marks(guarded)
    canary(guarded).metadata = {}
    new_code(guarded, "NEW2")

    assert guarded.json("sync").code == 0

    assert marks(guarded) == before


def test_a_refused_mark_says_what_to_do_and_writes_nothing(guarded):
    guarded.fault("status", method="PUT", status=422, count=None)

    ended = guarded.json("sync")

    assert ended.code == 1
    assert "limits.sentinel" in ended.document["error"]
    assert [row.method for row in guarded.writes] == ["PUT"]


def test_what_an_earlier_run_left_open_is_not_finished_by_a_second_state(guarded):
    guarded.json("sync")
    new_code(guarded, "NEW2")
    guarded.fault("lost_before", method="POST", count=None)
    assert guarded.json("sync").code == 4
    guarded.sandbox.faults.clear()
    canary(guarded).metadata[OTHER] = "2030-01-01T00:00:00Z claim"
    guarded.sandbox.requests.clear()

    assert_refused(guarded.json("sync"), guarded, 0)
    assert ("GET", SENTINEL) in asked(guarded)


# --- payments ---------------------------------------------------------------------


@pytest.fixture
def paying(guarded):
    """Three sales on Tolt that Partnero does not have; the sentinel has our mark."""
    guarded.json("sync")
    code = guarded.sandbox.world.tolt.codes_named("ANNA10")[0]
    at = datetime.now(UTC) - timedelta(days=1)
    for number in range(3):
        email = f"b{number}@buyers.example"
        guarded.build.sale_right(code, f"ch-{number}", 4999, email=email, at=at)
    guarded.configure(limits='sentinel = "CANARY"', more=PUSH)
    return guarded


def paid(place):
    return len(place.sandbox.world.partnero.transactions)


def test_payments_read_the_marks_again_once_the_last_look_is_old(paying, monkeypatch):
    monkeypatch.setattr(claiming, "FRESH", -1.0)
    paying.sandbox.requests.clear()

    assert paying.json("sync").code == 0

    assert paid(paying) == 3
    assert asked(paying).count(("GET", SENTINEL)) == 3


def test_a_fresh_look_is_good_for_many_payments(paying):
    paying.sandbox.requests.clear()

    assert paying.json("sync").code == 0

    assert paid(paying) == 3
    assert ("GET", SENTINEL) not in asked(paying)


def test_a_state_that_takes_over_in_the_middle_ends_the_payments(paying, monkeypatch):
    monkeypatch.setattr(claiming, "FRESH", -1.0)
    kept = {**canary(paying).metadata, OTHER: "2999-01-01T00:00:00Z claim"}
    edit = {"side": "partnero", "action": "set_code", "code": "CANARY"}
    paying.fault(
        "edit", path="customers$", method="POST", edit=edit | {"metadata": kept}
    )

    ended = paying.json("sync")

    outcomes = [(one["action"], one["outcome"]) for one in ended.document["outcomes"]]
    assert ended.code == 1
    assert "state claim" in ended.document["error"]
    assert "it was not paid" in ended.document["error"]
    assert paid(paying) == 0
    assert outcomes.count(("transaction", "skipped")) == 3
    paying.sandbox.requests.clear()
    assert_refused(paying.json("sync"), paying, 0)


def test_the_run_that_puts_the_mark_reads_once_more_before_it_pays(paying):
    """Somebody who began at the same moment may have been a little earlier."""
    canary(paying).metadata = {}
    kept = {OTHER: "2026-01-01T00:00:00Z"}

    def overtake(world):
        world.partnero.code("CANARY").metadata |= kept

    paying.fault("edit", path="customers$", method="POST", edit=overtake)

    ended = paying.json("sync")

    assert ended.code == 1
    assert paid(paying) == 0


def test_marks_that_cannot_be_read_pay_nobody(paying, monkeypatch, hurried):
    monkeypatch.setattr(claiming, "FRESH", -1.0)
    paying.fault("status", method="GET", path="codes/CANARY", status=503, count=None)

    ended = paying.json("sync")

    assert ended.code == 4
    assert paid(paying) == 0
    assert "cannot be read" in ended.document["error"]


def test_pushing_without_a_sentinel_is_told_in_every_report(paying):
    paying.configure(more=PUSH)

    for result in (paying.json("plan"), paying.json("check")):
        text = json.dumps(result.document)
        assert result.code == 0
        assert text.count("nothing prevents a second machine") == 1


# --- state claim ------------------------------------------------------------------


def test_a_claim_needs_a_sentinel_and_says_the_line_to_add(guarded):
    guarded.configure()

    refused = guarded.run("state", "claim", "--yes")

    assert refused.code == 2
    assert 'sentinel = "CODE"' in refused.err
    assert guarded.writes == []


def test_a_claim_asks_and_no_answer_is_no_claim(guarded, monkeypatch):
    canary(guarded).metadata = {OTHER: "2026-01-01T00:00:00Z"}

    silent = guarded.run("state", "claim")
    monkeypatch.setattr("connector.commands.claiming.needs_terminal", lambda *a, **k: 0)
    monkeypatch.setattr("connector.commands.claiming.confirmed", lambda question: False)
    declined = guarded.json("state", "claim")

    assert silent.code == 2
    assert "--yes" in silent.err
    assert declined.code == 1
    assert "since 2026-01-01T00:00:00Z" in declined.err
    assert (declined.document["ours"], declined.document["claimed"]) == (False, False)
    assert guarded.writes == []


def test_a_claim_of_what_is_ours_writes_nothing(guarded):
    guarded.json("sync")
    guarded.sandbox.requests.clear()

    again = guarded.json("state", "claim", "--yes")

    assert (again.code, again.document["claimed"]) == (0, False)
    assert guarded.writes == []
    assert "already" in guarded.run("state", "claim", "--yes").out


def test_a_claim_before_the_first_run_marks_the_programme(guarded, other):
    claimed = guarded.json("state", "claim", "--yes")

    assert (claimed.code, claimed.document["marks"]) == (0, [])
    assert len(guarded.writes) == 1
    assert other("sync").guard == "other_state"
    assert guarded.json("sync").code == 0


def test_a_claim_without_the_sentinel_on_partnero_is_refused(guarded):
    guarded.edit("partnero", "delete_code", code="CANARY")

    refused = guarded.json("state", "claim", "--yes")

    assert refused.code == 5
    assert "CANARY" in refused.document["error"]


# --- the sentinel itself ----------------------------------------------------------


def test_the_sentinel_is_not_replaced_whatever_was_accepted(guarded):
    guarded.json("sync")
    guarded.edit("partnero", "move_partner", code="CANARY", partner="ben@example.com")
    guarded.configure(limits='sentinel = "CANARY"')
    guarded.sandbox.requests.clear()

    planned = guarded.json("plan").document["changes"]

    (change,) = [one for one in planned if one["code"] == "CANARY"]
    assert change["action"] == "replace"
    assert change["status"] == "blocked"
    assert "limits.sentinel" in change["message"]
    guarded.json("apply", "--yes", "--accept", change["id"])
    assert guarded.writes == []
