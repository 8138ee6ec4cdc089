"""inbox and decide: what waits for a person, and what the person wants.

A decision is data: for one record, for exactly the values that were seen. It is
done by the next sync or apply, and expires when one of the values changes.
"""

import getpass
from collections.abc import Mapping

from connector.commands.context import (
    DONE,
    FAILED,
    Context,
    asked,
    confirmed,
    needs_terminal,
    note,
    now,
    result,
)
from connector.commands.plans import certain
from connector.engine.change import Change, Plan, Seen, Status, seen, seen_digest
from connector.errors import Misconfigured
from connector.look import Job, Sighting, iso
from connector.reports.documents import change_document, titled
from connector.reports.safe import cell
from mappings.canonical import Side, fold
from state.database import open_to_write
from state.model import Decision, Take
from state.store import Store

NOT_DECIDABLE = {
    "collision": "Nobody can choose for several records at once: rename or delete all "
    "but one on the platform itself, or accept it with --keep.",
}


def inbox(context: Context) -> int:
    context.wants("text", "json")
    for job in context.jobs():
        plan = certain(job).plan
        held = [change for change in plan.changes if change.status is Status.HELD]
        decided = [change for change in plan.changes if change.decided]
        document = titled(
            "inbox",
            pair=plan.pair,
            held=[change_document(change) for change in held],
            decided=[change_document(change) for change in decided],
        )
        context.show(document, "\n".join(_lines(plan, held, decided)))
    return DONE


def _lines(plan: Plan, held: list[Change], decided: list[Change]) -> list[str]:
    if not held and not decided:
        return [f"{plan.pair}: nothing waits for a decision."]
    lines = [f"{plan.pair}: {len(held)} wait for a decision."]
    for change in held:
        lines += [
            f"  {cell(change.code)}  [{change.reason}]  {change.id}",
            f"      {cell(change.message)}",
        ]
    for change in decided:
        told = f"  {cell(change.code)}: decided, done by the next sync or apply: "
        lines.append(f"{told}{change.action} on {change.target.capitalize()}")
    return lines


def decide(context: Context, code: str, take: Take | None, *, yes: bool) -> int:
    job = context.one_job()
    key = fold(code)
    if take is None:
        return _withdraw(_store(job), key, code)
    sighting = certain(job)
    about = [change for change in sighting.plan.changes if change.key == key]
    waiting = [change for change in about if change.status is not Status.READY]
    if not waiting and take != "delete":
        told = "is in step" if not about else "waits for nobody"
        raise Misconfigured(f"{code} {told}: there is nothing to decide")
    _refuse_impossible(code, waiting, take)
    values = about[0].seen if about else _standing(sighting, key)
    if not any(values.values()):
        raise Misconfigured(f"{code}: there is no such code on either side")
    if take == "delete" and not _sure(code, values, yes=yes):
        result("Nothing was decided.")
        return FAILED
    who = _who()
    _store(job).decide(Decision(key, take, seen_digest(values), who, iso(now())))
    result(
        f"Decided for {cell(code)}: {take}, by {who}, for the values as they are now."
    )
    if take != "keep":
        note("It is done by the next sync or apply; take it back with --withdraw.")
    return DONE


def _withdraw(store: Store, key: str, code: str) -> int:
    if not store.withdraw(key):
        raise Misconfigured(f"{code}: there is no decision to take back")
    result(f"The decision about {cell(code)} is taken back.")
    return DONE


def _refuse_impossible(code: str, waiting: list[Change], take: Take) -> None:
    """Refuse a decision that could never be carried out, and say what can be done."""
    for change in waiting:
        advice = NOT_DECIDABLE.get(change.reason)
        if advice and take != "keep":
            raise Misconfigured(f"{code}: {advice}")
        if change.reason.startswith("only_on_") or change.reason in (
            "lossy",
            "switched_off",
        ):
            missing = change.target
            if take == missing:
                raise Misconfigured(
                    f"{code} was never on {missing.capitalize()}: taking its absence "
                    "would delete a record that has no base. Say --delete for that"
                )
        if change.status is Status.BLOCKED and take in ("partnero", "tolt"):
            raise Misconfigured(f"{code} is blocked, not held: {change.message}")


def _standing(sighting: Sighting, key: str) -> dict[Side, Seen | None]:
    """Return what both sides show of a record that is in step."""
    return {
        side: next(
            (seen(c) for c in snapshot.codes.values() if c.values.code == key), None
        )
        for side, snapshot in sighting.sides.items()
    }


def _sure(code: str, values: Mapping[Side, Seen | None], *, yes: bool) -> bool:
    """Ask twice before a record is removed for good; no terminal needs --yes."""
    sides = " and ".join(side.label for side, one in values.items() if one)
    note(f"{code} will be deleted for good on {sides}, with all that hangs on it.")
    needs_terminal("--delete asks twice", "say --yes", yes=yes)
    if yes:
        return True
    return confirmed("Delete it?") and asked(f"Type {code} to confirm: ") == code


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def _store(job: Job) -> Store:
    store = Store(open_to_write(job.config.state_url), job.pair.name)
    store.identity(iso(now()))
    return store
