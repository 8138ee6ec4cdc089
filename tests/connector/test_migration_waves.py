"""A migration in waves, by the command line: its parts, its whole, what it refuses."""

import pytest

WAY = ("migrate", "--from", "partnero", "--to", "tolt", "--yes")


@pytest.fixture
def moving(place):
    """Two partners with a code each on Partnero alone; all else is in step."""
    place.settle()
    for code, name in (("ANNA-A", "anna"), ("BEN-A", "ben"), ("BEN-B", "ben")):
        row = {"coupon": "PCT10", "partner": f"{name}@example.com"}
        place.edit("partnero", "create_code", code=code, **row)
    return place


def listed(place, *lines):
    (place.folder / "wave.txt").write_text("\n".join(lines), encoding="utf-8")
    return ("--codes", "wave.txt")


def on_tolt(place, *codes):
    return [code for code in codes if place.world.tolt.codes_named(code)]


def test_each_wave_has_its_part_and_the_whole_counts_them(moving):
    wave = listed(moving, "# the first ones", "", "anna-a  # Anna's")
    first = moving.json(*WAY, *wave)
    assert (first.code, on_tolt(moving, "ANNA-A", "BEN-A")) == (0, ["ANNA-A"])
    part = first.document["certificate"]
    assert (part["equal"], part["exceptions"]) == (1, [])
    assert part["not_in_this_wave"] == len(part["wave"]["outside"]) > 10
    assert first.document["plan"]["create"] == 1

    moving.sandbox.requests.clear()
    again = moving.json(*WAY, *wave)
    assert (again.code, moving.sandbox.requests.writes) == (0, [])

    second = moving.run(*WAY, "--partner", "ben@example.com", "--out", "part.html")
    assert on_tolt(moving, "BEN-A", "BEN-B") == ["BEN-A", "BEN-B"]
    assert "Not in this wave, and as they were: " in second.out
    assert "Not in this wave" in (moving.folder / "part.html").read_text("utf-8")

    whole = moving.json(*WAY).document["certificate"]
    counted = [(one["number"], one["partners"]) for one in whole["waves"]]
    assert counted == [(1, 0), (2, 1), (0, 0)]
    assert sum(one["equal"] for one in whole["waves"]) == whole["equal"]
    assert "Migrated in 2 waves:" in moving.run("verify", "--out", "whole.html").out
    page = (moving.folder / "whole.html").read_text("utf-8")
    assert '<th scope="row">2</th>' in page
    assert '<th scope="row">in no wave</th>' in page


def test_an_unknown_code_is_told_and_an_unknown_partner_is_refused(moving):
    partial = moving.json(*WAY, *listed(moving, "ANNA-A", "NO-SUCH"))
    strange = moving.run(*WAY, "--partner", "nobody@example.com")

    assert (partial.code, partial.document["status"]) == (4, "partial")
    assert "NO-SUCH" in partial.document["error"]
    assert partial.document["certificate"]["wave"]["unknown"] == ["NO-SUCH"]
    assert on_tolt(moving, "ANNA-A") == ["ANNA-A"]
    assert strange.code == 2
    assert "n***@example.com" in strange.err
    assert "nobody@" not in strange.err + strange.out


def test_a_file_that_names_no_code_or_is_none_is_a_usage_error(moving):
    for wave in (listed(moving, "# nothing"), ("--codes", "missing.txt")):
        refused = moving.run(*WAY, *wave)

        assert refused.code == 2
        assert "--codes" in refused.err


def test_what_a_wave_leaves_open_is_printed_with_the_commands_that_go_on(moving):
    moving.edit("partnero", "create_partner", email="zoe@example.com", name="Zoe")
    row = {"coupon": "PCT10", "partner": "zoe@example.com"}
    moving.edit("partnero", "create_code", code="ZOE-A", **row)

    ended = moving.run(*WAY, "--partner", "zoe@example.com")

    assert "ZOE-A" in ended.out
    (zoe,) = [one.uid for one in moving.world.partnero.partners if one.name == "Zoe"]
    again = f"migrate --from partnero --to tolt --partner {zoe}"
    assert again in ended.out
    assert "partnero-tolt migrate --from partnero --to tolt  # all" in ended.out
