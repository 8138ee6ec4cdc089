"""The pages that are made from the code are the code's."""

import os
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_the_decision_table_in_the_docs_is_the_one_that_is_executed():
    made = subprocess.run(
        [sys.executable, DOCS / "table.py"],
        cwd=DOCS.parent,
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        check=True,
    )

    assert (DOCS / "table.md").read_bytes() == made.stdout


def test_every_guard_has_a_line_in_the_troubleshooting_page():
    page = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")

    guards = (
        "empty_side short_listing too_many_creates too_many_updates too_many_deletes "
        "everything_changed other_account same_program sentinel_missing other_state "
        "plan_edited plan_expired plan_foreign"
    )
    assert [guard for guard in guards.split() if f"`{guard}`" not in page] == []
