"""Look after: begin, check what it rests on, try it out, keep the state safe."""

from pathlib import Path
from typing import Annotated

import typer

from connector.calls.command import Command, Example, Group, plain
from connector.calls.options import JOBS, Jobs, Yes


def _demo(
    crash_every_step: Annotated[
        bool,
        typer.Option(
            "--crash-every-step",
            help="Instead: kill a run at each of its steps and resume it (minutes).",
        ),
    ] = False,
) -> int:
    from connector.commands import demo

    return demo.crashes() if crash_every_step else demo.demo()


def _check(
    context: typer.Context,
    aliases: Annotated[
        Path | None,
        typer.Option(help="Write whom you may match to this new file, as comments."),
    ] = None,
    jobs: Jobs = JOBS,
) -> int:
    from connector.commands import checking

    return checking.check(context.obj, aliases, jobs)


def _probe(
    context: typer.Context,
    write: Annotated[
        bool, typer.Option("--write", help="Make about 20 marked objects, too.")
    ] = False,
    own: Annotated[
        bool, typer.Option("--i-own-this-programme", help="It may be littered.")
    ] = False,
) -> int:
    from connector.commands import probing

    return probing.probe(context.obj, write=write, own=own)


def _sandbox(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="0 takes a free one.")
    ] = 0,
    codes: Annotated[
        int | None,
        typer.Option(
            min=0, max=1_000_000, help="So many plain codes a side, not the story."
        ),
    ] = None,
    switch: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE: another reading of the APIs.")
    ] = None,
) -> int:
    from connector.commands import setup

    pairs = [setting.partition("=")[::2] for setting in switch or ()]
    return setup.sandbox(port, codes, dict(pairs))


def _backup(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Where to.")] = None,
) -> int:
    from connector.commands import states

    return states.backup(context.obj, file)


def _restore(
    context: typer.Context, file: Annotated[Path, typer.Argument(help="A copy.")]
) -> int:
    from connector.commands import states

    return states.restore(context.obj, file)


def _claim(context: typer.Context, yes: Yes = False) -> int:
    from connector.commands import claiming

    return claiming.claim(context.obj, yes=yes)


# fmt: off
KEEP = Group("Look after", (
    Command("demo", _demo,
        "Tell the whole story on local stand-ins, in about a minute.",
        (Example("demo", "needs no account, no key and no network"),),
        (0, 1), {0: "every promise was kept", 1: "one was not"}),
    Command("init", plain("setup", "init"),
        "Write a commented connector.toml with its schema; never overwrites. On a "
        "terminal, with the keys in the environment, both products are asked.",
        (Example("init", "then fill it in, and type: partnero-tolt check"),)),
    Command("schema", plain("setup", "schema"),
        "Print the JSON Schema of connector.toml, by which editors complete and check.",
        (Example("schema > connector.schema.json", "init writes the same file"),)),
    Command("check", _check,
        "Check config, keys, programmes, currency and state.",
        (Example("check", "a line each; nothing is written"),
         Example("check --aliases aliases.csv",
             "also ask, in a file, which partners are one person")),
        (0, 1, 2, 6), {0: "all is good", 1: "something is not: the lines with FAIL"}),
    Command("probe", _probe,
        "Settle what the documentation of both products leaves open, on a live one.",
        (Example("probe", "reads alone"),
         Example("probe --write --i-own-this-programme", "on a test programme"))),
    Command("sandbox", _sandbox,
        "Serve local stand-ins of both APIs and print a ready configuration.",
        (Example("sandbox", "until Ctrl-C; try everything without an account"),),
        (1, 2, 130)),
))
STATE = Group("Look after the state", (
    Command("check", plain("states", "check"),
        "Check the state's integrity; nothing in it is changed.",
        (Example("state check", "whether it can be relied on"),),
        (0, 1, 2, 6)),
    Command("backup", _backup,
        "Copy the state safely.",
        (Example("state backup", "beside the state, named by the time"),
         Example("state backup safe/connector.backup", "to this file"))),
    Command("restore", _restore,
        "Put a copy in place of the state.",
        (Example("state restore safe/connector.backup", "the former one is kept"),),
        (0, 1, 2, 6)),
    Command("export", plain("states", "export"),
        "Print the state as JSON (it holds e-mails).",
        (Example("state export > state.json", "everything that is remembered"),)),
    Command("prune", plain("states", "prune"),
        "Forget old runs (keep_runs); each run does so as well.",
        (Example("state prune", "older than keep_runs says"),)),
    Command("claim", _claim,
        "Take the programme over from another state, by a mark on the sentinel.",
        (Example("state claim", "asks first; one write"),),
        (0, 1, 2, 5, 6), {1: "failed, or a person said no"}),
))
