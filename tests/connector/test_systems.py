"""Linux and macOS are supported; Windows is refused with a sentence."""

import subprocess
import sys

import pytest

from connector.terminal.system import unsupported

ON_WINDOWS = """
import sys
from connector import cli
sys.platform = "win32"
sys.argv = ["partnero-tolt", "plan"]
cli.main()
"""
NOT_INSTALLED = """
import importlib.metadata, sys
def gone(name):
    raise importlib.metadata.PackageNotFoundError(name)
importlib.metadata.version = gone
sys.argv = ["partnero-tolt", "--version"]
from connector.cli import main
main()
"""
IMPORTS = """
import ast, sys, connector.cli
for module in [m for n, m in sys.modules.items() if n.startswith("connector")]:
    for node in ast.walk(ast.parse(open(module.__file__).read())):
        if isinstance(node, ast.Import) and node.col_offset == 0:
            print(*(alias.name for alias in node.names))
"""


@pytest.mark.parametrize("platform", ["linux", "darwin", "freebsd14"])
def test_a_unix_is_a_system_to_run_on(platform):
    assert unsupported(platform) == ""


@pytest.mark.parametrize("platform", ["win32", "cygwin", "msys"])
def test_windows_is_told_what_to_use_instead(platform):
    sentence = unsupported(platform)

    assert "Nothing was read or written" in sentence
    assert "wsl --install" in sentence


def test_on_windows_the_program_ends_before_it_does_anything():
    """All that is imported by then is there on Windows too."""
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            ON_WINDOWS,
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("partnero-tolt: this program runs on Linux")
    assert ended.stderr.count("\n") == 1


def test_nothing_that_the_command_line_needs_to_start_is_a_unix_alone():
    only_unix = "fcntl grp pwd resource termios tty".split()
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            IMPORTS,
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    names = ended.stdout.split()
    assert "signal" in names
    assert not set(names) & set(only_unix)


def test_a_program_that_is_run_from_its_sources_still_has_a_version():
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            NOT_INSTALLED,
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "partnero-tolt (run from its sources, not installed)\n"
