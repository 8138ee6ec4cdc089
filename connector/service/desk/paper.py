"""How a page is made: the templates, the words on the buttons, and what is inert."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from connector.reports.ages import said_age
from connector.reports.safe import inert
from connector.service.answers import HEADERS
from connector.service.desk.words import LABELS, MEANINGS, on_a_page
from mappings.masking import masked

FOLDER = Path(__file__).parent / "templates"


def _inert(value: object) -> object:
    """Show what a browser would obey; what a template has made itself is let be."""
    return (
        inert(value) if isinstance(value, str) and type(value) is not Markup else value
    )


_PAGES = Environment(
    loader=PackageLoader("connector.service.desk"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_inert,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.globals.update(labels=LABELS, meanings=MEANINGS, said_age=said_age)
_PAGES.filters["on_a_page"] = on_a_page


def page(request: Request, name: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 (what a template is given)
    """Return a page; every link in it is relative, so that a proxy may put it below."""
    shown = _PAGES.get_template(f"{name}.html").render(
        {"news": None, "waits": 0, "several": False, "visitor": None, "here": name}
        | values
        | {"root": root_of(request.url.path)}
    )
    return Response(masked(shown), status, HEADERS, "text/html")


def root_of(path: str) -> str:
    """Return the way from a page to the first one, as a relative address."""
    return "../" * (path.count("/") - 1) or "./"


def onward(request: Request, place: str) -> Response:
    """Lead to another page, by a relative address."""
    return RedirectResponse(f"{root_of(request.url.path)}{place}", 303, HEADERS)


def style(_request: Request) -> Response:
    return _file("style.css", "text/css")


def script(_request: Request) -> Response:
    return _file("desk.js", "text/javascript")


def _file(name: str, kind: str) -> Response:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return Response(text, media_type=kind, headers=HEADERS)
