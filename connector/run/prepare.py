"""From what was read to the plan of a run: the codes, the sales, the findings.

What follows is decided in the engine; here stands what is put together for it, and the
one plan that comes of it. Only the sales ask further questions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connector.config.clients import TOLT_RATE
from connector.config.pair import Pair
from connector.engine.causes.sales import RefusedBefore
from connector.engine.change import Finding, Refusal, Status
from connector.engine.choose import chosen_of
from connector.engine.conclude import CodePlan
from connector.engine.currencies import untold
from connector.engine.facts import Facts
from connector.engine.findings import of_partners, of_sides, of_versions
from connector.engine.guards import Stage, refuse
from connector.engine.keys import Keys
from connector.engine.marks import state_mark
from connector.engine.partners import PartnerMap
from connector.engine.planned import Plan, SideReport, Tally
from connector.engine.sentinel import of_marks, of_no_sentinel, sentinel_among
from connector.engine.snapshot import Snapshot
from connector.engine.versions import Names, apart, decided_across, former_codes
from connector.providers.base import Reader, Readers
from connector.run.identify import refuse_other_currency, same_programme
from connector.run.memory import Memory
from connector.run.read import SidesRead, read
from connector.run.sales import NOTHING, Comparison, compare_redemptions
from mappings.canonical import Side
from mappings.capability import CAPABILITIES
from mappings.moments import iso
from state.bulk import uncollected
from state.model import Decision, Link

PLAN_IS_GOOD_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, and what it was made of: what a run keeps once it has written.

    ``ended`` are the ids of consents that are over, ``restored`` the keys of codes that
    are back. ``carried`` are decisions that stand under other ids after a switch of
    Tolt's API version, each by the id that it had. ``later`` are the ids of
    what is ready, and held only because this run is to do others. ``of_reading`` are
    the findings that are not about single codes.
    """

    plan: Plan
    sides: Mapping[Side, Snapshot]
    partners: PartnerMap | None
    relinked: Sequence[Link]
    sales: Comparison = NOTHING
    facts: Facts | None = None
    keys: Keys | None = None
    ended: frozenset[str] = frozenset()
    restored: frozenset[str] = frozenset()
    carried: Mapping[str, Decision] = field(default_factory=dict)
    later: frozenset[str] = frozenset()
    of_reading: tuple[Finding, ...] = ()


def look(pair: Pair, readers: Readers, memory: Memory, now: datetime) -> Prepared:
    """Read both sides and decide, where no other pair has one of their programmes."""
    if refused := same_programme(pair, memory.programmes, memory.salt):
        several = pair.several
        return nothing_prepared(pair.name, now, refused=refused, several=several)
    refuse_other_currency(pair, memory.known)
    return prepare(pair, readers, memory, now, whole=True)


@uncollected()
def prepare(
    pair: Pair,
    readers: Readers,
    memory: Memory,
    now: datetime,
    *,
    accepted: frozenset[str] = frozenset(),
    only: frozenset[str] | None = None,
    whole: bool = False,
) -> Prepared:
    """Read both sides and decide; ``only`` limits what is ready to these changes.

    ``whole``: every sale that is missing is named, and not only the first of them.
    """
    reading = read(pair, readers, memory)
    facts, codes, carried = _decided(pair, memory, reading, now, accepted)
    keys = Keys(codes.every, facts.links)
    sales = Comparison(uncompared=(RefusedBefore(),))
    if not reading.refused:
        ledger = memory.ledger
        sales = compare_redemptions(
            pair.policy, facts, keys, readers, ledger, whole=whole
        )
    sides = _reports(reading, readers, sales)
    told = tuple(_of_the_reading(pair, memory, reading, now))
    plan = _plan(pair, memory, reading, now, codes=codes, sales=sales, sides=sides)
    later = _not_now(plan, only)
    plan = replace(plan, findings=(*told, *plan.findings))
    plan = _guarded(_limited(plan, later, only), reading)
    return Prepared(
        plan,
        reading.sides,
        reading.partners,
        reading.relinked,
        sales,
        facts,
        keys,
        codes.ended,
        codes.restored,
        carried,
        later,
        told,
    )


def _plan(
    pair: Pair,
    memory: Memory,
    reading: SidesRead,
    now: datetime,
    *,
    codes: CodePlan,
    sales: Comparison,
    sides: Mapping[str, SideReport],
) -> Plan:
    """Return the one plan of the codes and the sales, before a guard has seen it."""
    unreached = [side for side in reading.sides.values() if side.unreachable]
    return Plan(
        pair=pair.name,
        created_at=iso(now),
        expires_at=iso(now + PLAN_IS_GOOD_FOR),
        config=pair.digest,
        state=memory.identity,
        sides=sides,
        changes=(*codes.changes, *sales.changes),
        adopted=codes.adopted,
        findings=(*codes.findings, *sales.findings),
        tally=codes.tally,
        accepted=(*codes.accepted, *sales.accepted),
        acceptable=codes.acceptable,
        failed="; ".join(side.missed for side in unreached),
        reason=unreached[0].reason if unreached else "",
        redemptions=sales.counts,
        redemption_report=sales.report,
        uncompared=sales.uncompared,
        pushes=tuple(side.value for side in Side if pair.policy.pushes(side)),
        untold=untold(pair.currency, memory.known.programme(Side.TOLT)),
        several=pair.several,
    )


