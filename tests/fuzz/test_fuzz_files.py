"""Spoilt configurations and plan files: a sentence and an exit code, and no write.

The configuration lies beside two programmes that are in step: nothing may be written
whatever it says. A plan file may bring about what its unspoilt self would, and no more.
"""

import pytest

from tests.fuzz.files import configuration, plan_file
from tests.fuzz.judge import complaints, overreach
from tests.fuzz.trial import Effects

# What sends notices warns of Python's own modules.
pytestmark = pytest.mark.filterwarnings("ignore:.imghdr. is deprecated")
COMMANDS = [
    ("check", "--format", "json"),
    ("plan", "--format", "json", "--out", "plan.json"),
    ("sync", "--format", "json"),
    ("sync", "--format", "text", "--log-level", "debug"),
    ("status", "--format", "json"),
    ("health", "--format", "json"),
    ("inbox", "--format", "json"),
    ("history", "--format", "json"),
    ("state", "check", "--format", "json"),
]
APPLY = ("apply", "plan.json", "--accept", "all", "--yes", "--format", "json")


@pytest.fixture
def quiet(trials, monkeypatch):
    """Nothing to do; what a configuration may name lies beside it."""
    monkeypatch.setenv("FUZZ_TOKEN", "t" * 40)
    return trials(quiet=True)


def configured(trial, number):
    """Return what is wrong with how a spoilt configuration is taken."""
    seed = f"configuration {number}"
    command = COMMANDS[number % len(COMMANDS)]
    expected = trial.usual(*command).effects
    trial.reset()
    told, raw = configuration(seed, trial.config.read_text(encoding="utf-8"))
    trial.config.write_bytes(raw)
    (trial.folder / "binary").write_bytes(b"\xff\xfe\x00")
    said = trial.run(*command)
    wrong = complaints(said, json_wanted="json" in command, files=trial.files())
    wrong = [*wrong, *overreach(trial, expected)]
    return [
        "\n    ".join([f"seed {seed!r}: {' '.join(command)}: {told}", *wrong])
    ] * bool(wrong)


def planned(trial, number):
    """Return what is wrong with how a spoilt plan file is taken."""
    seed = f"plan file {number}"
    whole, expected = whole_plan(trial)
    trial.reset()
    told, raw = plan_file(seed, whole)
    path = trial.folder / "plan.json"
    path.write_bytes(raw)
    said = trial.run(*APPLY)
    path.unlink()
    wrong = complaints(said, json_wanted=True, files=trial.files())
    wrong = [*wrong, *overreach(trial, expected)]
    return ["\n    ".join([f"seed {seed!r}: {told}", *wrong])] * bool(wrong)


def whole_plan(trial):
    """Return an unspoilt plan file, and what it brings about."""
    if not hasattr(trial, "whole"):
        trial.reset()
        assert trial.run("plan", "--out", "plan.json").code == 0
        file = (trial.folder / "plan.json").read_bytes()
        assert trial.run(*APPLY).code in {0, 4}
        trial.whole = file, Effects.of(trial)
    return trial.whole


def check(one, trial, numbers):
    failed = [line for number in numbers for line in one(trial, number)]
    assert not failed, "\n".join([f"{len(failed)} cases:", *failed])


def test_a_spoilt_configuration_is_told_in_words(quiet):
    check(configured, quiet, range(5))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(5))
def test_each_of_200_spoilt_configurations_is_told_in_words(quiet, block):
    check(configured, quiet, range(block * 40, (block + 1) * 40))


def test_a_spoilt_plan_file_does_nothing_else(trials):
    check(planned, trials(), range(3))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(5))
def test_none_of_200_spoilt_plan_files_does_anything_else(trials, block):
    check(planned, trials(), range(block * 40, (block + 1) * 40))
