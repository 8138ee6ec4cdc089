"""The queue between the rows of the pairs and the workers: Procrastinate, and no more.

A job says: this claim of this pair may be passed now. That a pair is due, that it is
queued once and that two passes of it never write is not decided here but in the state
(fleet.py, leases.py): what the queue loses or does twice is healed, and costs time.

Its tables lie in a schema of their own. Everything that knows them is in this module
and in ``schema``. Jobs are deleted when they end, so that the tables stay small.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from procrastinate import App, JobContext, PsycopgConnector, exceptions
from procrastinate.jobs import Job
from procrastinate.worker import Worker
from psycopg.rows import namedtuple_row
from psycopg.sql import SQL, Composed, Identifier

from state.connecting import arguments_of
from state.database import StateProblem
from state.fleet import SILENT, Claim

SCHEMA = "partnero_tolt_queue"
TASK = "pass_of"
QUEUE = "passes"
HEARTBEAT = 5.0
"""Seconds between two signs of life of a worker."""
POLL = 1.0
"""Seconds after which a worker looks for jobs unasked: what tells it may be lost."""
WAIT = 10.0
"""Seconds for a connection of the pool; a server that is silent is a failure then."""
Pass = Callable[[Claim, int], Awaitable[None]]
"""Does the pass of a claim, for the job of this number."""


class Doing(NamedTuple):
    """A job that a worker has taken; ``alive``: its worker has lately said so."""

    job: int
    claim: Claim
    worker: int | None
    alive: bool
    seconds: float


class Queue:
    """The queue of one fleet: puts jobs in, and tells what became of them."""

    def __init__(self, url: str, schema: str = SCHEMA) -> None:
        self.schema = schema
        self._arguments = arguments_of(url)
        self._manager = App(connector=self._connector()).job_manager
        quiet()

    @contextmanager
    def connected(self) -> Iterator["psycopg.Connection[Any]"]:
        """Open a connection for a moment, each statement a transaction of its own."""
        with (
            self.told(),
            psycopg.connect(
                **self._arguments, autocommit=True, row_factory=namedtuple_row
            ) as connection,
        ):
            connection.execute(SQL("SET lock_timeout = '10s'"))
            connection.execute(self._path("SET search_path = {}"))
            yield connection

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn what is wrong with the queue into words."""
        try:
            yield
        except (psycopg.Error, exceptions.ConnectorException) as error:
            raise StateProblem(
                f"The queue of the fleet cannot be used: {_reason(error)}. What was "
                "claimed is due again when it can."
            ) from None

    def defer(self, connection: Any, claims: Sequence[Claim]) -> None:  # noqa: ANN401
        """Put claims into the queue, in the open transaction that claims them.

        A job that still waits for an older claim of such a pair is of no use.
        """
        pairs = [claim.pair for claim in claims]
        with self.told():
            connection.execute(self._path("SET LOCAL search_path = {}"))
            connection.execute(
                "DELETE FROM procrastinate_jobs "
                "WHERE status = 'todo' AND queueing_lock = ANY(%s)",
                [pairs],
            )
            jobs = list(map(_job, claims))
            self._manager.batch_defer_jobs(jobs, connection=connection)

    def app(self, does: Pass) -> App:
        """Return Procrastinate's application with the one task that there is."""
        app = App(connector=self._connector())

        @app.task(name=TASK, queue=QUEUE, pass_context=True)
        async def pass_of(context: JobContext, pair: str, claim: int) -> None:
            job = context.job
            await does(Claim(pair, claim, job.lock or ""), job.id or 0)

        return app

    def worker(self, app: App, slots: int) -> Worker:
        """Return Procrastinate's worker; its passes are ours, so it waits for none."""
        return Worker(
            app,
            queues=[QUEUE],
            concurrency=slots,
            fetch_job_polling_interval=POLL,
            abort_job_polling_interval=600,
            shutdown_graceful_timeout=0.5,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=SILENT,
        )

    def doing(self) -> list[Doing]:
        """Return the jobs that workers have taken."""
        with self.connected() as connection:
            rows = connection.execute(_DOING, [SILENT]).fetchall()
        return [
            Doing(
                row.id,
                Claim(row.args["pair"], row.args["claim"], row.lock or ""),
                row.worker_id,
                row.alive,
                row.seconds,
            )
            for row in rows
        ]

    def queued(self) -> set[Claim]:
        """Return the claims that a job is there for, waiting or taken."""
        with self.connected() as connection:
            rows = connection.execute(
                "SELECT args, lock FROM procrastinate_jobs "
                "WHERE status IN ('todo', 'doing')"
            )
            return {
                Claim(row.args["pair"], row.args["claim"], row.lock or "")
                for row in rows
            }

    def drop(self, jobs: Collection[int]) -> None:
        """Take jobs away that are healed; one that has just ended is gone already."""
        with self.connected() as connection:
            connection.execute(
                "DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [list(jobs)]
            )

    def follow_clock(self) -> None:
        """Take back signs of life of a time to come: the clock was set back since.

        Else a worker that has died by then would seem to live until that time.
        """
        with self.connected() as connection:
            connection.execute(
                "UPDATE procrastinate_workers SET last_heartbeat = now() "
                "WHERE last_heartbeat > now() + make_interval(secs => %s)",
                [HEARTBEAT],
            )

    def lives(self, worker: int) -> bool:
        """Say whether the queue has lately heard of one of its workers."""
        with self.connected() as connection:
            row = connection.execute(
                "SELECT last_heartbeat > now() - make_interval(secs => %s) AS alive "
                "FROM procrastinate_workers WHERE id = %s",
                [SILENT, worker],
            ).fetchone()
        return row is not None and bool(row.alive)

    def _connector(self) -> PsycopgConnector:
        async def prepare(connection: "psycopg.AsyncConnection[Any]") -> None:
            await connection.set_autocommit(True)
            await connection.execute(self._path("SET search_path = {}"))

        return PsycopgConnector(
            kwargs=dict(self._arguments),
            configure=prepare,
            min_size=1,
            max_size=4,
            timeout=WAIT,
        )

    def _path(self, statement: str) -> Composed:
        return SQL(statement).format(Identifier(self.schema))


_DOING = """
SELECT j.id, j.args, j.lock, j.worker_id,
       coalesce(w.last_heartbeat > now() - make_interval(secs => %s), false) AS alive,
       coalesce(extract(epoch FROM now() - (
           SELECT max(e.at) FROM procrastinate_events e
           WHERE e.job_id = j.id AND e.type = 'started'
       )), 0)::float AS seconds
FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
WHERE j.status = 'doing'
"""


def _job(claim: Claim) -> Job:
    return Job(
        queue=QUEUE,
        task_name=TASK,
        lock=claim.key_group,
        queueing_lock=claim.pair,
        task_kwargs={"pair": claim.pair, "claim": claim.at},
    )


def _reason(error: BaseException) -> str:
    """Return the first line of what the driver says, whoever has wrapped it."""
    while error.__cause__ is not None:
        error = error.__cause__
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def quiet() -> None:
    """Keep the libraries from printing: tracebacks and addresses, unredacted."""
    for name in ("procrastinate", "psycopg.pool", "psycopg"):
        own = logging.getLogger(name)
        if not own.handlers:
            own.addHandler(logging.NullHandler())
        own.propagate = False
