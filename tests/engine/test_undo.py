"""What of a run can be taken back, as far as that is known without asking anybody."""

import pytest

from connector.engine.undo import not_undoable
from connector.reports.messages.say import said
from state.model import Intent


def intent(note):
    names = ("i_1", "run-1", "c_1", "sam20", "SAM20", "update", "tolt")
    return Intent(*names, state="confirmed", change=note, at="t", version="v2")


@pytest.mark.parametrize("rubbish", ["{", "[]", "null", '{"seen": []}', "3"])
def test_a_write_whose_note_cannot_be_read_is_named_and_the_others_go_on(rubbish):
    (finding,) = not_undoable(intent(rubbish), "v2")

    assert (finding.kind, finding.code) == ("not_undoable", "SAM20")
    assert said(finding) == (
        "SAM20: update on tolt: what was noted of it cannot be read."
    )
