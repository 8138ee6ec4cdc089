"""What was begun under one version of Tolt's API, said in the words of the other.

An open write is settled by looking, and nothing of one version is asked by an id of
the other: its code is looked for by its text, its partner by who they are on Partnero.
What cannot be found like that is told, and neither confirmed nor sent again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connector.engine.acts import NeedCoupon, NeedPartner, PushSale, Step
from connector.engine.change import Change, Seen
from connector.providers.base import Reader
from mappings.canonical import Side, fold
from mappings.redemptions import Push
from state.model import PartnerLink

UNKNOWN = "unknown"
"""The version of what was noted before anybody noted it."""


class Crossed(NamedTuple):
    """A change as this version says it, and the version that its ids are of by now.

    ``why`` says that nobody can tell what became of it.
    """

    change: Change
    since: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Crossing:
    """Looks up under this version what a note names by the ids of the other one."""

    tolt: Reader
    matched: Callable[[str], Sequence[PartnerLink]]
    version: str

    def over(self, change: Change, since: str) -> Crossed:
        """Return a change of that version as this one says it."""
        if since == self.version or isinstance(change.act, NeedCoupon):
            return Crossed(change, self.version)
        since = since or UNKNOWN
        if isinstance(change.act, NeedPartner):
            return self._partner(change, since)
        if change.push is not None:
            return self._pushed(change, change.push, since)
        return self._code(change, since)

    def _code(self, change: Change, since: str) -> Crossed:
        """Put the code's id of now in place of the former one, on either side."""
        to_tolt = change.target == Side.TOLT
        there, want = change.seen.get(Side.TOLT), change.want
        seen = there and self._seen(there, want.written if want and to_tolt else "")
        owner = self._owner(there.values.partner if there else None, since)
        if want is not None and to_tolt:
            wanted = self._owner(want.partner, since)
            lost = bool(want.partner) and wanted is None
            change = change.wanting(want.owned_by(wanted))
        else:
            lost = False
        if there is not None:
            lost = lost or seen is None or bool(there.values.partner and not owner)
        if lost:
            # Partnero's half needs no id of Tolt, and keeps the version of its note.
            return Crossed(change, since, self._why(since) if to_tolt else "")
        if seen is not None:
            seen = seen._replace(values=seen.values._replace(partner=owner))
        both = {**change.seen, Side.TOLT: seen}
        return Crossed(change._replace(seen=both), self.version)

    def _seen(self, there: Seen, written: str) -> Seen | None:
        """Find the one code with the text that it had, or that it was to get."""
        codes = self.tolt.find(there.values.code)
        if not codes and written and fold(written) != there.values.code:
            codes = self.tolt.find(written)
        return there._replace(id=codes[0].id) if len(codes) == 1 else None

    def _partner(self, change: Change, since: str) -> Crossed:
        """A new partner on Partnero is named by the id of the one on Tolt."""
        want = change.want
        if want is None or change.target == Side.TOLT:
            return Crossed(change, self.version)
        owner = self._owner(want.partner, since)
        if owner is None:
            return Crossed(change, since, self._why(since))
        return Crossed(change.wanting(want.owned_by(owner)), self.version)

    def _pushed(self, change: Change, push: Push, since: str) -> Crossed:
        """A sale on Tolt is looked for by the code's text and the buyer's mailbox."""
        if change.target != Side.TOLT:
            return Crossed(change, since)
        codes = self.tolt.find(push.text)
        owner = self._owner(push.partner, since)
        if len(codes) != 1 or (push.partner and not owner):
            return Crossed(change, since, self._why(since))
        now = push._replace(code=codes[0].id, partner=owner or "", buyer="")
        act = PushSale(Step(change.action), change.side, now)
        return Crossed(change._replace(act=act), since)

    def _owner(self, former: str | None, since: str) -> str | None:
        """Return the partner's id of now; None where they are not matched in both."""
        now = {match.partnero: match.tolt for match in self.matched(self.version)}
        if since == UNKNOWN:
            return former if former in now.values() else None
        known = (
            match.partnero for match in self.matched(since) if match.tolt == former
        )
        return now.get(next(known, ""))

    def _why(self, since: str) -> str:
        return (
            f"it was begun under {since} of Tolt's API, and under {self.version} "
            "nobody can tell what became of it: nothing of it is sent again. Both "
            "sides are compared as they are"
        )
