"""How long the program takes to say something about itself."""

import pytest

from tests.benchmarks import programs

pytestmark = pytest.mark.bench


def test_start_up(tmp_path, board):
    spent = {
        option: min(
            programs.run(tmp_path, "-m", "connector", option).wall for _ in range(7)
        )
        for option in ("--version", "--help")
    }
    bare = min(programs.run(tmp_path, "-c", "pass").wall for _ in range(7))
    slowest = max(spent.values())
    board.add(
        80,
        "start-up of --version and --help, bytecode compiled",
        "0.25 s",
        ", ".join(f"{option} {seconds:.2f} s" for option, seconds in spent.items()),
        ratio=f"{slowest / 0.25:.2f} of the target",
        met=slowest <= 0.25,
        limit=f"importing typer; Python itself takes {bare:.2f} s",
    )
