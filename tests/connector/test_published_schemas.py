"""The schemas themselves: closed where the contract closes a list, open elsewhere.

That they name all members that are printed is looked at wherever a test reads a
document (tests/harness/documents.py).
"""

import json
import re
from dataclasses import fields
from importlib.resources import files
from inspect import getsource
from typing import get_args

import pytest
from jsonschema_rs import Draft202012Validator, Registry, ValidationError, meta

from connector.engine import acts
from connector.engine.change import FieldValue, Status
from connector.engine.outcome import Outcome
from connector.engine.persons import Why
from connector.engine.planned import SideReport
from connector.reports.documents import CHANGE
from connector.run.plan_file import SavedChange, SavedField, SavedPlan
from mappings.canonical import Side
from state.counts import PlanCounts
from state.model import IntentState, Take
from tests.harness.documents import untold_of

FOLDER = files("connector") / "schemas"
SCHEMAS = {
    path.name.partition(".")[0]: json.loads(path.read_text(encoding="utf-8"))
    for path in FOLDER.iterdir()
    if path.name.endswith(".schema.json")
}
REGISTRY = Registry([(schema["$id"], schema) for schema in SCHEMAS.values()])

# The shapes that the contract shows.
PLAN = {
    "format": "partnero-tolt/plan",
    "version": 1,
    "pair": "acme",
    "created_at": "2026-01-01T09:00:00Z",
    "expires_at": "2026-01-02T09:00:00Z",
    "digest": "sha256:" + "0" * 64,
    "sides": {
        "partnero": {"codes": 412, "partners": 97, "complete": True, "requests": 9},
        "tolt": {"codes": 413, "partners": 97, "complete": True, "requests": 9},
    },
    "refused": None,
    "summary": {
        "in_sync": 371,
        "adopt": 0,
        "create": 27,
        "update": 2,
        "replace": 1,
        "delete": 0,
        "ready": 26,
        "held": 3,
        "blocked": 1,
        "findings": 5,
        "redemptions": {
            "in_sync": 90,
            "missing_on_partnero": 4,
            "missing_on_tolt": 2,
            "without_key": 1,
            "twice": 0,
            "differs": 0,
        },
    },
    "changes": [
        {
            "id": "c_0123456789ab",
            "code": "SAM20",
            "action": "create",
            "target": "tolt",
            "status": "held",
            "reason": "lossy",
            "message": "...",
            "fields": [
                {
                    "field": "discount",
                    "base": None,
                    "partnero": "20%",
                    "tolt": None,
                    "new": "20%",
                }
            ],
            "lost": ["expires 2026-12-31"],
            "raises_exposure": True,
        }
    ],
    "findings": [{"kind": "diverged", "code": "SAM20", "codes": [], "message": "..."}],
}
RUN = {
    "format": "partnero-tolt/run",
    "version": 1,
    "run": "r_20260101T090000_abcdef",
    "pair": "acme",
    "status": "complete",
    "started_at": "2026-01-01T09:00:00Z",
    "finished_at": "2026-01-01T09:00:01Z",
    "plan": PLAN["summary"],
    "outcomes": [
        {
            "id": "c_0123456789ab",
            "code": "SAM20",
            "action": "create",
            "target": "tolt",
            "outcome": "confirmed",
            "detail": "...",
        }
    ],
    "requests": {"partnero": 9, "tolt": 12},
}
SHOWN = {"plan": PLAN, "run": RUN}


def check(kind, document):
    Draft202012Validator(SCHEMAS[kind], registry=REGISTRY).validate(document)


def changed(document, path, value):
    copy = json.loads(json.dumps(document))
    *inner, last = path
    part = copy
    for step in inner:
        part = part[step]
    part[last] = value
    return copy


def test_there_is_a_schema_for_each_document_and_all_are_well_formed():
    named = {"plan", "run", "check", "state", "explain", "certificate", "inbox"}
    assert named | {"history", "error", "state-export"} <= SCHEMAS.keys()
    for schema in SCHEMAS.values():
        meta.validate(schema)


@pytest.mark.parametrize("kind", ["plan", "run"])
def test_what_the_contract_shows_is_valid(kind):
    check(kind, SHOWN[kind])


@pytest.mark.parametrize("kind", ["plan", "run"])
def test_no_named_member_may_be_missing(kind):
    for name in SHOWN[kind]:
        document = {key: part for key, part in SHOWN[kind].items() if key != name}

        with pytest.raises(ValidationError, match=name):
            check(kind, document)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("plan", ("changes", 0, "action")),
        ("plan", ("changes", 0, "target")),
        ("plan", ("changes", 0, "status")),
        ("run", ("status",)),
        ("run", ("outcomes", 0, "outcome")),
        ("run", ("outcomes", 0, "action")),
        ("run", ("outcomes", 0, "target")),
    ],
    ids=lambda part: part if isinstance(part, str) else str(part[-1]),
)
def test_a_closed_list_takes_no_new_word(kind, path):
    with pytest.raises(ValidationError, match="brand_new"):
        check(kind, changed(SHOWN[kind], path, "brand_new"))


