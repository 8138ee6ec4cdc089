"""Plan files that somebody or something spoilt: a sentence, no write, no traceback."""

import json
import os
import threading

import pytest

from connector.errors import Misconfigured
from connector.reports.documents import seal
from connector.run.plan_file import Edited, SavedPlan, read_plan

CHANGE = {
    "id": "c_000000000000",
    "code": "SAM20",
    "action": "create",
    "target": "tolt",
    "status": "ready",
    "precondition": {"partnero": ["1", "SAM20"], "tolt": None},
    "fields": [{"field": "code", "base": None, "new": "SAM20"}],
}
PLAN = {
    "format": "partnero-tolt/plan",
    "version": 1,
    "pair": "acme",
    "changes": [CHANGE],
    "config": "0" * 16,
    "state": None,
    "created_at": "2026-01-01T00:00:00Z",
    "expires_at": "2026-01-02T00:00:00Z",
}
WRONG = {
    "nothing": None,
    "a number": 5,
    "a fraction": 0.5,
    "a truth": True,
    "a text": "x",
    "a list": [[], {}],
    "a table": {"x": {"y": None}},
    "half a character": "\ud800",
}
HALF = "half a character"
MAY_BE = {
    "a text": {
        *("pair", "config", "state", "created_at", "expires_at"),
        *("id", "code", "action", "field", "new"),
    },
    "nothing": {"state", "new"},
}


def read(tmp_path, content):
    path = tmp_path / "plan.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_plan(path)


def sealed(document):
    return json.dumps(document | {"seal": seal(document)})


def test_a_plan_as_it_was_made_is_read(tmp_path):
    saved = read(tmp_path, sealed(PLAN))

    assert isinstance(saved, SavedPlan)
    assert saved.sealed
    assert saved.changes[0].new("code") == "SAM20"


def spoilt(member, value):
    """Return the plan with one member of it, wherever it stands, as another value."""
    if member in PLAN:
        return PLAN | {member: value}
    change = dict(CHANGE)
    if member in change:
        change[member] = value
    else:
        change["fields"] = [dict(CHANGE["fields"][0]) | {member: value}]
    return PLAN | {"changes": [change]}


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize(
    "member",
    [
        *("pair", "changes", "config", "state", "created_at", "expires_at"),
        *("id", "code", "action", "target", "status", "precondition", "fields"),
        *("field", "new"),
    ],
)
def test_a_member_of_another_type_is_an_edited_plan(tmp_path, member, kind):
    """Also where the seal was made anew."""
    document = spoilt(member, WRONG[kind])
    for seal_ in (None, "sha256:0", []):
        content = json.dumps(document | {"seal": seal_})
        if member in MAY_BE.get(kind, ()):
            assert not read(tmp_path, content).sealed
        else:
            with pytest.raises(Misconfigured if kind == HALF else Edited):
                read(tmp_path, content)


@pytest.mark.parametrize("gone", [*PLAN, *CHANGE, "field", "new"])
def test_a_member_that_is_missing_ends_in_no_traceback(tmp_path, gone):
    document = json.loads(json.dumps(PLAN))
    change = document["changes"][0]
    for where in (document, change, change["fields"][0]):
        where.pop(gone, None)
    if gone in ("precondition", "fields"):
        assert read(tmp_path, sealed(document)).sealed
        return

    with pytest.raises((Edited, Misconfigured), match="Make a new one: partnero-tolt"):
        read(tmp_path, sealed(document))


NOT_JSON = {
    "nothing": b"",
    "a cut one": json.dumps(PLAN).encode()[:90],
    "100,000 brackets": b"[" * 100_000,
    "100,000 whole brackets": b"[" * 100_000 + b"]" * 100_000,
    "100,000 tables": b'{"a":' * 100_000,
    "a deep member": json.dumps(PLAN).encode()[:-1] + b', "x": ' + b"[" * 100_000,
    "a number of 5,000 digits": b'{"version": ' + b"9" * 5000 + b"}",
    "a power without end": b'{"version": 1e400}',
    "no number": b'{"version": NaN}',
    "a list": b"[]",
    "a text": b'"partnero-tolt/plan"',
    "a number": b"1",
    "a truth": b"true",
    "UTF-16": json.dumps(PLAN).encode("utf-16"),
    "Latin-1": '{"pair": "é"}'.encode("latin-1"),
    "NUL": b'{"pair": "\0"}',
    "another version": json.dumps(PLAN | {"version": 2}).encode(),
    "a version as a text": json.dumps(PLAN | {"version": "1"}).encode(),
    "another document": json.dumps(PLAN | {"format": "partnero-tolt/run"}).encode(),
    "a format as a list": json.dumps(PLAN | {"format": []}).encode(),
}


@pytest.mark.parametrize("case", NOT_JSON)
def test_what_is_no_plan_is_said_in_words(tmp_path, case):
    with pytest.raises((Misconfigured, Edited)) as refused:
        read(tmp_path, NOT_JSON[case])

    told = str(refused.value)
    assert "plan.json" in told
    assert len(told) < len(str(tmp_path)) * 2 + 300


@pytest.mark.parametrize("kind", ["a folder", "a pipe", "a device", "1 GB", "no file"])
def test_what_is_no_file_to_be_read_is_never_waited_for(tmp_path, kind):
    path = tmp_path / "plan.json"
    match kind:
        case "a folder":
            path.mkdir()
        case "a pipe":
            os.mkfifo(path)
        case "a device":
            path.symlink_to("/dev/zero")
        case "1 GB":
            path.touch()
            os.truncate(path, 10**9)
    told = []

    def reading():
        with pytest.raises(Misconfigured, match="cannot be read as a plan") as refused:
            read_plan(path)
        told.append(str(refused.value))

    thread = threading.Thread(target=reading, daemon=True)
    thread.start()
    thread.join(30)

    assert len(told) == 1


def test_the_command_that_is_advised_works_for_any_name_of_a_file(tmp_path):
    path = tmp_path / "a plan's $HOME.json"
    path.write_text("{}")

    with pytest.raises(Misconfigured) as refused:
        read_plan(path)

    quoted = "'" + str(path).replace("'", "'\"'\"'") + "'"
    assert f"partnero-tolt plan --out {quoted}" in str(refused.value)


def test_a_plan_whose_parts_were_edited_is_refused_with_its_document(place):
    place.run("plan", "--out", "plan.json")
    plan = json.loads((place.folder / "plan.json").read_text())
    plan["changes"][0]["target"] = "moon"
    plan["seal"] = seal(plan)
    (place.folder / "plan.json").write_text(json.dumps(plan))
    place.sandbox.requests.clear()

    refused = place.json("apply", "plan.json")

    assert (refused.code, refused.guard) == (5, "plan_edited")
    assert place.writes == []


def test_the_pair_of_a_foreign_plan_is_shown_only_if_it_can_be_one(place):
    document = PLAN | {"pair": "tlt_live_sesame"}
    (place.folder / "plan.json").write_text(sealed(document))

    refused = place.json("apply", "plan.json")

    assert (refused.code, refused.guard) == (5, "plan_foreign")
    assert "sesame" not in refused.out + refused.err
