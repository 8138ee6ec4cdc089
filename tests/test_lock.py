"""The lock files are in step with pyproject.toml.

They are compared with each other and with the requirements, by text alone: that
needs neither uv nor a network, and so it runs wherever the tests do. What it cannot
see is whether newer releases exist; `make lock LOCKFLAGS=--upgrade` is for that.
"""

import re
import tomllib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, requires
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
DEV = [
    *RUNTIME,
    *EXTRAS["serve"],
    *EXTRAS["postgres"],
    *EXTRAS["notify"],
    *EXTRAS["fleet"],
    *GROUPS["docs"],
    *GROUPS["release"],
    *(entry for entry in GROUPS["dev"] if isinstance(entry, str)),
]
# What the image installs, and nothing of what only the tests need.
IMAGE = [
    *RUNTIME,
    *GROUPS["image"],
    *EXTRAS["serve"],
    *EXTRAS["postgres"],
    *EXTRAS["notify"],
    *EXTRAS["fleet"],
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


each = pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        pytest.param("requirements.lock", RUNTIME, id="runtime"),
        pytest.param("requirements-dev.lock", DEV, id="dev"),
        pytest.param("requirements-image.lock", IMAGE, id="image"),
    ],
)


@each
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


@each
def test_nothing_stays_that_is_no_longer_required(lock, wanted):
    names = {canonicalize_name(Requirement(text).name) for text in wanted}

    assert asked_for_here(lock) == names, "run make lock"


def test_the_dev_lock_holds_the_runtime_lock_pin_for_pin():
    dev, runtime = entries("requirements-dev.lock"), entries("requirements.lock")

    assert runtime
    for key, (pin, _) in runtime.items():
        name = key.partition("|")[0]  # an extra may need on all systems what one needs
        same = dev.get(key) or dev[f"{name}|None"]
        assert same[0].specifier == pin.specifier, "run make lock"


def test_the_image_lock_is_a_part_of_the_dev_lock_hash_by_hash():
    def hashes(rest: str) -> set[str]:
        return set(re.findall(r"--hash=(\S+)", rest))

    dev = {
        pin.name: (pin, rest) for pin, rest in entries("requirements-dev.lock").values()
    }
    image = entries("requirements-image.lock")
    assert image
    for pin, rest in image.values():
        known, theirs = dev[pin.name]
        assert known.specifier == pin.specifier, "run make lock"
        assert hashes(theirs) == hashes(rest), "run make lock"


def test_the_image_lock_names_all_that_its_packages_need():
    """pip refuses a package without a hash, also one that only another one needs."""
    pinned = {
        canonicalize_name(p.name)
        for p, _ in entries("requirements-image.lock").values()
    }
    left, seen = [Requirement(text) for text in IMAGE], set()
    while left:
        asked = left.pop()
        if (asked.name, str(asked.extras)) in seen:
            continue
        seen.add((asked.name, str(asked.extras)))
        assert canonicalize_name(asked.name) in pinned, "run make lock"
        with suppress(PackageNotFoundError):  # the tests do without time zones
            needed = [Requirement(text) for text in requires(asked.name) or []]
            named = [{"extra": one} for one in (*asked.extras, "")]
            left += [
                one
                for one in needed
                if one.marker is None or any(map(one.marker.evaluate, named))
            ]


def test_the_build_backend_that_is_pinned_is_the_one_that_builds():
    assert GROUPS["build"] == PYPROJECT["build-system"]["requires"]


@each
def test_no_lock_names_a_registry(lock, wanted):
    assert len(entries(lock)) >= len(wanted)
    assert "://" not in (ROOT / lock).read_text()
