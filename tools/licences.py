"""The licences of what an SBOM names, as a table for a release: `make sbom`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


if __name__ == "__main__":
    read = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.stdout.write(table(read) + "\n")
