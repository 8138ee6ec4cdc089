"""Webhooks as hints: a signed one wakes its pair early, and says nothing else.

Their content is never used: the pass reads for itself, and polling stays the truth.
Tolt's come by Svix (signed id, time and body, five minutes of tolerance), Partnero's
carry an HMAC of the body and no time. What was seen before wakes nobody, whichever
process of the state has seen it: Svix names each message, a Partnero message is known
by its body.
"""

import base64
import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from connector.errors import Misconfigured
from connector.service.door import Tally
from connector.service.signing import Signing
from state.database import StateProblem

REMEMBERED = 10_000
LARGEST = 1_000_000
"""Bytes of a body that are read at most."""
_UNREADABLE = Tally("no webhook secret")


def tolt_signed(secret: str, headers: Mapping[str, str], body: bytes) -> str | None:
    """Return the message's id where the signature is good."""
    named = {
        f"webhook-{part}": headers.get(f"svix-{part}", "")
        for part in ("id", "timestamp", "signature")
    }
    key = tolt_key(secret)
    if not key:
        return None
    try:
        Webhook(key).verify(body, named, json_parse=False)
    except (WebhookVerificationError, ValueError, OverflowError):  # or not well-formed
        return None
    return named["webhook-id"]


def tolt_key(secret: str) -> bytes:
    """Return the key in a secret of Svix; b"" where it is none, which signs nothing."""
    text = secret.strip().removeprefix("whsec_")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return b""


def partnero_signed(secret: str, headers: Mapping[str, str], body: bytes) -> str | None:
    """Return the body's mark where the signature is good."""
    if not secret.strip():
        return None
    good = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if hmac.compare_digest(good.encode(), headers.get("signature", "").encode()):
        return hashlib.sha256(body).hexdigest()
    return None


SIGNED: dict[str, Callable[[str, Mapping[str, str], bytes], str | None]] = {
    "tolt": tolt_signed,
    "partnero": partnero_signed,
}


def secrets_of(signings: Iterable[Signing], product: str) -> dict[str, str]:
    """Return the signing secret of each pair that has one for this product."""
    secrets: dict[str, str] = {}
    for signing in signings:
        if signing.product == product:
            try:
                secrets[signing.pair] = signing.read(signing.place)
            except Misconfigured as error:
                _UNREADABLE.add(error=str(error))
    return secrets


def check_secrets(signings: Iterable[Signing], file: Path) -> None:
    """Refuse secrets by which nothing, or anything, would be signed."""
    for signing in signings:
        place = f"{file}: {signing.place}"
        secret = signing.read(place)
        if signing.product == "tolt" and not tolt_key(secret):
            raise Misconfigured(
                f"{place} can sign nothing: allowed is whsec_ and then base64, as "
                "Tolt shows it beside the webhook"
            )


class Hints:
    """Checks messages and wakes the pairs whose secret signed them.

    ``is_new`` notes a message of a pair, and says whether nobody did before.
    """

    def __init__(
        self, wake: Callable[[str], None], is_new: Callable[[str, str], bool]
    ) -> None:
        self._wake, self._is_new = wake, is_new
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()

    def heard(
        self,
        product: str,
        secrets: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> bool:
        """Wake who is meant, once for a message; say whether anybody was."""
        known = False
        for pair, secret in secrets.items():
            mark = SIGNED[product](secret, headers, body)
            if mark is None:
                continue
            known = True
            if self._is_news(pair, mark):
                self._wake(pair)
        return known

    def _is_news(self, pair: str, mark: str) -> bool:
        """Ask here first, and then the state; one that is away has seen nothing."""
        with self._lock:
            seen = (pair, mark) in self._seen
            self._seen[pair, mark] = None
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        if seen:
            return False
        try:
            return self._is_new(pair, mark)
        except StateProblem:
            return True
