"""docs/decisions/index.md: the decisions by their headings. Run by `make pages`."""

import sys
from pathlib import Path

INTRODUCTION = """\
# Decisions

Each page is one choice that was worth arguing about: what it was made for, what was
chosen, and what was given up. A number is never used again, and gaps mean nothing.
"""


def reference() -> str:
    """Return the whole page."""
    lines = [INTRODUCTION]
    for page in sorted(Path(__file__).parent.glob("[0-9]*.md")):
        title = page.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        lines.append(f"- [{title}]({page.name})")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(reference() + "\n")
