"""What every page of a report is made with: templates, its own style and script.

A page needs nothing else: no network, no server. Its policy allows its own style and
script by their digests and nothing more; text from a provider is never markup.
"""

import base64
import hashlib
import json
import re
from itertools import zip_longest
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

UNSCRIPTED = "#count, .tools { display: none; }"
"""What is of no use where no script runs."""
_NUMBER = re.compile(r"(\d[\d.,:\-]*\d(?: [A-Z]{3}\b)?)")
Json = dict[str, Any]


def pages() -> Environment:
    """Return where the templates are; what is put into them is never markup."""
    environment = Environment(
        loader=PackageLoader("connector.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["whole"] = whole
    return environment


def whole(text: str) -> Markup:
    """Return text in which no date and no amount is broken at the end of a line."""
    parts = _NUMBER.split(text)
    kept = [Markup('<span class="nb">{}</span>').format(part) for part in parts[1::2]]
    shown = [escape(part) for part in parts[::2]]
    return Markup("").join(
        part for pair in zip_longest(shown, kept, fillvalue="") for part in pair
    )


def own_parts(environment: Environment, name: str, *scripts: str) -> Json:
    """Return a page's style and script, and the policy that allows nothing else."""
    style = _source(environment, "theme.css", f"{name}.css")
    script = _source(environment, *scripts, "sort.js")
    return {
        "policy": _policy(script, style, UNSCRIPTED),
        "style": style,
        "plain_style": UNSCRIPTED,
        "script": script,
    }


def _source(environment: Environment, *names: str) -> Markup:
    """Return packaged files; a browser takes their digest with plain line ends."""
    if environment.loader is None:
        raise LookupError(names)
    texts = (environment.loader.get_source(environment, name)[0] for name in names)
    text = "\n".join(text.replace("\r\n", "\n") for text in texts)
    return Markup(text)  # noqa: S704 (they are packaged with this)


def _policy(script: str, *styles: str) -> str:
    shown = " ".join(map(_hash, styles))
    return (
        f"default-src 'none'; style-src {shown}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def embedded(data: Json) -> Markup:
    """Return data for a script element: it holds no end tag, and is ASCII alone."""
    text = json.dumps(data, separators=(",", ":"))
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 (made inert just now)
