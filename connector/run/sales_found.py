"""What one comparison of redemptions knows in the end: for the reports, and to keep.

A run names the first of what is missing and takes the sums from the totals of the
state; a report that is asked for names each one.
"""

import json
from collections.abc import Mapping, Sequence

from connector.engine.facts import Facts
from connector.engine.planned import RedemptionReport
from connector.engine.sales.directions import Pushes
from connector.engine.sales.findings import NAMED
from connector.engine.sales.lines import OPEN, Note, standing_of
from connector.engine.sales.money import Found, Judged
from connector.engine.sales.owners import owners_of
from connector.engine.sales.redemptions import Id
from connector.engine.sales.standings import MISSING
from connector.run.ledger_draft import LedgerDraft
from connector.run.read_sales import Sources
from state.model import LAST_SUMS


def all_found(
    facts: Facts, sources: Sources, pushes: Sequence[Pushes], *, whole: bool
) -> Found:
    """Return all that is not in step, once everything that was learnt is known."""
    draft = sources.draft
    notes = {id_: note for way in pushes for id_, note in way.notes.items()}
    asked = _asked_about(draft, notes)
    ids = {(entry.code, entry.key) for entry, _ in asked}
    most = None if whole else NAMED + len(ids)
    missing = [
        (entry, standing)
        for standing in MISSING.values()
        for entry in draft.standing(standing, most)
        if (entry.code, entry.key) not in ids
    ]
    others = [(entry, how) for how in OPEN for entry in draft.standing(how, None)]
    return Found(
        totals=draft.totals(),
        open=[*others, *asked],
        missing=missing,
        owners=owners_of(facts, sources.keys),
        currency=sources.partnero.currency or "",
        notes=notes,
        whole=whole,
    )


def _asked_about(draft: LedgerDraft, notes: Mapping[Id, Note]) -> list[Judged]:
    """Return what is missing, and of which a person is asked whether it is."""
    return [
        (entry, standing)
        for entry, standing in draft.known(notes.keys())
        if standing in MISSING.values()
        and standing_of(standing, notes[entry.code, entry.key]) != standing
    ]


def last_sums(
    report: RedemptionReport | None, stored: Mapping[str, str]
) -> dict[str, str]:
    """Return the sums as they are kept, where they are others than before."""
    text = json.dumps(report.sums if report else ())
    return {} if text == stored.get(LAST_SUMS, "[]") else {LAST_SUMS: text}
