"""The help as people read it: commands in groups, examples, exit codes.

Typer prints a sentence and a list of options; which of them a newcomer has to type is
what is added here. Nothing is loaded for it.
"""

from collections.abc import Iterable
from typing import Any

from typer.core import TyperCommand, TyperGroup

from connector.calls.command import Command, Example, Group

EVERYWHERE = (
    "--config, --pair, --format, --log-level, -v and -q may stand here as well: "
    "partnero-tolt --help"
)
AFTER = (
    "Global options may stand before or after the command. With -h behind a command "
    "its examples and exit codes are shown."
)
SETTINGS = {"help_option_names": ["-h", "--help"]}
PROGRAM = "partnero-tolt"


def explained(command: Command) -> type[TyperCommand]:
    """Return a kind of command whose help ends in its examples and exit codes.

    For its help nothing of what it does is loaded.
    """

    class Explained(TyperCommand):
        def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
            """Give the command its context, which takes long: help has ended by now."""
            ctx.obj = ctx.obj and ctx.obj()
            return super().invoke(ctx)

        def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002
            _examples(formatter, "Examples", command.examples)
            with formatter.section("Exit codes"):
                formatter.write_dl(command.exit_words())
            formatter.write_paragraph()
            formatter.write_text(EVERYWHERE)

    return Explained


def listing(
    groups: Iterable[Group],
    inner: Iterable[tuple[str, Group]] = (),
    begin: Iterable[Example] = (),
) -> type[TyperGroup]:
    """Return a kind of program that lists its commands by what they are good for.

    ``inner`` are words with commands of their own, ``begin`` is what to type first.
    """
    listed = [(title, [(c.name, c.help) for c in some]) for title, some in groups]
    listed[-1][1].extend((f"{w.split()[-1]} ...", group.title) for w, group in inner)

    class Listing(TyperGroup):
        def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002
            for title, rows in listed:
                with formatter.section(title):
                    formatter.write_dl(rows)

        def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002
            if begin:
                _examples(formatter, "To begin", begin)
            formatter.write_paragraph()
            formatter.write_text(AFTER)

    return Listing


def _examples(formatter: Any, title: str, examples: Iterable[Example]) -> None:  # noqa: ANN401
    """Write each example as it is typed: a line that is wrapped cannot be pasted."""
    with formatter.section(title):
        for words, what_for in examples:
            indent = " " * formatter.current_indent
            formatter.write(f"{indent}{PROGRAM} {words}\n{indent}    {what_for}\n")
