"""One wave of a migration: what of a whole plan is about it, and what is kept of it.

Both sides are read as a whole, and guarded as a whole: what is in no wave is there as
it always was. Only what is proposed, shown, done and certified is the wave's alone.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from connector.config.pair import Pair
from connector.engine.adoptions import NOTHING_ADOPTED
from connector.engine.causes.cause import Causes
from connector.engine.causes.waves import CodeNowhere, PartnerUnseen
from connector.engine.change import digest
from connector.engine.outcome import Run
from connector.engine.plan import (
    make_plan,
)
from connector.engine.planned import Plan, WavePart
from connector.engine.sales.money import counts_of_plan, money_report
from connector.engine.waves import (
    Asked,
    changes_within,
    findings_within,
    of_wave,
    wave_of,
    with_wave,
    within,
)
from connector.engine.waves import Wave as Records
from connector.errors import Misconfigured
from connector.run.prepare import Prepared
from connector.run.sales import Comparison
from mappings.canonical import Both, fold
from state.model import Wave
from state.store import Store

NOWHERE = (CodeNowhere, PartnerUnseen)
NOBODY = Both[frozenset[str]](frozenset(), frozenset())


def found(asked: Asked, prepared: Prepared) -> Records | None:
    """Find what was asked for in what both sides show; None where nothing was read."""
    return None if prepared.facts is None else wave_of(asked, prepared.facts)


def refuse_strangers(pair: Pair, plan: Plan) -> None:
    """Refuse a wave with a partner whom nobody knows, where everybody was read."""
    if plan.wave is None or not plan.wave.strangers or not plan.complete:
        return
    names = ", ".join(plan.wave.strangers)
    raise Misconfigured(
        f"--partner {names}: nobody has that e-mail or id, neither on Partnero nor on "
        f"Tolt. Nothing of {pair.name} was written"
    )


def part_of(pair: Pair, prepared: Prepared, wave: Records | None) -> Plan:
    """Return the part of a plan that is about a wave's records; None: all of it."""
    plan, facts, sales = prepared.plan, prepared.facts, prepared.sales
    if wave is None or facts is None:
        return plan
    codes = make_plan(within(facts, wave), pair.policy, wave.keys)
    findings = [*findings_within(prepared.of_reading, wave), *codes.findings]
    findings += findings_within(sales.findings, wave)
    return replace(
        plan,
        changes=(*codes.changes, *changes_within(sales.changes, wave)),
        adopted=codes.adopted,
        adopted_later=NOTHING_ADOPTED,
        findings=(*findings, *of_wave(wave, facts)),
        tally=codes.tally,
        accepted=(*codes.accepted, *findings_within(sales.accepted, wave)),
        acceptable=codes.acceptable,
        **_sales_of(sales, wave),
        wave=WavePart(
            max(map(len, wave.people)),
            wave.outside,
            wave.unknown,
            wave.strangers,
            wave.named,
        ),
    )


def _sales_of(sales: Comparison, wave: Records) -> dict[str, Any]:
    """Return the redemptions of a wave's codes, with the money of its partners."""
    if sales.found is None:
        return {}
    found = sales.found.within(wave.keys)
    report = money_report(found)
    counts = counts_of_plan(found, report)
    return {"redemptions": counts, "redemption_report": report}


def not_found(plan: Plan | None) -> Causes:
    """Return what is said of what was named for a wave and is not there."""
    if plan is None or plan.wave is None:
        return ()
    missing = [f for f in plan.findings if isinstance(f.causes[0], NOWHERE)]
    return tuple(cause for finding in missing for cause in finding.causes)


def keep(store: Store, asked: Asked, prepared: Prepared, run: Run) -> None:
    """Remember a wave that is carried out: in the end the whole is made of them."""
    wave = found(asked, prepared)
    if wave is None:
        return
    people = [sorted(ids) for ids in wave.people]
    mark = digest([people, sorted({fold(code) for code in asked.codes})])
    partners = max(map(len, wave.people))
    keys = tuple(sorted(wave.keys))
    begun = Wave(mark[:16], run.id, run.started_at, partners, keys)
    store.facts.save_waves(with_wave(store.facts.waves(), begun))


def parts(
    pair: Pair, prepared: Prepared, waves: list[Wave]
) -> Iterator[tuple[Wave | None, Plan]]:
    """Yield each remembered wave with its part of a plan, and last what is in none.

    A code that is in two waves is counted in the first of them.
    """
    taken: set[str] = set()
    for wave in waves:
        keys = frozenset(wave.keys) - taken
        taken |= keys
        yield wave, part_of(pair, prepared, Records(keys, NOBODY, (), (), ()))
    if waves and prepared.facts is not None:
        whole = wave_of(Asked(), prepared.facts)
        rest = frozenset(map(fold, whole.outside)) - taken
        yield None, part_of(pair, prepared, Records(rest, NOBODY, (), (), ()))
