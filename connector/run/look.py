"""Reading both sides and making the plan: everything up to the first write.

Both sides and the bases are read at the same time. A linked record that a complete
listing does not show is asked for directly; it counts as gone only when that says 404
while a control read of a known record works.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import nsmallest
from itertools import islice

from connector.config.clients import TOLT_RATE
from connector.config.pair import Pair
from connector.engine.change import Change, Refusal, Status
from connector.engine.consent import is_about_absence
from connector.engine.facts import Facts
from connector.engine.findings import of_partners, of_sides, of_versions
from connector.engine.guards import Before, Evidence, Stage, refuse
from connector.engine.marks import state_mark
from connector.engine.match import Former, rematch
from connector.engine.partners import PartnerMap, match_partners, perhaps_left
from connector.engine.planned import Plan, SideReport, Tally
from connector.engine.sale_causes import RefusedBefore
from connector.engine.sentinel import of_marks, of_no_sentinel, sentinel_among
from connector.engine.snapshot import Snapshot
from connector.engine.versions import Names, apart, decided_across, former_codes
from connector.errors import SyncError, Unclear
from connector.providers.base import Reader, Readers, Remembered
from connector.run.sales import NOTHING, Comparison, compare_redemptions
from mappings.canonical import Side, fold
from mappings.capability import CAPABILITIES
from mappings.moments import CLOCKS_APART, iso
from state.bulk import uncollected
from state.ledger import Ledger
from state.model import (
    Decision,
    Failure,
    Link,
    PairFacts,
    PartnerLink,
    Tombstone,
    Unfinished,
)
from state.store import Store

PLAN_IS_GOOD_FOR = timedelta(hours=24)
MOST_PROOFS = 200
"""Direct reads that a run spends on records that a listing does not show."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the state says about the pair; empty where there is no state yet.

    ``bases`` reads all links, and by their keys why some cannot be read: most of the
    state, for which there is time while the sides are read. ``recheck`` is how many
    remembered coupons are asked for again. ``switched``: no complete run has been made
    under this version of Tolt's API, but under the other one, whose partners are in
    ``former``.
    """

    identity: str | None = None
    salt: str = ""
    bases: Callable[[], tuple[list[Link], dict[str, str]]] = lambda: ([], {})
    tombstones: Mapping[str, Tombstone] | None = None
    decisions: Mapping[str, Decision] | None = None
    partners: tuple[PartnerLink, ...] = ()
    coupons: Mapping[str, str] | None = None
    known: PairFacts = field(default_factory=PairFacts)
    ledger: Ledger | None = None
    failures: Mapping[str, Failure] | None = None
    unfinished: Mapping[str, Unfinished] = field(default_factory=dict)
    recheck: int = 0
    switched: bool = False
    former: Former = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one look at both sides gave: the plan, and what it was made of.

    ``carried`` are decisions that stand under other ids after a switch of Tolt's API
    version, each by the id that it had.
    """

    plan: Plan
    sides: Mapping[Side, Snapshot]
    partners: PartnerMap | None
    relinked: Sequence[Link]
    sales: Comparison = NOTHING
    facts: Facts | None = None
    ended: frozenset[str] = frozenset()
    restored: frozenset[str] = frozenset()
    carried: Mapping[str, Decision] = field(default_factory=dict)


def recall(store: Store | None, version: str) -> Memory:
    """Return everything that is remembered of the pair."""
    if store is None:
        return Memory()
    meta, decisions = store.meta(), store.decisions()
    others = store.tolt_versions() | {one.version for one in decisions.values()}
    former = {
        one: {known.tolt: known.partnero for known in store.partner_links(one)}
        for one in others - {version, ""}
    }
    return Memory(
        identity=meta.get("identity"),
        salt=meta.get("salt", ""),
        bases=store.links_and_parked,
        tombstones=store.tombstones(),
        decisions=decisions,
        partners=tuple(store.partner_links(version)),
        coupons=store.coupons(iso(datetime.now(UTC) + CLOCKS_APART)),
        known=store.facts.pair(),
        failures=store.journal.failures(),
        unfinished=store.unfinished(),
        ledger=store.ledger,
        switched=first_under(store, version),
        former=former,
    )


