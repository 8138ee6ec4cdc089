"""Connections to a server that wait for one answer of it no longer than agreed.

A server that hangs says nothing, and its machine goes on answering for it. The extra
postgres is needed here, and here alone.
"""

from functools import lru_cache
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.abc import RV, PQGen


def connected(seconds: float, *words: Any, **named: Any) -> Connection[Any]:  # noqa: ANN401
    """Connect; OperationalError where an answer does not come in so many seconds."""
    return _patient(seconds).connect(*words, **named)


@lru_cache
def _patient(seconds: float) -> type[Connection[Any]]:
    class Patient(Connection[Any]):
        def wait(
            self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None
        ) -> RV:
            try:
                return super().wait(gen, interval, timeout or seconds)
            except OperationalError as error:
                if type(error).__name__ != "_WaitTimeout":
                    raise
                self.close()
                raise OperationalError(
                    f"the server has not answered for {seconds:g} seconds"
                ) from None

    return Patient
