"""What can be wrong with an answer below its JSON: status, headers, framing, pace."""

import gzip
import json
import random
import zlib
from collections.abc import Callable, Sequence

from tests.fuzz.values import Draw, _address, _secret
from tests.fuzz.wire import Answer, Asked, Piece, Script

OWN_404 = json.dumps(
    {"success": False, "message": "gone", "code": "not_found"}
).encode()
NAMES = """Retry-After Date Content-Type Sunset Deprecation X-RateLimit-Limit Location
X-RateLimit-Remaining X-RateLimit-Reset Link Set-Cookie Server Connection Keep-Alive
Content-Encoding Content-Length Transfer-Encoding Upgrade Age Vary Trailer""".split()
RETRY = [
    "abc",
    "-5",
    "1e400",
    "nan",
    "inf",
    "-inf",
    "9" * 400,
    "0x10",
    "",
    " 0 ",
    "0.001",
]
RETRY += [
    "0, 10",
    "\u0660",
    "Thu, 99 Foo 2026",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "1_0",
    "1e3",
]
RETRY += [
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Fri, 31 Dec 99999 23:59:59 GMT",
    "-0",
    "5e-324",
]
DATES = [
    "",
    "now",
    "Thu, 99 Foo",
    "9" * 100,
    "Fri, 31 Dec 9999 23:59:59 -1400",
    "0",
    "\t",
]
DATES += ["Thu, 01 Jan 0001 00:00:00 +1400", "Thu, 32 Jan 2026 00:00:00 GMT", "-1"]


def _with(answer: Answer, *lines: tuple[str, str], body: bytes | None = None) -> bytes:
    """Return an answer with these headers in place of those of the same name."""
    whole = answer.body if body is None else body
    named = {name.lower() for name, _ in lines}
    kept = [(k, v) for k, v in answer.headers if k.lower() not in named]
    if body is not None and "content-length" not in named:
        kept = [(k, v) for k, v in kept if k.lower() != "content-length"]
        kept.append(("content-length", str(len(whole))))
    return Answer(answer.status, whole, (*kept, *lines)).head() + whole


def _status_line(draw: Draw, answer: Answer) -> Script:
    lines = [b"HTTP/1.1 200", b"HTTP/1.0 200 OK", b"HTTP/2 200", b"HTTP/1.1 999 X"]
    lines += [
        b"HTTP/1.1 20 OK",
        b"HTTP/1.1 -200 OK",
        b"ICY 200 OK",
        b"",
        b"\0\0\0",
        b"hello",
    ]
    lines += [
        b"HTTP/1.1 200 " + b"x" * 200_000,
        b"HTTP/1.1 200 \xff\xfe",
        b"HTTP/9.9 200 OK",
    ]
    lines += [
        b"HTTP/1.1  200  OK",
        b"http/1.1 200 ok",
        b"HTTP/1.1 2000 OK",
        b"HTTP/1.1 2e2 OK",
    ]
    lines += [
        b"SSH-2.0-OpenSSH_9",
        b"\x16\x03\x01\x02\x00\x01",
        b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK",
    ]
    line = draw.dice.choice(lines)
    rest = answer.head().partition(b"\r\n")[2] + answer.body
    return Script(f"status line {line!r:.60}", [line + b"\r\n" + rest])


def _interim(draw: Draw, answer: Answer) -> Script:
    status = draw.dice.choice([100, 102, 103, 101, 199])
    times = draw.dice.choice([1, 3, 500])
    head = f"HTTP/1.1 {status} Wait\r\nLink: <x>\r\n\r\n".encode()
    return Script(
        f"{times} times {status}", [head * times + answer.head() + answer.body]
    )


def _length(draw: Draw, answer: Answer) -> Script:
    size = len(answer.body)
    values = [
        "-1",
        "0",
        str(10**30),
        "abc",
        f"+{size}",
        f"{size}, {size}",
        f"{size}, 5",
        "",
    ]
    values += [
        str(size - 1),
        str(size + 7),
        f"0x{size:x}",
        "\uff11\uff12",
        f" {size}",
        f"{size}.0",
    ]
    value = draw.dice.choice(values)
    lines = [("content-length", value)]
    if draw.dice.random() < 0.3:
        lines.append(("content-length", draw.dice.choice(values)))
    data = [(k.encode(), v.encode()) for k, v in lines]
    kept = [(k, v) for k, v in answer.headers if k != "content-length"]
    head = Answer(answer.status, b"", tuple(kept)).head()[:-2]
    head += b"".join(k + b": " + v + b"\r\n" for k, v in data) + b"\r\n"
    return Script(f"lengths {lines}", [head + answer.body])


