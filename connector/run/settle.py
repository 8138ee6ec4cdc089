"""One remote write from its intent to its verdict.

Intent, fresh look at both sides, request, read-back, verdict: that a request is on its
way is committed right before it leaves, the base moves only to what was read back. An
answer that was lost is settled by looking, with growing waits, before anything is ever
sent again; what can be told neither way stays open, and the next run settles it.
"""

import threading
from dataclasses import dataclass, field, replace

from connector.engine.change import Change
from connector.engine.outcome import Outcome
from connector.errors import Failed, Rejected, SyncError, Throttled, Uncertain
from connector.run.verdicts import Attempt, Verdicts, outcome_of
from connector.run.waits import Waiting
from connector.run.write import Reading, Verdict
from state.database import StateProblem
from state.model import Intent, IntentState
from state.store import Store

UNSEEN = "the answer said done, but reading does not show it"
TAKEN_BACK = "the decision about it was taken back meanwhile"


class Leaving(threading.local):
    """The write that the present thread is about to send.

    ``used`` are the consents that end with its request.
    """

    intent: Intent | None = None
    used: tuple[str, ...] = ()

    @property
    def is_planned(self) -> bool:
        """Whether its request has surely not left yet."""
        return self.intent is not None and self.intent.state == "planned"


@dataclass(slots=True)
class Settling:
    """Carries single changes out and settles them; ``ending`` is why the run ends.

    ``begun`` are the consents on which something was sent: the rest of it follows.
    """

    store: Store
    verdicts: Verdicts
    waiting: Waiting
    stop: threading.Event
    ending: Exception | None = None
    leaving: Leaving = field(default_factory=Leaving, repr=False)
    begun: set[str] = field(default_factory=set)

    @property
    def halted(self) -> bool:
        return self.stop.is_set() or self.ending is not None

    def fence(self) -> None:
        """Have the last word before a write leaves, in the thread that sends it.

        In one transaction: the pair is still held, and the intent is on its way. A stop
        before this leaves an intent of which it is known that it was never sent.
        """
        intent = self.leaving.intent
        if intent is None or intent.state == "sending":
            self.store.leases.fence()
        else:
            self.store.journal.leave(intent.id, intent.copy, used=self.leaving.used)
            self.leaving.intent = replace(intent, state="sending")

    def carry_out(self, change: Change) -> Outcome:
        """Intent, fresh look at both sides, request, read-back, verdict."""
        attempt = self.verdicts.begin(change)
        try:
            before = attempt.write.look()
            if before.verdict is Verdict.OTHER:
                return self.verdicts.settle(attempt, "stale", before.detail)
            if why := attempt.write.stale(before):
                return self.verdicts.settle(attempt, "stale", why)
        except SyncError as error:
            return self.not_sent(attempt, error)
        if before.verdict is Verdict.DONE:
            return self.verdicts.settle(attempt, "adopted", "already so", before)
        if self._is_taken_back(change):
            return self.verdicts.settle(attempt, "stale", TAKEN_BACK)
        self.begun.update(change.consents)
        self.leaving.intent = replace(attempt.intent, copy=before.copy)
        # What pays must not be agreed to twice, whatever becomes of it.
        self.leaving.used = attempt.change.consents if attempt.write.pays else ()
        try:
            return self._sent(attempt)
        finally:
            self.leaving.intent = None

    def _is_taken_back(self, change: Change) -> bool:
        """Say whether a person has taken a decision back since the plan was made."""
        asked = set(change.consents) - self.begun
        return bool(asked) and not asked <= self.store.decided_of(asked)

    def _sent(self, attempt: Attempt) -> Outcome:
        """Send; once a request has left, whatever goes wrong leaves it open."""
        try:
            return self._send(attempt)
        except SyncError as error:
            if self.leaving.is_planned:
                return self.not_sent(attempt, error)
            self._may_end(error)
            return self.verdicts.leave_open(attempt, str(error))
        except StateProblem as error:
            self.ending = error  # it cannot be noted: what has left is open already
            state = "failed" if self.leaving.is_planned else "uncertain"
            return outcome_of(attempt.change, state, str(error))

    def _send(self, attempt: Attempt) -> Outcome:
        """Send once, or once more where the first one provably had no effect."""
        after, lost = Reading(Verdict.UNDONE), ""
        for last in (False, True):
            if last and (why := attempt.write.stale(after)):
                return self.give_up(attempt, why, state="stale")
            try:
                lost = self._request(attempt)
            except Rejected as refused:
                return self.refused(attempt, refused)
            except SyncError as error:
                if not attempt.write.single:
                    raise
                return self.not_sent(attempt, error)
            after, certain = self.until_shown(attempt)
            if outcome := self._judged(attempt, after, lost):
                return outcome
            if not (certain and (lost or after.verdict is Verdict.HALF)):
                break
        return self.verdicts.leave_open(attempt, lost or UNSEEN)

    @staticmethod
    def _request(attempt: Attempt) -> str:
        """Send what is to be written; say so where its answer was lost."""
        try:
            attempt.write.send()
        except Uncertain as error:
            return f"answer lost: {error}"
        return ""

    def _judged(self, attempt: Attempt, after: Reading, lost: str) -> Outcome | None:
        """Settle what a look has shown; None where it may be sent once more."""
        if after.verdict is Verdict.DONE:
            return self.verdicts.settle(attempt, "confirmed", lost, after)
        if after.verdict is Verdict.OTHER:
            return self.verdicts.put_aside(attempt, after.detail, after)
        if attempt.write.pays:
            return self.verdicts.doubt(attempt, lost or UNSEEN)
        return None

    def until_shown(
        self, attempt: Attempt, waited: float = 0.0
    ) -> tuple[Reading, bool]:
        """Look until the effect shows, or its time is up; say whether that is sure."""
        return self.waiting.until_shown(attempt.write, lambda: self.halted, waited)

    def refused(
        self, attempt: Attempt, refused: Rejected, *, last: bool = False
    ) -> Outcome:
        """A refusal may mean that it is there already: look, compare everything."""
        after = attempt.write.look()
        if after.verdict is Verdict.UNDONE and refused.status == 409:
            after, _ = self.until_shown(attempt)  # a listing may lag behind the refusal
        if after.verdict is Verdict.DONE:
            return self.verdicts.settle(attempt, "adopted", str(refused), after)
        if after.verdict is Verdict.OTHER:
            state: IntentState = "stale" if refused.status == 404 else "quarantined"
            detail = f"{refused}; there is something else: {after.detail}"
            other = Reading(Verdict.OTHER, parked=after.parked)
            return self.verdicts.settle(attempt, state, detail, other)
        if attempt.write.pays and refused.status == 409:
            # "It is there already": a listing that does not show it proves nothing.
            return self.verdicts.doubt(attempt, str(refused))
        return self.give_up(attempt, str(refused), last=last)

    def give_up(
        self,
        attempt: Attempt,
        why: str,
        *,
        state: IntentState = "failed",
        last: bool = False,
    ) -> Outcome:
        """Put back what would be missing; what cannot be is told until it is mended."""
        rescued, missing = self.rescue(attempt, last=last)
        if missing:
            return self.verdicts.miss(attempt, f"{why}; {missing}")
        state = "failed" if rescued else state
        return self.verdicts.settle(attempt, state, f"{why}{rescued}")

    @staticmethod
    def rescue(attempt: Attempt, *, last: bool) -> tuple[str, str]:
        """Return what was put back, and why it could not be.

        What is not refused is tried once more, by the next run; that is the ``last``.
        """
        try:
            return attempt.write.rescue(), ""
        except (Failed, Throttled):
            raise
        except SyncError as error:
            if not (last or isinstance(error, Rejected)):
                raise
            return "", str(error) or repr(error)

    def not_sent(self, attempt: Attempt, error: Exception) -> Outcome:
        """Close what was not sent, or what surely did not arrive."""
        self._may_end(error)
        return self.verdicts.settle(attempt, "failed", str(error))

    def _may_end(self, error: Exception) -> None:
        """Let the run end by what ends it for all."""
        if isinstance(error, Failed | Throttled):
            self.ending = error
