"""The licences of what an SBOM names, as a table for a release: `make sbom`.

    licences.py SBOM LOCK

It is made only where the SBOM names what the lock does, in the same versions, and
nothing else.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CLASSIFIER = "License :: "


def table(document: dict[str, Any]) -> str:
    """Return a row for each package: name, version, licence, sorted by name."""
    parts = sorted(
        document.get("components", ()), key=lambda part: part["name"].lower()
    )
    rows = [
        f"| {part['name']} | {part.get('version', '')} | {_licence(part)} |"
        for part in parts
    ]
    return "\n".join(
        [
            "# Licences of what is in this release\n",
            "| package | version | licence |",
            "|---|---|---|",
            *rows,
        ]
    )


def _licence(part: dict[str, Any]) -> str:
    """Return what a package says of its licence, by an SPDX name where it has one."""
    said = list(dict.fromkeys(_said(part)))
    plain = [text for text in said if not text.startswith(CLASSIFIER)]
    named = plain or [text.rpartition(" :: ")[2] for text in said]
    return ", ".join(named) or "not told"


def _said(part: dict[str, Any]) -> Iterator[str]:
    for entry in part.get("licenses", ()):
        named = entry.get("license", {})
        text = entry.get("expression") or named.get("id") or named.get("name") or ""
        # Some packages put the whole text where its name belongs.
        yield from (line for line in text.strip().splitlines()[:1] if line)


def unlike(document: dict[str, Any], lock: str) -> list[str]:
    """Return what only one of both names: an SBOM, and a lock for this very system."""
    named = {
        f"{canonicalize_name(part['name'])}=={part.get('version', '')}"
        for part in document.get("components", ())
    }
    pins = [Requirement(line) for line in re.findall(r"(?m)^(\w[^\\\n]+?) *\\?$", lock)]
    locked = {
        f"{canonicalize_name(pin.name)}{pin.specifier}"
        for pin in pins
        if pin.marker is None or pin.marker.evaluate()
    }
    return sorted(named ^ locked)


if __name__ == "__main__":
    sbom, pinned = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:])
    read = json.loads(sbom)
    if others := unlike(read, pinned):
        sys.exit(f"The SBOM and the lock are not alike: {', '.join(others)}")
    sys.stdout.write(table(read) + "\n")
