"""What is wrong with a configuration, a line each: where, which key, what is allowed.

A value is repeated only where it can be no secret: not in a section that is about
secrets, and nowhere if it looks like a key.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from connector.config.lines import DEEPEST
from connector.config.merge import NOT_FOR_ALL
from connector.config.places import Key, Places
from connector.config.problem_lines import MOST, Told
from connector.config.schema import File, PairSection
from mappings.discreet import HIDDEN, shown

_KINDS = {
    "bool": "true or false",
    "date": "a date, like 2026-01-31",
    "decimal": "a number",
    "dict": "a table",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "model": "a table",
    "string": "a text",
}
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_OF_ANOTHER_KIND = ("_type", "_parsing", "_from_float", "_inexact")
SECRET = frozenset(
    "api_key token view_token webhooks urls heartbeat_url url base_url listen".split()
)


def problems(places: Places, error: ValidationError, before: Key = ()) -> Told:
    """Return every problem that pydantic found, in its own line, each of them once.

    What [defaults] says wrong is wrong in every pair, and is told once. ``before`` is
    where in the document the part stands that was checked.
    """
    found: dict[tuple[Key, str], Any] = {}
    for one in error.errors(include_url=False):
        key = places.settled((*before, *one["loc"]))
        found.setdefault((key, one["msg"]), {**one, "loc": key})
    few = map(_problem, list(found.values())[:MOST])
    lines = [f"{places.named(key)}: {problem}" for key, problem in few]
    return Told(lines, max(0, len(found) - MOST))


def in_defaults(places: Places, stated: Any, usable: Mapping[str, Any]) -> Told:  # noqa: ANN401 (raw TOML)
    """Return what is wrong with [defaults], also where no pair takes it from there."""
    if not isinstance(stated, dict):
        return Told([f"{places.named(('defaults',))}: allowed is a table, [defaults]"])
    lines = [
        f"{places.named(('defaults', name))}: unknown key; {why}"
        for name, why in _NOT_FOR_ALL.items()
        if name in stated
    ]
    found: list[Any] = []
    try:
        PairSection.model_validate(usable)
    except ValidationError as error:
        found += [
            {**one, "loc": ("defaults", *one["loc"])}
            for one in error.errors(include_url=False)
            if one["type"] != "missing" and _is_said(usable, one["loc"])
        ]
    few = map(_problem, found[:MOST])
    lines += [f"{places.named(key)}: {problem}" for key, problem in few]
    return Told(lines, max(0, len(found) - MOST))


_NOT_FOR_ALL = {
    "name": "a name belongs to one pair",
    "notify": "what is said for all pairs stands in [notify]",
}


def named_twice(places: Places, pairs: Sequence[Any]) -> Iterator[str]:
    """Yield each pair whose name another one had before, with both places."""
    names = [pair.get("name") if isinstance(pair, dict) else None for pair in pairs]
    count = Counter(name for name in names if isinstance(name, str))
    first: dict[str, int] = {}
    for number, name in enumerate(names):
        if not isinstance(name, str) or count[name] < 2:
            continue
        if name in first:
            yield (
                f"{places.named(('pairs', number, 'name'))}: two pairs are named "
                f"{shown(name).strip(chr(39))}; the other one is in "
                f"{places.file_of(first[name])}"
            )
        first.setdefault(name, number)


def _problem(error: Any) -> tuple[Key, str]:  # noqa: ANN401 (pydantic's own type)
    key: Key = error["loc"]
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        name = str(key[-1])
        return key, f"unknown key{nearest(name, _keys_beside(key))}"
    if error["type"] == "missing":
        return key, "is missing"
    message = _in_words(error["type"], message)
    if error["type"] == "value_error" or SECRET.intersection(map(str, key)):
        return key, message
    return key, f"{message}, got {shown(error['input'])}"


def _in_words(kind: str, message: str) -> str:
    """Say what pydantic says as the rest of the messages do: what is allowed."""
    first = kind.partition("_")[0]
    if first in _KINDS and kind.endswith(_OF_ANOTHER_KIND):
        return f"allowed is {_KINDS[first]}"
    if kind == "literal_error":
        return message.replace("Input should be", "allowed are")
    message = message.replace("Input should be", "it has to be")
    return message.replace("String should", "it has to")


def _is_said(table: Any, key: Sequence[int | str]) -> bool:  # noqa: ANN401 (raw TOML)
    """Say whether there is something at a key, or at the table's entry it names."""
    for part in key:
        if not isinstance(table, dict):
            return True
        if part not in table:
            return False
        table = table[part]
    return True


def _keys_beside(key: Key) -> list[str]:
    """Return the keys that are known where an unknown one stands."""
    model: Any = File
    for part in key[:-1]:
        if part == "defaults":
            model = PairSection
        if isinstance(part, int) or part not in model.model_fields:
            continue
        model = _inside(model.model_fields[part].annotation) or model
    known = list(model.model_fields)
    for_all = key[:1] == ("defaults",) and model is PairSection
    return [name for name in known if not (for_all and name in NOT_FOR_ALL)]


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
    return _CONTROL.search(text) is None
