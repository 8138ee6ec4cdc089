"""The pages say what the code is: every list here is read from the code itself."""

import ast
import functools
import json
import os
import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from typer.main import get_command

from connector import errors
from connector.cli import app
from connector.commands import context
from connector.config.schema import File
from connector.engine import trouble
from connector.reports.meaning import REASONS
from connector.reports.words.endings import EXITS, OUTCOMES, STATUSES, TROUBLES
from connector.reports.words.guards import GUARDS
from connector.reports.words.reasons import REASONS as REASON_WORDS
from connector.reports.words.sales import STANDINGS
from connector.sandbox import switches
from connector.sandbox.switches import Switches

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PRODUCT = [
    *(
        path
        for name in ("connector", "mappings", "state")
        for path in (ROOT / name).rglob("*.py")
    )
]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
}
TEXT = "\n".join(PAGES.values())
TEMPLATE = (files("connector") / "commands" / "connector.toml").read_text("utf-8")


@functools.cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def product() -> Iterator[ast.AST]:
    """Yield all there is in the product's modules."""
    for path in PRODUCT:
        yield from nodes(path)


def texts_in(node: ast.AST) -> set[str]:
    """Return the texts that an expression can be; a name in it is one of two sides."""
    match node:
        case ast.Constant(value=str() as text):
            return {text}
        case ast.IfExp(body=one, orelse=other):
            return texts_in(one) | texts_in(other)
        case ast.JoinedStr(values=parts):
            return {
                "".join(
                    part.value if isinstance(part, ast.Constant) else side
                    for part in parts
                )
                for side in ("partnero", "tolt")
            }
    return set()


# --- the table ------------------------------------------------------------------------


