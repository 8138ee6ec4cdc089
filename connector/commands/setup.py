"""init, check, sandbox: what is needed before the first report."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from connector.commands.context import (
    DONE,
    FAILED,
    Context,
    note,
    now,
    remembered,
    result,
)
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
from connector.errors import Misconfigured, SyncError
from connector.providers.base import Marks, Reader
from connector.reports.documents import titled
from connector.reports.messages.guards import since
from connector.reports.messages.say import message
from connector.reports.safe import cell
from connector.run.look import (
    key_mark,
    same_program,
)
from connector.terminal.streams import aside
from state.database import StateBusy, StateProblem, identity_of
from state.store import Store

TEMPLATE = Path(__file__).parent / "connector.toml"


def init(context: Context) -> int:
    aside()
    path = context.config_path
    try:
        with path.open("x", encoding="utf-8") as opened:
            opened.write(TEMPLATE.read_text(encoding="utf-8"))
    except FileExistsError:
        raise Misconfigured(
            f"{path} exists and was left as it is. Name another file with --config"
        ) from None
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {error.strerror}") from None
    result(
        f"Wrote {path}. Fill in program_id, export both keys, and type: "
        "partnero-tolt check"
    )
    return DONE


def check(context: Context) -> int:
    context.wants("text", "json")
    config = context.config()
    lines = [_Line(config.location.path.name, "config", True, "is well-formed")]
    if not has_database():
        said = f"are UTC alone: {NO_DATABASE}"
        lines.append(_Line(config.location.path.name, "time zones", True, said))
    for pair in context.sections(config):
        lines += [_Line(pair.name, *line) for line in _checks(config, pair)]
    good = all(line.ok for line in lines)
    shown = (
        f"{'ok  ' if line.ok else 'FAIL'}  "
        + cell(f"{line.pair}: {line.check} {line.said}")
        for line in lines
    )
    document = titled("check", ok=good, checks=[line._asdict() for line in lines])
    context.show(document, "\n".join(shown))
    return DONE if good else FAILED


class _Line(NamedTuple):
    pair: str
    check: str
    ok: bool
    said: str


def _checks(config: Config, section: PairSection) -> Iterator[tuple[str, bool, str]]:
    """Yield what is looked at, whether it is good, and what is said of it."""
    try:
        keys = keys_of(config, section)
    except Misconfigured as error:
        yield "keys", False, str(error)
        return
    yield "keys", True, "are set"
    yield from _surroundings(section)
    pair = pair_of(config, section, keys)
    store, remarks = _memory(config.location, pair.name)
    yield from remarks
    if refusal := same_program(pair):
        yield "pairs", False, message(refusal.causes)
        return  # nothing is asked of a programme that two pairs share
    with closing(open_readers(pair)) as readers:
        yield from _program(pair, readers.partnero, store)
        if pair.policy.limits.sentinel:
            yield from _sentinel(pair, readers.marks, store)
        yield from _program(pair, readers.tolt, store)
    yield from _unset(pair)


def _unset(pair: Pair) -> Iterator[tuple[str, bool, str]]:
    """Yield what is not set and would be missed."""
    pushes, sentinel = pair.policy.redemptions != "report", pair.policy.limits.sentinel
    for alone in of_no_sentinel(sentinel, pushes=pushes, pair=pair.name):
        yield alone.kind, True, message(alone.causes)
    if pair.currency is None:
        said = "is not set: codes with a fixed amount are left alone"
        yield "currency", True, said


def _memory(
    location: Location, pair: str
) -> tuple[Store | None, list[tuple[str, bool, str]]]:
    """Return what is remembered, and what is to be said of it."""
    try:
        store = remembered(location, pair)
        return store, list(_state(location, store))
    except StateBusy:
        raise
    except StateProblem as error:
        return None, [("state", False, str(error))]


def _state(location: Location, store: Store | None) -> Iterator[tuple[str, bool, str]]:
    """Yield what is remembered, whether it is what should be, and what guards it."""
    missing = marker.missing(location, identity_of(location.state_url))
    if missing:
        yield "state", False, f"{missing}. {marker.advice(location, 'sync')}"
    else:
        linked = store and f"remembers {len(store.links())} linked codes"
        yield "state", True, linked or "does not exist yet; the first sync makes it"
    if location.moves:
        told = f"warning: it lies in {location.home}, which is only reached through a "
        told += "link: if that moves with each release, it stays behind. Write its "
        yield "state", True, f"{told}whole path into [state] url"
    if not marker.can_be_kept(location):
        told = f"warning: {location.home} cannot be written: no marker is kept there, "
        told += "and a state that is lost would not be noticed. limits.sentinel guards "
        yield "marker", True, f"{told}against that: name a code that is on both sides"


def _surroundings(section: PairSection) -> Iterator[tuple[str, bool, str]]:
    """Yield what is unusual about how a pair is asked."""
    for told in warnings(section.name, section.tolt.requests_per_second):
        yield "rate", True, told
    places = {"Partnero": section.partnero.base_url, "Tolt": section.tolt.base_url}
    for told in proxies_told(places):
        yield "proxy", True, told


def _program(
    pair: Pair, reader: Reader, store: Store | None
) -> Iterator[tuple[str, bool, str]]:
    side, ours = reader.side, pair.currency
    try:
        reader.prove_version()
        who = reader.identify()
    except SyncError as error:
        yield side.value, False, str(error)
        return
    prints = store.pair_state().fingerprints if store else {}
    was = prints.get(side.value, who.program)
    same = was in (who.program, "unknown")
    said = f"answers for programme {who.program or '(it does not say which)'}"
    said += "" if same else f", but the state belongs to {was}"
    yield side.value, same, said
    if who.currency:
        theirs = who.currency.upper()
        said = f"is {theirs} there, {ours or 'not set'} here"
        yield f"{side.value} currency", ours in (None, theirs), said
    mark = key_mark(pair, side, store.meta().get("salt", "")) if store else ""
    if prints and prints.get(f"{side}.key") != mark:
        note(f"{side.label}: the key is another one than at the last run")


def _sentinel(
    pair: Pair, holder: Marks, store: Store | None
) -> Iterator[tuple[str, bool, str]]:
    """Say whose mark is on the sentinel; that it is another's refuses runs alone."""
    sentinel = pair.policy.limits.sentinel or ""
    try:
        found = holder.marks(sentinel.strip())
    except SyncError as error:
        yield "sentinel", False, str(error)
        return
    if found is None:
        told = f"{sentinel} is not found by this spelling; a run looks among all codes"
        yield "sentinel", True, told
        return
    mine = state_mark(store.meta().get("identity") if store else None)
    others = of_marks(found[1], found[0], mine, now(), pair.named)
    for other in others:
        yield other.kind, True, f"warning: {message(other.causes)}"
    if not others:
        mark = own(parse_marks(found[1]), mine)
        said = "carries no mark yet; the first run that writes puts one"
        said = (
            f"carries this state's mark {since(mark, ahead=mark.is_ahead_of(now()))}"
            if mark
            else said
        )
        yield "sentinel", True, f"{found[0]} {said}"


def sandbox(port: int, codes: int | None, switches: dict[str, str]) -> int:
    from connector.sandbox import seed
    from connector.sandbox.server import Sandbox
    from connector.sandbox.switches import Switches

    switched = Switches()
    for name, text in switches.items():
        try:
            _switch(switched.set, name, text)
        except (KeyError, ValueError) as error:
            raise Misconfigured(f"--switch {error}") from None
    world = seed.small() if codes is None else seed.big(codes)
    try:
        served = Sandbox(port, world, switched.as_dict())
    except OSError as error:
        raise Misconfigured(f"--port {port}: {error.strerror}") from None
    result(served.config_text())
    for name, value in served.environment.items():
        result(f"export {name}={value}")
    served.run()
    return DONE


def _switch(set_: Callable[[str, object], None], name: str, text: str) -> None:
    """Set the text itself where the switch can have it, else what it says as JSON."""
    try:
        set_(name, text)
    except ValueError as error:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise error from None
        set_(name, value)
