"""kill -9 at each step of an apply, a resume, the same end (D1 to D5, D8, D12)."""

import pytest

from connector.commands.crashes import crash_everywhere


def _right(result):
    assert result.unfinished == []
    assert (result.duplicates, result.lost) == (0, 0)


@pytest.mark.parametrize("version", ["v2"])
def test_a_run_killed_at_some_steps_ends_as_if_it_had_not_been(tmp_path, version):
    """A spread of the steps; which one is random enough, for threads order them."""
    chosen = range(4, 200, 9)

    result = crash_everywhere(
        tmp_path, version=version, chosen=lambda index, _step: index in chosen
    )

    _right(result)
    assert result.points >= 3


@pytest.mark.slow
@pytest.mark.parametrize("version", ["v2", "v1"])
def test_a_run_killed_at_any_step_ends_as_if_it_had_not_been(tmp_path, version):
    result = crash_everywhere(tmp_path, version=version)

    _right(result)
    assert result.points >= 35
