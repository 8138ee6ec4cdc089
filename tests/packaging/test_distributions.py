"""What is built can be installed into an empty environment, and does the main job."""

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PYTHONS = [
    name
    for minor in range(11, 15)
    if (name := shutil.which(f"python3.{minor}"))
    and not subprocess.run(
        [name, "-c", "import venv, ensurepip"], check=False, capture_output=True
    ).returncode
]


@pytest.fixture(scope="session")
def wheel(built):
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def sdist(built):
    (found,) = built.glob("*.tar.gz")
    return found


@pytest.fixture(scope="session")
def names(sdist):
    """The names of the files in the sdist, without its folder."""
    with tarfile.open(sdist) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


@pytest.fixture(scope="session")
def packed(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_has_every_file_of_the_three_packages_and_nothing_else(packed):
    ours = {
        path.relative_to(ROOT).as_posix()
        for name in ("connector", "mappings", "state")
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    others = {name for name in packed if ".dist-info/" not in name}

    assert others == ours


def test_who_gets_the_sdist_can_read_build_and_test_it(names):
    tests = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/**/*.py")}

    assert tests <= names
    assert {
        *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile"),
        *("pyproject.toml", ".pre-commit-config.yaml", "docs/architecture.md"),
        *("requirements.lock", "requirements-dev.lock", "requirements-image.lock"),
        *("deploy/Dockerfile", ".github/workflows/ci.yml"),
    } <= names


def test_the_sdist_has_nothing_that_was_left_behind(names):
    parts = {part for name in names for part in Path(name).parts}
    at_the_top = {name.partition("/")[0] for name in names}

    assert not parts & {"__pycache__", ".venv", ".git"}
    assert "site" not in at_the_top
    assert "connector.toml" not in names
    assert not [name for name in names if name.endswith((".db", ".pyc"))]


def test_the_metadata_says_what_it_is(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith("/METADATA")]
        told = message_from_string(archive.read(name).decode())

    assert told["License-Expression"] == "MIT"
    assert told["Description-Content-Type"] == "text/markdown"
    assert told.get_payload().startswith("# partnero-tolt")
    assert "Operating System :: MacOS" in told.get_all("Classifier")
    assert set(told.get_all("Provides-Extra")) == set(PROJECT["optional-dependencies"])
    # The name is nobody's on an index yet: no one uploads it by mistake.
    assert "Private :: Do Not Upload" in told.get_all("Classifier")


def test_every_dependency_says_from_which_version_on(sdist):
    extras = [
        line for lines in PROJECT["optional-dependencies"].values() for line in lines
    ]
    for line in (*PROJECT["dependencies"], *extras):
        assert ">=" in str(Requirement(line).specifier), line


# --- installed ------------------------------------------------------------------------


@pytest.fixture
def empty(tmp_path):
    """Make an empty environment of a Python, and return what is run in it."""

    def make(python: str):
        folder = tmp_path / "environment"
        subprocess.run([python, "-m", "venv", folder], check=True)
        return folder / "bin"

    return make


def install(place: Path, what: str | Path) -> None:
    """Install it by uv where that is there, else by the environment's own pip."""
    pip = [place / "python", "-m", "pip", "install", "--quiet", what]
    uv = ["uv", "pip", "install", "--quiet", "--python", place / "python", what]
    subprocess.run(uv if shutil.which("uv") else pip, check=True, timeout=500)


def run(place: Path, *words: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [place / "partnero-tolt", *words],
        cwd=at,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS, ids=lambda path: Path(path).name)
def test_the_wheel_does_the_main_job_in_an_empty_environment(
    python, wheel, empty, tmp_path
):
    place = empty(python)
    install(place, wheel)

    told = run(place, "demo", at=tmp_path)

    assert told.returncode == 0, told.stderr
    assert "equal" in told.stdout or "in step" in told.stdout


@pytest.mark.slow
def test_the_sdist_is_installed_and_an_extra_is_named_by_its_file(
    sdist, empty, tmp_path
):
    place = empty(sys.executable)
    install(place, sdist)

    assert run(place, "--version", at=tmp_path).stdout.startswith("partnero-tolt ")
    asked = "from connector.config.extras import install; print(install('serve'))"
    told = subprocess.run(
        [place / "python", "-c", asked], capture_output=True, text=True, check=True
    )
    assert f"'partnero-tolt[serve] @ {sdist.as_uri()}'" in told.stdout
