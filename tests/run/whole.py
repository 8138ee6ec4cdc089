"""Whole runs between two products in memory, each by a process of its own."""

import shutil
from contextlib import suppress

from connector.config.load import load
from connector.config.resolve import Keys, pair_of
from connector.providers.memory.pair import writers_of
from connector.providers.memory.programme import Killed, Process
from connector.run.run import Session, run
from state.database import open_to_write
from tests.run.places import MortalStore, Place

CONFIG = """\
[state]
url = "sqlite:///connector.db"

[[pairs]]
name = "acme"
currency = "USD"

[pairs.partnero]
api_key = { env = "LEFT_KEY" }

[pairs.tolt]
api_key = { env = "RIGHT_KEY" }
api_version = "v2"
program_id = "prg_memory"

[pairs.policy]
delete = "auto"
payee = "auto"

[pairs.limits]
settle_seconds = 0.02
share = 1
"""


class Runs:
    """A place in which whole runs are made, each by a process of its own."""

    def __init__(self, folder, empty_file):
        folder.mkdir()
        shutil.copy(empty_file, folder / "connector.db")
        (folder / "connector.toml").write_text(CONFIG, encoding="utf-8")
        config = load(folder / "connector.toml")
        self.pair = pair_of(config, config.file.pairs[0], Keys("left", "right"))
        self.place = Place(open_to_write(config.location.state_url))
        self.place.open().store.leases.release()

    def begin(self):
        process = Process()
        store = MortalStore(self.place.engine, process)
        writers = writers_of(self.place.left, self.place.right, process)
        return process, store, Session(self.pair, store, writers)

    def sync(self):
        return run(self.begin()[2])

    def killed(self, what, moment, step, asked=lambda begun: begun[2]):
        """Run, and end at a step; says whether it came to that."""
        process, store, session = begun = self.begin()
        session = asked(begun)
        if what == "request":
            process.ends, process.after = step, moment == "after"
        else:
            store.ends(step, moment)
        with suppress(Killed):
            run(session)
        if not process.alive:
            bury_the_dead(self.place.store())
        return not process.alive


def bury_the_dead(store):
    """Free the pair of a holder that is no more, as another process would find out."""
    if holder := store.leases.holder():
        store.leases.take("undertaker", 1, dead=[holder])
        store.leases.release()
