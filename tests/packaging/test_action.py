"""action.yml: one report in a pull request or an issue, and nothing is written."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SCRIPT = ROOT / "tools" / "report.sh"
PROGRAM = """#!/bin/sh
echo "$@" >> "$CALLS"
echo '# acme: 412 codes compared'
exit ${CODE:-0}
"""
GH = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$1 $2" in
"issue list") echo "$ISSUE" ;;
"api --paginate") echo "$COMMENT" ;;
esac
"""


@pytest.fixture
def runner(tmp_path):
    """What a runner has: a program, gh, and the files into which a step writes."""
    place = tmp_path / "partnero-tolt" / "bin"
    place.mkdir(parents=True)
    for path, text in ((place / "partnero-tolt", PROGRAM), (tmp_path / "gh", GH)):
        path.write_text(text)
        path.chmod(0o755)
    (tmp_path / "calls").touch()
    return tmp_path


def step(runner, word, **given):
    environment = {
        "PATH": f"{runner}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(runner),
        "GITHUB_OUTPUT": str(runner / "output"),
        "GITHUB_STEP_SUMMARY": str(runner / "summary"),
        "CALLS": str(runner / "calls"),
        "CONFIG": "connector.toml",
        "GH_REPO": "acme/codes",
        "REPORT": str(runner / "partnero-tolt-report.md"),
        "TITLE": "What differs",
        "PULL_REQUEST": "",
        **given,
    }
    return subprocess.run(
        ["/bin/bash", SCRIPT, word],
        env=environment,
        cwd=runner,
        capture_output=True,
        text=True,
        check=False,
    )


def calls(runner) -> list[str]:
    return (runner / "calls").read_text().splitlines()


@pytest.mark.parametrize("code", ["0", "3", "4"])
def test_the_report_is_written_and_its_exit_code_is_told(runner, code):
    assert step(runner, "plan", CODE=code).returncode == 0

    told = dict(line.split("=", 1) for line in (runner / "output").read_text().split())
    report = Path(told["report"]).read_text()
    assert told["exit-code"] == code
    assert "412 codes compared" in report
    assert ("It ended with exit code" in report) is (code == "4")
    assert (runner / "summary").read_text() == report
    assert calls(runner) == [
        "--config connector.toml plan --exit-code --format markdown"
    ]


@pytest.mark.parametrize(
    ("where", "known", "called"),
    [
        ("issue", {"ISSUE": ""}, "issue create --title What differs --body-file"),
        ("issue", {"ISSUE": "17"}, "issue edit 17 --body-file"),
        ("pull-request", {"COMMENT": ""}, "pr comment 5 --body-file"),
        (
            "pull-request",
            {"COMMENT": "99"},
            "api --method PATCH repos/acme/codes/issues/comments/99",
        ),
    ],
)
def test_there_is_one_comment_or_issue_and_it_is_kept_up_to_date(
    runner, where, known, called
):
    step(runner, "plan")

    ended = step(runner, "tell", REPORT_TO=where, PULL_REQUEST="5", **known)

    assert ended.returncode == 0, ended.stderr
    assert calls(runner)[-1].startswith(called)


def test_a_summary_alone_asks_nobody(runner):
    step(runner, "plan")

    assert step(runner, "tell", REPORT_TO="summary").returncode == 0
    assert len(calls(runner)) == 1


@pytest.mark.parametrize("where", ["pull-request", "elsewhere"])
def test_what_cannot_be_told_is_said(runner, where):
    step(runner, "plan")

    ended = step(runner, "tell", REPORT_TO=where)

    assert ended.returncode == 2
    assert ended.stderr


def test_a_long_report_is_cut_between_two_letters(runner):
    report = runner / "partnero-tolt-report.md"
    report.write_text("€" * 40_000, encoding="utf-8")

    step(runner, "tell", REPORT_TO="issue", ISSUE="17")

    body = (runner / "partnero-tolt-body.md").read_text(encoding="utf-8")
    assert len(body.encode()) < 65_536
    assert body.startswith("€" * 19_000)
    assert "cut here" in body


def test_the_action_only_reads_and_puts_no_input_into_a_command():
    steps = ACTION["runs"]["steps"]
    commands = "\n".join(one["run"] for one in steps)

    assert "${{" not in commands
    assert set(ACTION["inputs"]) == {
        *("config", "state", "report-to", "issue-title"),
        *("fail-on-changes", "python", "token"),
    }
    assert {one["shell"] for one in steps} == {"bash"}
    script = SCRIPT.read_text(encoding="utf-8")
    assert not [word for word in ("sync", "apply", "migrate") if word in script]
