"""Makes docs/forty-decisions.md: forty questions answered with one sheet, as it went.

Run by hand (`python docs/forty_decisions.py`): every command in the page is really
called, between two local stand-ins with 400 codes a side.
"""

import csv
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from connector.sandbox.seed import PARTNERO_KEY, TOLT_KEY, Builder
from connector.sandbox.server import Sandbox
from connector.sandbox.world import World

PAGE = Path(__file__).parent / "forty-decisions.md"
SHOWN = 16
"""Lines of one answer before the rest is left out."""
PEOPLE = 12
CODES = 400
HEAD = """\
# Forty decisions with one sheet

400 codes a side. 24 of them belong to twelve people who joined the two programmes with
two e-mail addresses, 8 differ in their discount, 8 are only on Partnero and have a
limit that Tolt does not know: forty questions. 8 more are only on Tolt and ask nobody.

This page was written by the program itself (`docs/forty_decisions.py`); what a person
does by hand is said in between. Lines that repeat themselves are left out.
"""
TAIL = """\
The commands took {seconds:.0f} seconds together. What is left to a person is to look at
twelve pairs of addresses and at sixteen rows. In a browser it is the same:
[the desk](desk.md).
"""


def world() -> World:
    """Return 400 codes a side, of which 40 wait for a person."""
    build = Builder(World(tag="f"))
    build.programme(PARTNERO_KEY, "Acme")
    build.organization(TOLT_KEY, "Acme")
    for number in range(PEOPLE):
        name = f"Creator{number:02d}"
        build.partner(
            name, f"{name.lower()}@mail.example", f"{name.lower()}@work.example"
        )
    for number in range(20):
        email = f"partner{number:02d}@example.com"
        build.partner(f"Partner{number:02d}", email, email)
    for number in range(2 * PEOPLE):
        build.both(f"SHOW{number:02d}", f"Creator{number % PEOPLE:02d}", "15")
    for number in range(8):
        owner = f"Partner{number:02d}"
        build.left(f"SPRING{number}", owner, "20")
        build.right(f"SPRING{number}", owner, "25")
        build.left(f"LAUNCH{number}", owner, "10").redemption_limit = 100 + 50 * number
        build.right(f"NEW{number}", owner, "10")
    for number in range(CODES - 2 * PEOPLE - 16):
        build.both(f"CODE{number:03d}", f"Partner{number % 20:02d}", "10")
    return build.world


@dataclass
class Desk:
    """A person's terminal: what was typed, what came of it, and how long it took."""

    folder: Path
    environment: dict[str, str]
    page: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def say(self, text: str) -> None:
        self.page.append(f"{text}\n")

    def type(self, line: str, most: int = SHOWN, ends: int = 0) -> None:
        """Call a command as it stands there, and keep what it says."""
        words, _, into = line.partition(" > ")
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "connector", *shlex.split(words)[1:]],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            check=False,
        )
        self.seconds += time.monotonic() - began
        said = (done.stderr + (b"" if into else done.stdout)).decode()
        if done.returncode != ends:
            raise SystemExit(f"{line} ended with {done.returncode}: {said}")
        if into:
            (self.folder / into).write_bytes(done.stdout)
        answer = "\n".join(cut(said.rstrip().splitlines(), most))
        ended = f"[exit code {ends}]\n" if ends else ""
        shown = f"{answer}\n" if answer else ""
        self.page.append(f"```console\n$ {line}\n{shown}{ended}```\n")


def cut(lines: list[str], most: int) -> Iterator[str]:
    """Yield the first lines, and how many more there were."""
    yield from lines[:most]
    if len(lines) > most:
        yield f"... {len(lines) - most} more lines"


def fill_in(path: Path) -> None:
    """Answer each row, as a person would in a spreadsheet program."""
    with path.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    for row in rows:
        if row["reason"] == "diverged":
            row["decision"], row["note"] = "partnero", "20% is what we promised"
        elif row["code"] in ("LAUNCH6", "LAUNCH7"):
            row["decision"], row["note"] = "keep", "only for the newsletter"
        else:
            row["decision"] = "proposed"
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def confirm(path: Path) -> None:
    """Take the number sign away in front of each pair of ids."""
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(?m)^# (prt_\w+,)", r"\1", text), encoding="utf-8")


def sit(desk: Desk) -> None:
    """Do it all, from the first run to the certificate."""
    desk.say("A first run does what needs no word, and remembers what agrees:")
    desk.type("partnero-tolt sync")
    desk.type("partnero-tolt inbox", most=34)
    desk.say(
        "Twelve people are one question each. `check --aliases` writes them into a "
        "file, a line each; a person looks at the addresses, takes the number sign "
        'away, and names the file in `connector.toml` (`aliases = "aliases.csv"`):'
    )
    desk.type("partnero-tolt check --aliases aliases.csv", most=12)
    confirm(desk.folder / "aliases.csv")
    config = desk.folder / "connector.toml"
    text = config.read_text(encoding="utf-8")
    section = '[pairs.partners]\naliases = "aliases.csv"\n'
    config.write_text(f"{text}\n{section}", encoding="utf-8")
    desk.type("partnero-tolt sync")
    desk.say("Sixteen are left. They go into a spreadsheet:")
    desk.type("partnero-tolt inbox --format csv > waiting.csv")
    fill_in(desk.folder / "waiting.csv")
    desk.say(
        "There the column `decision` is filled in: `partnero` for the eight that "
        "differ, with a note; `proposed` for six of those that lose their limit; "
        "`keep` for two that stay on one side. Saved with semicolons, as programs do:"
    )
    desk.type("partnero-tolt decide --from waiting.csv --by Ada", most=12)
    desk.say("The next run does it, and the certificate names what was accepted:")
    desk.type("partnero-tolt sync")
    desk.type("partnero-tolt inbox --kept", most=12)
    desk.type("partnero-tolt verify", most=14)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Sandbox(world=world()) as sandbox:
        config = Path(folder) / "connector.toml"
        config.write_text(sandbox.config_text(), encoding="utf-8")
        desk = Desk(Path(folder), {**os.environ, **sandbox.environment})
        sit(desk)
    tail = TAIL.format(seconds=desk.seconds)
    PAGE.write_text("\n".join([HEAD, *desk.page, tail]), encoding="utf-8")


if __name__ == "__main__":
    main()
