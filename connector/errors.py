"""The errors, told apart by what happens next.

SyncError
├── Misconfigured    nothing can work as it is configured: stop (exit 2)
├── Failed           the run cannot go on: stop (exit 1)
│   ├── Unauthorised the key is refused; nothing is absent because of it
│   └── Refused      a guard refuses it before anything is read (exit 5)
├── Locked           another run holds the pair (exit 6)
├── Interrupted      a signal asked for the end (exit 130 or 143)
├── Unavailable      surely not done; a reading is not complete
│   ├── Unclear      nothing is known of one record; all others go on
│   ├── Unreachable  not even a connection
│   └── Throttled    the provider asks for a longer pause than a run may take
├── Uncertain        perhaps done: look before it is ever sent again
└── Rejected         understood and refused: report it, go on with the rest

What a guard refuses and what two sides disagree about are values in the plan.
"""


class SyncError(Exception):
    """Anything that this program expects to go wrong; its text is for people."""


class Misconfigured(SyncError):
    """The configuration or the command line cannot work."""


class Failed(SyncError):
    """The run cannot go on."""


class Unauthorised(Failed):
    """The key is refused, or not allowed to do this: by the product itself."""


class Refused(Failed):
    """A guard refuses to look at the sides at all."""


class Locked(SyncError):
    """Another run holds the pair."""


class Interrupted(Exception):
    """A signal asked for the end while reading; no SyncError, nothing swallows it."""


class Unavailable(SyncError):
    """The request was surely not carried out, or the answer cannot be trusted."""


class Unclear(Unavailable):
    """One record alone is unknown: neither there as it was, nor proven to be gone."""


class Unreachable(Unavailable):
    """No connection could be made at all."""


class Throttled(Unavailable):
    """The provider asks for a longer pause than one run may take."""


class Uncertain(SyncError):
    """The request may have been carried out; only reading can tell."""


class Rejected(SyncError):
    """The provider understood the request and refused it.

    ``status`` is the HTTP status, ``word`` the provider's stable error code or "",
    ``body`` what it answered, where that was JSON. ``foreign`` if something in between
    refused, a firewall perhaps, and not the product itself.
    """

    foreign: bool = False

    def __init__(
        self, message: str, *, status: int, word: str = "", body: object = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.word = word
        self.body = body
