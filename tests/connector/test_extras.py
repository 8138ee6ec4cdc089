"""Which words give an installation an extra: those of the tool that made it."""

import json
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from connector.config.extras import (
    MODULES,
    PACKAGES,
    Installed,
    _told,
    install,
    installed,
)

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


PACKAGES_OF_SERVE = "prometheus-client standardwebhooks"
FOLDER = VENV._replace(folder="/my src", is_active=True)


@pytest.mark.parametrize(
    ("here", "typed"),
    [
        pytest.param(
            VENV,
            f"/venv/bin/python -m pip install {PACKAGES_OF_SERVE}",
            id="by name from an index, or a file that is gone",
        ),
        pytest.param(
            VENV._replace(is_active=True),
            f"pip install {PACKAGES_OF_SERVE}",
            id="the same, in an active environment",
        ),
        pytest.param(
            VENV._replace(source="git+https://git.example/p@1", is_active=True),
            "pip install 'partnero-tolt[serve] @ git+https://git.example/p@1'",
            id="a repository",
        ),
        pytest.param(
            VENV._replace(source="file:///d/partnero_tolt-1-py3-none-any.whl"),
            "/venv/bin/python -m pip install "
            "'partnero-tolt[serve] @ file:///d/partnero_tolt-1-py3-none-any.whl'",
            id="a wheel",
        ),
        pytest.param(
            VENV._replace(installer="uv", is_active=True),
            f"uv pip install {PACKAGES_OF_SERVE}",
            id="uv pip",
        ),
        pytest.param(
            VENV._replace(installer="uv", folder="/src"),
            "uv pip install --python /venv/bin/python '/src[serve]'",
            id="uv pip, a checkout",
        ),
        pytest.param(FOLDER, "pip install '/my src[serve]'", id="a checkout"),
        pytest.param(
            FOLDER._replace(is_editable=True),
            "pip install -e '/my src[serve]'",
            id="an editable checkout",
        ),
        pytest.param(
            VENV._replace(installer=""),
            f"/venv/bin/python -m pip install {PACKAGES_OF_SERVE}",
            id="run from a folder, not installed",
        ),
    ],
)
def test_an_environment_is_given_an_extra_by_what_made_it(here, typed):
    assert install("serve", here) == typed


@pytest.mark.parametrize(
    ("here", "typed"),
    [
        pytest.param(
            VENV._replace(folder="/src"), "'/src[notify]'", id="from a checkout"
        ),
        pytest.param(
            VENV._replace(folder="/src", is_editable=True),
            "-e '/src[notify]'",
            id="from an editable checkout",
        ),
        pytest.param(
            VENV._replace(source="git+https://git.example/p@1"),
            "'partnero-tolt[notify] @ git+https://git.example/p@1'",
            id="from a repository",
        ),
        pytest.param(VENV, "--with apprise partnero-tolt", id="by name"),
    ],
)
def test_a_tools_own_environment_is_left_to_the_tool(here, typed, tmp_path):
    # pipx calls an environment by the name of its folder, which may have a suffix.
    prefix = tmp_path / "partnero-tolt-two"
    prefix.mkdir()
    here = here._replace(prefix=prefix)

    (prefix / "pipx_metadata.json").touch()
    added = "pipx inject partnero-tolt-two 'psycopg[binary]'"
    assert install("postgres", here) == added

    (prefix / "pipx_metadata.json").rename(prefix / "uv-receipt.toml")
    assert install("notify", here) == f"uv tool install --force {typed}"


def test_a_tool_is_not_told_to_fetch_what_came_from_a_file_that_is_gone(tmp_path):
    """By its name it would be asked of an index, where that may be somebody else's."""
    (tmp_path / "uv-receipt.toml").touch()
    gone = _told(json.dumps({"url": f"{tmp_path.as_uri()}/p.whl", "archive_info": {}}))
    here = gone._replace(prefix=tmp_path, python="/t/bin/python", installer="uv")

    assert install("notify", here) == "uv pip install --python /t/bin/python apprise"


@pytest.mark.parametrize("extra", MODULES)
def test_no_index_is_asked_for_a_name_that_may_be_somebody_elses(extra):
    assert "partnero-tolt" not in install(extra, VENV)


def told(**members) -> Installed:
    return _told(json.dumps(members))


def test_where_it_came_from_is_what_the_installer_noted(tmp_path):
    wheel = tmp_path / "partnero tolt.whl"
    wheel.touch()
    folder, commit = tmp_path.as_uri(), {"vcs": "git", "commit_id": "1"}

    assert told(url=folder, dir_info={}).folder == str(tmp_path)
    assert told(url=folder, dir_info={"editable": True}).is_editable
    assert told(url=wheel.as_uri(), archive_info={}).source == wheel.as_uri()
    assert told(url="https://git.example/p", vcs_info=commit).source == (
        "git+https://git.example/p"
    )


def test_what_is_not_there_any_more_is_no_origin(tmp_path):
    gone = (tmp_path / "gone").as_uri()

    nowhere = Installed(Path(), "")

    assert told(url=gone, dir_info={}) == nowhere._replace(is_gone=True)
    assert told(url=f"{gone}.whl", archive_info={}) == nowhere._replace(is_gone=True)
    assert _told(None) == _told("{") == told() == nowhere


def test_a_password_in_an_address_is_not_repeated():
    commit = {"vcs": "git", "commit_id": "1"}

    assert "s3cret" not in told(url="https://u:s3cret@git.x/p", vcs_info=commit).source


def test_this_installation_can_be_named():
    here = installed()

    assert Path(here.python).exists()
    assert not (here.source and here.folder)
