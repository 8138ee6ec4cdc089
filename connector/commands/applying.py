"""apply: what was reviewed in a saved plan, or what is planned, shown and asked now."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from connector.commands.context import (
    REFUSED,
    Context,
    confirmed,
    needs_terminal,
    note,
    now,
)
from connector.commands.runs import each, unbegun
from connector.engine.causes.cause import Cause, Quoted
from connector.engine.causes.saved_plans import PlanOfOtherPair
from connector.engine.change import Change, Refusal, Status
from connector.engine.choose import (
    chosen_of,
)
from connector.engine.outcome import Outcome
from connector.engine.planned import Plan
from connector.engine.trouble import refused
from connector.errors import Misconfigured
from connector.reports.meaning import commands, message_of
from connector.reports.messages.say import reader_of, said
from connector.reports.runs import run_document, run_text
from connector.reports.text import plan_text
from connector.run.plan_file import Edited, SavedChange, SavedPlan, read_plan
from connector.run.prepare import (
    Prepared,
)
from connector.run.saved_plan import left_over, why_refused
from connector.run.session import (
    Session,
)
from connector.terminal.width import width
from mappings.canonical import Side
from mappings.discreet import shown_key

ALL = "all"
"""What --accept says to a whole plan that was reviewed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an apply was asked for: the held ids to do, and the only ids to do."""

    accept: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    yes: bool = False

    @property
    def ids(self) -> frozenset[str]:
        return self.accept | self.only


def apply(context: Context, file: Path | None, asked: Asked) -> int:
    return _apply_now(context, asked) if file is None else _apply(context, file, asked)


def _apply_now(context: Context, asked: Asked) -> int:
    if ALL in asked.accept:
        raise Misconfigured(
            "--accept all is consent to a plan that was reviewed: name its FILE"
        )
    advice = "review a saved plan (plan --out FILE, apply FILE), or say --yes"
    needs_terminal("apply asks before it writes", advice, yes=asked.yes)
    return each(context, "apply", lambda session: _as_asked(session, asked))


def _apply(context: Context, file: Path, asked: Asked) -> int:
    ours = [section.name for section in context.sections(context.config())]
    try:
        saved = read_plan(file)
    except Edited as error:
        return _refused(context, ours[0], "plan_edited", Quoted(str(error)))
    if ALL in asked.accept:
        asked = replace(asked, accept=saved.waiting)
    if unknown := sorted(asked.ids - {change.id for change in saved.changes}):
        raise Misconfigured(f"{file} has no change {', '.join(unknown)}")
    if saved.pair not in ours:
        return _foreign(context, saved.pair, ours)
    named = context.of_pair(saved.pair)
    return each(named, "apply", lambda session: _as_saved(session, saved, asked))


def _foreign(context: Context, pair: str, ours: list[str]) -> int:
    """Refuse the plan of a pair that was not meant, or is not there."""
    pair = pair if shown_key(pair) == pair else ""
    cause = PlanOfOtherPair(pair, tuple(ours))
    return _refused(context, pair or ours[0], "plan_foreign", cause)


def _refused(context: Context, pair: str, guard: str, why: Cause) -> int:
    refusal = Refusal(guard, None, (why,))
    run = unbegun(pair, "apply", refused(refusal))
    context.show(run_document(run), run_text(run))
    return REFUSED


def _as_asked(session: Session, asked: Asked) -> Session:
    def choose(plan: Plan) -> frozenset[str] | None:
        unknown = sorted(asked.ids - plan.ids()) if asked.ids else ()
        if unknown:
            raise Misconfigured(
                f"the plan has no change {', '.join(unknown)}; nothing was written"
            )
        session.left_over.extend(_skipped(plan, asked))
        if (plan.ready() or len(plan.adopted)) and not asked.yes:
            note(plan_text(plan, width(sys.stderr)) + "\n")
        return agreed(plan, "Apply {}?", only=asked.only, yes=asked.yes)

    return replace(session, accepted=asked.accept, choose=choose)


def agreed(
    plan: Plan, asking: str, *, only: frozenset[str] = frozenset(), yes: bool
) -> frozenset[str] | None:
    """Return what is ready and chosen; None where a person says no to it."""
    bulk = frozenset(plan.adopted.ids())
    ready = bulk.union(change.id for change in plan.ready())
    chosen = (chosen_of(plan.ready(), only) | only) & ready if only else ready
    if yes or not chosen or confirmed(question(plan, asking, chosen)):
        return chosen
    return None


def question(plan: Plan, asking: str, chosen: frozenset[str]) -> str:
    """Ask with the number of writes: what is only remembered is no change."""
    changes = [change for change in plan.changes if change.id in chosen]
    writes = Counter(change.target for change in changes if change.target != "state")
    pair = f"{plan.pair}: " if plan.several else ""
    if not writes:
        what = _many(len(chosen), "code")
        return f"{pair}Nothing is to be written to either side. Remember {what}?"
    where = ", ".join(
        f"{n} on {Side(side).label}" for side, n in sorted(writes.items())
    )
    return f"{pair}{asking.format(_many(writes.total(), 'change'))} {where}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _skipped(plan: Plan, asked: Asked) -> Iterator[Outcome]:
    """Say of what was named and cannot be done by a yes, what to type instead."""
    done = chosen_of(plan.ready(), asked.ids)
    done |= {part for change in plan.ready() for part in change.parts}
    named = asked.only or asked.accept
    for change in plan.changes:
        if change.id in named and change.id not in done:
            names = (change.id, change.code, change.action, change.target)
            yield Outcome(*names, "skipped", _why_skipped(plan, change, asked))


def _why_skipped(plan: Plan, change: Change, asked: Asked) -> str:
    if change.status is Status.BLOCKED:
        why = said(change, reader_of(plan))
        return f"it cannot be done as things are: {why}{_ways(plan, change)}"
    if change.id not in asked.accept:
        return f"it waits for a person: say --accept {change.id} as well"
    typed, why = _ways(plan, change), message_of(change, reader_of(plan))
    if not typed:
        return f"it is made with what needs it: {why}"
    return f"a yes does not say which is right: {why}{typed}"


def _ways(plan: Plan, change: Change) -> str:
    """Say what to type about it instead; "" where there is nothing."""
    typed = "; ".join(command for command, _ in commands(plan, change))
    return f" Type one of: {typed}" if typed else ""


def _as_saved(session: Session, saved: SavedPlan, asked: Asked) -> Session:
    """Limit a run to a saved plan's changes; what is no longer there is stale."""
    wanted = saved.ready | asked.accept
    wanted = wanted & asked.only if asked.only else wanted
    reviewed = _Reviewed(session, saved, asked, wanted)
    return replace(
        session,
        refusal=why_refused(
            saved, session.pair.digest, session.store.known_identity(), now()
        ),
        accepted=asked.accept,
        only=wanted,
        choose=reviewed.choose,
        unmet=reviewed.unmet,
        undoes=saved.undoes,
    )


@dataclass(slots=True)
class _Reviewed:
    """What a run may do by a saved plan; ``gone`` is what is not proposed any more."""

    session: Session
    saved: SavedPlan
    asked: Asked
    wanted: frozenset[str]
    gone: list[SavedChange] = field(default_factory=list)

    def choose(self, plan: Plan) -> frozenset[str]:
        left = self.session.left_over
        left.extend(_skipped(plan, self.asked))
        ready = [change for change in plan.ready() if self.saved.shows(change)]
        current = chosen_of(ready, self.wanted)
        current |= self.wanted.intersection(plan.adopted.ids())
        done = current | {part for change in ready for part in change.parts}
        missing = self.wanted - done - {outcome.id for outcome in left}
        self.gone = [change for change in self.saved.changes if change.id in missing]
        return current

    def unmet(self, prepared: Prepared) -> Iterator[Outcome]:
        return left_over(self.gone, prepared, self.session.store)
