"""The site of the docs: built once, and what its pages link to."""

import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parents[2]


def built(folder: Path) -> Path:
    """Return the site, built as `make docs` does: any warning is an error."""
    made = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going"),
            *("-b", "html", "-d", folder / "trees", "-c", "docs", "."),
            folder / "site",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return folder / "site"


class Linked(HTMLParser):
    """What a page links to, what it loads, and the places in it that have names."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.page = page
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.names: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.names |= {said[word] for word in ("id", "name") if word in said}
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        loads = {"img": "src", "script": "src", "link": "href"}.get(tag)
        if loads and said.get(loads) and said.get("rel") != "search":
            self.loaded.append(said[loads])


def dead(site: Path) -> Iterator[str]:
    """Yield each link inside the site that leads nowhere: no file, or no such place."""
    pages = {page.resolve(): Linked(page) for page in sorted(site.rglob("*.html"))}
    for page, told in pages.items():
        for link in (*told.links, *told.loaded):
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            path = unquote(url.path)
            target = (page.parent / path).resolve() if path else page
            place = unquote(url.fragment)
            known = pages[target].names if target in pages else set()
            if not target.is_file() or (place and place not in known):
                yield f"{page.relative_to(site.resolve())}: {link}"
