"""What is wrong with a configuration, a line each: where, which key, what is allowed.

A value is repeated only where it can be no secret: not in a section that is about
secrets, and nowhere if it looks like a key.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from connector.config.lines import DEEPEST
from connector.config.places import Key, Places
from connector.config.schema import File
from mappings.discreet import HIDDEN, shown

MOST = 100
"""Problems that are told one by one."""
SECRET = frozenset(
    "api_key token view_token webhooks urls heartbeat_url url base_url listen".split()
)


def problems(places: Places, error: ValidationError) -> list[str]:
    """Return every problem that pydantic found, in its own line."""
    errors = error.errors(include_url=False)
    lines = [
        f"{places.named(key)}: {problem}"
        for key, problem in map(_problem, errors[:MOST])
    ]
    if len(errors) > MOST:
        lines.append(f"and {len(errors) - MOST} more")
    return lines


def _problem(error: Any) -> tuple[Key, str]:  # noqa: ANN401 (pydantic's own type)
    key: Key = error["loc"]
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        name = str(key[-1])
        return key, f"unknown key{nearest(name, _keys_beside(key))}"
    if error["type"] == "missing":
        return key, "is missing"
    if error["type"] == "value_error" or SECRET.intersection(map(str, key)):
        return key, message
    return key, f"{message}, got {shown(error['input'])}"


def _keys_beside(key: Key) -> list[str]:
    """Return the keys that are known where an unknown one stands."""
    model: Any = File
    for part in key[:-1]:
        if isinstance(part, int) or part not in model.model_fields:
            continue
        model = _inside(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _inside(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 (a type)
    candidates = (annotation, *getattr(annotation, "__args__", ()))
    sections = (kind for kind in candidates if isinstance(kind, type))
    return next((kind for kind in sections if issubclass(kind, BaseModel)), None)


def nearest(name: str, known: list[str]) -> str:
    """Say which known word is meant, or else which there are."""
    close = get_close_matches(name[:60], known, n=1)
    if close:
        return f" (did you mean {close[0]!r}?)"
    return f"; allowed are: {', '.join(known)}"


def unusable(raw: Mapping[str, Any]) -> Iterator[tuple[Key, str]]:
    """Yield the keys of texts that no setting can have: control characters."""
    left: list[tuple[Key, Any]] = [((), raw)]
    while left:
        key, value = left.pop()
        if len(key) > DEEPEST:
            yield key[:2], "is nested too deep"
        elif isinstance(value, str) and not _is_plain(value):
            yield key, "control characters (a line break, NUL) are not allowed"
        elif isinstance(value, dict):
            for name, item in value.items():
                if not _is_plain(name):
                    yield (*key, HIDDEN), "control characters in a key"
                left.append(((*key, name), item))
        elif isinstance(value, list):
            left += [((*key, number), item) for number, item in enumerate(value)]


def _is_plain(text: str) -> bool:
    return not any(sign < " " or "\x7f" <= sign <= "\x9f" for sign in text)