def _guarded(plan: Plan, reading: SidesRead) -> Plan:
    """Return the plan with what a guard says: of the reading, or else of the plan."""
    evidence = replace(reading.evidence, sides=reading.sides, changes=plan.changes)
    return replace(plan, refused=reading.refused or refuse(Stage.PLANNED, evidence))


def nothing_prepared(
    pair: str,
    now: datetime,
    *,
    failed: str = "",
    reason: str = "",
    refused: Refusal | None = None,
    several: bool = False,
) -> Prepared:
    """Return a plan that says why there is none: a document is printed all the same."""
    unread = SideReport(codes=0, partners=0, complete=False, requests=0)
    plan = Plan(
        pair=pair,
        created_at=iso(now),
        expires_at=iso(now),
        config="",
        state=None,
        sides={side.value: unread for side in Side},
        changes=(),
        findings=(),
        tally=Tally(),
        refused=refused,
        failed=failed,
        reason=reason,
        several=several,
    )
    return Prepared(plan, {}, None, ())


def _decided(
    pair: Pair,
    memory: Memory,
    reading: SidesRead,
    now: datetime,
    accepted: frozenset[str],
) -> tuple[Facts, CodePlan, Mapping[str, Decision]]:
    """Decide the codes; decisions of the other version of Tolt's API are carried over.

    Returned with them are the facts as they count, and the decisions that were carried.
    """
    own, foreign = apart(memory.decisions, pair.version)
    facts = Facts(
        partnero=reading.sides[Side.PARTNERO],
        tolt=reading.sides[Side.TOLT],
        partners=reading.partners,
        can={side: CAPABILITIES[_dialect(side, pair.version)] for side in Side},
        version=pair.version,
        links=reading.links,
        tombstones=memory.tombstones,
        decisions=own,
        foreign=foreign,
        accepted=accepted,
        unreadable=reading.unreadable,
        quarantined=memory.quarantined(pair.attempts),
        unfinished=memory.unfinished,
        today=iso(now)[:10],
        currency=_currency(pair, memory),
    )
    renamed = former_codes(reading.bases, reading.links) if foreign else {}
    names = Names(pair.version, reading.partners, memory.former, renamed)
    return decided_across(facts, pair.policy, names)


def _currency(pair: Pair, memory: Memory) -> str | None:
    """Return the programmes' currency: configured, else as Tolt once told it."""
    stated = memory.known.programme(Side.TOLT).currency
    return pair.currency or stated.upper() or None


def _dialect(side: Side, version: str) -> str:
    return "partnero" if side is Side.PARTNERO else f"tolt-{version}"


def _not_now(plan: Plan, only: frozenset[str] | None) -> frozenset[str]:
    """Return what is ready and was not asked for; None: all was asked for."""
    if only is None:
        return frozenset()
    chosen = chosen_of(plan.changes, only)
    return frozenset(change.id for change in plan.ready() if change.id not in chosen)


def _limited(plan: Plan, later: frozenset[str], only: frozenset[str] | None) -> Plan:
    """Hold what is for later."""
    if only is None:
        return plan
    changes = tuple(
        change._replace(status=Status.HELD) if change.id in later else change
        for change in plan.changes
    )
    now, then = plan.adopted.among(only)
    return replace(plan, changes=changes, adopted=now, adopted_later=then)


def _reports(
    reading: SidesRead, readers: Readers, sales: Comparison
) -> dict[str, SideReport]:
    reports = {
        side.value: _report(reading.sides[side], readers.of(side)) for side in Side
    }
    if sales.missed:  # they are Tolt's
        tolt = Side.TOLT.value
        missed, reason = sales.missed, sales.reason
        reports[tolt] = replace(
            reports[tolt], complete=False, missed=missed, reason=reason
        )
    return reports


def _report(snapshot: Snapshot, reader: Reader) -> SideReport:
    return SideReport(
        codes=len(snapshot.codes),
        partners=len(snapshot.partners),
        complete=snapshot.complete,
        requests=reader.requests,
        missed=snapshot.missed,
        reason=snapshot.reason,
    )


def _of_the_reading(
    pair: Pair, memory: Memory, reading: SidesRead, now: datetime
) -> Iterable[Finding]:
    """Yield what is to be known of the reading as a whole, whatever its codes are."""
    left, right = reading.sides[Side.PARTNERO], reading.sides[Side.TOLT]
    sentinel, both = pair.policy.limits.sentinel, (left, right)
    marked = sentinel_among(left.codes.values(), sentinel or "") or ""
    mine = state_mark(memory.identity)
    relinked, first = len(reading.relinked), memory.switched
    pushes = pair.policy.redemptions != "report"
    yield from of_sides(both, pair.name, min(pair.apis.right.rate, TOLT_RATE))
    yield from of_versions(reading.links, relinked, pair.version, first=first)
    yield from of_partners(pair.alias_file, pair.aliases, both, reading.partners)
    yield from of_marks(left.marks.get(marked), sentinel, mine, now, pair.named)
    yield from of_no_sentinel(sentinel, pushes=pushes, pair=pair.name)
