"""What the history says of a run, in numbers and in words."""

import json
from dataclasses import replace

import pytest

from connector.reports.past_runs import Did, did, did_document, did_text
from state.counts import PlanCounts
from state.model import Intent, RunSummary

RUN = RunSummary(
    *("r_1", "acme", "sync", "partial"),
    *("2026-06-01T09:00:00Z", "2026-06-01T09:00:07Z"),
)


def printed(*outcomes):
    named = [
        {"action": action, "target": target, "outcome": outcome}
        for action, target, outcome in outcomes
    ]
    return json.dumps({"outcomes": named})


def test_what_was_printed_is_counted_by_what_a_person_calls_it():
    text = printed(
        ("create", "tolt", "confirmed"),
        ("create", "tolt", "adopted"),
        ("create", "partnero", "failed"),
        ("update", "tolt", "confirmed"),
        ("replace", "tolt", "confirmed"),
        ("delete", "partnero", "confirmed"),
        ("delete", "partnero", "stale"),
        ("redeem", "partnero", "confirmed"),
        ("transaction", "tolt", "quarantined"),
        ("coupon", "partnero", "confirmed"),
        ("adopt", "state", "confirmed"),
        ("update", "tolt", "skipped"),
    )

    counted = did(replace(RUN, counts=PlanCounts(held=2)), text, ())

    assert counted == Did(2, 2, 1, 1, held=2, failed=3)


def test_of_a_run_that_was_killed_its_journal_is_counted():
    def noted(action, state):
        return Intent(*("i", "r_1", "c", "k", "K", action, "tolt"), state, "{}")

    journal = [noted("create", "confirmed"), noted("create", "sending")]

    assert did(RUN, "", journal) == Did(created=1)


@pytest.mark.parametrize(
    ("counted", "words"),
    [
        (Did(), "nothing written, 7 s"),
        (Did(held=1), "nothing written, 1 waits for a decision, 7 s"),
        (Did(created=4, pushed=1), "4 created, 1 pushed, 7 s"),
        (
            Did(1, 2, 3, 0, held=8, failed=2),
            "1 created, 2 updated, 3 deleted, 2 failed, 8 wait for a decision, 7 s",
        ),
    ],
)
def test_what_a_run_did_is_said_in_a_few_words(counted, words):
    assert did_text(RUN, counted) == words


def test_a_run_that_goes_on_has_taken_no_seconds_yet():
    running = replace(RUN, finished_at="")

    assert did_document(running, Did())["seconds"] is None
    assert did_text(running, Did()) == "nothing written"


def test_a_clock_that_was_set_back_makes_no_negative_seconds():
    back = replace(RUN, finished_at="2026-06-01T08:00:00Z")

    assert did_document(back, Did())["seconds"] == 0
