"""What PostgreSQL's driver needs to connect as the state does."""

from typing import Any

from sqlalchemy import make_url

from state.problems import WAIT
from state.servers import ALIVE


def arguments_of(url: str) -> dict[str, Any]:
    """Return the arguments of ``psycopg.connect`` for the state's URL."""
    parsed = make_url(url)
    _, arguments = parsed.get_dialect()().create_connect_args(parsed)
    return {"connect_timeout": WAIT, **ALIVE, **arguments}
