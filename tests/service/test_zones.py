"""Where there is no database of time zones, nothing runs in a wrong UTC (trial 20)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from connector.config.zones import NO_DATABASE, zone_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def without_zones(town, tmp_path):
    """Call the program on a system that knows no zone, and has no package of them."""
    hidden = tmp_path / "hidden"
    (hidden / "tzdata").mkdir(parents=True)
    (hidden / "tzdata" / "__init__.py").write_text("raise ImportError('none')")

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(hidden), str(ROOT)])
        return subprocess.run(
            [sys.executable, "-m", "connector", *arguments],
            cwd=town.folder,
            env={**os.environ, **town.keys, "PYTHONTZPATH": "", "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


def test_utc_needs_no_database_and_check_says_that_there_is_none(town, without_zones):
    town.settle("@hourly")

    done = without_zones("check")

    assert done.returncode == 0, done.stderr
    assert "no time-zone database here" in done.stdout


def test_another_zone_without_a_database_is_refused_in_words(town, without_zones):
    town.settle("@hourly", more='timezone = "Europe/Berlin"')

    done = without_zones("check")

    assert done.returncode == 2
    assert "no time-zone database" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_zone_that_is_none_is_told_from_a_database_that_is_missing():
    with pytest.raises(ValueError, match="is no time zone") as told:
        zone_of("Mars/Olympus")

    assert NO_DATABASE not in str(told.value)
