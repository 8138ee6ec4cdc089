"""The whole story on local stand-ins: plan, apply, kill, resume, plan again.

Nothing in here is played: the stand-ins are real servers on loopback, every step is
the program itself in a process of its own, and the kill is a kill.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from connector.commands.context import DONE, FAILED, result
from connector.commands.crash_stories import CODES, SALES
from connector.commands.crashes import Scenario, crash_everywhere
from connector.errors import Misconfigured
from connector.sandbox import seed
from connector.sandbox.server import Sandbox

NEW = 12
"""Codes that are added on one side only, so that there is something to carry."""
VERSIONS: tuple[Literal["v2", "v1"], ...] = ("v2", "v1")
KILL_AFTER = 9
"""Writes that have arrived when the running apply is killed."""


def demo() -> int:
    """Tell the story; says at the end whether it came out as it should."""
    started = time.monotonic()
    with (
        _temporary("partnero-tolt-demo-") as folder,
        Sandbox(world=seed.small(launched=NEW)) as sandbox,
    ):
        good = _Story(Path(folder), sandbox).tell()
    result(f"\nThat took {time.monotonic() - started:.0f} seconds.")
    return DONE if good else FAILED


def _temporary(prefix: str) -> "tempfile.TemporaryDirectory[str]":
    try:
        return tempfile.TemporaryDirectory(prefix=prefix)
    except OSError:
        raise Misconfigured(
            "there is no temporary folder that can be written to. Name one: "
            "export TMPDIR=FOLDER"
        ) from None


def crashes() -> int:
    """Kill runs at each of their steps, resume them, and say what that did."""
    result("A run is killed (kill -9) at each of its steps, and resumed.")
    tries = [
        _killed(what, scenario, version)
        for what, scenario in (("codes", CODES), ("sales", SALES))
        for version in VERSIONS
    ]
    return DONE if all(tries) else FAILED


def _killed(what: str, scenario: Scenario, version: Literal["v1", "v2"]) -> bool:
    """Tell of one scenario; returns whether it came out as it should."""
    _heading(f"A run that carries {what}, with {version} of Tolt's API:")
    with _temporary("partnero-tolt-crashes-") as folder:
        total = crash_everywhere(
            Path(folder),
            scenario,
            version=version,
            on_point=lambda step: _dot(*step),
        )
    result("")
    for line in total.unfinished:
        result(f"   {line}")
    for name, times in sorted(total.waiting.items()):
        result(
            f"   {name} has left and does not show, {times} times: it waits for a "
            "person, and is not sent again by itself"
        )
    result(
        f"{total.points} crash points, {total.duplicates} duplicates, {total.lost} "
        f"lost, {total.waiting.total()} waiting for a person"
    )
    return not (total.duplicates or total.lost or total.unfinished)


def _dot(number: int, when: str) -> None:
    result(f"   killed {when} the effect of request {number}, resumed")


class _Story:
    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox
        (folder / "connector.toml").write_text(
            sandbox.config_text() + "\n[pairs.limits]\nsettle_seconds = 4\n",
            encoding="utf-8",
        )
        self.environment = {**os.environ, **sandbox.environment}

    def tell(self) -> bool:
        """Tell everything; returns whether each promise was kept."""
        result(
            "Two programmes, Partnero and Tolt, stand on this machine as local\n"
            f"stand-ins ({self.sandbox.url}). Nothing leaves it."
        )
        kept = [self.look(), self.kill_and_resume(), self.decided(), self.redeemed()]
        return all([*kept, self.nothing_left()])

    def look(self) -> bool:
        """Show the report, which writes nothing."""
        _heading("1. plan: read both sides and say what differs. Nothing is written.")
        report = self.call("plan")
        _quote(report, most=9)
        page = Path(tempfile.mkdtemp(prefix="partnero-tolt-")) / "report.html"
        page.write_text(self.call("--format", "html", "plan"), encoding="utf-8")
        result(f"   The same as a page to hand on: {page}")
        _heading("2. explain: why is one code treated as it is?")
        _quote(self.call("explain", "DISCOUNTDIFF"))
        writes = len(self.sandbox.requests.writes)
        result(f"   Write requests so far: {writes}.")
        return writes == 0

    def kill_and_resume(self) -> bool:
        """Kill an apply in the middle, and let the next one finish the work."""
        _heading("3. apply: do what is ready. After a few writes, kill -9.")
        process = subprocess.Popen(  # noqa: S603 (this very program)
            self.command("apply", "--yes"),
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while process.poll() is None and len(self.sandbox.requests.writes) < KILL_AFTER:
            time.sleep(0.005)
        process.kill()
        process.wait()
        before = self.created()
        result(f"   Killed. {sum(before.values())} codes had been created by then.")
        _heading("4. apply again: settle what was open, then do the rest.")
        _quote(self.call("apply", "--yes"))
        after = self.created()
        twice = sum(count - 1 for count in after.values())
        lost = 2 * NEW + 3 - len(after)
        result(f"   {len(after)} codes created in all: {twice} twice, {lost} lost.")
        return twice == 0 and lost == 0

    def decided(self) -> bool:
        """Let a person decide, and the next run do it, for the values they saw."""
        _heading("5. decide: a person says what a program must not.")
        _quote(self.call("decide", "NOPARTNER", "--take", "tolt"))
        _quote(self.call("decide", "DISCOUNTDIFF", "--take", "tolt"))
        _quote(self.call("decide", "TWICE15", "--keep"))
        _quote(self.call("sync"), most=4)
        code = self.sandbox.world.partnero.code("NOPARTNER")
        return bool(code.partners)

    def redeemed(self) -> bool:
        """Push a redemption whose answer gets lost: it arrives once all the same."""
        _heading("6. a redemption goes from Tolt to Partnero; its answer is lost.")
        with (self.folder / "connector.toml").open("a", encoding="utf-8") as config:
            config.write('\n[pairs.policy]\nredemptions = "to-partnero"\n')
        self.sandbox.switches.partnero_redeem_lost_answer = True
        code = self.sandbox.world.partnero.code("ANNA10")
        paid = self.rewards()
        before = code.times_redeemed
        _quote(self.call("sync"), most=4)
        arrived = [entry.transaction_key for entry in code.redemptions]
        times = arrived.count("ord-only-tolt")
        counted, more = code.times_redeemed - before, self.rewards() - paid
        result(
            f"   {times} entry in the log, counted {counted} time, {more} commissions."
        )
        return (times, counted, more) == (1, 1, 0)

    def rewards(self) -> int:
        return sum(len(row.rewards) for row in self.sandbox.world.partnero.transactions)

    def nothing_left(self) -> bool:
        """Plan once more: what is left waits for a person, not for a program."""
        _heading("7. verify and plan again: nothing is left to do by itself.")
        writes = len(self.sandbox.requests.writes)
        _quote(self.call("verify"), most=1)
        report = self.call("plan")
        _quote(report, most=5)
        done = "Would be done" not in report
        result(
            "   What needs a decision waits for a person; a program must not guess it."
        )
        return done and len(self.sandbox.requests.writes) == writes

    def created(self) -> Counter[str]:
        """Count, by code, the creations that took effect on either side."""
        return Counter(
            str(request.body["code"])
            for request in self.sandbox.requests.writes
            if request.method == "POST"
            and request.path.endswith("/promotion-codes")
            and 200 <= request.status < 300
        )

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "connector", *arguments]

    def call(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 (this very program)
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr


def _heading(text: str) -> None:
    result(f"\n{text}\n")


def _quote(text: str, most: int = 40) -> None:
    lines: Sequence[str] = text.rstrip().splitlines()
    for line in lines[:most]:
        result(f"   | {line[:110]}{'...' if len(line) > 110 else ''}")
    if len(lines) > most:
        result(f"   | ... {len(lines) - most} more lines")
