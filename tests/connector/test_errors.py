"""One tree of errors, drawn where it begins."""

import re

import pytest

import connector.errors
from connector.commands import applying, states
from connector.errors import Interrupted, Problem
from mappings.wire import Malformed
from state.database import StateBusy, StateProblem
from state.transactions import LeaseLost

LOADED = (applying, states)
"""They bring every module that has errors of its own."""
OURS = ("connector", "mappings", "state")


def drawn() -> dict[str, str]:
    """Return each error of the docstring, by name, with the one above it."""
    above: dict[str, str] = {}
    way: list[str] = []
    for line in (connector.errors.__doc__ or "").splitlines():
        if node := re.match("([│├└─ ]*)([A-Z][A-Za-z]+) ", line):
            depth = len(node[1]) // 4
            way[depth:] = [node[2]]
            above[node[2]] = way[depth - 1] if depth else ""
    return above


def every(root: type[Exception]) -> list[type[Exception]]:
    below = [each for child in root.__subclasses__() for each in every(child)]
    return [root, *below] if root.__module__.partition(".")[0] in OURS else below


def test_every_error_stands_in_the_drawing_below_what_it_is():
    above = drawn()

    classes = set(every(Problem))

    assert {each.__name__ for each in classes} | {Interrupted.__name__} <= above.keys()
    for each in classes - {Problem}:
        assert above[each.__name__] in {base.__name__ for base in each.__bases__}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (connector.errors.Misconfigured, 2),
        (connector.errors.Refused, 5),
        (connector.errors.Locked, 6),
        (StateBusy, 6),
        (StateProblem, 1),
        (LeaseLost, 1),
        (connector.errors.Unauthorised, 1),
        (Malformed, 1),
    ],
)
def test_an_error_says_how_the_program_ends(error, code):
    assert error("it went wrong").exit_code == code


def test_what_befalls_the_state_is_no_trouble_of_a_record():
    """Whoever goes on with the next record must not go on without a memory."""
    assert not issubclass(StateProblem, connector.errors.SyncError)
