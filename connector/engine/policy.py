"""What may be done unattended, and when a whole run must not begin.

The planner says what follows from the facts; here stands the permission: a class
of policy for each change, and guards with their numbers over the whole plan.
"""

import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from connector.engine.change import Change, Grant, Refusal, Status
from connector.engine.snapshot import Snapshot
from mappings.canonical import Discount, Side, fold
from state.model import Link

Verdict = Literal["auto", "hold", "never"]
_STRICTNESS: tuple[Verdict, ...] = ("auto", "hold", "never")
SMALL = 10
"""Below this many linked records a share says nothing (semantics, section 6)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one run may do before it is refused."""

    creates: int = 100
    updates: int = 100
    deletes: int = 5
    share: Decimal = Decimal("0.3")
    sentinel: str | None = None
    whole: bool = False
    """A migration: a whole programme may be created, whatever the share."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A pair's permissions, and the choices a program must not make by itself."""

    direction: Literal["both", "to-partnero", "to-tolt"] = "both"
    create: Verdict = "auto"
    update: Verdict = "auto"
    lossy: Verdict = "hold"
    payee: Verdict = "hold"
    replace: Verdict = "hold"
    dead: Verdict = "never"
    delete: Verdict = "hold"
    conflict: Literal["hold", "partnero", "tolt"] = "hold"
    conflicts: Mapping[str, str] = field(default_factory=dict)
    create_partners: bool = False
    redemptions: Literal["report", "to-partnero", "to-tolt", "both"] = "report"
    redemptions_stated: bool = False
    redemptions_since: str = ""
    commissions: bool = False
    create_customers: bool = True
    duration: str = "lifetime"
    coupons: Mapping[Discount, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def allows(self, target: Side) -> bool:
        return self.direction in ("both", f"to-{target.value}")

    def pushes(self, target: Side) -> bool:
        """Say whether redemptions may be written to this side."""
        return self.redemptions in ("both", f"to-{target.value}")

    def winner(self, name: str) -> Side | None:
        """Return the side that wins a conflict about this field, if one does."""
        side = self.conflicts.get(name, self.conflict)
        return None if side == "hold" else Side(side)

    def verdict(self, change: Change) -> Verdict:
        """Return the strictest of the classes that a change falls under."""
        asked: Verdict = "hold" if change.grant in _ALWAYS_ASKED else "auto"
        return max([asked, *self._classes(change)], key=_STRICTNESS.index)

    def _classes(self, change: Change) -> list[Verdict]:
        """Return the class of what would be written, and of what it would bring."""
        names = change.want.fields if change.want else ()
        classes: list[Verdict] = []
        match change.action:
            case "create":
                classes = [self.create]
                classes += [self.lossy] if change.lost else []
            case "update" if names:
                classes = [self.payee if "partner" in names else self.update]
            case "replace":
                classes = [self.replace]
                classes += [self.payee] if "partner" in names else []
            case "delete":
                classes = [self.delete]
        return [*classes, self.dead] if change.values.get("dead") else classes


_ALWAYS_ASKED = (Grant.DECIDE, Grant.REPLACE)


def review(
    change: Change, policy: Policy, accepted: frozenset[str] = frozenset()
) -> Change | None:
    """Return the change with its status, or None where the policy says never.

    What the policy says never to do is not done by a decision either.
    """
    if change.status is Status.BLOCKED:
        return change
    verdict = policy.verdict(change)
    if verdict == "never":
        return None
    if change.decided or (change.id in accepted and change.executable):
        return change._replace(status=Status.READY, decided=True)
    return change if verdict == "auto" else change._replace(status=Status.HELD)


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier runs know of the pair, for the guards to compare with.

    ``decided`` are the linked records whose vanishing a person has decided about,
    ``aside`` those of them that the last listing of a side lacked already, ``rest``
    how much the guards have let through, by action, that no run has done yet.
    """

    links: Sequence[Link] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    decided: frozenset[str] = frozenset()
    aside: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rest: Mapping[str, int] = field(default_factory=dict)


def check(
    sides: tuple[Snapshot, Snapshot],
    changes: Iterable[Change],
    limits: Limits,
    known: Known,
) -> Refusal | None:
    """Return the first guard that says no, before anything is written."""
    return (
        check_identity(sides, known)
        or _check_sentinel(sides, limits)
        or check_listings(sides, limits, known)
        or _check_amounts(tuple(changes), limits, known)
        or _check_everything(sides, known)
    )


def check_identity(sides: tuple[Snapshot, Snapshot], known: Known) -> Refusal | None:
    """Refuse when the key opens another programme than the one remembered."""
    for side in sides:
        was = known.fingerprints.get(side.side.value)
        if was and side.identity and side.identity != was:
            return Refusal(
                "other_account",
                side.side.value,
                f"{side.side.label} answers for programme {side.identity}, but this "
                f"state belongs to {was}. Nothing was written. Use the key of {was}, "
                "or give the other programme a pair and a state of its own.",
            )
    return None


def _check_sentinel(sides: tuple[Snapshot, Snapshot], limits: Limits) -> Refusal | None:
    if not limits.sentinel:
        return None
    key = fold(limits.sentinel)
    for side in sides:
        if not side.complete or key in side.hidden_texts:
            continue
        if not any(code.values.code == key for code in side.codes.values()):
            return Refusal(
                "sentinel_missing",
                side.side.value,
                f"The sentinel code {limits.sentinel} is not among the "
                f"{len(side.codes)} codes of {side.side.label}. Nothing was written. "
                "Look with: partnero-tolt check",
            )
    return None


def check_listings(
    sides: tuple[Snapshot, Snapshot], limits: Limits, known: Known
) -> Refusal | None:
    """Refuse a side that is empty or much shorter than it last was."""
    for side in sides:
        if not side.complete:
            continue
        last = known.counts.get(side.side.value, 0)
        now = side.listed
        decided = vanished(side, known.links, known.decided)
        decided -= set(known.aside.get(side.side.value, ()))
        if not now and last > len(decided):
            return Refusal(
                "empty_side",
                side.side.value,
                f"{side.side.label} lists no code at all, last time it listed {last}. "
                f"Nothing was written. {_if_gone(_gone(side, known))}",
            )
        missing = last - now - len(decided)
        if last and missing > last * limits.share:
            return Refusal(
                "short_listing",
                side.side.value,
                f"{side.side.label} lists {now} codes, last time {last}: {missing} "
                f"fewer, allowed are {limits.share:.0%}. Nothing was written. "
                f"{_if_gone(_gone(side, known))}",
            )
        if refused := _check_strangers(side, known):
            return refused
    return None


def vanished(
    side: Snapshot, links: Iterable[Link], decided: Collection[str]
) -> set[str]:
    """Return the decided records that a listing does not show."""
    return {
        link.base.partnero.code
        for link in links
        if link.base.partnero.code in decided
        and link.ids.of(side.side) not in side.codes
        and not side.hides(link.ids.of(side.side), link.base.of(side.side).code)
    }


def _check_strangers(side: Snapshot, known: Known) -> Refusal | None:
    """Refuse a listing in which others stand in the place of the linked codes.

    Linked codes are known by id or text: ids are others after a switch of the version.
    """
    linked = len(known.links)
    if linked < SMALL:
        return None
    gone = _gone(side, known)
    ids = {link.ids.of(side.side) for link in known.links}
    texts = {link.base.of(side.side).code for link in known.links}
    strangers = sum(
        id_ not in ids and code.values.code not in texts
        for id_, code in side.codes.items()
    )
    if len(gone) < SMALL or len(gone) * 2 < linked or strangers < len(gone):
        return None
    return Refusal(
        "strangers",
        side.side.value,
        f"{len(gone)} of {linked} linked codes are not among the {len(side.codes)} "
        f"codes of {side.side.label}, and {strangers} unknown ones stand there: it "
        "looks like the listing of another programme. Nothing was written. "
        f"{_if_gone(gone)}",
    )


def _gone(side: Snapshot, known: Known) -> list[str]:
    """Return the linked codes that a listing lacks, those that are decided aside."""
    listed = {code.values.code for code in side.codes.values()}
    return [
        link.written
        for link in known.links
        if link.ids.of(side.side) not in side.codes
        and link.base.of(side.side).code not in listed
        and not side.hides(link.ids.of(side.side), link.base.of(side.side).code)
        and link.base.partnero.code not in known.decided
    ]


def _if_gone(gone: Collection[str]) -> str:
    if not gone:
        return "Look with: partnero-tolt check"
    return (
        "If they really are gone, decide about each, beginning with: partnero-tolt "
        f"decide --delete -- {shlex.quote(min(gone))}"
    )


def _check_amounts(
    changes: tuple[Change, ...], limits: Limits, known: Known
) -> Refusal | None:
    bases = len(known.links)
    for action, limit, least in (
        ("create", limits.creates, SMALL),
        ("update", limits.updates, SMALL),
        ("delete", limits.deletes, 1),
    ):
        count = sum(
            change.action == action
            and change.status is Status.READY
            and not change.decided
            for change in changes
        )
        whole = limits.whole and action != "delete"
        share = limits.share if bases >= least and not whole else None
        # The rest of a run that was stopped has been measured by what was there then.
        rest = known.rest.get(action, 0) if action != "delete" else 0
        most = max(bases * (share or 0), rest)
        if count > limit or (share is not None and count > most):
            allowed = f"{limit} a run" + (
                f" and {share:.0%} of {bases} linked codes" if share is not None else ""
            )
            return Refusal(
                f"too_many_{action}s",
                None,
                f"This run would {action} {count} codes, allowed are {allowed}. "
                "Nothing was written. Read the report, then accept them by name "
                "(partnero-tolt plan --out plan.json; partnero-tolt apply plan.json "
                f"--accept ID) or raise limits.{action}s in the configuration.",
            )
    return None


def _check_everything(sides: tuple[Snapshot, Snapshot], known: Known) -> Refusal | None:
    for side in sides:
        there = [
            (link, side.codes[link.ids.of(side.side)])
            for link in known.links
            if link.ids.of(side.side) in side.codes
        ]
        if len(there) >= SMALL and all(
            code.values != link.base.of(side.side) for link, code in there
        ):
            changed = [link.written for link, _ in there]
            sample = ", ".join(sorted(changed)[:3])
            return Refusal(
                "everything_changed",
                side.side.value,
                f"All {len(changed)} linked codes changed on {side.side.label} at once "
                f"({sample}, ...), which looks like another programme or another unit. "
                "Nothing was written. Look at one: partnero-tolt explain -- "
                f"{shlex.quote(min(changed))}",
            )
    return None
