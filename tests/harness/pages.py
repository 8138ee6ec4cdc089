"""The blocks of README and docs, and the commands in them."""

import functools
import re
import shlex
from pathlib import Path
from textwrap import dedent

from typer.main import get_command

from connector.cli import app, hoisted

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]
)
PROGRAM = r"(?:\.venv/bin/)?partnero-tolt"


@functools.cache
def program():
    return get_command(app)


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return the blocks of a page with their kind; what is indented are commands."""
    text = page.read_text(encoding="utf-8")
    fence = r"(?ms)^( *)```(\w*)\n(.*?)^ *```"
    fenced = [(kind, dedent(block)) for _, kind, block in re.findall(fence, text)]
    indented = re.findall(r"(?m)(?:^    \S.*\n)+", re.sub(fence, "", text))
    return fenced + [("sh", dedent(block)) for block in indented]


def lines(block: str) -> list[str]:
    """Return the commands of a block, each as one line."""
    whole = re.sub(r"\\\n\s*", "", block).splitlines()
    shown = [line.removeprefix("$ ") for line in whole if line.startswith("$ ")]
    return [line for line in shown or whole if line and not line.startswith("#")]


def commands(page: Path) -> list[str]:
    """Return the lines of its blocks that call the program, each once, as one line."""
    typed = [line for _, block in blocks(page) for line in lines(block)]
    ours = [line for line in typed if re.match(rf"{PROGRAM}\b", line)]
    ours = [re.sub(r"\s+#( .*)?$", "", line).strip() for line in ours]
    return [*dict.fromkeys(line.replace(".venv/bin/", "") for line in ours)]


def words(line: str) -> list[str]:
    """Return what the program is given of a line: not what the shell does with it."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|><&;")
    lexer.whitespace_split = True
    given = []
    for word in lexer:
        if set(word) <= set("|><&;"):
            break
        given.append(word)
    return given[1:]


def resolved(arguments: list[str]):
    """Return the command that is called, and its name; typer refuses what is wrong."""
    group, left, name = program(), hoisted(arguments), []
    with group.make_context("x", left) as context:
        left = context._protected_args + context.args
        while hasattr(group, "get_command"):
            word, group, left = group.resolve_command(context, left)
            name.append(word)
            if not hasattr(group, "get_command"):
                group.make_context(word, left, parent=context)
        return " ".join(name), group
