"""What can be wrong with an answer in JSON: drawn by a seed, and named.

The same random generator gives the same spoilt bytes: a number reproduces a case.
"""

import json
import random
from collections.abc import Sequence
from typing import Any

from tests.fuzz.values import Draw, Json, drawn
from tests.fuzz.wire import Answer, Asked, Script, framed

HTML = b"<!doctype html><title>Maintenance</title><p>We will be back soon.</p>"


# -- places -----------------------------------------------------------------------


def places(body: Json, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all values of a document, itself first."""
    found = [path]
    if isinstance(body, dict | list):
        members = body.items() if isinstance(body, dict) else enumerate(body)
        for name, inner in members:
            found += places(inner, (*path, name))
    return found


def at(body: Json, path: tuple[Any, ...]) -> Json:
    for name in path:
        body = body[name]
    return body


def put(body: Json, path: tuple[Any, ...], value: Json) -> Json:
    """Return the document with one value replaced."""
    if not path:
        return value
    at(body, path[:-1])[path[-1]] = value
    return body


def _value(draw: Draw, body: Json) -> tuple[str, Json]:
    path = draw.dice.choice(places(body)[1:] or [()])
    name, value = drawn(draw, at(body, path))
    return f"{name} at {dotted(path)}: {value!r:.80}", put(body, path, value)


def _member(draw: Draw, body: Json) -> tuple[str, Json]:
    """Drop, rename or add a member."""
    objects = [one for one in places(body) if isinstance(at(body, one), dict)]
    path = draw.dice.choice(objects or [()])
    row = at(body, path)
    if not isinstance(row, dict):
        return "empty object", {}
    name = draw.dice.choice([*row, "brand_new"])
    what = draw.dice.choice(["drop", "rename", "add", "null"])
    old = row.get(name)
    if what != "add":
        row.pop(name, None)
    if what == "rename":
        row[draw.dice.choice([name.upper(), f"{name}_", f" {name}"])] = old
    elif what == "null":
        row[name] = None
    elif what == "add":
        row[f"new_{name}"] = drawn(draw, old)[1]
    return f"{what} {dotted((*path, name))}", body


def _rows(draw: Draw, body: Json) -> tuple[str, Json]:
    """Double, drop, empty, mix up or cut the rows of a list."""
    lists = [one for one in places(body) if isinstance(at(body, one), list)]
    path = draw.dice.choice(lists or [()])
    rows = at(body, path)
    if not isinstance(rows, list):
        return _member(draw, body)
    less = ["drop", "empty", "half"] if draw.omits else []
    what = draw.dice.choice(["double", "reverse", "ids", "odd", *less])
    if what == "double" and rows:
        rows.insert(draw.dice.randrange(len(rows) + 1), draw.dice.choice(rows))
    elif what == "drop" and rows:
        rows.pop(draw.dice.randrange(len(rows)))
    elif what == "half":
        del rows[len(rows) // 2 :]
    elif what == "empty":
        rows.clear()
    elif what == "reverse":
        rows.reverse()
    elif what == "ids" and len(rows) > 1 and all(isinstance(r, dict) for r in rows):
        one, other = draw.dice.sample(rows, 2)
        for name in ("id", "code", "email", "key", "uuid_code"):
            if name in one and name in other and draw.dice.random() < 0.7:
                one[name] = other[name]
    else:
        rows.append(draw.dice.choice([None, 7, "row", [], {}, [[]], True]))
    return f"{what} rows of {dotted(path)}", body


def dotted(path: tuple[Any, ...]) -> str:
    return ".".join(map(str, path)) or "the whole"


# -- whole answers ----------------------------------------------------------------


def _refusing(draw: Draw, asked: Asked) -> Json:
    """An error in one of the shapes of the products, with things in it to leak."""
    said = drawn(draw, "Something went wrong.")[1]
    word = draw.dice.choice([said, f"May not: {said}.", "Something went wrong."])
    shapes = [
        {"success": False, "message": word, "code": "invalid_request"},
        {"success": False, "error": {"message": word, "type": "not_found_error"}},
        {"success": False, "error": word},
        {
            "status": 0,
            "message": word,
            "errors": {"code": [word], str(word)[:50]: word},
        },
        {"message": word, "errors": [{"field": word, "message": word}, None, 7]},
        {"error": [word], "message": [word, {"a": word}]},
        {"code": word, "message": None, "errors": "none"},
    ]
    return draw.dice.choice(shapes)


def _liar(draw: Draw, asked: Asked, answer: Answer) -> Script:
    """200, and yet it failed."""
    body = _refusing(draw, asked)
    more = {"data": draw.dice.choice([None, [], {}, [{}]]), "has_more": False}
    if draw.dice.random() < 0.5:
        body |= more
    return Script(f"200 with {body!r:.120}", framed(answer, draw.text(body), 200))


STATUSES = (201, 202, 204, 206, 226, 301, 302, 304, 307, 400, 401, 402, 403, 404, 405)
STATUSES += (408, 409, 410, 412, 413, 418, 422, 423, 425, 429, 451, 499, 500, 501, 502)
STATUSES += (503, 504, 507, 520, 529, 599)


def _status(draw: Draw, asked: Asked, answer: Answer) -> Script:
    status = draw.dice.choice(STATUSES)
    bodies = [HTML, b"", b"null", b"[]", b"not json", draw.text(_refusing(draw, asked))]
    # The product's own 404 is a proof of absence, and no mistake can be told from it.
    own = (
        [] if status in (404, 410) and not asked.is_write else [answer.body, bodies[-1]]
    )
    body = draw.dice.choice([*bodies[:-1], *own, *own])
    return Script(f"status {status}, {body!r:.120}", framed(answer, body, status))


def _bytes(draw: Draw, asked: Asked, answer: Answer) -> Script:
    """Cut, garbled, in another encoding, or another thing altogether."""
    whole, dice = answer.body, draw.dice
    place = dice.randrange(len(whole) + 1)
    text = whole.decode("utf-8", "replace")
    forms: dict[str, bytes] = {
        f"cut at {place}": whole[:place],
        "web page": HTML,
        "empty": b"",
        "blank": b" \r\n\t ",
        "utf-16": text.encode("utf-16"),
        "utf-32": text.encode("utf-32"),
        "byte order mark": b"\xef\xbb\xbf" + whole,
        f"NUL at {place}": whole[:place] + b"\0" + whole[place:],
        f"byte at {place}": whole[:place]
        + bytes([dice.randrange(256)])
        + whole[place + 1 :],
        "twice": whole + whole,
        "comma": whole[:-1] + b",}",
        "prefix": b")]}',\n" + whole,
        "comment": b"/* x */" + whole,
        "single quotes": whole.replace(b'"', b"'"),
        "keys twice": whole[:-1] + b"," + whole[1:] if len(whole) > 2 else whole,
        "blank rows": whole.replace(b",", b",\n" + b" " * 50),
        "scalar": dice.choice(
            [b"null", b"true", b"0", b'""', b"[]", b"{}", b'"x"', b"[[]]"]
        ),
    }
    name = dice.choice(list(forms))
    return Script(f"bytes: {name}", framed(answer, forms[name]))


def mutate(
    dice: random.Random,
    asked: Asked,
    answer: Answer,
    *,
    mailbox: str,
    keys: tuple[str, ...],
    others: Sequence[Answer] = (),
) -> Script:
    """Return one answer with one thing wrong with it (sometimes two)."""
    # Whom a list of customers leaves out each time, nobody else can be asked for.
    omits = not asked.target.partition("?")[0].endswith("/customers")
    draw = Draw(dice, mailbox, keys, omits=omits)
    kinds = {"json": 67, "liar": 6, "status": 12, "bytes": 10, "other": 5}
    kind = dice.choices(list(kinds), list(kinds.values()))[0]
    if kind == "other" and others:
        body = dice.choice(others).body
        return Script(
            f"the answer to another question: {body!r:.80}", framed(answer, body)
        )
    if kind == "liar":
        return _liar(draw, asked, answer)
    if kind == "status":
        return _status(draw, asked, answer)
    if kind == "bytes":
        return _bytes(draw, asked, answer)
    body, told = json.loads(answer.body), []
    for _ in range(dice.choices([1, 2, 4], [80, 15, 5])[0]):
        change = dice.choices([_value, _member, _rows], [65, 20, 15])[0]
        said, body = change(draw, body)
        told.append(said)
    return Script("; ".join(told), framed(answer, draw.text(body)))
