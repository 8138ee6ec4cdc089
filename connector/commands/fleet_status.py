"""fleet status: how a fleet stands; exit 1 where something is wrong, for an alarm."""

from connector.commands.context import DONE, FAILED, Context
from connector.commands.fleet_state import (
    engine_to_read,
    moment_of,
    need_extra,
    refuse_file,
)
from connector.reports.fleet import (
    FleetState,
    WorkerLine,
    state_document,
    state_text,
)
from mappings.moments import iso
from state.database import Engine
from state.fleet import SILENT, Fleet
from state.fleet_pairs import Counted, FleetPairs


def status(context: Context, late: int) -> int:
    """Count the fleet; ``late`` are the seconds that a pair may wait, once due."""
    context.wants("text", "json")
    config = context.of_the_file()
    refuse_file(config)
    need_extra()
    engine = engine_to_read(config)
    state = state_of(engine, late)
    context.show(state_document(state), state_text(state))
    return FAILED if state.problems else DONE


def state_of(engine: Engine | None, late: int) -> FleetState:
    """Return how a fleet stands; without a state nobody has imported anything."""
    counted = FleetPairs(engine).count() if engine else Counted()
    workers = Fleet(engine).workers() if engine else []
    oldest = counted.oldest
    return FleetState(
        pairs=counted.pairs,
        paused=counted.paused,
        due=counted.due,
        queued=counted.queued,
        running=counted.running,
        failing=counted.failing,
        stale=counted.stale,
        late=int(counted.late),
        oldest=oldest[0] if oldest else "",
        oldest_due=iso(moment_of(oldest[1])) if oldest else "",
        workers=[
            WorkerLine(
                one.worker,
                one.slots,
                one.running,
                int(one.silent),
                one.silent <= SILENT,
            )
            for one in workers
        ],
        bound=late,
    )
