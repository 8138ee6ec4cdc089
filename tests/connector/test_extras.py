"""Which words give an installation an extra: those of the tool that made it."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from connector.config.extras import MODULES, PACKAGES, Installed, install, installed

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
VENV = Installed(Path("/nowhere"), "/venv/bin/python", "pip")


def test_the_packages_of_an_extra_are_those_of_the_project():
    stated = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]

    assert stated.keys() == PACKAGES.keys() == MODULES.keys()
    for extra, lines in stated.items():
        wanted = [Requirement(line) for line in lines]
        named = [
            f"{one.name}[{','.join(one.extras)}]" if one.extras else one.name
            for one in wanted
        ]
        assert tuple(named) == PACKAGES[extra]


@pytest.mark.parametrize(
    ("here", "typed"),
    [
        (VENV, "/venv/bin/python -m pip install 'partnero-tolt[serve]'"),
        (VENV._replace(is_active=True), "pip install 'partnero-tolt[serve]'"),
        (
            VENV._replace(source="git+https://git.example/p@1", is_active=True),
            "pip install 'partnero-tolt[serve] @ git+https://git.example/p@1'",
        ),
        (
            VENV._replace(installer="uv", is_active=True),
            "uv pip install 'partnero-tolt[serve]'",
        ),
        (
            VENV._replace(installer="uv"),
            "uv pip install --python /venv/bin/python 'partnero-tolt[serve]'",
        ),
        (
            VENV._replace(editable="/my src", is_active=True),
            "pip install -e '/my src[serve]'",
        ),
        (
            VENV._replace(installer=""),
            "/venv/bin/python -m pip install prometheus-client standardwebhooks",
        ),
    ],
)
def test_an_environment_is_given_an_extra_by_what_made_it(here, typed):
    assert install("serve", here) == typed


def test_a_tools_own_environment_is_left_to_the_tool(tmp_path):
    here = VENV._replace(prefix=tmp_path, source="file:///src")

    (tmp_path / "pipx_metadata.json").touch()
    assert install("postgres", here) == "pipx inject partnero-tolt 'psycopg[binary]'"

    (tmp_path / "pipx_metadata.json").rename(tmp_path / "uv-receipt.toml")
    assert install("notify", here) == (
        "uv tool install --force 'partnero-tolt[notify] @ file:///src'"
    )


def test_this_installation_can_be_named():
    here = installed()

    assert Path(here.python).exists()
    assert not (here.source and here.editable)
