"""What is measured is told whole, and what must not be is never told as well."""

import pytest

from tests.benchmarks.fleet import bench, state_day
from tests.benchmarks.fleet.figures import BEGIN, END, put_into, table, told
from tests.benchmarks.fleet.speed import Speed
from tests.benchmarks.fleet.trouble import Story


def story(**more) -> Story:
    clean = {
        "passes": 30,
        "requests": 400,
        "killed_with": ["pair-00001"],
        "again_after": [31.0],
        "after_restart": 1.5,
        "exits": [143, 143],
    }
    return Story(**{**clean, **more})


def test_a_story_in_which_all_went_well_names_nothing_wrong():
    text = told(story(), 10)

    assert story().wrong == []
    assert "WRONG" not in text
    assert "| all 1, within a minute | 1, after 31 to 31 s |" in text


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"overlaps": ["pk_1: two at once"]}, id="two passes at once"),
        pytest.param({"doubled": ["pk_1: codes SAM20 2 times"]}, id="an effect twice"),
        pytest.param({"missing": ["pk_1: SAM20 is missing"]}, id="an effect lost"),
        pytest.param({"never_ran": ["pair-00007"]}, id="a pair that never ran"),
        pytest.param({"again_after": []}, id="a pair of the dead worker, lost"),
        pytest.param({"exits": [143, 1]}, id="a worker that ended by a bug"),
    ],
)
def test_whatever_must_not_be_is_named_and_ends_the_measurement(more):
    assert len(story(**more).wrong) == 1
    assert told(story(**more), 10).count("WRONG") == 1


def test_floor_and_fleet_stand_beside_each_other():
    timed = [
        Speed("fleet", 1, 100, 10.0, 5.0, 99.6),
        Speed("floor", 1, 100, 9.0, 4.0, 80),
        Speed("fleet", 2, 100, 8.0, 6.0, 90),
        Speed("floor", 2, 100, 5.0, 5.0, 80),
    ]

    text = table(timed, {"partnero_tolt": 2_000_000}, 8)

    assert "| 1 | 11.1 | 10.0 | 0.90, reached | 40 ms | 50 ms | 100 MB |" in text
    assert "| 2 | 20.0 | 12.5 | 0.62, missed | 50 ms | 60 ms | 90 MB |" in text
    assert "partnero_tolt 2.0 MB" in text


def test_the_figures_are_put_between_the_marks_of_the_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}old\n{END}after\n")

    put_into(page, "new\n")

    assert page.read_text() == f"before\n{BEGIN}\nnew\n\n{END}after\n"


@pytest.mark.slow
@pytest.mark.usefixtures("postgres")
def test_a_small_fleet_goes_through_its_trouble_and_nothing_is_lost(capsys):
    """`make bench-fleet` but for what it times: kill -9, a restart of the server."""
    code = bench.main(["--pairs", "16", "--rounds", "0", "--standins", "1"])
    said = capsys.readouterr().out

    assert code == 0, said
    assert "| due pairs that never ran | 0 | 0 |" in said


@pytest.mark.slow
@pytest.mark.usefixtures("postgres")
def test_two_hours_of_the_real_state_are_a_pass_for_each_due_time():
    seen = state_day.lived(2, 2, 10)

    assert seen.passes == {"done": 2 * 8}
    assert seen.rows["fleet_pair"] == seen.rows["lease"] == 2
    assert seen.rows["run"] == 2 * 8  # the newest ones each have a row
