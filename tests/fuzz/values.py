"""Values that nobody expects: drawn by a seed.

Values that JSON cannot hold (5,000 digits, NaN, half a character) come in as text, in
the place of a mark.
"""

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MARK = re.compile(rb'"~raw(\d+)~"')
Json = Any


@dataclass(slots=True)
class Draw:
    """A random generator, with what a hostile value may be made of."""

    dice: random.Random
    mailbox: str
    keys: tuple[str, ...]
    omits: bool = True
    raw: list[bytes] = field(default_factory=list)

    def literal(self, text: bytes) -> str:
        """Return a mark that becomes these bytes, unquoted, in the answer."""
        self.raw.append(text)
        return f"~raw{len(self.raw) - 1}~"

    def text(self, body: Json) -> bytes:
        """Return a value as JSON, with the literals in their places."""
        made = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return MARK.sub(lambda found: self.raw[int(found[1])], made)


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


def drawn(draw: Draw, old: Json) -> tuple[str, Json]:
    names = list(VALUES)
    name = draw.dice.choices(names, [VALUES[one][1] for one in names])[0]
    return name, VALUES[name][0](draw, old)
