"""Spoilt configurations and plan files: a sentence and an exit code, and no write.

The configuration lies beside two programmes that are in step: nothing may be written
whatever it says. A plan file may bring about what its unspoilt self would, and no more.
"""

import random

import pytest

from tests.fuzz.files import configuration, plan_file
from tests.fuzz.judge import complaints, overreach

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
    command = random.Random(f"{seed} command").choice(COMMANDS)
    expected = trial.usual(*command).effects
    trial.reset()
    told, raw = configuration(seed, trial.config.read_text(encoding="utf-8"))
    trial.config.write_bytes(raw)
    (trial.folder / "binary").write_bytes(b"\xff\xfe\x00")
    said = trial.run(*command)
    wrong = complaints(said, json_wanted="json" in command, files=trial.files())
    wrong = [*wrong, *overreach(trial, expected)]
    return ["\n    ".join([f"seed {seed!r}: {' '.join(command)}: {told}", *wrong])] * bool(
        wrong
    )


def planned(trial, number):
    """Return what is wrong with how a spoilt plan file is taken."""
    seed = f"plan file {number}"
    trial.reset()
    assert trial.run("plan", "--out", "plan.json").code == 0
    path = trial.folder / "plan.json"
    told, raw = plan_file(seed, path.read_bytes())
    path.write_bytes(raw)
    said = trial.run(*APPLY)
    path.unlink()
    wrong = complaints(said, json_wanted=True, files=trial.files())
    wrong = [*wrong, *overreach(trial, whole_plan(trial))]
    return ["\n    ".join([f"seed {seed!r}: {told}", *wrong])] * bool(wrong)


def whole_plan(trial):
    """Return what the unspoilt plan brings about."""
    if not hasattr(trial, "whole"):
        trial.reset()
        assert trial.run("plan", "--out", "plan.json").code == 0
        assert trial.run(*APPLY).code in {0, 4}
        trial.whole = type(trial.untouched).of(trial)
    return trial.whole


def check(one, trial, numbers):
    failed = [line for number in numbers for line in one(trial, number)]
    assert not failed, "\n".join([f"{len(failed)} cases:", *failed])


def test_a_spoilt_configuration_is_told_in_words(quiet):
    check(configured, quiet, range(10))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(5))
def test_each_of_200_spoilt_configurations_is_told_in_words(quiet, block):
    check(configured, quiet, range(block * 40, (block + 1) * 40))


def test_a_spoilt_plan_file_does_nothing_else(trials):
    trial = trials()
    whole_plan(trial)
    check(planned, trial, range(4))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(5))
def test_none_of_200_spoilt_plan_files_does_anything_else(trials, block):
    trial = trials()
    whole_plan(trial)
    check(planned, trial, range(block * 40, (block + 1) * 40))
