"""One case: a command, one answer of it that is spoilt, and what came of it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.fuzz.judge import complaints, overreach
from tests.fuzz.trial import KEYS, MAILBOX, Trial
from tests.fuzz.wire import Answer, Asked, Script
from tests.harness.program import Said

READING = (
    ("plan", "--format", "json"),
    ("plan", "--format", "json", "--log-level", "debug", "--out", "plan.json"),
    ("plan", "--format", "text", "--exit-code"),
    ("plan", "--format", "markdown"),
    ("plan", "--format", "html"),
    ("plan", "--format", "csv"),
    ("verify", "--format", "json"),
    ("check", "--format", "json"),
    ("explain", "NEWP", "--format", "json"),
    ("explain", "STAY1"),
)
WRITING = (
    ("sync", "--format", "json"),
    ("sync", "--format", "json", "--log-level", "debug"),
    ("sync", "--format", "text"),
    ("apply", "--yes", "--format", "json"),
)
Spoiler = Callable[..., Script]


@dataclass(frozen=True)
class Case:
    """What a seed stands for: enough to do it again."""

    seed: str
    command: Sequence[str]
    asked: Asked
    always: bool
    script: Script

    def spoil(self, now: Asked, _answer: Answer) -> Script | None:
        same = (now.method, now.target) == (self.asked.method, self.asked.target)
        hit = same and (self.always or now.nth == self.asked.nth)
        return self.script if hit else None

    def __str__(self) -> str:
        when = "each time" if self.always else f"time {self.asked.nth}"
        return (
            f"seed {self.seed!r}: {' '.join(self.command)}: {self.asked.method} "
            f"{self.asked.target} ({when}): {self.script.told}"
        )


def case_of(
    trial: Trial,
    product: str,
    seed: str,
    spoiler: Spoiler,
    commands: Sequence[Sequence[str]] = (),
) -> Case:
    """Draw a command, one of its answers by a product, and what is wrong with it."""
    dice = random.Random(seed)  # noqa: S311 (repeatable)
    command = dice.choice(commands or dice.choices([READING, WRITING], [35, 65])[0])
    usual = trial.usual(*command)
    # Both sides are read at a time: in which order is chance.
    theirs = sorted(one for one in usual.asked if one.side == product)
    asked = dice.choice(theirs)
    always = dice.random() < 0.5
    answer = usual.said[asked]
    others = [usual.said[one] for one in theirs]
    options = {"mailbox": MAILBOX, "keys": KEYS, "others": others}
    script = spoiler(dice, asked, answer, **options)
    return Case(seed, command, asked, always, script)


def tried(
    trial: Trial, case: Case, call: Callable[..., Said] | None = None
) -> list[str]:
    """Run a case; return what is wrong with what it did and said."""
    usual = trial.usual(*case.command)
    trial.reset()
    trial.wire.spoil = case.spoil
    said = (call or trial.run)(*case.command)
    json_wanted = "json" in case.command
    found = complaints(said, json_wanted=json_wanted, files=trial.files())
    return [*found, *overreach(trial, usual.effects)]
