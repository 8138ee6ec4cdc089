"""What is printed to get an extra is typed, for each way to install the program."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASKED = "from connector.config.extras import {0}; print({0}('notify'))"
PIPX = "pipx install --quiet {what}"
UV_TOOL = "uv tool install --quiet {what}"
UV_VENV = (
    "uv venv --quiet --python {python} {at} && uv pip install --quiet --python {at}"
)
VENV = "{python} -m venv {at} && {at}/bin/python -m pip install --quiet {what}"
WAYS = {
    "pipx": (PIPX, "wheel", "pipx/venvs/partnero-tolt"),
    "pipx with a suffix": (
        *(PIPX + " --suffix=-two", "wheel", "pipx/venvs/partnero-tolt-two"),
    ),
    "uv tool": (UV_TOOL, "wheel", "tools/partnero-tolt"),
    "uv tool, a checkout": (UV_TOOL, "{root}", "tools/partnero-tolt"),
    "uv tool, editable": (UV_TOOL, "--editable {root}", "tools/partnero-tolt"),
    "uv tool, a file that is gone": (
        *(UV_TOOL + " && rm {what}", "wheel", "tools/partnero-tolt"),
    ),
    "uv": (UV_VENV + " {what}", "wheel", "environment"),
    "uv, editable": (UV_VENV + " {what}", "--editable {root}", "environment"),
    "pip": (VENV, "wheel", "environment"),
}


@pytest.fixture
def typed(tmp_path):
    """Type a line as a person would whose tools keep all they make in one folder."""
    own = {
        "PIPX_HOME": "pipx",
        "PIPX_BIN_DIR": "bin",
        "UV_TOOL_DIR": "tools",
        "UV_TOOL_BIN_DIR": "bin",
    }
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment |= {name: str(tmp_path / folder) for name, folder in own.items()}
    environment.pop("VIRTUAL_ENV", None)

    def line(command: str) -> str:
        ended = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )
        assert ended.returncode == 0, f"{command}: {ended.stderr}"
        return ended.stdout.strip()

    return line


@pytest.mark.slow
@pytest.mark.parametrize("row", WAYS.values(), ids=WAYS)
def test_what_is_printed_for_an_extra_adds_it(row, built, typed, tmp_path):
    way, what, place = row
    tool = way.partition(" ")[0]
    if tool != "{python}" and not shutil.which(tool):
        pytest.skip(f"{tool} is not here")
    (wheel,) = built.glob("*.whl")
    what = what.format(root=ROOT)
    if what == "wheel":
        what = shutil.copy(wheel, tmp_path)
    environment = tmp_path / place
    typed(way.format(python=sys.executable, at=environment, what=what))
    python = environment / "bin/python"

    def asked(name: str) -> str:
        return typed(f'{python} -c "{ASKED.format(name)}"')

    assert asked("is_there") == "False"
    typed(asked("install"))
    assert asked("is_there") == "True"
