"""Codes, ids and restrictions that are addresses: masked in all that leaves.

What is printed can still be typed, and what was saved can still be applied.
"""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from connector.reports.render import RENDERERS
from tests.harness.settled import keep, settled_before

NAME = "wilma.private"
CODE, HELD, GONE = (f"{NAME}.{n}@example.org" for n in ("one", "two", "three"))


@pytest.fixture
def private(place):
    """A world with codes that are addresses, and with a state that knows them."""
    world = place.sandbox.world
    for old, new in (("SAM20", CODE), ("DISCOUNTDIFF", HELD), ("EMIL10", GONE)):
        for codes in (world.partnero.codes, world.tolt.codes):
            for row in [one for one in codes if one.code == old]:
                codes.change(row, code=new)
    if not settled_before(place, "codes that are addresses"):
        assert place.run("sync").code in (0, 4)
        keep(place, "codes that are addresses")
    place.edit("tolt", "delete_code", code=GONE)
    return place


def looked_for(*texts):
    for text in texts:
        assert NAME not in text.lower()


def test_an_address_is_whole_in_no_output_of_any_format(private):
    for form in RENDERERS:
        said = private.run("plan", "--format", form, "--log-level", "debug")
        looked_for(said.out, said.err)
        assert "w***@example.org" in said.out or form == "markdown"
    for form in ("text", "json"):
        commands = [
            ("plan", "--out", "plan.json"),
            ("verify", "--out", "certificate.json"),
            ("verify", "--out", "certificate.html"),
            ("inbox",),
            ("history",),
            ("explain", HELD),
            ("explain", f"{NAME}.nobody@example.org"),
            ("decide", f"{NAME}.nobody@example.org", "--keep"),
            ("decide", HELD, "--keep", "--note", f"ask {NAME}@example.org"),
            ("decide", HELD, "--take", "tolt"),
            ("decide", HELD, "--withdraw"),
            ("check",),
            ("sync",),
            ("show", "r_none"),
        ]
        for command in commands:
            said = private.run(*command, "--format", form, "--log-level", "debug")
            looked_for(said.out, said.err)
    left = [one for one in private.folder.iterdir() if one.is_file()]
    for path in left:
        if not path.name.startswith("connector.db"):
            looked_for(path.read_text(encoding="utf-8"))
    exported = private.run("state", "export")
    assert CODE in exported.out  # as the contract says: it holds everything


def test_a_command_that_is_printed_names_an_id_and_works(private):
    shown = private.json("inbox").document
    (held,) = [
        one
        for one in shown["changes"]
        if one["code"] == "w***@example.org" and one["reason"] == "diverged"
    ]
    typed = next(one for one in held["commands"] if "--keep" in one)

    done = private.run(*shlex.split(typed)[1:])

    assert held["id"] in typed
    assert done.code == 0


def test_a_saved_plan_with_masked_values_is_applied_and_is_then_done(private):
    planned = private.json("plan", "--out", "plan.json").document
    (gone,) = [
        one
        for one in planned["changes"]
        if one["code"] == "w***@example.org" and one["action"] == "delete"
    ]
    arguments = ("apply", "plan.json", "--only", gone["id"], "--accept", gone["id"])

    first = private.json(*arguments, "--yes")
    again = private.json(*arguments, "--yes")

    (outcome,) = [one for one in first.document["outcomes"] if one["id"] == gone["id"]]
    assert outcome["outcome"] == "confirmed"
    (outcome,) = [one for one in again.document["outcomes"] if one["id"] == gone["id"]]
    assert outcome["outcome"] == "adopted"
    assert all(one.code != GONE for one in private.sandbox.world.partnero.codes)


@pytest.mark.parametrize(
    "told",
    [
        f"No {NAME}@example.org here",
        f"No {NAME}%40example.org here",
        f"No {NAME}&#64;example.org here",
        f"No {NAME}\uff20example.org here",
        f"No {NAME}\\u0040example.org here",
        f"No {NAME}=40example.org here",
    ],
)
def test_a_provider_cannot_make_us_print_an_address(place, hurried, told):
    place.fault("status", status=422, answer={"message": told}, count=None)

    for form in ("text", "json"):
        said = place.run("plan", "--format", form, "--log-level", "debug")
        looked_for(said.out, said.err)


BUG = f"""
import logging
from connector.terminal.log import configure
from mappings.masking import hide
configure("warning")
hide("sk_live_of_a_customer")
try:
    raise ValueError("a bug with {NAME}@example.org and sk_live_of_a_customer")
except ValueError:
    logging.getLogger("uvicorn.error").exception("for {NAME}@example.org")
"""


def test_what_a_library_logs_holds_no_address_and_no_key():
    done = subprocess.run(
        [sys.executable, "-c", BUG],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=True,
    )

    assert "ValueError: a bug with w***@example.org and ***" in done.stderr
    looked_for(done.stderr)


def test_a_certificate_is_sealed_as_it_reads(private):
    """Its digest is that of what the file holds, with its addresses masked."""
    from connector.engine.change import digest

    private.run("verify", "--out", "certificate.json")
    document = json.loads((private.folder / "certificate.json").read_text())

    stated = document.pop("digest")
    assert stated == "sha256:" + digest(document)
