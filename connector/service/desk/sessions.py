"""Who has been here before: sessions by cookie, and the link that is good once.

Everything is in memory and ends with the process. What a browser holds of it is one
random word, and the forms hold a mark of it that tells nothing about it.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from connector.service.desk.access import Role

LINK_GOOD_FOR = 600.0
"""Seconds in which the link has to be opened."""
SESSION_GOOD_FOR = 12 * 3600.0
"""Seconds after its last request in which a session is forgotten."""
MOST = 1000
"""Sessions at the same time: who was here longest ago goes."""
Clock = Callable[[], float]


@dataclass(slots=True)
class Session:
    """One browser: what its cookie is good for, who sits there, what is to be told.

    ``news`` is shown once, on the next page.
    """

    id: str = field(repr=False)
    role: Role
    seen: float
    name: str = ""
    news: object = None


class Sessions:
    """The sessions of one server, by the word in the cookie."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, Session] = {}
        self._lock = threading.Lock()
        self._secret = secrets.token_bytes(32)

    def begin(self, role: Role) -> Session:
        """Return a new session; its cookie alone is worth this role."""
        session = Session(secrets.token_hex(32), role, self._clock())
        with self._lock:
            while len(self._known) >= MOST:
                oldest = min(self._known.values(), key=lambda known: known.seen)
                del self._known[oldest.id]
            self._known[session.id] = session
        return session

    def find(self, id_: str) -> Session | None:
        """Return the session of a cookie, if it is not over."""
        with self._lock:
            session, now = self._known.get(id_), self._clock()
            if session is None:
                return None
            if now - session.seen > SESSION_GOOD_FOR:
                del self._known[id_]
                return None
            session.seen = now
            return session

    def mark(self, held: str) -> str:
        """Return what stands in the forms of who holds this cookie, or password."""
        return hmac.new(self._secret, held.encode(), hashlib.sha256).hexdigest()


class Link:
    """The one address that opens the desk: once, and soon."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self.word = secrets.token_hex(32)
        self._clock = clock
        self._until: float | None = clock() + LINK_GOOD_FOR
        self._lock = threading.Lock()

    def fits(self, word: str) -> bool:
        """Say whether it could be opened now; this uses nothing up."""
        good = self._until is not None and self._clock() <= self._until
        return hmac.compare_digest(word.encode(), self.word.encode()) and good

    def open(self, word: str) -> bool:
        """Use the link up; False where it was, or is too old, or another one."""
        with self._lock:
            if not self.fits(word):
                return False
            self._until = None
            return True
