"""Run as a service: the background job, and what monitors ask."""

from dataclasses import replace
from typing import Annotated

import typer

from connector.calls.command import Command, Example, Group, plain
from connector.calls.options import First
from connector.errors import Misconfigured

LONGEST_GRACE = 86400


def _run(
    context: typer.Context,
    grace: Annotated[
        float, typer.Option(help="Seconds that passes may still take after SIGTERM.")
    ] = 300,
    first: First = False,
) -> int:
    from connector.commands import background

    if not 0 <= grace <= LONGEST_GRACE:
        raise Misconfigured(f"--grace: allowed are 0 to {LONGEST_GRACE} seconds")
    return background.run(replace(context.obj, first=first), grace)


# fmt: off
SERVE = Group("Run as a service", (
    Command("run", _run,
        "Run every pair on its schedule until SIGTERM; SIGHUP reads the file again.",
        (Example("run", "until it is told to stop"),),
        (1, 2, 130),
        {130: "stopped by Ctrl-C (143: by SIGTERM), the running passes finished"}),
    Command("health", plain("watch", "health"),
        "Say for monitors whether each pair is up to date; exit 1 where one is stale.",
        (Example("health", "for a container or a monitor"),),
        (0, 1, 2), {0: "every pair is up to date", 1: "a pair is stale"}),
))
