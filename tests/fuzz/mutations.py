"""What can be wrong with an answer in JSON: drawn by a seed, and named.

The same random generator gives the same spoilt bytes, so that a number reproduces a
case. Values that JSON cannot hold (5,000 digits, NaN, the same key twice) come in as
text, in the place of a mark.
"""

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fuzz.wire import Answer, Asked, Script, framed

HTML = b"<!doctype html><title>Maintenance</title><p>We will be back soon.</p>"
MARK = re.compile(rb'"~raw(\d+)~"')
Json = Any


@dataclass(slots=True)
class Draw:
    """A random generator, with what a hostile value may be made of."""

    dice: random.Random
    mailbox: str
    keys: tuple[str, ...]
    raw: list[bytes] = field(default_factory=list)

    def literal(self, text: bytes) -> str:
        """Return a mark that becomes these bytes, unquoted, in the answer."""
        self.raw.append(text)
        return f"~raw{len(self.raw) - 1}~"

    def text(self, body: Json) -> bytes:
        """Return a value as JSON, with the literals in their places."""
        made = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return MARK.sub(lambda found: self.raw[int(found[1])], made)


# -- values -----------------------------------------------------------------------


def _nothing(draw: Draw, old: Json) -> Json:
    return draw.dice.choice([None, "", [], {}, 0, False, [None], [[]], [{}], {"": ""}])


def _other_type(draw: Draw, old: Json) -> Json:
    return draw.dice.choice(
        [[old], {"data": old}, {"id": old}, str(old), [old, old], True, 1, "1", "true"]
    )


def _number(draw: Draw, old: Json) -> Json:
    rest = [-1, 10**30, -(10**30), 2**63, 2**64, 0.1, 1e308, 1e-300, 1e16, -0.0]
    words = [
        "12,5",
        "1,024",
        "\uff11\uff12",
        " 20 ",
        "0x10",
        "NaN",
        "Infinity",
        "1e400",
        "--1",
    ]
    words += [
        "20.005",
        "2500",
        "0.25",
        "1_000",
        "\u0662\u0660",
        "20%",
        "$20",
        "1e-400",
        "+5",
        ".",
    ]
    literals = [
        b"9" * 5000,
        b"1e999999",
        b"1E-999999",
        b"NaN",
        b"-Infinity",
        b"00",
        b"1.",
    ]
    literals += [b"0." + b"3" * 3000, b"-0", b"1e5", b"2e1", b"20.0000"]
    literal = draw.literal(draw.dice.choice(literals))
    return draw.dice.choice([*rest, *words, *[literal] * 8])


def _unit(draw: Draw, old: Json) -> Json:
    """The same amount in another unit."""
    try:
        value = float(old)
    except (TypeError, ValueError, OverflowError):
        return draw.dice.choice(["BTC", "usd", "US$", "XXX", "JPY", "ZZZ", "Dollar"])
    factor = draw.dice.choice([100, 0.01, 1000, 10, -1])
    made = value * factor
    return draw.dice.choice([made, str(made), f"{made:.2f}"])


def _deep(draw: Draw, old: Json) -> Json:
    depth = draw.dice.choice([20, 900, 5_000, 200_000])
    opening, closing = draw.dice.choice([(b"[", b"]"), (b'{"a":', b"}")])
    inside = b"1" if opening != b"[" else b""
    return draw.literal(opening * depth + inside + closing * depth)


