"""What a person is asked before a run, and what a run counts after it."""

import os
import re
import subprocess
import sys

ON_A_TERMINAL = """\
import pty, sys
pty.spawn([sys.executable, "-m", "connector", *sys.argv[1:]])
"""
DRAWN = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def test_the_question_counts_writes_alone_and_a_no_is_declined(place):
    """What is only remembered changes nothing, and the [y/N] is really shown."""
    told = subprocess.run(
        [sys.executable, "-c", ON_A_TERMINAL, "apply"],
        cwd=place.folder,
        env={**os.environ, **place.sandbox.environment},
        input=b"n\n",
        capture_output=True,
        timeout=60,
        check=False,
    )
    shown = DRAWN.sub("", told.stdout.decode())
    plan = place.json("plan").document
    writes = [
        change
        for change in plan["changes"]
        if change["status"] == "ready" and change["target"] != "state"
    ]

    assert len(writes) < plan["summary"]["ready"]
    assert f"Apply {len(writes)} changes?" in shown
    assert "[y/N]" in shown
    assert "acme: declined" in shown
    assert "nothing written" in shown


def test_the_codes_in_step_after_a_run_are_those_after_it(place):
    before = place.json("plan").document["summary"]["in_sync"]

    told = place.run("sync").out

    after = place.json("plan").document["summary"]["in_sync"]
    assert after > before
    assert f"{after} codes in step" in told


def test_what_is_blocked_says_how_to_go_on_and_that_works(place):
    shown = place.run("plan").out
    blocked = next(
        change
        for change in place.json("plan").document["changes"]
        if change["reason"] == "partner_missing"
    )
    keep = next(one for one in blocked["commands"] if one.endswith("--keep"))

    assert keep in shown
    assert place.run(*keep.split()[1:]).code == 0
    assert blocked["id"] not in {
        change["id"] for change in place.json("plan").document["changes"]
    }
