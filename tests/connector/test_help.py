"""The help: whoever has never seen the program finds in it what to type."""

import re
import shlex

import pytest
from typer.main import get_command

from connector.calls.command import EXITS
from connector.calls.table import GROUPS, INNER, NEW_HERE
from connector.cli import app
from connector.terminal.options import hoisted, level_typed
from tests.harness.program import called

COMMANDS = {
    words: command
    for before, group in [*[("", group) for group in GROUPS], *INNER]
    for command in group.commands
    for words in [f"{before} {command.name}".strip()]
}
EXAMPLES = [
    (words, example)
    for words, command in COMMANDS.items()
    for example in command.examples
]


def parsed(words):
    """Return the command and what it is given, as a shell and typer understand it."""
    group, left, name = get_command(app), hoisted(shlex.split(words)), []
    with group.make_context("x", left) as context:
        left = context._protected_args + context.args
        while hasattr(group, "get_command"):
            word, group, left = group.resolve_command(context, left)
            name.append(word)
            inner = group.make_context(word, left, parent=context)
            left = getattr(inner, "_protected_args", []) + inner.args
        return " ".join(name), inner.params


@pytest.mark.parametrize("words", COMMANDS)
def test_the_help_of_each_command_ends_in_examples_and_exit_codes(words):
    said = called(*words.split(), "-h")

    head, _, after = said.out.partition("\nExamples:\n")
    examples, _, exits = after.partition("\nExit codes:\n")
    told = [int(number) for number in re.findall(r"(?m)^  (\d+)  +\w", exits)]
    assert said.code == 0
    assert COMMANDS[words].help in re.sub(r"\s+", " ", head)
    assert f"  partnero-tolt {words.split()[0]}" in examples
    assert told == [*COMMANDS[words].exits]
    assert told == sorted(told)


@pytest.mark.parametrize(("words", "example"), EXAMPLES)
def test_each_example_is_a_command_that_is_understood(words, example):
    line = example.words.partition(" > ")[0]

    name, _ = parsed(line)

    assert name in COMMANDS
    assert example.what_for
    assert f"partnero-tolt {example.words}\n" in called(*words.split(), "--help").out


def test_each_command_has_an_example_of_its_own():
    of = {
        words: [parsed(e.words.partition(" > ")[0])[0] for e in command.examples]
        for words, command in COMMANDS.items()
    }

    assert [words for words, names in of.items() if words not in names] == []


def test_what_a_newcomer_is_told_to_type_first_is_there():
    said = called("--help").out

    for example in NEW_HERE:
        assert parsed(example.words)[0] in COMMANDS
        assert f"partnero-tolt {example.words}\n" in said


def test_the_help_lists_every_command_under_what_it_is_good_for():
    said = called("-h").out

    titles = [group.title for group in GROUPS]
    places = [said.index(f"\n{title}:\n") for title in titles]
    assert places == sorted(places)
    for group, place in zip(GROUPS, places, strict=True):
        part = said[place:].partition("\n\n")[0]
        listed = re.findall(r"(?m)^  (\w+)  +", part)
        assert listed == [command.name for command in group.commands]
        assert "..." not in re.sub(r"\b(state|fleet) \.\.\.", "", part)


@pytest.mark.parametrize(
    "option", ["-v, --verbose", "-q, --quiet", "-h, --help", "--version", "--pair"]
)
def test_the_help_lists_the_global_options(option):
    assert option in called("--help").out


def test_every_exit_code_has_words():
    for command in COMMANDS.values():
        assert {*command.exits} <= {*EXITS}
        assert {*command.says} <= {*command.exits}


@pytest.mark.parametrize("arguments", [["--version"], ["plan", "--version"]])
def test_the_version_is_shown_wherever_it_is_asked_for(arguments):
    said = called(*arguments)

    assert said.code == 0
    assert re.fullmatch(r"partnero-tolt \d+\.\d+\.\d+\n", said.out)


def test_what_stands_behind_two_dashes_is_no_option():
    assert parsed("explain -- --version")[1]["code"] == "--version"
    assert parsed("explain -- -v")[1]["code"] == "-v"


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("plan", "warning"),
        ("plan -v", "info"),
        ("-v plan -v", "debug"),
        ("plan -vv", "debug"),
        ("plan -q", "error"),
        ("plan -v --log-level error", "error"),
        ("-q plan --log-level=debug", "debug"),
    ],
)
def test_how_much_is_logged_is_said_in_short_or_in_full(line, level):
    assert level_typed(line.split()) == level
