"""The pages that are made from the code are the code's."""

import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

from connector.reports.meaning import REASONS

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


def test_every_guard_and_reason_is_explained_in_the_troubleshooting_page():
    page = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    schema = files("connector") / "schemas" / "plan.schema.json"
    refused = json.loads(schema.read_text(encoding="utf-8"))["$defs"]["refused"]
    guards = refused["oneOf"][1]["properties"]["guard"]["enum"]

    words = [*guards, *REASONS]
    assert [word for word in words if f"`{word}`" not in page] == []


def test_every_reason_that_the_program_gives_has_words():
    given = set()
    for path in (DOCS.parent / "connector").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        given |= set(re.findall(r'(?:Finding|report)\(\s*"(\w+)"', source))
        given |= set(re.findall(r'reason="(\w+)"', source))
        given |= set(re.findall(r'blocked\(\s*\w+,\s*"(\w+)"', source))

    assert len(given) > 30
    assert given <= REASONS.keys()
