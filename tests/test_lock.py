"""The lock files are in step with pyproject.toml.

They are compared with each other and with the requirements, by text alone: that
needs neither uv nor a network, and so it runs wherever the tests do. What it cannot
see is whether newer releases exist; `make lock LOCKFLAGS=--upgrade` is for that.
"""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
GROUPS = PYPROJECT["dependency-groups"]
EXTRAS = PROJECT["optional-dependencies"]

RUNTIME = [*PROJECT["dependencies"], *GROUPS["build"]]
# The extra `fleet` is left out: nothing in the tests needs it.
DEV = [
    *RUNTIME,
    *EXTRAS["serve"],
    *EXTRAS["postgres"],
    *EXTRAS["notify"],
    *(entry for entry in GROUPS["dev"] if isinstance(entry, str)),
]

# name==version, its hashes, then the comments that say who asked for it
ENTRY = re.compile(r"^(?P<pin>\S.*?) \\\n(?P<rest>(?:    .*\n)+)", re.MULTILINE)


def entries(lock: str) -> dict[str, tuple[Requirement, str]]:
    text = (ROOT / lock).read_text()
    pins = ((Requirement(e["pin"]), e["rest"]) for e in ENTRY.finditer(text))
    return {f"{canonicalize_name(pin.name)}|{pin.marker}": (pin, r) for pin, r in pins}


def asked_for_here(lock: str) -> set[str]:
    return {
        canonicalize_name(pin.name)
        for pin, rest in entries(lock).values()
        if "partnero-tolt (pyproject.toml" in rest
    }


both = pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        pytest.param("requirements.lock", RUNTIME, id="runtime"),
        pytest.param("requirements-dev.lock", DEV, id="dev"),
    ],
)


@both
def test_each_requirement_is_met_by_its_pins(lock, wanted):
    pins = [pin for pin, _ in entries(lock).values()]

    for requirement in map(Requirement, wanted):
        name = canonicalize_name(requirement.name)
        found = [pin for pin in pins if canonicalize_name(pin.name) == name]
        assert found, f"{lock} has no {name}: run make lock"
        for pin in found:
            version = str(pin.specifier).removeprefix("==")
            assert version in requirement.specifier, f"{lock} pins {pin}: run make lock"
            assert requirement.extras <= pin.extras, f"{lock} pins {pin}: run make lock"


@both
def test_nothing_stays_that_is_no_longer_required(lock, wanted):
    names = {canonicalize_name(Requirement(text).name) for text in wanted}

    assert asked_for_here(lock) == names, "run make lock"


def test_the_dev_lock_holds_the_runtime_lock_pin_for_pin():
    dev = entries("requirements-dev.lock")

    for key, (pin, _) in entries("requirements.lock").items():
        assert dev[key][0].specifier == pin.specifier, "run make lock"


def test_the_build_backend_that_is_pinned_is_the_one_that_builds():
    assert GROUPS["build"] == PYPROJECT["build-system"]["requires"]


@both
def test_no_lock_names_a_registry(lock, wanted):
    assert wanted
    assert "://" not in (ROOT / lock).read_text()
