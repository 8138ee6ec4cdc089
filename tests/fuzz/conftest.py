"""Trials for fuzzing: both versions of Tolt's API, in a folder of their own each."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import stamina

from tests.fuzz.trial import Trial, trial_of

NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there: whatever leaves this machine gets no further."""


@pytest.fixture(scope="module")
def trials(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Trial]]:
    """Open trials, each once; requests are repeated without waiting in between."""
    opened: dict[tuple[str, bool], Trial] = {}
    folder = Path.cwd()
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.delenv("PARTNERO_TOLT_CONFIG", raising=False)
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            patch.setenv(name, NOWHERE)
            patch.delenv(name.lower(), raising=False)
        patch.setenv("NO_PROXY", "127.0.0.1,localhost")
        stack.enter_context(stamina.set_testing(True, attempts=5))

        def trial(version: str = "v2", *, quiet: bool = False) -> Trial:
            """Return the trial of a version, and go to where it is."""
            name = version, quiet
            place = tmp_path_factory.mktemp(version) if name not in opened else None
            if place:
                for part in ("work", "aside"):
                    (place / part).mkdir()
                enter(place / "work", place / "aside")
                made = trial_of(place, version, patch.setenv, quiet=quiet)
                opened[name] = stack.enter_context(made)
            enter(opened[name].folder, opened[name].aside)
            return opened[name]

        def enter(work: object, aside: object) -> None:
            patch.setattr(tempfile, "tempdir", str(aside))
            patch.setenv("TMPDIR", str(aside))
            os.chdir(str(work))

        yield trial
        os.chdir(folder)
