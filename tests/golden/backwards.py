"""From a run to the plan that takes it back: what engine.py is for codes."""

import json
from types import SimpleNamespace

from connector.reports.messages.say import message
from connector.run.undo import (
    prepare_undo,
)
from mappings.canonical import Side, fold
from mappings.discounts import discount_text
from state.model import Intent
from tests.golden.engine import code, discount, person, policy_of
from tests.golden.record import change_record, filled, finding_record
from tests.golden.world import MINE, NOW


def intent(number, done):
    """Return the note of a write as it is stored."""

    def seen(one):
        if one is None:
            return None
        text = discount_text(discount(one.discount))
        known = [one.id, fold(one.written), text, one.partner]
        return known if done.older else [*known, one.written, []]

    want = None
    if done.want:
        written, stated, partner = done.want
        text = discount_text(discount(stated))
        want = [written, text, partner, [*done.fields], done.coupon, None]
    stored = {
        "id": f"c_{number}",
        "action": done.action,
        "target": done.target,
        "key": fold(done.text),
        "code": done.text,
        "row": 7,
        "reason": "equal",
        "seen": {side: seen(one) for side, one in done.before.items()},
        "want": want,
        "push": None,
        "consents": [],
        "accepts": [],
        "by": "sam",
    }
    return Intent(
        *(f"i_{number}", "run_1", f"c_{number}", fold(done.text), done.text),
        *(done.action, done.target, done.state, json.dumps(stored, sort_keys=True)),
        copy=done.row,
        version=done.version,
    )


class Standing:
    """One side as it is now, for whoever asks for single records."""

    requests = 3

    def __init__(self, story, side):
        codes = [done.now.get(side.value) for done in story.writes]
        self.codes = [code(one) for one in codes if one]
        self.people = {one.id: person(one) for one in story.people}
        self.side = side

    def get(self, id_):
        return next((one for one in self.codes if one.id == id_), None)

    def find(self, text):
        return [one for one in self.codes if one.values.code == fold(text)]

    def partner(self, id_):
        return self.people.get(id_)


class Standings:
    """Both products."""

    def __init__(self, story):
        self._both = {side: Standing(story, side) for side in Side}

    def of(self, side):
        return self._both[side]

    def __iter__(self):
        return iter(self._both.values())


class Store:
    """The journal of the run, and what is linked by now."""

    def __init__(self, story):
        self.notes = [intent(n, done) for n, done in enumerate(story.writes)]
        self.linked = {fold(one.text): not one.moved for one in story.writes}

    @property
    def journal(self):
        return self

    def intents(self, run):
        return [one for one in self.notes if one.run == run]

    @staticmethod
    def meta():
        return {"identity": MINE}

    def link(self, key):
        return self.linked.get(key, True)


def undone(story, accepted=frozenset()):
    """Return the plan that takes a run back."""
    pair = SimpleNamespace(
        name="acme",
        policy=policy_of(story.policy),
        digest="config",
        version="v2",
        several=False,
    )
    readers = Standings(story)
    found = prepare_undo(pair, readers, Store(story), "run_1", NOW, accepted=accepted)
    return found.plan


def play(story):
    """Return the record of an undo, and its sentences."""
    record, sentences = {}, {}
    plan = undone(story)
    _tell("plan", plan, record, sentences)
    if story.picks and plan.changes:
        ids = sorted(one.id for one in plan.changes)
        accepted = frozenset(ids[pick % len(ids)] for pick in story.picks)
        _tell("then", undone(story, accepted), record, sentences)
    return record, sentences


def _tell(name, plan, record, sentences):
    record[name] = filled(
        changes=[change_record(one) for one in plan.changes],
        findings=[finding_record(one) for one in plan.findings],
        digest=plan.digest.removeprefix("sha256:")[:16],
        undoes=plan.undoes,
        differ=plan.tally.differ,
    )
    sentences[name] = filled(
        changes=[f"{one.id}: {message(one.causes)}" for one in plan.changes],
        findings=[f"{one.kind}: {message(one.causes)}" for one in plan.findings],
    )
