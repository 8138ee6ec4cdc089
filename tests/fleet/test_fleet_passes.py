"""The pass of a row is the pass of the background job, from a claim to its end."""

from connector.commands.context import Context
from connector.commands.fleet_passes import FleetPasses
from connector.fleet.queue import Queue
from connector.fleet.worker import Settings, Worker
from state.fleet import SECOND


def working(works, **more):
    context = Context(works.config, format="json")
    passes = FleetPasses(context, works.loaded)
    settings = Settings("host/1", 4, more.pop("timeout", 60))
    return Worker(works.fleet, Queue(works.url), passes.work, settings), passes


def test_a_worker_makes_the_passes_of_three_pairs_of_the_database(works, capsys):
    names = works.bring(3)
    worker, _ = working(works)
    worker.start()
    works.wait_for(lambda: works.passed() == {*names})
    worker.stop(10)
    assert capsys.readouterr().out.count('"status": "complete"') == 3
    rows = works.table.listed().pairs
    hour = 3600 * SECOND
    assert {(row.queued, row.begun, row.failures) for row in rows} == {(None, None, 0)}
    assert all(0 < row.due - works.fleet.now() <= hour + 6 * SECOND for row in rows)
