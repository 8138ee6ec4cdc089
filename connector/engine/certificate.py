"""What a fresh reading of both sides proves: n equal, and each exception by name."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connector.engine.acts import Adoption, Forget, NeedCoupon, NeedPartner, PushSale
from connector.engine.causes.cause import Cause, Causes
from connector.engine.causes.sales import SalesMissing
from connector.engine.change import Status, digest
from connector.engine.planned import Plan, RedemptionReport, SaleLine, WavePart
from connector.engine.sales.standings import Standing
from connector.engine.snapshot import Snapshot
from mappings.canonical import Side
from mappings.fields import marks
from mappings.redemptions import Money
from state.model import Wave

KEYS = 5
"""Sales of one code that an exception names before it counts the rest."""
EXCEPTIONS = (
    *("only_on_", "changed_on_", "gone_on_", "deleted_and_edited", "reappeared"),
    *("lossy", "replace_needed", "payee_change", "renamed", "wrong_unit"),
    *("missing_after_replace", "unproven", "state_unreadable"),
    *("dead_here_live_there", "switched_off", "unknown_code"),
)
"""How the kinds of findings begin that keep two sides from being equal.

What the policy says never to do is a finding and no change: the sides differ as much.
"""


@dataclass(frozen=True, slots=True)
class ProvenException:
    """One code that is not the same on both sides, and whether a person accepts it.

    ``by``, ``at`` and ``note`` say who did, when and why.
    """

    code: str
    reason: str
    causes: Causes
    accepted: bool
    by: str = ""
    at: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class SideProof:
    """What was read of one side; ``digest`` is the mark of everything that it held."""

    codes: int
    partners: int
    complete: bool
    requests: int
    digest: str


@dataclass(frozen=True, slots=True)
class WaveProof:
    """How the codes of one wave stand; ``number`` 0 is what is in no wave.

    ``run`` is the newest one of it, ``at`` when it was begun.
    """

    number: int
    run: str
    at: str
    partners: int
    codes: int
    equal: int
    open: int
    accepted: int
    dead: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """The proof: counts, exceptions, completeness and a digest of each side.

    ``dead`` are codes that were not carried because nobody can redeem them: they are
    no exceptions. ``redemptions`` is empty where none were compared, and there is no
    ``money`` then; ``uncompared`` says what of them was not, and why. ``wave``: it is
    about one wave of a migration; ``waves`` are all of them, with what is in none, in
    the whole one.
    """

    pair: str
    at: str
    equal: int
    exceptions: tuple[ProvenException, ...]
    dead: tuple[str, ...]
    sides: Mapping[str, SideProof]
    refused: Causes = ()
    several: bool = False
    wave: WavePart | None = None
    waves: tuple[WaveProof, ...] = ()
    redemptions: Mapping[str, int] = field(default_factory=dict)
    uncompared: Causes = ()
    money: RedemptionReport | None = None
    programmes: Mapping[str, str] = field(default_factory=dict)
    currency: str | None = None

    @property
    def complete(self) -> bool:
        return all(side.complete for side in self.sides.values())

    @property
    def open(self) -> int:
        """How many exceptions nobody has accepted."""
        return sum(not exception.accepted for exception in self.exceptions)


def certify(
    plan: Plan,
    snapshots: Mapping[Side, Snapshot],
    waves: Iterable[tuple[Wave | None, Plan]] = (),
) -> Certificate:
    """Turn a plan over a fresh reading into a certificate.

    ``waves`` are those of a migration that led here, each with its part of the plan.
    """
    return Certificate(
        pair=plan.pair,
        at=plan.created_at,
        equal=plan.tally.in_sync,
        exceptions=_exceptions(plan),
        dead=_dead(plan),
        sides={
            side: SideProof(
                codes=report.codes,
                partners=report.partners,
                complete=report.complete,
                requests=report.requests,
                digest=side_digest(snapshots.get(Side(side))),
            )
            for side, report in plan.sides.items()
        },
        refused=plan.refused.causes if plan.refused else (),
        several=plan.several,
        wave=plan.wave,
        waves=tuple(_proof(n, *wave) for n, wave in enumerate(waves, 1)),
        redemptions=plan.redemptions,
        uncompared=plan.uncompared,
        money=plan.redemption_report,
    )


def _proof(number: int, wave: Wave | None, part: Plan) -> WaveProof:
    exceptions, tally = _exceptions(part), part.tally
    accepted = sum(exception.accepted for exception in exceptions)
    return WaveProof(
        number=number if wave else 0,
        run=wave.run if wave else "",
        at=wave.at if wave else "",
        partners=wave.partners if wave else 0,
        codes=tally.compared + tally.unproven,
        equal=tally.in_sync,
        open=len(exceptions) - accepted,
        accepted=accepted,
        dead=len(_dead(part)),
    )


def _dead(plan: Plan) -> tuple[str, ...]:
    return tuple(
        code
        for finding in plan.findings
        if finding.kind == "dead"
        for code in finding.codes or filter(None, [finding.code])
    )


def _exceptions(plan: Plan) -> tuple[ProvenException, ...]:
    """Return what keeps the sides from being equal, each code and reason once."""
    exceptions = {
        (change.code, change.reason): ProvenException(
            change.code, change.reason, change.causes, accepted=False
        )
        for change in plan.changes
        if not (isinstance(change.act, Adoption) and change.status is Status.READY)
        and not isinstance(change.act, NeedCoupon | NeedPartner | Forget | PushSale)
    }
    for finding in plan.accepted:
        key = (finding.code or ", ".join(finding.codes), finding.kind)
        word = finding.decision
        whose = (word.who, word.at, word.note) if word else ()
        exceptions[key] = ProvenException(*key, finding.causes, True, *whose)
    for finding in plan.findings:
        unread = finding.kind == "unreadable" and finding.code is not None
        if unread or finding.kind.startswith(EXCEPTIONS):
            key = (finding.code or "", finding.kind)
            exceptions.setdefault(
                key, ProvenException(*key, finding.causes, accepted=False)
            )
    return tuple(sorted([*exceptions.values(), *_of_sales(plan)], key=_place))


def _place(exception: ProvenException) -> tuple[str, str, bool]:
    return (exception.code, exception.reason, exception.accepted)


# -- sales that a side lacks, where they are meant to be on it -------------------------


def _of_sales(plan: Plan) -> Iterator[ProvenException]:
    """Yield the sales that should be on a side and are not, those of a code together.

    Where nothing is pushed a missing sale is a fact that stands in the certificate with
    its sum, and no exception: the codes are equal all the same.
    """
    lines = plan.redemption_report.lines if plan.redemption_report else ()
    together: dict[tuple[str, str, str], list[SaleLine]] = {}
    for line in lines:
        told = line.accepted or line.standing == Standing.UNPROVEN
        if line.missing in plan.pushes and not told:
            name = (line.code, line.reason or line.standing, line.missing)
            together.setdefault(name, []).append(line)
    for (code, reason, side), missing in together.items():
        causes: Causes = (_summed_up(Side(side), missing),)
        if len(missing) == 1:
            causes = missing[0].why or causes
        yield ProvenException(code, reason, causes, accepted=False)


def _summed_up(side: Side, lines: Sequence[SaleLine]) -> Cause:
    sums: Counter[str] = Counter()
    for line in lines:
        if line.money is not None:
            sums[line.money.currency] += line.money.minor
    money = tuple(Money(minor, currency) for currency, minor in sorted(sums.items()))
    keys = tuple(line.key for line in lines[:KEYS])
    return SalesMissing(side, len(lines), money, keys)


def side_digest(snapshot: Snapshot | None) -> str:
    """Return the mark of everything that a side held when it was read."""
    if snapshot is None:
        return ""
    held = [[c.id, c.written, *marks(c.values)] for c in snapshot.codes.values()]
    return "sha256:" + digest(sorted(held, key=str))
