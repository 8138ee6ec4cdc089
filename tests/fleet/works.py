"""A fleet on a real server whose pairs are programmes of one sandbox."""

import json
import os
import socket
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import select

from connector.commands.fleet_state import engine_to_write
from connector.config.load import load
from connector.sandbox import seed
from mappings.moments import instant, iso
from state import tables as t
from state.database import Engine
from state.fleet import SECOND, Fleet
from state.fleet_pairs import FleetPairs, NewPair
from state.model import RunSummary
from state.store import Store
from tests.harness.ground import Ground
from tests.standins.front import Sandbox


class Works(Ground):
    """Pairs p0, p1, ... in the database, and workers as processes."""

    def __init__(self, folder: Path, sandbox: Sandbox, url: str) -> None:
        super().__init__(folder, sandbox)
        self.url, self.pairs = url, 0
        self.environment: dict[str, str] = {}
        self._engine: Engine | None = None
        self.configure()

    def configure(self, more: str = "") -> None:
        text = f'[state]\nurl = "{self.url}"\n{more}\n'
        self.config.write_text(text, encoding="utf-8")

    def bring(
        self, number: int, *, codes: int = 3, only_partnero: float = 0.0, **more: Any
    ) -> list[str]:
        """Import pairs of small programmes; return their names."""
        size = {"n": codes, "only_partnero": only_partnero}
        new = [self._new(self.pairs + n, size, more) for n in range(number)]
        self.pairs += number
        os.environ.update(self.environment)
        yesterday = iso(datetime.now(UTC) - timedelta(days=1))
        self.table.bring(new, at=yesterday, by="ann@host")
        return [one.pair for one in new]

    def _new(self, number: int, size: dict[str, Any], more: dict[str, Any]) -> NewPair:
        world = self.sandbox.world
        other = seed.big(partners=2, tag=f"t{number}", **size)
        world.programmes[f"pk_{number}"] = other.partnero
        world.organizations[f"tlt_{number}"] = other.tolt
        keys = {f"PK_{number}": f"pk_{number}", f"TLT_{number}": f"tlt_{number}"}
        self.environment |= keys
        program = world.organizations[f"tlt_{number}"].program.uid
        section = {
            "currency": "USD",
            "schedule": "@hourly",
            "partnero": self._api(f"PK_{number}", "partnero/v1"),
            "tolt": self._api(f"TLT_{number}", "tolt/v2")
            | {"program_id": f"prg_{program}"},
            "limits": {"settle_seconds": 0.1},
            **more,
        }
        partnero, tolt = (
            f"{side} env {key}" for side, key in zip(SIDES, keys, strict=True)
        )
        return NewPair(f"p{number}", json.dumps(section), partnero, tolt)

    def _api(self, key: str, path: str) -> dict[str, Any]:
        return {
            "api_key": {"env": key},
            "base_url": f"{self.sandbox.url}/{path}",
            "requests_per_second": 2000,
        }

    @property
    def engine(self):
        """The state, opened once: asking again and again is no test."""
        self._engine = self._engine or engine_to_write(self.loaded)
        return self._engine

    @cached_property
    def port(self) -> int:
        """A port that nobody listens on."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            return int(free.getsockname()[1])

    @property
    def table(self) -> FleetPairs:
        return FleetPairs(self.engine)

    @property
    def fleet(self) -> Fleet:
        return Fleet(self.engine)

    @property
    def loaded(self):
        return load(self.config)

    def runs(self, pair: str) -> list[RunSummary]:
        return Store(self.engine, pair).journal.runs(1000)[::-1]

    def passed(self) -> set[str]:
        """The pairs that have had a complete run."""
        run = t.RUN.c
        asked = select(run.pair).where(run.status == "complete").distinct()
        with self.engine.connect() as connection:
            return set(connection.execute(asked).scalars())

    def hint_all(self) -> None:
        """Let every pair be due now."""
        for name in self.table.names():
            self.fleet.hint(name, self.fleet.now())

    def last_start(self, pair: str) -> int:
        """Return when the newest complete run of a pair began, in microseconds."""
        runs = [run for run in self.runs(pair) if run.status == "complete"]
        last = runs[-1]
        # Passes that did nothing stand in one row: the newest of them ended then.
        return int(instant(last.finished_at).timestamp() * SECOND)

    def worker(self, *, slots: int = 4, grace: int = 20, patience: int = 60):
        """Start a worker as a process of its own."""
        options = ("--slots", slots, "--grace", grace, "--patience", patience)
        return self.start("fleet", "worker", *options, "--format", "json")


SIDES = ("partnero", "tolt")
