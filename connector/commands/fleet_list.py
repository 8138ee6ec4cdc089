"""fleet pairs list: how each pair stands, a page at a time."""

from collections.abc import Sequence

from connector.commands.context import DONE, Context
from connector.commands.fleet_state import engine_to_read, moment_of, refuse_file
from connector.commands.watch import standings, timetables
from connector.config.load import Config
from connector.config.row import Row
from connector.config.table import joined
from connector.errors import Misconfigured
from connector.reports.fleet_pairs import (
    PairLine,
    PairPage,
    Paused,
    page_document,
    page_text,
)
from connector.service.health import Standing
from mappings.moments import iso
from state.database import Engine
from state.fleet import SECOND, FleetPair
from state.fleet_pairs import FleetPairs, Listed


def list_pairs(context: Context, search: str, state: str, page: int, limit: int) -> int:
    context.wants("text", "json")
    config = context.of_the_file()
    refuse_file(config)
    engine = engine_to_read(config)
    found = Listed([], 0, 0)
    lines: list[PairLine] = []
    if engine is not None:
        skip = (page - 1) * limit
        found = FleetPairs(engine).listed(
            search=search, state=state, skip=skip, limit=limit
        )
        lines = lines_of(config, found, engine)
    shown = PairPage(lines, found.total, page, max(1, -(-found.total // limit)))
    words = ["fleet", "pairs", "list"]
    words += ["--search", search] if search else []
    words += ["--state", state] if state else []
    words += ["--limit", str(limit)] if limit != LIMIT else []
    context.show(page_document(shown), page_text(shown, words))
    return DONE


LIMIT = 50
"""Pairs on a page."""


def lines_of(config: Config, found: Listed, engine: Engine) -> list[PairLine]:
    """Return how these pairs stand, with what their runs have left."""
    known = {one.pair: one for one in _standings(config, found.pairs, engine)}
    return [line_of(row, known.get(row.pair), found.now) for row in found.pairs]


def _standings(
    config: Config, rows: Sequence[FleetPair], engine: Engine
) -> Sequence[Standing]:
    """Return what the runs of these pairs tell; of a broken row, nothing."""
    good = []
    for row in rows:
        try:
            good += joined(config, [Row(row.pair, row.section)]).file.pairs[-1:]
        except Misconfigured:
            continue
    return standings(config, timetables(good), engine)


def line_of(row: FleetPair, standing: Standing | None, now: int) -> PairLine:
    last = standing.last if standing else None
    is_late = not row.paused and row.begun is None and row.due <= now
    return PairLine(
        pair=row.pair,
        paused=Paused(row.paused_by, row.paused_at, row.note) if row.paused else None,
        due=iso(moment_of(row.due)),
        late=(now - row.due) // SECOND if is_late else 0,
        is_queued=row.queued is not None and row.begun is None,
        is_running=row.begun is not None,
        worker=row.worker,
        failures=row.failures,
        is_stale=standing is not None and standing.stale and not row.paused,
        last_success=iso(standing.success) if standing and standing.success else None,
        last_run=last.id if last else None,
        last_status=last.status if last else None,
        error=standing.error if standing else None,
        held=standing.held if standing else None,
        imported_at=row.imported_at,
        imported_by=row.imported_by,
    )
