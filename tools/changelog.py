"""One version's section of CHANGELOG.md, as the notes of its release."""

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).parent.parent / "CHANGELOG.md"


def section(text: str, version: str) -> str:
    """Return what stands below a version's heading; a ValueError: there is none."""
    heading = rf"(?m)^## \[{re.escape(version)}\].*$"
    found = re.split(heading, text)
    if len(found) != 2:
        raise ValueError(f"CHANGELOG.md has no section ## [{version}]")
    body = re.split(r"(?m)^## \[|^\[[^\]]+\]: ", found[1])[0].strip()
    if not body:
        raise ValueError(f"the section ## [{version}] of CHANGELOG.md is empty")
    return body


if __name__ == "__main__":
    try:
        told = section(CHANGELOG.read_text(encoding="utf-8"), sys.argv[1])
    except ValueError as why:
        sys.exit(str(why))
    sys.stdout.write(told + "\n")