def first_under(store: Store, version: str) -> bool:
    """Say whether another version of Tolt's API was spoken, and this one not since."""
    known = store.facts.pair().version
    return known != version if known else bool(store.tolt_versions() - {version})


def look(pair: Pair, readers: Readers, memory: Memory, now: datetime) -> Sighting:
    """Read both sides and decide, where no other pair has one of their programmes."""
    if refused := same_program(pair):
        return not_looked(pair.name, now, refused=refused)
    return read_and_plan(pair, readers, memory, now)


@uncollected()
def read_and_plan(
    pair: Pair,
    readers: Readers,
    memory: Memory,
    now: datetime,
    *,
    accepted: frozenset[str] = frozenset(),
    only: frozenset[str] | None = None,
) -> Sighting:
    """Read both sides and decide; ``only`` limits what is ready to these changes."""
    with ThreadPoolExecutor(1) as pool:
        remembered = pool.submit(memory.bases)
        snapshots = read_both(readers, memory, pair)
        bases, parked = remembered.result()
    partners = matched_people(pair, snapshots, memory)
    tolt_codes, former = snapshots[Side.TOLT].codes, memory.former
    links = rematch(bases, tolt_codes, partners, pair.version, former)
    before = Before(links, _decided(links, memory), memory.known)
    both = (snapshots[Side.PARTNERO], snapshots[Side.TOLT])
    limits = pair.policy.limits
    evidence = Evidence(limits=limits, sides=snapshots, before=before)
    refused = refuse(Stage.READ, evidence)
    if refused is None:
        left = gone_partners(partners, snapshots, readers)
        if left:
            partners = matched_people(pair, snapshots, memory, left)
            links = rematch(bases, tolt_codes, partners, pair.version, former)
        snapshots = prove(snapshots, readers, links, pair.version)
        both = (snapshots[Side.PARTNERO], snapshots[Side.TOLT])
    relinked = [new for new, old in zip(links, bases, strict=True) if new is not old]
    own, foreign = apart(memory.decisions or {}, pair.version)
    codes = former_codes(bases, links) if foreign else {}
    facts = Facts(
        partnero=both[0],
        tolt=both[1],
        partners=partners,
        can={side: CAPABILITIES[_dialect(side, pair.version)] for side in Side},
        version=pair.version,
        links=links,
        tombstones=memory.tombstones or {},
        decisions=own,
        foreign=foreign,
        accepted=accepted,
        parked=parked,
        quarantined=_quarantined(memory, pair.attempts),
        unfinished=memory.unfinished,
        today=iso(now)[:10],
        currency=_currency(pair, memory),
    )
    names = Names(pair.version, partners, former, codes)
    facts, decided, carried = decided_across(facts, pair.policy, names)
    shown = both[0].marks.get(
        sentinel_among(both[0].codes.values(), limits.sentinel or "") or ""
    )
    mine = state_mark(memory.identity)
    if refused is None:
        sales = compare_redemptions(pair.policy, facts, readers, memory.ledger)
    else:
        sales = Comparison(uncompared=(RefusedBefore(),))
    changes = (*decided.changes, *sales.changes)
    if only is not None:
        chosen = chosen_of(changes, only)
        changes = tuple(
            c
            if c.id in chosen or c.status is not Status.READY
            else c._replace(status=Status.HELD)
            for c in changes
        )
    evidence = replace(evidence, sides=snapshots, changes=changes)
    refused = refused or refuse(Stage.PLANNED, evidence)
    sides = {side.value: _report(snapshots[side], readers.of(side)) for side in Side}
    if sales.missed:
        unread = replace(sides["tolt"], complete=False, missed=sales.missed)
        sides["tolt"] = unread
    rate = pair.tolt.rate
    plan = Plan(
        pair=pair.name,
        created_at=iso(now),
        expires_at=iso(now + PLAN_IS_GOOD_FOR),
        config=pair.digest,
        state=memory.identity,
        sides=sides,
        changes=changes,
        findings=(
            *of_sides(both, pair.name, min(rate, TOLT_RATE)),
            *of_versions(links, len(relinked), pair.version, first=memory.switched),
            *of_partners(pair.alias_file, pair.aliases, both, partners),
            *of_marks(shown, limits.sentinel, mine, now, pair.named),
            *of_no_sentinel(
                limits.sentinel,
                pushes=pair.policy.redemptions != "report",
                pair=pair.name,
            ),
            *decided.findings,
            *sales.findings,
        ),
        tally=decided.tally,
        refused=refused,
        accepted=(*decided.accepted, *sales.accepted),
        acceptable=decided.acceptable,
        failed="; ".join(one.missed for one in both if one.unreachable),
        redemptions=sales.counts,
        redemption_report=sales.report,
        uncompared=sales.uncompared,
        several=pair.several,
    )
    return Sighting(
        plan,
        snapshots,
        partners,
        relinked,
        sales,
        facts,
        decided.ended,
        decided.restored,
        carried,
    )


