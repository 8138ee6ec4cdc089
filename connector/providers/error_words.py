"""What an error answer says, in its product's shapes: short, inert, and masked."""

import json
import re

from mappings.masking import masked
from mappings.wire import Json

CONSIDERED, SHOWN = 4000, 300
"""Characters of a stranger's text that are looked at, and that are shown."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def json_of(content: bytearray) -> Json:
    """Return the JSON of an error, or None where it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def error_of(content: bytearray, key: str) -> tuple[str, str]:
    """Return message and stable code of an error body in any of its shapes."""
    text, word = _told(json_of(content))
    return short(text, key), short(word, key)


def _told(body: Json) -> tuple[str, str]:
    if not isinstance(body, dict):
        return "", ""
    inner = body.get("error")
    text = body.get("message")
    if isinstance(inner, dict):
        text, word = inner.get("message", text), inner.get("type", "")
    else:
        text, word = text or inner, body.get("code", "")
    shown = f"{text or ''}"[:CONSIDERED] + f" {_details(body.get('errors'))}"
    return shown.strip(), word if isinstance(word, str) else ""


def _details(errors: Json) -> str:
    if isinstance(errors, dict):
        return "; ".join(f"{name}: {_first(why)}" for name, why in errors.items())
    if isinstance(errors, list):
        named = [error for error in errors if isinstance(error, dict)]
        return "; ".join(
            f"{error.get('field')}: {error.get('message')}" for error in named
        )
    return ""


def _first(value: Json) -> str:
    return str(value[0]) if isinstance(value, list) and value else str(value)


def short(text: str, key: str = "") -> str:
    """Make a stranger's text inert and short, without our key and without addresses.

    It is cut first: nobody's text may cost more than it is worth.
    """
    text = text[:CONSIDERED]
    text = text.replace(key, "***") if key else text
    return _CONTROL.sub(" ", masked(text, dotless=True))[:SHOWN]
