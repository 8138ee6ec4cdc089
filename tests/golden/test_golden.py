"""What the engine says of some 2,000 small worlds is what it has always said.

Where it shall say something else: python -m tests.golden.make, and a commit of its own
that says why. Sentences are kept apart, so that a reworded one changes no record.
"""

import json

import pytest

from tests.golden import make
from tests.golden.compare import differences


@pytest.fixture(scope="module")
def played():
    """Play every world once; as JSON, as the files have it."""
    return [json.loads(json.dumps(part)) for part in make.played()]


def told(path, now):
    return "\n".join(differences(make.read(path), now))


def test_the_worlds_are_those_of_the_golden_file(played):
    kept = {name: one["world"] for name, one in make.read(make.RECORDS).items()}

    assert {name: one["world"] for name, one in played[0].items()} == kept


def test_every_plan_is_as_it_was(played):
    assert not (apart := told(make.RECORDS, played[0])), apart


def test_every_sentence_is_as_it_was(played):
    assert not (apart := told(make.SENTENCES, played[1])), apart


def test_a_difference_is_told_change_by_change():
    kept = {"a": {"plan": {"changes": [{"action": "create", "code": "X", "row": 1}]}}}
    now = {"a": {"plan": {"changes": [{"action": "create", "code": "X", "row": 2}]}}}

    assert "\n".join(differences(kept, now)).splitlines() == [
        "1 of 1 worlds are not as they were:",
        "",
        "a",
        "  plan.changes.create X.row: was  1",
        "  plan.changes.create X.row: is   2",
    ]
