"""What a person says of what waits, as the engine takes it: for the next look."""

from connector.engine.change import Status, seen_digest
from connector.engine.decisions import Word, decide, find, removal
from state.model import Decision
from tests.golden.world import AT, WHO


class Said:
    """What came of a person's words, collected for the next look."""

    def __init__(self):
        self.decisions, self.answers = {}, []
        self.accepted, self.failed, self.named = set(), {}, []

    def hear(self, words, seen):
        plan = seen.plan
        waits = [c for c in plan.changes if c.status is not Status.READY]
        waits = sorted([*waits, *plan.acceptable], key=lambda one: one.id)
        for number, word in words:
            self.word(number, word, waits, seen)

    def word(self, number, word, waits, seen):
        take = word.split()[-1]
        pick = waits[number % len(waits)] if waits else None
        if word == "remove":
            texts = sorted(one.written for one in seen.bases)
            text = texts[number % len(texts)] if texts else "NOTHING"
            pick, take = removal(text, seen.facts), "delete"
        if word == "named":
            texts = sorted({one.code for one in waits if one.code})
            name = texts[number % len(texts)] if texts else "NOTHING"
            self.named.append([name, [one.id for one in find(name, seen.plan)]])
        elif word == "fail":
            ids = sorted(one.id for one in seen.plan.changes)
            if ids:
                self.failed[ids[number % len(ids)]] = "the answer was 422"
        elif word == "accept" and pick is not None:
            self.accepted.add(pick.id)
        elif word.startswith("older") and hasattr(pick, "seen"):
            self.older(pick, take)
        elif pick is not None:
            chosen = waits if word.startswith("all") else [pick]
            self.decide(chosen, take, seen)

    def older(self, pick, take):
        """Keep a decision of the form that knew a record and no more."""
        id_ = f"record:{pick.key}"
        self.decisions[id_] = Decision(
            id_, pick.key, pick.code, take, seen_digest(pick.seen), WHO, AT
        )

    def decide(self, picked, take, seen):
        word = Word(take, WHO, AT, "as agreed")
        for answer in decide(picked, word, seen.facts, seen.policy):
            self.answers.append(answer)
            if not answer.why:
                self.decisions[answer.decision.id] = answer.decision
