"""kill -9 at each step of a run, a resume, the same end (D1 to D8, D12, F23)."""

import pytest

from connector.commands.crash_stories import CODES, SALES
from connector.commands.crashes import crash_everywhere

VERSIONS = pytest.mark.parametrize("version", ["v2", "v1"])


def _right(result):
    assert result.unfinished == []
    assert (result.duplicates, result.lost) == (0, 0)


def test_a_run_killed_in_its_middle_ends_as_if_it_had_not_been(tmp_path):
    """A real kill -9; each step of a run is played in memory, in tests/run."""
    result = crash_everywhere(tmp_path, CODES, chosen=lambda index, _: index == 20)

    _right(result)
    assert result.points == 1
    assert not result.waiting


@pytest.mark.parametrize("version", ["v2", pytest.param("v1", marks=pytest.mark.slow)])
def test_a_push_killed_in_its_middle_pays_once_or_names_what_waits(tmp_path, version):
    result = crash_everywhere(
        tmp_path, SALES, version=version, chosen=lambda index, _: index == 40
    )

    _right(result)
    assert result.points == 1


@pytest.mark.slow
@VERSIONS
def test_a_run_killed_at_any_step_ends_as_if_it_had_not_been(tmp_path, version):
    result = crash_everywhere(tmp_path, CODES, version=version)

    _right(result)
    assert result.points >= 35
    assert not result.waiting


@pytest.mark.slow
@VERSIONS
def test_a_push_killed_at_any_step_pays_once_or_names_what_waits(tmp_path, version):
    """A payment that never arrived waits: Partnero's, and with v1 Tolt's as well."""
    result = crash_everywhere(tmp_path, SALES, version=version)

    _right(result)
    assert result.points >= 60
    names = {name.partition("-")[0] for name in result.waiting}
    assert names == ({"left", "right"} if version == "v1" else {"right"})
