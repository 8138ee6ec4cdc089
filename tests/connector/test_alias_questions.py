"""check --aliases: a file of questions, never over another, and nothing by itself."""

import pytest


@pytest.fixture
def two_mails(place):
    """Mia has three codes on both sides, under another e-mail on each."""
    place.settle()
    place.edit("partnero", "create_partner", email="mia@home.example", name="Mia")
    place.edit("tolt", "create_partner", email="mia@work.example")
    for code in ("MIA1", "MIA2", "MIA3"):
        row = {"code": code, "coupon": "PCT10", "partner": "mia@home.example"}
        place.edit("partnero", "create_code", **row)
        place.edit("tolt", "create_code", code=code, partner="mia@work.example")
    return place


def waiting(place):
    changes = place.json("plan").document["changes"]
    return [one for one in changes if one["code"].startswith("MIA")]


def payees(place):
    return [one["id"] for one in waiting(place) if one["reason"] == "payee_change"]


def test_one_row_that_is_taken_over_answers_all_of_a_persons_codes(two_mails):
    before = payees(two_mails)
    report = two_mails.run("plan").out
    path = two_mails.folder / "aliases.csv"

    said = two_mails.json("check", "--aliases", path)

    assert said.code == 0
    assert report.count("Codes: MIA1, MIA2, MIA3.") == 1
    assert len(before) == 3
    (mia,) = [q for q in said.document["questions"] if "MIA1" in q["codes"]]
    assert mia["codes"] == ["MIA1", "MIA2", "MIA3"]
    text = path.read_text("utf-8")
    assert "mia@" not in text
    two_mails.configure('[pairs.partners]\naliases = "aliases.csv"\n')
    assert payees(two_mails) == before

    row = next(line for line in text.splitlines() if line.startswith("# prt_"))
    path.write_text(text.replace(row, row.removeprefix("# ")), "utf-8")

    assert {one["action"] for one in waiting(two_mails)} == {"adopt"}
    assert {one["status"] for one in waiting(two_mails)} == {"ready"}


def test_the_file_says_how_the_configuration_names_it_or_where_its_rows_go(
    two_mails, tmp_path_factory
):
    inside, elsewhere = two_mails.folder / "new.csv", tmp_path_factory.mktemp("x") / "a"

    for path in (inside, elsewhere):
        two_mails.run("check", "--aliases", path)

    assert "aliases = 'new.csv'" in inside.read_text("utf-8")
    assert f"aliases = '{elsewhere}'" in elsewhere.read_text("utf-8")
    (two_mails.folder / "known.csv").write_text("", "utf-8")
    two_mails.configure('[pairs.partners]\naliases = "known.csv"\n')
    two_mails.run("check", "--aliases", two_mails.folder / "more.csv")
    more = (two_mails.folder / "more.csv").read_text("utf-8")
    assert "taken over into known.csv" in more


def test_a_file_that_is_there_is_left_as_it_is(two_mails):
    path = two_mails.folder / "aliases.csv"
    path.write_text("mine\n", "utf-8")

    refused = two_mails.run("check", "--aliases", path)

    assert refused.code == 2
    assert path.read_text("utf-8") == "mine\n"


@pytest.mark.usefixtures("hurried")
def test_where_a_side_is_cut_no_file_is_written(two_mails):
    path = two_mails.folder / "aliases.csv"
    two_mails.fault("cut", "GET", "/tolt/v2/partners", count=None)

    said = two_mails.run("check", "--aliases", path)

    assert said.code == 1
    assert not path.exists()
