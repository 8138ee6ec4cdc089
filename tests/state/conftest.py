"""Where a state lies: in a file, and in a database of a PostgreSQL server."""

import pytest

from state import servers
from state.database import open_to_write
from state.store import Store


@pytest.fixture(params=["sqlite", "postgres"])
def state_url(request, tmp_path):
    """Return the URL of a new state."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'state.db'}"
        return
    url = request.getfixturevalue("postgres").state()
    yield url
    servers.opened(url).dispose()


@pytest.fixture
def opened(state_url):
    """Return a function that opens the state once more, as another process would."""

    def store(pair="acme"):
        return Store(open_to_write(state_url), pair)

    return store
