"""What is told to the outside: a heartbeat after every run, a notice on a change.

Three refused runs in a row are one alarm; another kind of trouble is told once more;
the first success after it is told as the recovery. What was told is kept in the
state, so that a restart does not tell it again, and only what was delivered counts
as told. Nothing in here ever fails a run.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal, Protocol
from urllib.parse import urlsplit, urlunsplit

import structlog

from connector.config.extras import install
from connector.engine.outcome import Run
from connector.errors import Misconfigured
from connector.providers.http import ping
from connector.reports.messages.say import reader_of, said
from connector.reports.safe import cell
from connector.service.bounded import Bounded
from mappings.masking import masked
from state.database import StateProblem, refusing
from state.store import Store

UNSAID = "The run ended as {}. What it left: partnero-tolt history"
PING = 10.0
NOTICE = 20.0
"""Seconds that a ping, and a notice to all who hear of it, may take."""
SILENT = "silent"
"""The word for a pair that has had no verified success for two intervals."""
NO_NEWS = ("locked", "interrupted")
"""Neither a success nor a trouble of the pair: the run that counts is another one."""
Kind = Literal["alarm", "recovery"]
Deliver = Callable[[str, str, str], bool]
log = structlog.get_logger()


def news(alarmed: frozenset[str], status: str) -> tuple[Kind | None, frozenset[str]]:
    """Return what is to be told of a run, and what has been told after that."""
    if status == "complete":
        return ("recovery" if alarmed else None), frozenset()
    if status in NO_NEWS or status in alarmed or (status == SILENT and alarmed):
        return None, alarmed
    return "alarm", alarmed | {status}


def failing(url: str) -> str:
    """Return where a heartbeat goes when it is none: /fail on its path, query kept."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/fail"))


def deliver(url: str, title: str, body: str) -> bool:
    """Send one notice; every service is a plug-in of apprise."""
    from apprise import Apprise

    service = Apprise()
    return bool(service.add(url)) and bool(service.notify(body=body, title=title))


def check_addresses(urls: Sequence[str]) -> None:
    """Refuse notices that could never be sent."""
    if not urls:
        return
    try:
        import apprise
    except ImportError:
        raise Misconfigured(
            f"notify.urls needs the extra notify. Type: {install('notify')}"
        ) from None
    logging.getLogger("apprise").addHandler(logging.NullHandler())
    logging.getLogger("apprise").propagate = False  # it would print the secret URLs
    for number, url in enumerate(urls):
        if not apprise.Apprise().add(url):
            raise Misconfigured(
                f"notify.urls[{number}] is no address that apprise knows"
            )


class Addresses(Protocol):
    """Who hears of it: the heartbeat's URL, and those of the notices."""

    @property
    def heartbeat_url(self) -> str | None: ...
    @property
    def urls(self) -> Sequence[str]: ...


class Announcer:
    """Remembers what was told of each pair, and tells what is new.

    One thread tells at a time; how others leave it to that one is in teller.py.
    """

    def __init__(
        self,
        notify: Addresses,
        store_of: Callable[[str], Store | None],
        send: Deliver = deliver,
        patience: float = NOTICE,
    ) -> None:
        self._notify = notify
        self._patience = patience
        self._store_of = store_of
        self._send = send
        check_addresses(notify.urls)
        self._told: dict[str, frozenset[str]] = {}
        self._notices: Bounded[bool] = Bounded()
        self._pings: Bounded[str | None] = Bounded()

    def told(self, pair: str) -> frozenset[str]:
        """Return the troubles of a pair that were told and are not over."""
        if pair not in self._told:
            store = self._store_of(pair)
            self._told[pair] = store.facts.alarm() if store else frozenset()
        return self._told[pair]

    def saw(self, pair: str, status: str, why: str) -> bool:
        """Tell of a run, or of silence, if that is a change; say whether it was."""
        if not self._notify.urls and self._notify.heartbeat_url is None:
            return False
        kind, alarmed = news(self._known(pair), status)
        if kind is None or not self._tell(pair, kind, status, why):
            return False
        self._told[pair] = alarmed
        store = self._store_of(pair)
        if store is not None:
            store.facts.save_alarm(alarmed)
        return True

    def beat(self, *, good: bool) -> None:
        """Ping: a success, or a failure."""
        url = self._notify.heartbeat_url
        if url is None:
            return
        called = url if good else failing(url)
        answered = self._pings.call({"ping": lambda: ping(called)}, PING)
        wrong = answered.get("ping", f"no whole answer within {PING:g} s")
        if wrong:
            log.warning("heartbeat not delivered", reason=wrong)

    def _known(self, pair: str) -> frozenset[str]:
        """Return what was told; a state that is out of order keeps no alarm back."""
        try:
            with refusing("the state"):
                return self.told(pair)
        except StateProblem as error:
            log.warning("the state cannot be used", error=str(error))
            return frozenset()

    def _tell(self, pair: str, kind: Kind, status: str, why: str) -> bool:
        if kind == "recovery":
            title, body = f"{pair} is well again", "The last run was complete."
        else:
            body = masked(cell(why)) or UNSAID.format(status)
            title = f"{pair}: {status}"
        log.warning(kind, pair=pair, status=status, reason=body)
        urls = self._notify.urls
        calls = {url: partial(self._send, url, title, body) for url in urls}
        sent = sum(self._notices.call(calls, self._patience).values())
        if sent < len(calls):
            log.warning("notice not delivered", pair=pair, failed=len(calls) - sent)
        return sent > 0 or not calls


def cause(run: Run) -> str:
    """Say in words why a run was not complete, whatever it was."""
    bad = [outcome for outcome in run.outcomes if not outcome.good]
    listed = "; ".join(f"{outcome.code}: {outcome.detail}" for outcome in bad[:3])
    sides = run.plan.sides if run.plan else {}
    missed = "; ".join(side.missed for side in sides.values() if not side.complete)
    refused = said(run.refused, reader_of(run.plan)) if run.refused else ""
    return refused or run.error or listed or missed or UNSAID.format(run.status)