def _chunked(draw: Draw, answer: Answer) -> Script:
    body = answer.body
    good = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    forms = {
        "chunked": good,
        "no last chunk": good[:-5],
        "bad size": b"zz\r\n" + body + b"\r\n0\r\n\r\n",
        "negative size": b"-5\r\n" + body,
        "huge size": b"f" * 40 + b"\r\n" + body,
        "huge extension": b"5;" + b"x" * 100_000 + b"\r\n" + good,
        "not chunked": body,
        "trailers": good[:-2] + b"X-Evil: 1\r\n" * 200 + b"\r\n",
        "many chunks": b"".join(b"1\r\n%c\r\n" % one for one in body) + b"0\r\n\r\n",
    }
    name = draw.dice.choice(list(forms))
    coding = draw.dice.choice(
        ["chunked", "chunked", "gzip, chunked", "identity", "xchunked"]
    )
    kept = [(k, v) for k, v in answer.headers if k != "content-length"]
    if draw.dice.random() < 0.3:
        kept = list(answer.headers)
    head = Answer(answer.status, b"", (*kept, ("transfer-encoding", coding))).head()
    return Script(f"{coding}: {name}", [head + forms[name]])


def _encoded(draw: Draw, answer: Answer) -> Script:
    body = answer.body
    once = gzip.compress(body)
    forms = {
        "gzip": ("gzip", once),
        "gzip that is none": ("gzip", body),
        "deflate": ("deflate", zlib.compress(body)),
        "deflate that is none": ("deflate", body[::-1]),
        "brotli that is none": ("br", body),
        "zstd that is none": ("zstd", body),
        "nested": ("gzip, gzip", gzip.compress(once)),
        "nested deeply": (", ".join(["gzip"] * 40), once),
        "nested bomb": ("gzip, gzip", gzip.compress(gzip.compress(b" " * 40_000_000))),
        "bomb": ("gzip", gzip.compress(b" " * 140_000_000, 1)),
        "unknown": ("x-rot13", body),
        "many": (", ".join(["identity"] * 500), body),
        "cut": ("gzip", once[: len(once) // 2]),
        "bytes after the end": ("gzip", once + b"\0" * 1000 + b"evil"),
        "nothing at all, often": ("gzip", gzip.compress(b"") * 20_000 + once),
        "bad sum": ("gzip", once[:-8] + b"\0" * 8),
        "capitals": ("GZIP", once),
    }
    names = [name for name in forms if "bomb" not in name] * 3 + ["bomb", "nested bomb"]
    name = draw.dice.choice(names)
    coding, sent = forms[name]
    return Script(
        f"encoding: {name}", [_with(answer, ("content-encoding", coding), body=sent)]
    )


def _retry(draw: Draw, answer: Answer) -> Script:
    status, value = draw.dice.choice([429, 503, 429, 408]), draw.dice.choice(RETRY)
    said = Answer(status, b'{"message": "slow down"}', answer.headers)
    whole = _with(said, ("retry-after", "?"), body=said.body)
    whole = whole.replace(b"retry-after: ?", b"retry-after: " + value.encode())
    return Script(f"{status} with Retry-After {value!r:.60}", [whole])


def _odd_value(draw: Draw, answer: Answer) -> Script:
    """A header that is known, with a value that it should not have."""
    name = draw.dice.choice(NAMES)
    values = [
        b"",
        b"\xff\xfe",
        "naïve ☃".encode(),
        b"x" * 50_000,
        b"1\x002",
        b"\x1b[2J",
        b"*/*",
    ]
    values += [
        _address(draw, "").encode("utf-8", "replace"),
        _secret(draw, "").encode(),
    ]
    values += [one.encode() for one in DATES] + [
        b"text/html; charset=utf-7",
        b"-1",
        b"1e999",
    ]
    values += [
        b"image/png",
        b"application/json; charset=utf-16",
        b"upgrade, h2c",
        b"close, x",
    ]
    value = draw.dice.choice(values).replace(b"\r", b" ").replace(b"\n", b" ")
    head = answer.head()[:-2] + name.encode() + b": " + value + b"\r\n\r\n"
    return Script(f"{name}: {value!r:.80}", [head + answer.body])


def _odd_headers(draw: Draw, answer: Answer) -> Script:
    lines = {
        "many": b"".join(b"X-%d: y\r\n" % n for n in range(5000)),
        "very many": b"X: y\r\n" * 90_000,
        "very long": b"X-Long: " + b"x" * 150_000 + b"\r\n",
        "no colon": b"this is no header\r\n",
        "folded": b"X-Fold: a\r\n b\r\n\tc\r\n",
        "NUL": b"X-Nul\0: a\0b\r\n",
        "blank in name": b"X Blank: 1\r\n",
        "blank before colon": b"Content-Type : text/plain\r\n",
        "empty name": b": empty\r\n",
        "bare line feed": b"X-A: 1\nX-B: 2\r\n",
        "bare return": b"X-A: 1\rX-B: 2\r\n",
        "latin-1": "X-Name: J\xf6rg".encode("latin-1") + b"\r\n",
        "utf-8": "X-N\xe4me: ☃".encode() + b"\r\n",
        "pseudo": b":status: 200\r\n",
        "hundred cookies": b"Set-Cookie: a=b; Domain=.example\r\n" * 100,
    }
    name = draw.dice.choice(list(lines))
    return Script(
        f"headers: {name}", [answer.head()[:-2] + lines[name] + b"\r\n" + answer.body]
    )


def _glued(draw: Draw, answer: Answer) -> Script:
    """Bytes after the end: they are no answer to the next request."""
    said = Answer(404, OWN_404, (("content-length", str(len(OWN_404))),))
    lie = draw.dice.choice([said.head("Not Found") + OWN_404, b"garbage", b"\r\n" * 50])
    whole = answer.head() + answer.body + lie * draw.dice.choice([1, 3])
    return Script(f"glued on: {lie!r:.60}", [whole], kept=draw.dice.random() < 0.8)


def _ended(draw: Draw, answer: Answer) -> Script:
    whole = answer.head() + answer.body
    place = draw.dice.randrange(len(whole))
    return Script(f"ends after {place} of {len(whole)} bytes", [whole[:place]])


def _dripping(draw: Draw, answer: Answer) -> Script:
    """So slow that only a deadline for the whole request ends it."""
    head, body = answer.head(), answer.body
    one_by_one: list[Piece] = []
    for place in range(60):
        one_by_one += [head[place : place + 1] or b"x", 0.05]
    empty = gzip.compress(b"")
    packed = [_with(answer, ("content-encoding", "gzip"), body=b"")]
    packed = [packed[0].replace(b"content-length: 0", b"content-length: 999999")]
    forms: dict[str, list[Piece]] = {
        "head": one_by_one,
        "interim answers": [b"HTTP/1.1 102 Wait\r\n\r\n", 0.05] * 60,
        "body": [
            head,
            *(p for n in range(60) for p in (body[n : n + 1] or b" ", 0.05)),
        ],
        "silence": [3.0],
        "silence after the head": [head, 3.0],
        "silence in the head": [head[:20], 3.0],
        "silence before the end": [head + body[:-1], 3.0],
        "gzip of nothing": [*packed, *([empty, 0.05] * 60)],
        "headers": [head[:-2], *([b"X: y\r\n", 0.05] * 60)],
    }
    name = draw.dice.choice(list(forms))
    return Script(f"drips: {name}", forms[name])


Spoiler = Callable[[Draw, Answer], Script]
SPOILERS: dict[Spoiler, int] = {
    _status_line: 8,
    _interim: 5,
    _length: 9,
    _chunked: 9,
    _encoded: 12,
    _retry: 10,
    _odd_value: 22,
    _odd_headers: 9,
    _glued: 6,
    _ended: 6,
    _dripping: 4,
}


def misframe(
    dice: random.Random,
    _asked: Asked,
    answer: Answer,
    *,
    mailbox: str,
    keys: tuple[str, ...],
    others: Sequence[Answer] = (),
    slow: bool = False,
) -> Script:
    """Return one answer with one thing wrong below its JSON.

    ``slow`` asks for those, too, that need a deadline to end.
    """
    del others
    draw = Draw(dice, mailbox, keys)
    usable = {s: n for s, n in SPOILERS.items() if slow or s is not _dripping}
    (spoiler,) = dice.choices(list(usable), list(usable.values()))
    return spoiler(draw, answer)