def _text(draw: Draw, old: Json) -> Json:
    old = old if isinstance(old, str) else "SAM20"
    words = [".", "..", "../..", "a/b", "%2e%2e", "?x=1", "#", ";", "*", "null", "-SAM"]
    words += ["\x00", "x\x00y", f"{old}\x00", "\x1b[2J", "\u202e" + old, "\ufeff" + old]
    words += [old.lower(), f" {old} ", old + "\u200b", old[::-1], old * 2, old[:-1]]
    words += [
        "x" * 100_000,
        "ß" * 300,
        "'; DROP TABLE run; --",
        "=1+1",
        "<script>",
        "\n",
    ]
    words += ["İ", "ﬁ", "Å", "\U0001f600", "\u0345", "{{7*7}}", "%s%n", "${x}", "\\"]
    literals = [b'"\\ud800"', b'"\\udc00x"', b'"\\u0000"', b'"\xff\xfe"', b'"\xc3"']
    literals += [
        b'"a\x01b"',
        b'"\\x"',
        b'"\\ud83d\\ude00"',
        b'"' + b"\\u0041" * 30_000 + b'"',
    ]
    literal = draw.literal(draw.dice.choice(literals))
    return draw.dice.choice([*words, *[literal] * 10])


def _moment(draw: Draw, old: Json) -> Json:
    words = ["0000-00-00", "9999-12-31T23:59:60Z", "2026-02-30", "tomorrow", "2026-W01"]
    words += [
        "2026-01-01T00:00:00+99:99",
        "10000-01-01T00:00:00Z",
        "-0001-01-01",
        "now",
    ]
    words += [
        "2026-01-01T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "20260101",
        "1/2/2026",
    ]
    words += ["9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00", "2026-01-01 00:00:00"]
    numbers = [10**30, -(10**30), 1e300, -1, 0, 2**31, 253402300800, 1e18, -62135596801]
    return draw.dice.choice([*words, *numbers, *map(str, numbers)])


def _address(draw: Draw, old: Json) -> Json:
    """A whole e-mail address in one of its odd forms."""
    box, host = f"{draw.mailbox}{draw.dice.randrange(9)}", "people.example"
    forms = [
        f"{box}@{host}",
        f"{box.upper()}@{host.upper()}",
        f"Q. Person <{box}@{host}>",
        f"mailto:{box}@{host}",
        f'"{box} x"@{host}',
        f"{box}%40{host}",
        f"{box}%2540{host}",
        f"{box}&#64;{host}",
        f"{box}&#x40;{host}",
        f"{box}&commat;{host}",
        f"{box}\\u0040{host}",
        f"{box}\uff20{host}",
        f"{box}\ufe6b{host}",
        f"{box}+tag@{host}",
        f"{box}@[127.0.0.1]",
        f"{box}@münchen.example",
        f"{box}@localhost",
        f"{box} @ {host}",
        f"{box}@\u200b{host}",
        f"{box}\x00@{host}",
        f"a.{box}@{host}",
        f"ü{box}@{host}",
        f"{box}@{host},other{box}@{host}",
        f"{box}=40{host}",
        f"{box}@{host}." + "x" * 400,
        "y" * 290 + f" {box}@{host}",
    ]
    return draw.dice.choice(forms)


def _secret(draw: Draw, old: Json) -> Json:
    key = draw.dice.choice(draw.keys)
    forms = [key, f"Bearer {key}", f"Authorization: {key}", f"x{key}y", f'"{key}"']
    forms += ["z" * 295 + key, f"{key[:8]} {key}", f"Bearer\t{key}", f"key={key}&a=b"]
    return draw.dice.choice(forms)


VALUES: dict[str, tuple[Callable[[Draw, Json], Json], int]] = {
    "nothing": (_nothing, 5),
    "other type": (_other_type, 4),
    "number": (_number, 5),
    "unit": (_unit, 3),
    "deep": (_deep, 2),
    "text": (_text, 5),
    "moment": (_moment, 3),
    "address": (_address, 5),
    "secret": (_secret, 1),
}


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


def drawn(draw: Draw, old: Json) -> tuple[str, Json]:
    names = list(VALUES)
    name = draw.dice.choices(names, [VALUES[one][1] for one in names])[0]
    return name, VALUES[name][0](draw, old)


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
    what = draw.dice.choice(
        ["double", "drop", "empty", "reverse", "ids", "odd", "half"]
    )
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
    draw = Draw(dice, mailbox, keys)
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
