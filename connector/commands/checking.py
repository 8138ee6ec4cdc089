"""check: config, keys, programmes, currency and state, before anything is planned."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from connector.commands.context import DONE, FAILED, Context, note, now, remembered
from connector.commands.suggesting import refuse_file, suggest
from connector.commands.together import in_order
from connector.config import marker
from connector.config.clients import open_readers, proxies_told, warnings
from connector.config.load import Config
from connector.config.location import Location
from connector.config.pair import Pair
from connector.config.resolve import keys_of, pair_of
from connector.config.schema import PairSection
from connector.config.zones import NO_DATABASE, has_database
from connector.engine.marks import own, parse_marks, state_mark
from connector.engine.sentinel import of_marks, of_no_sentinel
from connector.errors import Misconfigured, Problem, SyncError
from connector.providers.base import Marks, Reader
from connector.reports.documents import Document, titled
from connector.reports.messages.guards import since
from connector.reports.messages.say import message
from connector.reports.safe import cell
from connector.run.identify import (
    key_mark,
    same_programme,
)
from connector.terminal.ending import bug
from state.database import StateBusy, StateProblem, identity_of
from state.model import Programme
from state.store import Store


class Check(NamedTuple):
    """What was looked at, whether it is good, and what is said of it."""

    check: str
    ok: bool
    said: str


Checks = Iterator[Check]


def check(context: Context, aliases: Path | None = None, jobs: int = 1) -> int:
    """Say a line each; ``aliases`` is where questions about partners are written."""
    context.wants("text", "json")
    config = context.config()
    if aliases is not None:
        context.refuse_several()
        refuse_file(config, aliases)
    name = config.location.path.name
    checks = [(name, line) for line in _of_file()]
    for found in _of_pairs(config, context.sections(config), jobs):
        checks += found
    more: Document = {}
    if aliases is not None and all(line.ok for _, line in checks):
        pair = context.one_pair()
        suggested = suggest(pair, aliases)
        checks.append((pair.name, Check("aliases", suggested.ok, suggested.said)))
        more = {"questions": suggested.documents()}
    good = all(line.ok for _, line in checks)
    shown = [
        f"{'ok  ' if line.ok else 'FAIL'}  {cell(f'{of}: {line.check} {line.said}')}"
        for of, line in checks
    ]
    lines = [{"pair": of, **line._asdict()} for of, line in checks]
    context.show(titled("check", ok=good, checks=lines, **more), "\n".join(shown))
    return DONE if good else FAILED


def _of_file() -> Checks:
    yield Check("config", True, "is well-formed")
    if not has_database():
        yield Check("time zones", True, f"are UTC alone: {NO_DATABASE}")


def _of_pairs(
    config: Config, sections: Sequence[PairSection], jobs: int
) -> Iterator[list[tuple[str, Check]]]:
    """Yield what is said of each pair; a bug in one of several is told of it alone."""

    def look(section: PairSection) -> list[tuple[str, Check]]:
        return [(section.name, line) for line in _of_pair(config, section)]

    def alone(section: PairSection) -> list[tuple[str, Check]]:
        try:
            return look(section)
        except Problem:
            raise  # of the state, which all of them share
        except Exception as error:  # noqa: BLE001 (no pair may end another one)
            return [(section.name, Check("check", False, bug(error)))]

    return in_order(sections, alone if len(sections) > 1 else look, jobs)


def _of_pair(config: Config, section: PairSection) -> Checks:
    try:
        keys = keys_of(config, section)
    except Misconfigured as error:
        yield Check("keys", False, str(error))
        return
    yield Check("keys", True, "are set")
    yield from _surroundings(section)
    pair = pair_of(config, section, keys)
    store, remarks = _memory(config.location, pair.name)
    yield from remarks
    if refusal := same_programme(pair):
        yield Check("pairs", False, message(refusal.causes))
        return  # nothing is asked of a programme that two pairs share
    with closing(open_readers(pair)) as readers:
        yield from _program(pair, readers.partnero, store)
        if pair.policy.limits.sentinel:
            yield from _sentinel(pair, readers.marks, store)
        yield from _program(pair, readers.tolt, store)
    yield from _unset(pair)


def _unset(pair: Pair) -> Checks:
    """Yield what is not set and would be missed."""
    pushes, sentinel = pair.policy.redemptions != "report", pair.policy.limits.sentinel
    for alone in of_no_sentinel(sentinel, pushes=pushes, pair=pair.name):
        yield Check(alone.kind, True, message(alone.causes))
    if pair.currency is None:
        words = "is not set: codes with a fixed amount are left alone"
        yield Check("currency", True, words)


def _memory(location: Location, pair: str) -> tuple[Store | None, list[Check]]:
    """Return what is remembered, and what is to be said of it."""
    try:
        store = remembered(location, pair)
        return store, list(_state(location, store))
    except StateBusy:
        raise
    except StateProblem as error:
        return None, [Check("state", False, str(error))]


def _state(location: Location, store: Store | None) -> Checks:
    """Yield what is remembered, whether it is what should be, and what guards it."""
    if missing := marker.missing(location, identity_of(location.state_url)):
        yield Check("state", False, f"{missing}. {marker.advice(location, 'sync')}")
    elif store is None:
        yield Check("state", True, "does not exist yet; the first sync makes it")
    else:
        yield Check(
            "state",
            True,
            f"remembers {len(store.links())} codes that are on both sides",
        )
    if location.moves:
        text = f"warning: it lies in {location.home}, which is only reached through a "
        text += "link: if that moves with each release, it stays behind. Write its "
        yield Check("state", True, f"{text}whole path into [state] url")
    if not marker.can_be_kept(location):
        text = f"warning: {location.home} cannot be written: no marker is kept there, "
        text += "and a state that is lost would not be noticed. limits.sentinel helps "
        text += "against that: name a code that is on both sides"
        yield Check("marker", True, text)


def _surroundings(section: PairSection) -> Checks:
    """Yield what is unusual about how a pair is asked."""
    for warning in warnings(section.name, section.tolt.requests_per_second):
        yield Check("rate", True, warning)
    addresses = {"Partnero": section.partnero.base_url, "Tolt": section.tolt.base_url}
    for line in proxies_told(addresses):
        yield Check("proxy", True, line)


def _program(pair: Pair, reader: Reader, store: Store | None) -> Checks:
    side, ours = reader.side, pair.currency
    try:
        reader.prove_version()
        who = reader.identify()
    except SyncError as error:
        yield Check(side.value, False, str(error))
        return
    known = store.facts.pair().programme(side) if store else Programme()
    was = known.id or who.program
    same = was in (who.program, "unknown")
    words = f"answers for programme {who.program or '(it does not say which)'}"
    words += "" if same else f", but the state belongs to {was}"
    yield Check(side.value, same, words)
    if who.currency:
        theirs = who.currency.upper()
        words = f"is {theirs} there, {ours or 'not set'} here"
        yield Check(f"{side.value} currency", ours in (None, theirs), words)
    mark = key_mark(pair, side, store.meta().get("salt", "")) if store else ""
    if known.id and known.key != mark:
        note(pair.about(f"{side.label}: the key is another one than at the last run"))


def _sentinel(pair: Pair, holder: Marks, store: Store | None) -> Checks:
    """Say whose mark is on the sentinel; that it is another's refuses runs alone."""
    sentinel = pair.policy.limits.sentinel or ""
    try:
        marked = holder.marks(sentinel.strip())
    except SyncError as error:
        yield Check("sentinel", False, str(error))
        return
    if marked is None:
        text = f"{sentinel} is not found by this spelling; a run looks among all codes"
        yield Check("sentinel", True, text)
        return
    code, marks = marked
    mine = state_mark(store.meta().get("identity") if store else None)
    others = of_marks(marks, code, mine, now(), pair.named)
    for other in others:
        yield Check(other.kind, True, f"warning: {message(other.causes)}")
    if not others:
        mark = own(parse_marks(marks), mine)
        text = "carries no mark yet; the first run that writes puts one"
        if mark:
            ahead = mark.is_ahead_of(now())
            text = f"carries this state's mark {since(mark, ahead=ahead)}"
        yield Check("sentinel", True, f"{code} {text}")
