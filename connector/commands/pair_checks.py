"""What ``check`` says of a pair: one line for each thing that is good or wrong.

Nothing that is wrong keeps the rest from being looked at: a key that is missing leaves
the other side to be asked, an alias line that is wrong leaves both.
"""

from contextlib import closing

from connector.commands.context import now, remembered
from connector.commands.file_checks import Check, Checks, of_secret
from connector.config import marker
from connector.config.clients import (
    open_readers,
    programs_of,
    proxies_told,
    warnings,
)
from connector.config.load import Config
from connector.config.location import Location
from connector.config.pair import Pair
from connector.config.pair_sections import PartnersSection
from connector.config.resolve import (
    Keys,
    aliases_of,
    is_placeholder,
    key_of,
    pair_of,
)
from connector.config.schema import PairSection
from connector.engine.currencies import Agreement, agreement
from connector.engine.marks import own, parse_marks, state_mark
from connector.engine.sentinel import of_marks, of_no_sentinel
from connector.errors import Misconfigured, SyncError
from connector.providers.base import Marks, Reader
from connector.reports.messages.guards import since
from connector.reports.messages.say import message
from connector.run.identify import key_mark, same_programme
from mappings.canonical import Side
from state.database import StateBusy, StateProblem, identity_of
from state.model import Programme
from state.store import Store


def of_pair(config: Config, section: PairSection) -> Checks:
    """Yield what is to be said of one pair; both products are asked."""
    keys, remarks = _keys(config, section)
    yield from remarks
    for product, secret in section.webhooks:
        where = config.where(section.name, "webhooks", product)
        yield from of_secret(config, secret, where, f"webhooks.{product}")
    section, remarks = _aliases(config, section)
    yield from remarks
    yield from _surroundings(section)
    pair = pair_of(config, section, keys)
    store, remarks = _memory(config.location, pair.name)
    yield from remarks
    programmes = store.programmes if store else None
    salt = store.meta().get("salt", "") if store else ""
    if refusal := same_programme(pair, programmes, salt):
        yield Check("pairs", False, message(refusal.causes))
        return  # nothing is asked of a programme that two pairs share
    with closing(open_readers(pair)) as readers:
        if keys.partnero:
            yield from _program(pair, readers.partnero, store)
        if keys.partnero and pair.policy.limits.sentinel:
            yield from _sentinel(pair, readers.marks, store)
        if is_placeholder(pair.program_id):
            yield _choice(pair, asked=bool(keys.tolt))
        elif keys.tolt:
            yield from _program(pair, readers.tolt, store)
            yield from _sentinel_there(pair, readers.tolt)
    yield from _unset(pair)


def _keys(config: Config, section: PairSection) -> tuple[Keys, list[Check]]:
    """Return the keys that are there, "" for one that is not, and what is said."""
    found, remarks = {}, []
    for side in Side:
        try:
            found[side] = key_of(config, section, side)
        except Misconfigured as error:
            found[side] = ""
            remarks.append(Check("keys", False, str(error)))
    keys = Keys(found[Side.PARTNERO], found[Side.TOLT])
    return keys, remarks or [Check("keys", True, "are set")]


def _aliases(config: Config, section: PairSection) -> tuple[PairSection, list[Check]]:
    """Return the section, without an alias file that cannot be used."""
    try:
        lines = aliases_of(config, section)
    except Misconfigured as error:
        wrong = [Check("aliases", False, line) for line in str(error).splitlines()]
        return section.model_copy(update={"partners": PartnersSection()}), wrong
    if section.partners.aliases is None:
        return section, []
    noun = "line" if len(lines) == 1 else "lines"
    return section, [Check("aliases", True, f"have {len(lines)} {noun}")]


def _choice(pair: Pair, *, asked: bool) -> Check:
    """Say which programmes there are, where none has been named yet."""
    where = pair.where("tolt", "program_id")
    said = f"{where}: {pair.program_id} is a placeholder"
    if not asked:
        return Check(Side.TOLT.value, False, f"{said}; Tolt's settings show the id")
    try:
        programs = programs_of(pair)
    except SyncError as error:
        return Check(Side.TOLT.value, False, f"{said}. {error}")
    known = ", ".join(
        f"{one.id} ({', '.join(filter(None, (one.name, one.currency)))})"
        for one in programs
    )
    return Check(Side.TOLT.value, False, f"{said}; this key has: {known or 'none'}")


def _unset(pair: Pair) -> Checks:
    """Yield what is not set and would be missed."""
    pushes, sentinel = pair.policy.redemptions != "report", pair.policy.limits.sentinel
    for alone in of_no_sentinel(sentinel, pushes=pushes, pair=pair.name):
        yield Check(alone.kind, True, message(alone.causes))
    if pair.currency is None:
        words = "is not set: codes with a fixed amount are left alone"
        yield Check("currency", True, words)


def _surroundings(section: PairSection) -> Checks:
    """Yield what is unusual about how a pair is asked."""
    for warning in warnings(section.name, section.tolt.requests_per_second):
        yield Check("rate", True, warning)
    addresses = {"Partnero": section.partnero.base_url, "Tolt": section.tolt.base_url}
    for line in proxies_told(addresses):
        yield Check("proxy", True, line)


# -- its state -------------------------------------------------------------------------


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
        words = f"remembers {len(store.links())} codes that are on both sides"
        yield Check("state", True, words)
    if location.moves:
        text = f"warning: it lies in {location.home}, which is only reached through a "
        text += "link: if that moves with each release, it stays behind. Write its "
        yield Check("state", True, f"{text}whole path into [state] url")
    if not marker.can_be_kept(location):
        text = f"warning: {location.home} cannot be written: no marker is kept there, "
        text += "and a state that is lost would not be noticed. limits.sentinel helps "
        text += "against that: name a code that is on both sides"
        yield Check("marker", True, text)


# -- both products ---------------------------------------------------------------------


def _program(pair: Pair, reader: Reader, store: Store | None) -> Checks:
    side = reader.side
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
    yield from _currency(pair, side, (who.currency or "").upper())
    mark = key_mark(pair, side, store.meta().get("salt", "")) if store else ""
    if known.id and known.key != mark:
        yield Check("keys", True, f"{side.label}'s is another one than at the last run")


def _currency(pair: Pair, side: Side, theirs: str) -> Checks:
    """Yield how a programme's currency stands to the configured one, where it tells."""
    found = agreement(pair.currency, theirs)
    if theirs:
        words = f"is {theirs} there, {pair.currency or 'not set'} here"
        if found is Agreement.OTHER:
            words += f". Correct {pair.where('currency')}"
        yield Check(f"{side.value} currency", found is not Agreement.OTHER, words)
    elif side is Side.TOLT and found is Agreement.UNTOLD:
        words = f"is not told there; {pair.currency} here cannot be compared"
        yield Check(f"{side.value} currency", True, words)


def _sentinel_there(pair: Pair, reader: Reader) -> Checks:
    """Yield whether the sentinel is on Tolt; nothing where none is configured."""
    sentinel = (pair.policy.limits.sentinel or "").strip()
    if not sentinel:
        return
    try:
        there = bool(reader.find(sentinel))
    except SyncError as error:
        yield Check("sentinel", False, str(error))
        return
    words = f"{sentinel} is on Tolt"
    if not there:
        words = f"{sentinel} is not on Tolt: every run is refused (sentinel_missing) "
        words += (
            f"until it is. Add it there, or correct {pair.where('limits', 'sentinel')}"
        )
    yield Check("sentinel", there, words)


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
