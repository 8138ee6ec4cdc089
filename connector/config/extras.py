"""The extras: whether one is there, and how this installation gets it.

The words fit the way in which the program was installed: what pip would do to a tool's
own environment, the next upgrade undoes. The name of this project is asked of no index
by them: there it may be somebody else's.
"""

import json
import os
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
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
        "fleet": ("procrastinate", "psycopg"),
    }
)
PACKAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "notify": ("apprise",),
        "serve": ("prometheus-client", "standardwebhooks"),
        "postgres": ("psycopg[binary]",),
        "fleet": ("procrastinate", "psycopg[binary]"),
    }
)


class Installed(NamedTuple):
    """How this program was installed: its environment, by whom, from where.

    ``source`` is the address of a file or a repository, ``folder`` that of a checkout;
    both are "" where neither is known, or is not there any more (``is_gone``).
    """

    prefix: Path
    python: str
    installer: str = ""
    source: str = ""
    folder: str = ""
    is_editable: bool = False
    is_active: bool = False
    is_gone: bool = False


def is_there(extra: str) -> bool:
    return all(find_spec(module) is not None for module in MODULES[extra])


def install(extra: str, here: Installed | None = None) -> str:
    """Return what to type, so that this installation has an extra."""
    here = here or installed()
    packages = " ".join(map(quote, PACKAGES[extra]))
    origin = _origin(extra, here)
    if (here.prefix / "pipx_metadata.json").exists():
        return f"pipx inject {quote(here.prefix.name)} {packages}"
    editable = "-e " if here.is_editable and origin else ""
    # What came from a file that is gone can be installed by no tool once more.
    if (here.prefix / "uv-receipt.toml").exists() and not here.is_gone:
        added = "".join(f"--with {quote(package)} " for package in PACKAGES[extra])
        return f"uv tool install --force {editable}{origin or added + NAME}"
    # Without an origin, what the extra needs goes beside what is there.
    return f"{_pip(here)} {editable}{origin or packages}"


def _origin(extra: str, here: Installed) -> str:
    """Return where the program came from, with an extra; "": that is not known."""
    if here.folder:
        return quote(f"{here.folder}[{extra}]")
    return quote(f"{NAME}[{extra}] @ {here.source}") if here.source else ""


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
    told = _told(found.read_text("direct_url.json"))
    return told._replace(
        prefix=prefix, python=sys.executable, installer=installer, is_active=is_active
    )


def _told(direct_url: str | None) -> Installed:
    """Return from which address or folder a package came, as its installer noted."""
    unknown = Installed(Path(), "")
    try:
        told = json.loads(direct_url or "{}")
    except ValueError:
        return unknown
    url = str(told.get("url", ""))
    path = unquote(urlsplit(url).path)
    is_local = url.startswith("file://")
    if not url or (is_local and not Path(path).exists()):
        return unknown._replace(is_gone=bool(url))
    if "dir_info" in told:
        is_editable = bool(told["dir_info"].get("editable"))
        return unknown._replace(folder=path, is_editable=is_editable)
    vcs = told.get("vcs_info", {}).get("vcs")
    plain = url if is_local else shown_url(url)
    return unknown._replace(source=f"{vcs}+{plain}" if vcs else plain)
