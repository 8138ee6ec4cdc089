"""What builds and releases the project: pinned, with no more rights than it needs."""

import importlib.util
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
SPEC = importlib.util.spec_from_file_location("changelog", ROOT / "tools/changelog.py")
changelog = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(changelog)


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request):
    return request.param.read_text(encoding="utf-8")


def test_every_action_is_pinned_by_its_hash_and_says_its_version(workflow):
    used = re.findall(r"uses: (\S+)\s*(#.*)?", workflow)

    assert used
    for action, version in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r"# v\d+\.\d+\.\d+", version), action


def test_one_action_has_one_hash_everywhere():
    text = "\n".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    pins = {tuple(pin.split("@")) for pin in re.findall(r"uses: (\S+@\S+)", text)}

    assert len({name for name, _ in pins}) == len(pins)


def test_a_workflow_may_only_read_and_no_input_is_run_as_words(workflow):
    read = yaml.safe_load(workflow)
    commands = [
        step.get("run", "") for job in read["jobs"].values() for step in job["steps"]
    ]

    assert read["permissions"] == {"contents": "read"}
    assert not [line for line in commands if "${{" in line]
    assert all("timeout-minutes" in job for job in read["jobs"].values())


def test_every_target_that_a_workflow_calls_is_one(workflow):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    called = re.findall(r"(?<![-\w])make ((?:[a-z-]+ ?)+)", workflow)
    targets = {word for words in called for word in words.split()}

    assert targets
    assert {t for t in targets if not re.search(rf"(?m)^{t}:", makefile)} == set()


def test_the_wheel_is_tried_on_every_python_that_the_metadata_names():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', text)
    read = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))

    assert read["jobs"]["install"]["strategy"]["matrix"]["python"] == named


TEXT = """# Changelog

## [Unreleased]

## [0.2.0] - 2026-12-01

### Added

- a

## [0.1.0] - 2026-11-01

- b

[0.1.0]: https://example.com
"""


@pytest.mark.parametrize(
    ("version", "notes"), [("0.2.0", "### Added\n\n- a"), ("0.1.0", "- b")]
)
def test_the_notes_of_a_release_are_its_section_of_the_changelog(version, notes):
    assert changelog.section(TEXT, version) == notes


@pytest.mark.parametrize("version", ["Unreleased", "0.3.0", "0x2x0"])
def test_a_release_without_a_section_is_none(version):
    with pytest.raises(ValueError, match="section"):
        changelog.section(TEXT, version)


def test_the_forms_for_issues_are_forms():
    forms = [*(ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")]

    assert len(forms) > 1
    for path in forms:
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert path.stem == "config" or all(one["type"] for one in form["body"])
