"""The documentation site: Sphinx, MyST and Furo, from the Markdown as it lies here.

The pages are plain Markdown that can be read in the repository, and their links are
those of files. So the root of the project is the source, README.md is the first page,
and the menu is made from the lists of docs/index.md: there is no second table of
contents, and no directive in any page. `make docs` builds it, and takes every warning
for an error: a link that leads nowhere, a page that is in no list.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
INDEX = ROOT / "docs" / "index.md"

project = "partnero-tolt"
author = "partnero-tolt contributors"
copyright = author  # noqa: A001 (the name that Sphinx asks for)
release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
extensions = ["myst_parser"]
root_doc = "README"
source_suffix = {".md": "markdown"}
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/**.md",
]
nitpicky = True
smartquotes = False  # "--slots" and "" are typed as they stand there
myst_heading_anchors = 4
myst_enable_extensions = ["tasklist"]
myst_links_external_new_tab = False
# `toml` needs no colours, and no lexer that stumbles over "...".
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = "partnero-tolt"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["site/static"]
html_extra_path = ["site/root"]  # its index.html leads to the first page
html_css_files = ["site.css"]
# Nothing is loaded from anywhere else, and no page tells anybody who reads it.
html_theme_options: dict[str, Any] = {"navigation_with_keys": True}


def menu(index: str) -> str:
    """Return the menu as MyST has it: a toctree for each list under a heading."""
    trees = ["```{toctree}\n:hidden:\n\n/docs/index\n```"]
    for section in re.split(r"(?m)^## ", index)[1:]:
        title = section.partition("\n")[0]
        pages = re.findall(r"(?m)^- \[([^\]]+)\]\(([^)#]+)\.md\)", section)
        lines = "\n".join(f"{name} </{_place(page)}>" for name, page in pages)
        trees.append(
            f"```{{toctree}}\n:hidden:\n:caption: {title}\n:maxdepth: 1\n\n{lines}\n```"
        )
    return "\n\n" + "\n\n".join(trees) + "\n"


def _place(page: str) -> str:
    """Return a page of the list as it is named from the root."""
    return (INDEX.parent / page).resolve().relative_to(ROOT).as_posix()


DECISIONS = "\n\n```{toctree}\n:hidden:\n:glob:\n\n0*\n```\n"


def add_menu(_app: object, name: str, source: list[str]) -> None:
    """Give the first page the menu, and the page of all decisions theirs."""
    if name == root_doc:
        source[0] += menu(INDEX.read_text(encoding="utf-8"))
    elif name == "docs/decisions/index":
        source[0] += DECISIONS


def setup(app: Any) -> None:  # noqa: ANN401 (Sphinx is no dependency of the types)
    """Hear of each page before it is read."""
    app.connect("source-read", add_menu)