MADE = sorted(
    path.relative_to(DOCS).with_suffix("").as_posix()
    for path in DOCS.rglob("*.py")
    if "def reference" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("page", MADE)
def test_a_page_that_is_made_from_the_code_is_up_to_date(page):
    made = subprocess.run(
        [sys.executable, DOCS / f"{page}.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        check=True,
    )

    assert (DOCS / f"{page}.md").read_bytes() == made.stdout


# --- every word -----------------------------------------------------------------------


def schema(name: str) -> dict:
    path = files("connector") / "schemas" / f"{name}.schema.json"
    return json.loads(path.read_text(encoding="utf-8"))


def exit_codes() -> list[int]:
    named = {
        value
        for name, value in vars(context).items()
        if name.isupper() and type(value) is int
    }
    assert len(named) > 8
    return sorted(named)


def guards() -> list[str]:
    refused = schema("plan")["$defs"]["refused"]
    (names,) = [
        one["properties"]["guard"]["enum"]
        for one in refused["oneOf"]
        if "properties" in one
    ]
    return names


WORDS = {
    "guard": (GUARDS, guards),
    "standing": (STANDINGS, lambda: schema("plan")["$defs"]["standing"]["enum"]),
    "outcome": (
        OUTCOMES,
        lambda: schema("run")["$defs"]["outcome"]["properties"]["outcome"]["enum"],
    ),
    "status": (STATUSES, lambda: schema("run")["properties"]["status"]["enum"]),
    "ending": (STATUSES, lambda: trouble.STATUSES),
    "trouble": (TROUBLES, lambda: trouble.REASONS),
    "exit code": (EXITS, exit_codes),
}


@pytest.mark.parametrize(("told", "given"), WORDS.values(), ids=WORDS)
def test_every_word_and_no_other_has_its_cause_and_way_out(told, given):
    assert sorted(told) == sorted(given())


def test_the_page_of_words_has_each_of_them_with_cause_and_way_out():
    page = PAGES["docs/words.md"]

    for words in (REASON_WORDS, *(table for table, _ in WORDS.values())):
        for name, word in words.items():
            row = re.search(rf"(?m)^\| `{name}` \| (.+) \| (.+) \| (.+) \|$", page)
            assert row, name
            assert all(len(text) > 2 for text in word), name


GIVEN = {"Finding": 0, "report": 0, "blocked": 1}
"""Calls that give a reason, and the place of the argument."""


def reasons_given() -> set[str]:
    given = set()
    for node in product():
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        words = [k.value for k in node.keywords if k.arg in ("reason", "kind")]
        words += node.args[GIVEN[name] :][:1] if name in GIVEN else []
        given |= {text for word in words for text in texts_in(word)}
    return {word for word in given if re.fullmatch(r"[a-z]+(_[a-z]+)*", word)}


def test_every_reason_that_the_program_gives_has_words():
    given = reasons_given()

    assert len(given) > 30
    assert given - REASONS.keys() == set()


def test_every_reason_that_has_words_is_given_somewhere():
    elsewhere = (path for path in PRODUCT if path.parent.name != "words")
    somewhere = {
        text for path in elsewhere for node in nodes(path) for text in texts_in(node)
    }

    assert REASONS.keys() - somewhere == set()


# --- commands, exit codes, settings ---------------------------------------------------


def commands(group=None, before: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    for name, command in (group or get_command(app)).commands.items():
        words = (*before, name)
        if hasattr(command, "commands"):
            yield from commands(command, words)
        else:
            yield " ".join(words), command


COMMANDS = dict(commands())
OPTIONS = sorted(
    {
        (name, option)
        for name, command in COMMANDS.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    }
)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_docs_and_says_what_it_does(name):
    assert re.search(rf"(?:`|partnero-tolt ){name}\b", TEXT)
    assert COMMANDS[name].help


def test_every_option_is_in_the_docs():
    assert len(OPTIONS) > 20
    missing = [
        f"{name} {option}"
        for name, option in OPTIONS
        if not re.search(rf"{option}\b(?!-)", TEXT)
    ]
    assert missing == []


def test_the_errors_end_with_exit_codes_of_the_program():
    raised = {int(number) for number in re.findall(r"exit (\d+)", errors.__doc__)}

    assert raised
    assert raised <= {*exit_codes()}


def settings(section=File, before: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        inner = [
            one
            for one in _types_in(field.annotation)
            if hasattr(one, "model_fields") and one is not section
        ]
        yield before + (field.alias or name)
        for one in inner:
            yield from settings(one, f"{before}{name}.")


def _types_in(annotation) -> Iterator[object]:
    yield annotation
    for one in typing.get_args(annotation):
        yield from _types_in(one)


SETTINGS = sorted({*settings()})


def test_every_setting_is_in_the_template_or_in_the_docs():
    assert len(SETTINGS) > 40
    missing = []
    for path in SETTINGS:
        name = path.rpartition(".")[2]
        written = re.search(
            rf"(?m)(?:^|[#{{] ?){name} = |^# ?\[+.*\b{name}\]|^\[.*\b{name}\]", TEMPLATE
        )
        if not written and not re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`", TEXT):
            missing.append(path)
    assert missing == []


def constants(pattern: str) -> set[str]:
    texts = {text for node in product() for text in texts_in(node)}
    return {text for text in texts if re.fullmatch(pattern, text)}


def test_every_variable_of_the_environment_is_in_the_docs():
    names = constants(r"PARTNERO_TOLT_[A-Z_]+")

    assert names
    assert {name for name in names if name not in TEXT} == set()


def test_every_error_stands_in_the_tree_of_errors():
    classes = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    tree = re.findall(r"^[│ ├└─]*(\w+)", errors.__doc__, re.MULTILINE)

    assert len(classes) > 8
    assert classes <= {*tree}


# --- the stand-ins --------------------------------------------------------------------


def test_every_switch_says_what_it_is():
    lines = Path(switches.__file__).read_text(encoding="utf-8").splitlines()
    silent = []
    for name in Switches().as_dict():
        (at,) = [n for n, line in enumerate(lines) if line.startswith(f"    {name}: ")]
        if "#" not in lines[at] and not lines[at - 1].lstrip().startswith("#"):
            silent.append(name)
    assert silent == []


def test_every_switch_that_a_page_names_is_one():
    page = PAGES["docs/standins.md"]
    named = {*re.findall(r"`(\w+_\w+)`", page), *re.findall(r"--switch (\w+)=", page)}

    assert named
    assert named <= Switches().as_dict().keys()


# --- what a page points at ------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_points_at_is_there(page):
    text, folder = PAGES[page], (ROOT / page).parent
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    paths = re.findall(
        r"`((?:connector|mappings|state|tests|docs|deploy)/[\w./*-]+)(?:::\w+)?`", text
    )
    gone = [link for link in links if not (folder / link).exists()]
    gone += [path for path in paths if not any(ROOT.glob(path))]

    assert gone == []


def anchors(page: Path) -> set[str]:
    """Return the headings of a page as a link names them, on GitHub and on the site."""
    text = re.sub(r"(?ms)^```.*?^```", "", page.read_text(encoding="utf-8"))
    titles = re.findall(r"(?m)^#+ (.+)$", text)
    return {
        re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
        for title in titles
    }


@pytest.mark.parametrize("page", PAGES)
def test_the_heading_that_a_link_names_is_there(page):
    links = re.findall(r"\]\((?!https?:)([^)\s]*)#([^)\s]+)\)", PAGES[page])
    gone = [
        f"{name}#{anchor}"
        for name, anchor in links
        if anchor not in anchors((ROOT / page).parent / name if name else ROOT / page)
    ]

    assert gone == []


def test_every_page_stands_in_the_list_of_all_pages():
    listed = {
        (DOCS / link).resolve().relative_to(ROOT).as_posix()
        for link in re.findall(r"(?m)^- \[[^\]]+\]\(([^)#]+)\)", PAGES["docs/index.md"])
    }
    decisions = {page for page in PAGES if page.startswith("docs/decisions/0")}

    assert PAGES.keys() - listed - decisions - {"README.md", "docs/index.md"} == set()


# --- promises -------------------------------------------------------------------------


def promises() -> list[tuple[str, str]]:
    rows = re.findall(r"(?m)^\| (.+?) \| (`tests/.+`) \|$", PAGES["docs/promises.md"])
    return [
        (promise, test)
        for promise, cell in rows
        for test in re.findall(r"`(.+?)`", cell)
    ]


def test_there_are_many_promises_and_each_has_a_test():
    table = re.findall(r"(?m)^\| (?!promise|---)(.+?) \|", PAGES["docs/promises.md"])

    assert len(table) > 30
    assert {promise for promise, _ in promises()} == set(table)


@pytest.mark.parametrize("named", sorted({test for _, test in promises()}))
def test_the_test_that_keeps_a_promise_is_there(named):
    path, _, name = named.partition("::")
    found = {node.name for node in nodes(ROOT / path) if hasattr(node, "name")}

    assert name in found
