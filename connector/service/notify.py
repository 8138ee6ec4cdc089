"""What is told to the outside: a heartbeat after every run, a notice on a change.

Three refused runs in a row are one alarm; another kind of trouble is told once more;
the first success after it is told as the recovery. What was told is kept in the
state, so that a restart does not tell it again, and only what was delivered counts
as told. Nothing in here ever fails a run.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Literal, Protocol
from urllib.parse import urlsplit, urlunsplit

from connector.config.extras import install
from connector.engine.trouble import OUTAGE
from connector.errors import Misconfigured
from connector.logs import log
from connector.providers.http import ping
from connector.reports.notices import Notice, Spell, alarm, many_silent, recovery
from connector.reports.safe import cell
from connector.service.bounded import Bounded
from connector.service.digest import Period, of_what_waits
from state.database import StateProblem, refusing
from state.store import Store

PING = 10.0
NOTICE = 20.0
"""Seconds that a ping, and a notice to all who hear of it, may take."""
FEW = 5
"""Pairs of a fleet that are told of one by one where they fall silent together."""
SILENT = "silent"
"""The word for a pair that has had no verified success for two intervals."""
SILENT_MANY = "silent_many"
"""The same of a pair that was told of with many others: its return is not told."""
NO_NEWS = ("locked", "interrupted")
"""Neither a success nor a trouble of the pair: the run that counts is another one."""
OUTAGE_KIND = "outage"
"""A side that cannot be read for a while, whether a run calls it partial or failed."""
Kind = Literal["alarm", "recovery"]
Deliver = Callable[[str, str, str], bool]


def kind_of(status: str, reason: str) -> str:
    """Return the kind of a trouble: whatever an outage looks like, it is one."""
    return OUTAGE_KIND if reason in OUTAGE else status


def news(alarmed: frozenset[str], kind: str) -> tuple[Kind | None, frozenset[str]]:
    """Return what is to be told of a run, and what has been told after that."""
    if kind == "complete":
        return ("recovery" if alarmed - {SILENT_MANY} else None), frozenset()
    if kind in NO_NEWS or kind in alarmed or (kind == SILENT and alarmed):
        return None, alarmed
    return "alarm", alarmed | {kind}


def silence_of(since: str) -> Spell:
    """Return the silence of a pair since its last verified success."""
    return Spell(SILENT, f"no verified success since {since}", SILENT, since=since)


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
    """Who hears of a pair, and how often of what waits."""

    @property
    def heartbeat_url(self) -> str | None: ...
    @property
    def urls(self) -> Sequence[str]: ...
    @property
    def digest(self) -> Period: ...


class Announcer:
    """Remembers what was told of each pair, and tells what is new.

    One thread tells at a time; how others leave it to that one is in teller.py.
    """

    def __init__(
        self,
        notify: Mapping[str, Addresses],
        store_of: Callable[[str], Store | None],
        send: Deliver = deliver,
        patience: float = NOTICE,
    ) -> None:
        self._notify = notify
        self._patience = patience
        self._store_of = store_of
        self._send = send
        for urls in {tuple(told.urls) for told in notify.values()}:
            check_addresses(urls)
        self._told: dict[str, frozenset[str]] = {}
        self._since: dict[str, str] = {}
        self._owed: dict[tuple[str, str], Notice] = {}
        self._notices: Bounded[bool] = Bounded()
        self._pings: Bounded[str | None] = Bounded()

    def told(self, pair: str) -> frozenset[str]:
        """Return the troubles of a pair that were told and are not over."""
        if pair not in self._told:
            store = self._store_of(pair)
            self._told[pair] = store.facts.alarm() if store else frozenset()
            self._since[pair] = store.facts.alarm_since() if store else ""
        return self._told[pair]

    def forget(self, pair: str) -> None:
        """Read anew what was told of a pair: other processes tell of it as well."""
        self._told.pop(pair, None)
        self._since.pop(pair, None)

    def saw(self, pair: str, spell: Spell) -> bool:
        """Tell of a run, or of silence, if that is a change; say whether it was.

        A complete run is a spell as well: of good weather.
        """
        hears = self._hears(pair)
        if hears is None or not (hears.urls or hears.heartbeat_url):
            return False
        self._tell_late(pair, hears.urls)
        known = self._known(pair)
        kind, alarmed = news(known, kind_of(spell.status, spell.reason))
        if kind is None:
            if alarmed != known:  # what was told with many others ends without a word
                self._remember(pair, alarmed, "")
            return False
        begun = self._since.get(pair) or (spell.since if kind == "alarm" else "")
        notice = alarm(pair, spell._replace(since=begun))
        if kind == "recovery":
            notice = recovery(pair, begun, spell.run, spell.since)
        log.warning(
            kind,
            pair=pair,
            status=spell.status,
            reason=spell.reason or None,
            error=cell(spell.why) or None,
        )
        if not self.deliver(pair, notice):
            return False
        self._remember(pair, alarmed, begun if alarmed else "")
        return True

    def fell_silent(self, since: Mapping[str, str]) -> None:
        """Tell of the pairs of a fleet that are silent, since when; each once.

        Many who are silent at the same time have one reason: that is one notice to
        each who hears of them.
        """
        groups: dict[tuple[str, ...], list[str]] = {}
        for pair in since:
            self.forget(pair)
            hears = self._hears(pair)
            if hears is not None and hears.urls and not self._known(pair):
                groups.setdefault(tuple(hears.urls), []).append(pair)
        for pairs in groups.values():
            if len(pairs) > FEW:
                self._tell_many({pair: since[pair] for pair in pairs})
            else:
                for pair in pairs:
                    self.saw(pair, silence_of(since[pair]))

    def _tell_many(self, since: Mapping[str, str]) -> None:
        first = next(iter(since))
        log.warning("alarm", pairs=len(since), status=SILENT)
        if self.deliver(first, many_silent(since)):
            for pair, begun in since.items():
                self._remember(pair, frozenset({SILENT_MANY}), begun)

    def waits(self, pair: str) -> bool:
        """Tell what waits for a person, if that is due or a new question of a payee."""
        hears, store = self._hears(pair), self._store_of(pair)
        if hears is None or not hears.urls or store is None:
            return False
        if hears.digest == "never":
            return False
        told = of_what_waits(pair, store, hears.digest, datetime.now(UTC))
        if told is None or not self.deliver(pair, told.notice):
            return False
        log.info("digest", pair=pair, about=told.notice.title)
        store.facts.save_digest(told.after)
        return True

    def heartbeats(self, pairs: Iterable[str]) -> dict[str, list[str]]:
        """Return the heartbeats of these pairs, each with the pairs that it is of."""
        found: dict[str, list[str]] = {}
        for pair in pairs:
            hears = self._hears(pair)
            if hears is not None and hears.heartbeat_url:
                found.setdefault(hears.heartbeat_url, []).append(pair)
        return found

    def beat(self, url: str, *, good: bool) -> None:
        """Ping: a success, or a failure."""
        called = url if good else failing(url)
        answered = self._pings.call({called: lambda: ping(called)}, PING)
        wrong = answered.get(called, f"no whole answer within {PING:g} s")
        if wrong:
            log.warning("heartbeat not delivered", reason=wrong)

    def deliver(self, pair: str, notice: Notice) -> bool:
        """Send a notice to all who hear of a pair; say whether anybody has got it.

        Where some have, the others are told later: it is news to them still.
        """
        hears = self._hears(pair)
        told = self._sent(pair, dict.fromkeys(hears.urls if hears else (), notice))
        for url, has_it in told.items():
            self._owed.pop((pair, url), None)
            if any(told.values()) and not has_it:
                self._owed[pair, url] = notice
        return any(told.values()) or not told

    def _tell_late(self, pair: str, urls: Sequence[str]) -> None:
        """Tell those who could not be reached when the others were told."""
        owed = {url: self._owed[pair, url] for url in urls if (pair, url) in self._owed}
        for url, has_it in self._sent(pair, owed).items():
            if has_it:
                del self._owed[pair, url]

    def _sent(self, pair: str, notices: Mapping[str, Notice]) -> dict[str, bool]:
        """Send to each address, and say of each whether it has got it."""
        calls = {u: partial(self._send, u, *notice) for u, notice in notices.items()}
        answers = self._notices.call(calls, self._patience) if calls else {}
        told = {url: answers.get(url, False) for url in notices}
        if failed := list(told.values()).count(False):
            log.warning("notice not delivered", pair=pair, failed=failed)
        return told

    def _hears(self, pair: str) -> Addresses | None:
        return self._notify.get(pair)

    def _known(self, pair: str) -> frozenset[str]:
        """Return what was told; a state that is out of order keeps no alarm back."""
        try:
            with refusing("the state"):
                return self.told(pair)
        except StateProblem as error:
            log.warning("the state cannot be used", error=str(error))
            return frozenset()

    def _remember(self, pair: str, alarmed: frozenset[str], since: str) -> None:
        self._told[pair], self._since[pair] = alarmed, since
        store = self._store_of(pair)
        if store is not None:
            store.facts.save_alarm(alarmed, since)
