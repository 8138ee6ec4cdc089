"""The extras: whether one is there, and how this installation gets it.

The words fit the way in which the program was installed: what pip would do to a tool's
own environment, the next upgrade undoes.
"""

import json
import os
import sys
from collections.abc import Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from mappings.discreet import shown_url

NAME = "partnero-tolt"
MODULES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "notify": ("apprise",),
        "serve": ("prometheus_client", "standardwebhooks"),
        "postgres": ("psycopg",),
        "fleet": ("procrastinate",),
    }
)
PACKAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "notify": ("apprise",),
        "serve": ("prometheus-client", "standardwebhooks"),
        "postgres": ("psycopg[binary]",),
        "fleet": ("procrastinate",),
    }
)


class Installed(NamedTuple):
    """How this program was installed: its environment, by whom, from where.

    ``source`` is "" for a package from an index, ``editable`` a checkout's folder.
    """

    prefix: Path
    python: str
    installer: str = ""
    source: str = ""
    editable: str = ""
    is_active: bool = False


def is_there(extra: str) -> bool:
    return all(find_spec(module) is not None for module in MODULES[extra])


def install(extra: str, here: Installed | None = None) -> str:
    """Return what to type, so that this installation has an extra."""
    here = here or installed()
    wanted = f"{NAME}[{extra}]"
    origin = quote(f"{wanted} @ {here.source}" if here.source else wanted)
    packages = " ".join(map(quote, PACKAGES[extra]))
    if (here.prefix / "pipx_metadata.json").exists():
        return f"pipx inject {NAME} {packages}"
    if (here.prefix / "uv-receipt.toml").exists():
        return f"uv tool install --force {origin}"
    if here.editable:
        return f"{_pip(here)} -e {quote(f'{here.editable}[{extra}]')}"
    # Without an installer it is run from a folder: what it needs goes beside it.
    return f"{_pip(here)} {origin if here.installer else packages}"


def _pip(here: Installed) -> str:
    if here.installer == "uv":
        python = "" if here.is_active else f" --python {quote(here.python)}"
        return f"uv pip install{python}"
    return "pip install" if here.is_active else f"{quote(here.python)} -m pip install"


def installed() -> Installed:
    """Look how this program was installed."""
    prefix = Path(sys.prefix)
    is_active = os.environ.get("VIRTUAL_ENV") == sys.prefix
    try:
        found = distribution(NAME)
    except PackageNotFoundError:
        return Installed(prefix, sys.executable, is_active=is_active)
    installer = (found.read_text("INSTALLER") or "pip").strip()
    source, editable = _origin(found)
    return Installed(prefix, sys.executable, installer, source, editable, is_active)


def _origin(found: Distribution) -> tuple[str, str]:
    """Return from which address a package came, or which folder it is linked to."""
    try:
        told = json.loads(found.read_text("direct_url.json") or "{}")
    except ValueError:
        told = {}
    url = str(told.get("url", ""))
    if told.get("dir_info", {}).get("editable"):
        return "", unquote(urlsplit(url).path)
    vcs = told.get("vcs_info", {}).get("vcs")
    if not url:
        return "", ""
    plain = url if url.startswith("file://") else shown_url(url)
    return (f"{vcs}+{plain}" if vcs else plain), ""
