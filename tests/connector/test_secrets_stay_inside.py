"""One long story with everything in it, and a search through all it left behind."""

import json

import pytest

from connector.reports.render import RENDERERS
from connector.sandbox import seed

KEPT = "connector.db"
"""The state may hold e-mails (and its -wal and -shm with it); nothing else may."""

DATABASE = "file pace.db"
"""The rate's window of all processes beside the state, and SQLite's files with it."""


def addresses(world):
    people = [*world.partnero.partners, *world.partnero.customers]
    people += [*world.tolt.partners, *world.tolt.customers]
    return {row.email.lower() for row in people if row.email}


def left_behind(place):
    """Return the text of every file in the working folder but the state."""
    files = [path for path in place.folder.rglob("*") if path.is_file()]
    return {
        path.name: path.read_text(encoding="utf-8", errors="replace").lower()
        for path in files
        if not path.name.startswith(KEPT)
    }


@pytest.fixture
def story(place, hurried):
    """Every command in every format, in good weather and in bad; returns all texts."""
    told = {}

    def tell(*arguments):
        for form in ("text", "json"):
            said = place.run(*arguments, "--format", form, "--log-level", "debug")
            told[f"{len(told)} {' '.join(map(str, arguments))} {form}"] = (
                said.out + said.err
            ).lower()
        return said

    world = place.sandbox.world
    codes = [*seed.HOSTILE, "SAM20", "PARTNERDIFF", "PLUSTAG10", "ANNA10"]
    for form in RENDERERS:
        said = place.run("plan", "--format", form, "--log-level", "debug")
        told[f"plan as {form}"] = (said.out + said.err).lower()
    tell("check")
    plan = tell("plan", "--out", "plan.json").document
    lossy = [one["id"] for one in plan["changes"] if one["reason"] == "lossy"]
    tell("apply", "plan.json", "--accept", lossy[0])
    tell("sync")
    place.edit("tolt", "move_partner", code="DORA10", partner="ben@example.com")
    place.edit("partnero", "delete_code", code="EMIL10")
    place.edit("tolt", "create_code", code="POISON", partner="anna@example.com")
    mail = "anna@example.com"
    nasty = f"May not write for {mail}, <{mail}> or 'mailto:{mail.upper()}'."
    place.fault(
        "status",
        method="POST",
        status=422,
        count=None,
        answer={"message": nasty, "errors": {mail: [nasty]}},
    )
    tell("sync")
    place.sandbox.faults.clear()
    for code in codes:
        tell("explain", code)
    for status in (401, 500):
        place.fault("status", status=status, count=None, answer={"message": nasty})
        tell("plan")
        tell("sync")
        tell("check")
        place.sandbox.faults.clear()
    place.setenv("TOLT_API_KEY", "tlt_mistyped_secret")
    tell("plan")
    tell("check")
    tell("state", "check")
    world.partnero.partners.named(mail)[0].email = f"<{mail}>"
    tell("plan", "--out", "again.json")
    told |= {f"file {name}": text for name, text in left_behind(place).items()}
    return told


def assert_safe(texts, secrets):
    leaks = {
        (where, one) for where, text in texts.items() for one in secrets if one in text
    }
    assert leaks == set()


def test_no_key_and_no_whole_address_leaves_the_program(place, story):
    """I1, C20: not in any format, file or log at debug level; hostile text is inert."""
    keys = {key.lower() for key in place.sandbox.environment.values()}
    keys |= {"tlt_mistyped_secret"}
    people = addresses(place.sandbox.world)

    # What is searched is not empty, and the masked addresses are in it.
    assert "s***@example.com" in "".join(story.values())
    assert {"file plan.json", "file again.json", "file connector.toml"} <= story.keys()
    assert len(people) > 20
    assert_safe(story, keys | people | {"authorization"})
    # Nobody reads a database on a screen, and any byte may stand in one.
    read = {where: text for where, text in story.items() if DATABASE not in where}
    assert_safe(read, {"\x1b", "\u202e"})

    # The state may hold addresses, but a run's document, as `show` prints it, may not.
    documents = {"runs": json.dumps(place.tables()["run"]).lower()}
    assert "partnero-tolt/run" in documents["runs"]
    assert_safe(documents, keys | people)
    content = {"state": place.database.read_bytes().decode("latin-1").lower()}
    assert_safe(content, keys)


@pytest.mark.parametrize("status", [401, 422, 503])
def test_a_key_that_the_other_side_repeats_is_taken_out(place, hurried, status):
    """I1: some servers quote the header that they refuse."""
    key = place.sandbox.environment["PARTNERO_API_KEY"]
    quoted = f"Authorization: Bearer {key} is not good, {key} neither"
    place.fault(
        "status",
        path="^/partnero/",
        status=status,
        count=None,
        answer={"message": quoted, "errors": {"key": [quoted]}},
    )

    planned = place.json("plan")
    synced = place.json("sync")

    assert planned.code in {1, 4}
    assert synced.code in {1, 4}
    assert "is not good" in planned.out
    assert_safe(left_behind(place), {key})
    assert key.encode() not in place.database.read_bytes()
