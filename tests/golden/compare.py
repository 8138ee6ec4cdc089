"""What differs between two records of a world, line by line, for people."""

import json
from itertools import islice

WORLDS, LINES = 5, 30
MISSING = "(nothing)"


def differences(kept, now):
    """Yield a few lines about the first worlds that are not as they were kept."""
    names = sorted(kept.keys() | now.keys())
    bad = [name for name in names if kept.get(name) != now.get(name)]
    if bad:
        yield f"{len(bad)} of {len(names)} worlds are not as they were:"
    for name in bad[:WORLDS]:
        yield f"\n{name}"
        lines = _apart("", kept.get(name, MISSING), now.get(name, MISSING))
        yield from islice(lines, LINES)


def _apart(place, was, now):
    """Yield where two parts differ; changes and findings are named by their ids."""
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for name in sorted(was.keys() | now.keys()):
            inner = f"{place}.{name}" if place else name
            yield from _apart(inner, was.get(name, MISSING), now.get(name, MISSING))
    elif _is_named(was) and _is_named(now):
        yield from _apart(place, _by_name(was), _by_name(now))
        if [*_by_name(was)] != [*_by_name(now)]:
            yield f"  {place}: was  {', '.join(_by_name(was))}"
            yield f"  {place}: is   {', '.join(_by_name(now))}"
    else:
        yield f"  {place}: was  {_text(was)}"
        yield f"  {place}: is   {_text(now)}"


def _is_named(part):
    named = isinstance(part, list) and bool(part)
    return named and all(isinstance(one, dict) for one in part)


def _by_name(parts):
    """Return the parts of a list by what they are, the second of one name numbered."""
    named = {}
    for one in parts:
        words = (one.get("action"), one.get("kind"), one.get("code"), one.get("target"))
        name = " ".join(word for word in words if word) or "part"
        while name in named:
            name += "'"
        named[name] = one
    return named


def _text(part):
    return part if isinstance(part, str) else json.dumps(part, ensure_ascii=False)
