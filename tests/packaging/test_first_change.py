"""CONTRIBUTING's ten minutes, walked as they are written, in a fresh clone."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WHO = {
    "GIT_AUTHOR_NAME": "A newcomer",
    "GIT_AUTHOR_EMAIL": "newcomer@example.com",
    "GIT_COMMITTER_NAME": "A newcomer",
    "GIT_COMMITTER_EMAIL": "newcomer@example.com",
}


def steps() -> str:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"(?ms)^```sh\n(.*?)^```", page.partition("## What there")[0])
    return block


def test_the_line_that_a_newcomer_changes_is_there_once():
    (old,) = re.findall(r"s/(\"[^/]+\")/", steps())
    (path,) = re.findall(r"sed .* (\S+)$", steps(), re.MULTILINE)

    assert (ROOT / path).read_text(encoding="utf-8").count(old) == 1


def test_every_target_that_a_newcomer_is_told_is_one():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    told = set(re.findall(r"(?m)\bmake ([a-z-]+)", page))

    assert len(told) > 10
    assert {name for name in told if not re.search(rf"(?m)^{name}:", makefile)} == set()


@pytest.mark.slow
def test_a_newcomer_changes_a_first_line_with_a_test(tmp_path):
    clone = tmp_path / "partnero-tolt"
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone")
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PYTHON"))
    }

    walked = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", steps()],
        cwd=clone,
        env={**clean, **WHO, "VIRTUAL_ENV": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=3000,
    )

    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert "1 failed" in walked.stdout
    assert "1 passed" in walked.stdout
    shown = subprocess.run(
        ["git", "show", "--stat", "--format=%an"],
        cwd=clone,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert shown.startswith("A newcomer")
    for path in (
        "tests/reports/test_first_line.py",
        "words/reasons.py",
        "docs/words.md",
    ):
        assert path in shown