def chosen_of(changes: Iterable[Change], ids: Collection[str]) -> frozenset[str]:
    """Return the ids of these changes and of what they need.

    A change that several proposals became one of is chosen by all of their ids; what
    a change needs (a coupon), and what that needs, goes with it: it is of no use alone.
    """
    every = {change.id: change for change in changes}
    meant = [
        change
        for change in every.values()
        if change.id in ids or (change.parts and {*change.parts} <= {*ids})
    ]
    found: set[str] = set()
    while meant:
        change = meant.pop()
        if change.id not in found:
            found.add(change.id)
            meant += [every[id_] for id_ in change.needs if id_ in every]
    return frozenset(found)


def not_looked(
    pair: str, now: datetime, *, failed: str = "", refused: Refusal | None = None
) -> Sighting:
    """Return a plan that says why there is none: a document is printed all the same."""
    nothing = SideReport(codes=0, partners=0, complete=False, requests=0)
    plan = Plan(
        pair=pair,
        created_at=iso(now),
        expires_at=iso(now),
        config="",
        state=None,
        sides={side.value: nothing for side in Side},
        changes=(),
        findings=(),
        tally=Tally(),
        refused=refused,
        failed=failed,
    )
    return Sighting(plan, {}, None, ())


def read_both(readers: Readers, memory: Memory, pair: Pair) -> dict[Side, Snapshot]:
    """Read both sides at the same time, and ask who answers if the key is new."""

    def read(side: Side) -> Snapshot:
        index = 0 if side is Side.PARTNERO else 1
        remembered = Remembered(
            coupons=memory.coupons or {},
            partners=frozenset(pair[index] for pair in memory.partners),
            recheck=memory.recheck,
            sentinel=fold(pair.policy.limits.sentinel or ""),
        )
        snapshot = readers.of(side).read(remembered)
        was = memory.known.programme(side).key
        if was and was != key_mark(pair, side, memory.salt) and snapshot.complete:
            program = readers.of(side).identify().program
            snapshot = replace(snapshot, identity=program or snapshot.identity)
        return snapshot

    with ThreadPoolExecutor(len(Side)) as pool:
        return dict(zip(Side, pool.map(read, Side), strict=True))


def matched_people(
    pair: Pair,
    snapshots: Mapping[Side, Snapshot],
    memory: Memory,
    left: Collection[tuple[str, str]] = (),
) -> PartnerMap:
    """Match the partners; ``left`` are stored matches that are proven to be over."""
    people = (snapshots[side].partners for side in Side)
    return match_partners(
        *people, stored=memory.partners, aliases=pair.aliases, left=left
    )


def gone_partners(
    partners: PartnerMap,
    snapshots: Mapping[Side, Snapshot],
    readers: Readers,
) -> set[tuple[str, str]]:
    """Ask for partners who seem to be back under a new id; returns who has left."""
    seem = (
        one
        for one in islice(perhaps_left(partners), MOST_PROOFS)
        if snapshots[one[0]].complete
    )
    return {
        ids
        for side, ids, newcomer in seem
        if _is_erased(
            readers.of(side), ids[0 if side is Side.PARTNERO else 1], newcomer
        )
    }


