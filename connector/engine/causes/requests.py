"""Why a request to a product came to nothing: values; their words are messages.

``word`` says the same for machines. The words are a closed list, so that a metric may
carry them.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from connector.engine.causes.cause import Cause
from mappings.key_shapes import Doubt

Hindered = Literal["host_unknown", "refused", "tls", "network", "slow", "proxy", ""]
"""What stood in the way of a connection; "" where it is told in no known way."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request: of which product, what, and how often it was tried."""

    product: str
    method: str
    path: str
    tries: int


class NoConnection(Cause, frozen=True):
    """Surely nothing arrived; ``host`` is where it was meant to go, "" if nobody."""

    sent: Sent
    why: Hindered
    host: str
    detail: str

    @property
    def word(self) -> str:
        return self.why if self.why in ("host_unknown", "tls") else "no_connection"


class NoAnswer(Cause, frozen=True):
    """It did not answer in time, or was not waited for."""

    word: ClassVar[str] = "timeout"
    sent: Sent
    detail: str


class UnusableAnswer(Cause, frozen=True):
    """What it answered cannot be trusted."""

    word: ClassVar[str] = "bad_answer"
    sent: Sent
    detail: str


class Answered(Cause, frozen=True):
    """An answer that says no; ``told`` is what the product adds in its own words."""

    sent: Sent
    status: int
    told: str

    @property
    def word(self) -> str:
        return "server_error" if self.status >= 500 else "bad_answer"


class AskedToWait(Cause, frozen=True):
    """It has had too many requests; ``pause`` in seconds is what it asks for."""

    word: ClassVar[str] = "throttled"
    sent: Sent
    status: int
    told: str
    pause: float | None


class KeyRefused(Cause, frozen=True):
    """The product itself refuses the key, or what it may do.

    ``place`` is where the configuration has the key from.
    """

    sent: Sent
    status: int
    told: str
    place: str
    doubt: Doubt

    @property
    def word(self) -> str:
        return "key_not_allowed" if self.status == 403 else "key_refused"


class StoppedBetween(Cause, frozen=True):
    """Something in between refuses it; ``page``: with a web page."""

    word: ClassVar[str] = "bad_answer"
    sent: Sent
    status: int
    told: str
    page: bool


RequestFailed = (
    NoConnection
    | NoAnswer
    | UnusableAnswer
    | Answered
    | AskedToWait
    | KeyRefused
    | StoppedBetween
)
