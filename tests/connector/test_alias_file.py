"""The alias file says who is one person: its header decides, its lines are named."""

import json

import pytest

from connector.config.load import load
from connector.config.resolve import aliases_of
from connector.errors import Misconfigured

FILE = """
[[pairs]]
name = "acme"
partnero = { api_key = { env = "A" } }
tolt = { api_key = { env = "B" }, program_id = "prg_1" }
partners = { aliases = "aliases.csv" }
"""


def read(folder, text, encoding="utf-8"):
    (folder / "connector.toml").write_text(FILE)
    (folder / "aliases.csv").write_text(text, encoding=encoding)
    config = load(folder / "connector.toml")
    return aliases_of(config, config.pair("acme"))


@pytest.mark.parametrize(
    ("head", "columns", "line"),
    [
        pytest.param("", "p,t", 1, id="no header"),
        pytest.param("partnero_email,tolt_email", "p,t", 2, id="as documented"),
        pytest.param("tolt_email,partnero_email", "t,p", 2, id="the other way round"),
        pytest.param("Tolt E mail, Partnero", "t,p", 2, id="in other words"),
        pytest.param("tolt_id,partnero-id,note", "t,p,x", 2, id="with a note"),
        pytest.param("name,tolt,partnero", "x,t,p", 2, id="after something else"),
        pytest.param("# ours\n\ntolt,partnero", "t,p", 4, id="after a comment"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_header_decides_which_column_is_whose(
    tmp_path, head, columns, line, encoding
):
    cells = {"p": "anna@p.example", "t": "part_1", "x": "Anna, since May"}
    row = ",".join(json.dumps(cells[one]) for one in columns.split(","))

    found = read(tmp_path, f"{head}\n{row}\n" if head else f"{row}\n", encoding)

    assert found == [("anna@p.example", "part_1", line)]


def test_ids_and_addresses_that_begin_like_a_header_are_none(tmp_path):
    assert read(tmp_path, "partnero@x.com,tolt@x.com\n")[0].line == 1
    assert read(tmp_path, "partnero_7,tolt_9\n")[0].line == 1


@pytest.mark.parametrize(
    "head", ["partnero_email,email", "tolt,tolt_email", "partnero,partnero_id,tolt"]
)
def test_a_header_that_does_not_name_both_sides_once_is_refused(tmp_path, head):
    with pytest.raises(Misconfigured, match=r"aliases\.csv:2: .*: a header names"):
        read(tmp_path, f"# ours\n{head}\na@x.com,b@x.com\n")


def test_comments_and_blank_lines_say_nothing(tmp_path):
    text = "# who is who\n\n a@x.com , b@x.com \n,,\n#c@x.com,d@x.com\n"

    assert read(tmp_path, text) == [("a@x.com", "b@x.com", 3)]


def test_a_line_that_names_one_partner_is_refused_with_its_number(tmp_path):
    with pytest.raises(
        Misconfigured, match=r"aliases\.csv:3: pair acme: partners\.aliases: each line"
    ):
        read(tmp_path, "tolt,partnero,note\nb@x.com,a@x.com\nb@x.com,,from Anna\n")


def test_every_line_that_is_wrong_is_told_at_once(tmp_path):
    with pytest.raises(Misconfigured) as refused:
        read(
            tmp_path, "a@x.example\n# who\n,b@x.example\na@x.example,b@x.example\n,x\n"
        )

    lines = str(refused.value).replace(f"{tmp_path}/", "").splitlines()
    assert [line.partition(" each")[0] for line in lines] == [
        f"aliases.csv:{number}: pair acme: partners.aliases:" for number in (1, 3, 5)
    ]
    assert "x.example" not in str(refused.value)


# -- in a run ---------------------------------------------------------------------


def aliased(place, text):
    (place.folder / "aliases.csv").write_text(text)
    place.configure(more='[pairs.partners]\naliases = "aliases.csv"')


def findings(result, kind):
    return [one for one in result.document["findings"] if one["kind"] == kind]


def ids(place, side, *names):
    partners = getattr(place.sandbox.world, side).partners
    by_email = {one.email: one for one in partners}
    prefix = "part_" if side == "tolt" else ""
    return [f"{prefix}{by_email[name].uid}" for name in names]


def stored(place):
    return {row[2]: row[3:] for row in place.tables()["partner_link"]}


def test_a_line_against_a_stored_match_moves_it_and_names_the_codes(place):
    place.settle()
    anna, ben = ids(place, "partnero", "anna@example.com", "ben@example.com")
    (there,) = ids(place, "tolt", "anna@example.com")
    aliased(place, f"tolt,partnero\nanna@example.com,{ben}\n")

    moved = findings(place.json("plan"), "rematched")
    place.run("sync")

    assert len(moved) == 2
    line = f"aliases.csv says otherwise, {ben},a***@example.com (line 2)"
    assert all(line in one["message"] for one in moved)
    assert {"ANNA10", "ANNA20", "BEN10", "BEN20"} <= {*moved[0]["codes"]}
    assert stored(place)[ben] == (there, "alias")
    assert anna not in stored(place)
    assert findings(place.json("plan"), "rematched") == []  # it is news once


def test_until_a_person_decides_a_corrected_line_pays_nobody_else(place):
    place.settle()
    (ben,) = ids(place, "partnero", "ben@example.com")
    (there,) = ids(place, "tolt", "anna@example.com")
    aliased(place, f"{ben},{there}\n")
    place.edit(
        "partnero",
        "create_code",
        code="BENNEW",
        coupon="PCT10",
        partner="ben@example.com",
    )
    before = len(place.writes)

    place.run("sync")

    made = [one.body for one in place.writes[before:]]
    assert [(one["code"], one["partner_id"]) for one in made] == [("BENNEW", there)]
    held = place.json("plan").document["changes"]
    waits = {one["code"]: one["status"] for one in held}
    assert waits["BEN10"] == waits["ANNA10"] == "held"


def test_lines_that_contradict_each_other_are_named_and_their_codes_wait(place):
    place.settle()
    (ben,) = ids(place, "partnero", "ben@example.com")
    place.edit(
        "partnero",
        "create_code",
        code="BENNEW",
        coupon="PCT10",
        partner="ben@example.com",
    )
    aliased(place, f"{ben},ben@example.com\nben@example.com,anna@example.com\n")
    before = len(place.writes)

    place.run("sync")

    (told,) = findings(place.json("plan"), "alias_conflict")
    assert "ben@" not in told["message"]
    assert f"{ben},b***@example.com (line 1)" in told["message"]
    assert "b***@example.com,a***@example.com (line 2)" in told["message"]
    assert place.writes[before:] == []
    aliased(place, f"{ben},ben@example.com\n")
    place.run("sync")
    assert [one.body["code"] for one in place.writes[before:]] == ["BENNEW"]


def test_a_line_that_was_removed_ends_its_match(place):
    (tina,) = ids(place, "partnero", "tina@partnero.example")
    aliased(place, "tina@partnero.example,tina@tolt.example\n")
    place.run("sync")
    kept = stored(place)[tina]
    aliased(place, "# nobody\n")

    (told,) = findings(place.json("plan"), "rematched")
    place.run("sync")

    assert kept[1] == "alias"
    assert "was removed from aliases.csv" in told["message"]
    assert tina not in stored(place)


def registered_anew(place):
    """Somebody registers as Hugo on Partnero, and gets a code of their own."""
    place.edit("partnero", "create_partner", email="hugo@example.com")
    (new,) = ids(place, "partnero", "hugo@example.com")
    options = {"coupon": "PCT10", "partner": "hugo@example.com"}
    place.edit("partnero", "create_code", code="HUGONEW", **options)
    return new


def test_a_partner_who_was_erased_and_registers_anew_is_matched_again(place):
    place.settle()
    partners = place.sandbox.world.partnero.partners
    (old,) = ids(place, "partnero", "hugo@example.com")
    (there,) = ids(place, "tolt", "hugo@example.com")
    partners.remove(next(one for one in partners if one.uid == old))
    new = registered_anew(place)
    before = len(place.writes)

    place.run("sync")

    assert stored(place)[new] == (there, "email")
    assert old not in stored(place)
    made = [one.body for one in place.writes[before:]]
    assert [(one["code"], one["partner_id"]) for one in made] == [("HUGONEW", there)]


def test_a_partner_who_is_only_not_listed_is_not_forgotten(place):
    """Another one with the e-mail is no proof while the old id still answers."""
    place.settle()
    (old,) = ids(place, "partnero", "hugo@example.com")
    world = place.sandbox.world.partnero
    hidden = next(one for one in world.partners if one.uid == old)
    hidden.email = "was.hugo@example.com"
    registered_anew(place)
    rows = [{"id": p.uid, "email": p.email} for p in world.partners if p is not hidden]
    answer = {"data": rows, "links": {"next": None}, "status": 1}
    listing = {"path": r"/partnero/v1/partners\?", "answer": answer, "count": None}
    place.fault("status", status=200, **listing)
    before = len(place.writes)

    place.run("sync")

    assert old in stored(place)
    assert place.writes[before:] == []
    held = {c["code"]: c["reason"] for c in place.json("plan").document["changes"]}
    assert held["HUGONEW"] == "partner_ambiguous"


def test_the_rows_that_migrate_prints_can_be_completed_and_used(place):
    """They name each partner in the column of their own side."""
    said = place.run("migrate", "--from", "tolt", "--to", "partnero", "--yes").err
    (tina,) = ids(place, "partnero", "tina@partnero.example")
    (there,) = ids(place, "tolt", "tina@tolt.example")

    rows = said.partition("Rows for the alias file")[2].splitlines()[1:]
    rows = [row.strip() for row in rows if row.startswith("  ")]
    assert rows[0] == "partnero_id,tolt_id"
    (otto,) = ids(place, "tolt", "otto.only.tolt@example.com")
    assert {f"{tina},", f",{otto}"} <= {*rows[1:]}
    aliased(place, "\n".join([rows[0], f"{tina},{there}"]))
    assert place.run("sync").code == 0
    assert stored(place)[tina] == (there, "alias")
