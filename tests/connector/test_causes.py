"""Every status but complete says why, in every place where the status stands."""

import io
import threading

import pytest

from connector.engine.trouble import REASONS, STATUSES
from connector.run.lease import holding
from connector.run.record import begun_run, summary
from mappings.errors import Problem
from tests.harness.place import Place
from tests.harness.program import ROOT

pytestmark = pytest.mark.usefixtures("hurried")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def settled(place):
    place.settle(12, partners=3, only_tolt=0.0, only_partnero=0.0)
    return place


def partial(place: Place, *form):
    place.fault("status", path="/tolt/v2/partners", status=503, answer="", count=None)
    return place.run("sync", *form)


def refused(place: Place, *form):
    place.configure(limits='sentinel = "CANARY"')
    return place.run("sync", *form)


def failed(place: Place, *form):
    place.setenv("TOLT_API_KEY", "tlt_wrong")
    return place.run("sync", *form)


def locked(place: Place, *form):
    with holding(place.store()):
        return place.run("sync", *form)


def declined(place: Place, *form):
    place.edit(
        "partnero",
        "create_code",
        code="NEW10",
        coupon="PCT5",
        partner="partner00000@example.com",
    )
    return place.run("apply", *form)


def interrupted(place: Place, *form):
    stop = threading.Event()
    stop.set()
    ended = place.sync(stop=stop)
    return place.run("show", ended.id, *form)


MADE = {
    "partial": partial,
    "refused": refused,
    "failed": failed,
    "interrupted": interrupted,
    "locked": locked,
    "declined": declined,
}
SAID = {
    "partial": "Tolt answered 503 to GET partners (5 tries)",
    "refused": "CANARY",
    "failed": "Tolt answered 401 to GET ",
    "interrupted": "It was asked to stop",
    "locked": "Another run holds the pair acme",
    "declined": "A person said no",
}


def test_there_is_a_story_for_every_status():
    assert set(STATUSES) == {"complete", *MADE}


@pytest.mark.parametrize("status", MADE)
def test_every_status_but_complete_has_its_cause_everywhere(
    settled, monkeypatch, status
):
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    told = MADE[status](settled, "--format", "json").document

    assert told["status"] == status
    assert SAID[status] in told["error"]
    assert told["reason"]
    if status == "locked":  # it never began, so that no history knows it
        assert told["run"] is None
        return
    shown = settled.json("show", told["run"]).document
    (row, *_) = settled.json("history").document["runs"]
    assert shown["error"] == row["error"] == told["error"]
    for word in ("status", "health"):
        assert settled.json(word).document["error"] == told["error"]
    for command in (("history",), ("show", told["run"]), ("status",), ("health",)):
        assert SAID[status] in settled.run(*command).out


@pytest.mark.parametrize("status", MADE)
def test_the_cause_stands_in_the_line_that_names_pair_and_status(
    settled, monkeypatch, status
):
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    out = MADE[status](settled).out

    (line,) = [one for one in out.splitlines() if SAID[status] in one][:1]
    assert "acme" in line or status == "interrupted"


def test_a_complete_run_has_no_error(settled):
    told = settled.json("sync").document

    assert (told["status"], told["error"], told["reason"]) == ("complete", None, None)
    assert settled.json("plan").document["error"] is None
    for word in ("status", "health"):
        assert settled.json(word).document["error"] is None


def test_a_run_that_was_killed_says_that_nothing_is_known_of_its_end(settled):
    begun = begun_run("acme", "sync")
    settled.store().journal.save_run(summary(begun))

    shown = settled.json("show", begun.id).document
    assert "ended in the middle" in shown["error"]
    assert shown["reason"] == "cut_off"


@pytest.mark.parametrize("status", ["partial", "refused", "failed"])
def test_a_plan_says_in_one_line_why_it_is_none(settled, status):
    MADE[status](settled)

    planned = settled.json("plan").document

    assert SAID[status] in planned["error"]
    assert "\n" not in planned["error"]


def test_the_first_failure_is_named_and_the_others_like_it_are_counted(place):
    place.settle(12, partners=3)
    for number in range(3):
        place.edit(
            "partnero",
            "create_code",
            code=f"NEW{number}0",
            coupon="PCT5",
            partner="partner00000@example.com",
        )
    place.fault(
        "status",
        method="POST",
        path="/tolt/v2/promotion-codes",
        status=422,
        answer={"success": False, "error": {"message": "Not on a Sunday"}},
        count=None,
    )

    told = place.json("sync").document

    assert told["status"] == "partial"
    assert "create on Tolt failed: Tolt answered 422 to POST promotion" in told["error"]
    assert "Not on a Sunday (and 2 more failed)" in told["error"]


def test_swapped_keys_are_told_with_the_variable_and_without_a_key(settled):
    keys = settled.sandbox.environment
    settled.setenv("PARTNERO_API_KEY", keys["TOLT_API_KEY"])
    settled.setenv("TOLT_API_KEY", keys["PARTNERO_API_KEY"])

    told = settled.json("plan")

    error = told.document["error"]
    assert told.code == 1
    assert "_API_KEY)" in error
    assert "The two keys look swapped" in error
    assert not any(key in told.out + told.err for key in keys.values())


def test_a_host_that_cannot_be_resolved_is_named(settled):
    settled.configure(base_url__1='"https://api.tolt.invalid/v2"')

    told = settled.json("sync")

    assert (told.code, told.document["status"]) == (1, "failed")
    assert "the host api.tolt.invalid cannot be resolved" in told.document["error"]
    assert "(5 tries)" in told.document["error"]
    assert told.document["reason"] == "host_unknown"


# -- where the state's database is down ------------------------------------------------


@pytest.fixture
def down(settled):
    """Two pairs, and a state that is no database."""
    settled.add_pair()
    settled.database.write_bytes(b"this is no database at all" * 100)
    return settled


@pytest.mark.parametrize(
    "command", ["sync", "plan", "status", "health", "history", "inbox"]
)
def test_the_document_is_printed_although_the_database_is_down(down, command):
    told = down.json(command)

    assert told.code == 1
    assert [one["pair"] for one in told.documents] == ["acme", "beta"]
    for one in told.documents:
        assert "connector.db cannot be used" in one["error"]


@pytest.mark.parametrize("command", [("sync",), ("show", "r_20260101T000000_abcdef")])
def test_a_run_is_then_none_with_no_outcomes(down, command):
    told = down.json(*command)

    assert [one["pair"] for one in told.documents] == ["acme", "beta"]
    for one in told.documents:
        assert (one["run"], one["outcomes"], one["plan"]) == (None, [], None)
        assert one["status"] == "failed"
        assert one["reason"] == "state"


# -- the words for machines ------------------------------------------------------------


def test_every_reason_is_one_of_few_and_has_its_line_in_the_docs():
    errors = {
        kind.reason
        for kind in (Problem, *subclasses(Problem))
        if kind.__module__.split(".")[0] in ("connector", "mappings", "state")
    }
    page = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")

    assert errors <= REASONS
    assert sorted(word for word in REASONS if f"`{word}`" not in page) == []


def subclasses(kind: type) -> set[type]:
    below = set(kind.__subclasses__())
    return below | {each for one in below for each in subclasses(one)}
