"""What the engine says of some 2,000 small worlds is what it has always said.

Where it shall say something else: python -m tests.golden.make, and a commit of its own
that says why. Sentences are kept apart, so that a reworded one changes no record.
"""

import json

import pytest

from tests.golden import make
from tests.golden.compare import differences

THIRDS = [0, *(pytest.param(rest, marks=pytest.mark.slow) for rest in (1, 2))]
"""Every third world is quick; the others are no other kind, only more of them."""


@pytest.fixture(scope="module", params=THIRDS, ids="third-{}".format)
def played(request):
    """Play each world of a third once; as JSON, as the files have it."""
    third = make.plays()[request.param :: len(THIRDS)]
    return [json.loads(json.dumps(part)) for part in make.played(third)]


def told(path, now):
    kept = make.read(path)
    return "\n".join(differences({name: kept[name] for name in now}, now))


def test_the_worlds_are_those_of_the_golden_file():
    kept = {name: record["world"] for name, record in make.read(make.RECORDS).items()}

    assert {story.name: story.mark for _play, story in make.plays()} == kept


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