@pytest.mark.parametrize("kind", ["plan", "run"])
def test_a_refusal_names_a_known_guard(kind):
    refused = {"guard": "empty_side", "side": "tolt", "message": "..."}
    document = SHOWN[kind] | {"refused": refused}

    check(kind, document)
    with pytest.raises(ValidationError):
        check(kind, changed(document, ("refused", "guard"), "brand_new"))


@pytest.mark.parametrize(
    "path", [("changes", 0, "reason"), ("findings", 0, "kind")], ids=["reason", "kind"]
)
def test_reasons_and_kinds_may_grow(path):
    check("plan", changed(PLAN, path, "brand_new"))


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("plan", ("anything",)),
        ("plan", ("summary", "anything")),
        ("plan", ("sides", "tolt", "anything")),
        ("plan", ("changes", 0, "anything")),
        ("plan", ("changes", 0, "fields", 0, "anything")),
        ("plan", ("findings", 0, "anything")),
        ("run", ("anything",)),
        ("run", ("outcomes", 0, "anything")),
    ],
    ids=lambda part: part if isinstance(part, str) else "-".join(map(str, part)),
)
def test_members_may_be_added_everywhere(kind, path):
    """H12: unknown minor fields are allowed."""
    check(kind, changed(SHOWN[kind], path, {"of": "any kind"}))


def test_a_side_with_a_reason_for_missing_something_is_not_complete():
    sides = PLAN["sides"] | {"tolt": PLAN["sides"]["tolt"] | {"missed": "page 3"}}

    with pytest.raises(ValidationError):
        check("plan", PLAN | {"sides": sides})


def test_a_refused_run_says_which_guard():
    with pytest.raises(ValidationError):
        check("run", RUN | {"status": "refused", "refused": None})


# --- and the code ---------------------------------------------------------------------

ACTIONS = [*re.findall(r'return "(\w+)"', getsource(acts.action)), *acts.Step]
SIDES = [side.value for side in Side]
LISTS = {
    "action": ("plan", "$defs change properties action", ACTIONS),
    "target": ("plan", "$defs change properties target", [*SIDES, "state"]),
    "status": ("plan", "$defs change properties status", [*Status]),
    "take": ("plan", "$defs decision properties take", get_args(Take)),
    "write": ("run", "$defs write properties state", get_args(IntentState)),
    "question": ("check", "properties questions items properties why", get_args(Why)),
}


def part(kind: str, path: str) -> dict:
    found = SCHEMAS[kind]
    for step in path.split():
        found = found[step]
    return found


@pytest.mark.parametrize(("kind", "path", "words"), LISTS.values(), ids=LISTS)
def test_a_closed_list_has_the_words_of_the_code(kind, path, words):
    assert sorted(part(kind, path)["enum"]) == sorted(words)


MODELS = {
    "side": ("plan", "$defs side", {f.name for f in fields(SideReport)}),
    "summary": (
        *("plan", "$defs summary"),
        {"compared", *(f.name for f in fields(PlanCounts))},
    ),
    "field": ("plan", "$defs field", {*FieldValue._fields}),
    "change": ("plan", "$defs change", {*CHANGE, "values", "commands", "decision"}),
    "outcome": ("run", "$defs outcome", {f.name for f in fields(Outcome)}),
}


@pytest.mark.parametrize(("kind", "path", "members"), MODELS.values(), ids=MODELS)
def test_what_is_printed_of_a_value_is_all_there_is_in_it(kind, path, members):
    assert part(kind, path)["properties"].keys() == members


@pytest.mark.parametrize(
    ("model", "path"),
    [
        (SavedPlan, "properties"),
        (SavedChange, "$defs change properties"),
        (SavedField, "$defs field properties"),
    ],
)
def test_what_is_read_of_a_plan_file_is_published(model, path):
    assert model.model_fields.keys() - {"sealed"} <= part("plan", path).keys()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (("brand_new",), ".brand_new"),
        (("changes", 0, "brand_new"), ".changes[].brand_new"),
        (("sides", "tolt", "brand_new"), ".sides.tolt.brand_new"),
    ],
)
def test_a_member_that_no_schema_names_is_found(path, told):
    plan = (SCHEMAS["plan"], "plan")

    assert [*untold_of(PLAN, plan)] == []
    assert [*untold_of(changed(PLAN, path, 1), plan)] == [told]