def _is_erased(reader: Reader, id_: str, newcomer: str) -> bool:
    """Say whether a partner is gone, while another one is told under the same path."""
    try:
        return reader.partner(id_) is None and reader.partner(newcomer) is not None
    except SyncError:
        return False


def prove(
    snapshots: Mapping[Side, Snapshot],
    readers: Readers,
    links: Sequence[Link],
    version: str,
) -> dict[Side, Snapshot]:
    """Ask directly for linked records that a complete listing does not show.

    An id of another version of Tolt's API means nothing here: it is never asked for.
    """
    proven = dict(snapshots)
    for place, side in enumerate(Side):  # as both ids stand
        snapshot = snapshots[side]
        if not snapshot.complete:
            continue
        shown = snapshot.codes.keys() | snapshot.hidden
        unseen = [link for link in links if link[0][place] not in shown]
        missing = {
            link[0][place]
            for link in unseen
            if side is Side.PARTNERO or link.version == version
        }
        if missing:
            proven[side] = _asked(
                snapshot, readers.of(side), sorted(missing)[:MOST_PROOFS]
            )
    return proven


def _asked(snapshot: Snapshot, reader: Reader, missing: list[str]) -> Snapshot:
    codes = dict(snapshot.codes)
    gone: set[str] = set()
    moved: set[str] = set()
    controls = nsmallest(3, snapshot.codes)
    try:
        for id_ in missing:
            try:
                found = reader.get(id_)
            except Unclear:
                continue  # unproven, it alone
            if found is None:
                gone.add(id_)
            else:
                codes.setdefault(found.id, found)
                moved |= {id_} - {found.id}  # now written otherwise
        if not _answers(reader, controls):
            gone.clear()
    except SyncError as error:
        return replace(snapshot, missed=str(error))
    return replace(snapshot, codes=codes, gone=frozenset(gone | moved))


def _answers(reader: Reader, controls: Iterable[str]) -> bool:
    """Say whether a record that is listed is there; the first one that can be told."""
    for id_ in controls:
        try:
            return reader.get(id_) is not None
        except Unclear:
            continue
    return False


def same_program(pair: Pair) -> Refusal | None:
    """Refuse when another pair of the configuration uses the same programme."""
    file = str(pair.location.path)
    evidence = Evidence(programmes=pair.programmes, configuration=file)
    return refuse(Stage.CONFIGURED, evidence)


def _currency(pair: Pair, memory: Memory) -> str | None:
    """Return the programmes' currency: configured, else as Tolt once told it."""
    told = memory.known.programme(Side.TOLT).currency
    return pair.currency or told.upper() or None


def key_mark(pair: Pair, side: Side, salt: str) -> str:
    """Return a salted mark of a key, to notice when it is another one."""
    content = f"{salt}:{pair.api(side).key}".encode()
    return hashlib.sha256(content).hexdigest()[:24]


def _dialect(side: Side, version: str) -> str:
    return "partnero" if side is Side.PARTNERO else f"tolt-{version}"


def _decided(links: Sequence[Link], memory: Memory) -> frozenset[str]:
    """Return the linked records about whose vanishing a person has decided.

    Who accepted a limit, or answered about a value, has said nothing about that.
    """
    decided = {
        decision.key
        for decision in (memory.decisions or {}).values()
        if is_about_absence(decision)
    }
    if not decided:
        return frozenset()
    return frozenset(
        link.base.left.code for link in links if link.base.left.code in decided
    )


def _quarantined(memory: Memory, attempts: int) -> dict[str, str]:
    failures = memory.failures or {}
    return {
        change: failure.detail
        for change, failure in failures.items()
        if failure.runs >= attempts or failure.parked
    }


def _report(snapshot: Snapshot, reader: Reader) -> SideReport:
    return SideReport(
        codes=len(snapshot.codes),
        partners=len(snapshot.partners),
        complete=snapshot.complete,
        requests=reader.requests,
        missed=snapshot.missed,
    )
