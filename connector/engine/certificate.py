"""What a fresh reading of both sides proves: n equal, and each exception by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.engine.acts import Adoption, Forget, NeedCoupon, NeedPartner
from connector.engine.causes.cause import Causes
from connector.engine.change import Status, digest
from connector.engine.planned import Plan
from connector.engine.snapshot import Snapshot
from mappings.canonical import Side
from mappings.fields import marks

EXCEPTIONS = (
    *("only_on_", "changed_on_", "gone_on_", "deleted_and_edited", "reappeared"),
    *("lossy", "replace_needed", "payee_change", "renamed", "wrong_unit"),
    *("missing_after_replace", "unproven", "state_unreadable"),
    *("dead_here_live_there", "switched_off"),
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
class Certificate:
    """The proof: counts, exceptions, completeness and a digest of each side.

    ``dead`` are codes that were not carried because nobody can redeem them: they are
    no exceptions. ``redemptions`` is empty where none were compared;
    ``uncompared`` says what of them was not, and why.
    """

    pair: str
    at: str
    equal: int
    exceptions: tuple[ProvenException, ...]
    dead: tuple[str, ...]
    sides: Mapping[str, SideProof]
    refused: Causes = ()
    several: bool = False
    redemptions: Mapping[str, int] = field(default_factory=dict)
    uncompared: Causes = ()

    @property
    def complete(self) -> bool:
        return all(side.complete for side in self.sides.values())

    @property
    def open(self) -> int:
        """How many exceptions nobody has accepted."""
        return sum(not exception.accepted for exception in self.exceptions)


def certify(plan: Plan, snapshots: Mapping[Side, Snapshot]) -> Certificate:
    """Turn a plan over a fresh reading into a certificate."""
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
        redemptions=plan.redemptions,
        uncompared=plan.uncompared,
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
        and not isinstance(change.act, NeedCoupon | NeedPartner | Forget)
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
    return tuple(exceptions[key] for key in sorted(exceptions))


def side_digest(snapshot: Snapshot | None) -> str:
    """Return the mark of everything that a side held when it was read."""
    if snapshot is None:
        return ""
    held = [[c.id, c.written, *marks(c.values)] for c in snapshot.codes.values()]
    return "sha256:" + digest(sorted(held, key=str))
