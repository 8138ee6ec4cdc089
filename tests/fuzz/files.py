"""What can be wrong with the two files that people hand in: configuration and plan."""

import json
import random

from connector.reports.documents import seal
from tests.fuzz.judge import PASSWORD, TOKEN
from tests.fuzz.mutations import _member, _rows, _value
from tests.fuzz.trial import KEYS, MAILBOX, PARTNERO_KEY
from tests.fuzz.values import Draw

HOSTS = [
    "HTTPS://people.invalid/v1",
    "hTTp://people.invalid/v1",
    f"https://user:{PASSWORD}@people.invalid/v1",
    f"https://people.invalid/v1?api_key={PARTNERO_KEY}",
    f"https://people.invalid/v1#{TOKEN}",
    f"https://{PARTNERO_KEY}@people.invalid",
    f"https://{PARTNERO_KEY}/v1",
    "https://people.invalid:99999/v1",
    "https://people.invalid:abc/v1",
    "https://people.invalid:-1",
    "https://[::1",
    "https://[::g]/v1",
    "http://[::1%25eth0]:1/v1",
    "https://bücher.invalid",
    "https://xn--a.invalid",
    "https://xn--" + "9" * 70 + ".invalid",
    "https://" + "a" * 300 + ".invalid",
    "https://a..invalid",
    "https://people invalid/v1",
    "https://%zz.invalid",
    "https://\\u202epeople.invalid",
    "https://people.invalid\\u0000.evil",
    "file:///etc/passwd",
    "socks5://127.0.0.1:9",
    "127.0.0.1:9",
    "//127.0.0.1:9/v1",
    "https:",
    "https://",
    "",
    "http://127.0.0.1.people.invalid:9/v1",
    "http://localhost.:9/v1",
    "http://0x7f000001:9/v1",
    "https://127.0.0.1:9/v1",
    "http://127.0.0.1:0/v1",
    "http://127.0.0.1:9/v1\\n",
]
STATES = [
    f"postgresql+psycopg://user:{PASSWORD}@127.0.0.1:9/state",
    f"postgresql+psycopg://user:{PASSWORD}@127.0.0.1:9/state?connect_timeout=x",
    f"postgresql+psycopg://:{PASSWORD}@/x?host=/nowhere",
    f"postgresql://user:{PASSWORD}@127.0.0.1:9/state",
    f"mysql://user:{PASSWORD}@127.0.0.1/x",
    f"postgresql+psycopg://user:{PASSWORD}@[::1/x",
    f"postgresql+psycopg://user:{PASSWORD}@127.0.0.1:port/x",
    "sqlite://state.db",
    "sqlite:///",
    "sqlite:///:memory:",
    "sqlite:///work",
    "sqlite:///.",
    "sqlite:///connector.toml",
    "sqlite:///a%2Fb.db",
    "sqlite:///a.db?mode=ro",
    "sqlite:///a#b?c.db",
    "sqlite:///nowhere/state.db",
    "sqlite:///" + "x" * 300 + ".db",
    "sqlite:///a\\u0000b.db",
    "sqlite:///~/state.db",
    "connector.db",
    "",
]
SECRETS = [
    f'"{PARTNERO_KEY}"',
    f'["{PARTNERO_KEY}"]',
    f'{{ env = "{PARTNERO_KEY}" }}',
    f'{{ env = ["{PARTNERO_KEY}"] }}',
    f'{{ key = "{PARTNERO_KEY}" }}',
    f'{{ file = "{PARTNERO_KEY}" }}',
    f'{{ "{PARTNERO_KEY}" = 1 }}',
    "123456789012345678901234567890",
    '{ env = "NOT_SET" }',
    '{ env = "" }',
    '{ env = "A\\u0000B" }',
    '{ env = "A=B" }',
    '{ file = "." }',
    '{ file = "" }',
    '{ file = "binary" }',
    '{ file = "a\\u0000b" }',
    '{ env = "FUZZ_PARTNERO", file = "x" }',
    "{}",
]
VALUES = [
    '""',
    "0",
    "-1",
    "true",
    "[]",
    "{}",
    "nan",
    "inf",
    "-inf",
    "1e-300",
    "1e308",
    "1e999",
    "9" * 5000,
    "0x" + "f" * 400,
    "[" * 2000 + "]" * 2000,
    "{a=" * 900 + "1" + "}" * 900,
    "1979-05-27T07:32:00Z",
    "10000-01-01",
    "07:32:00",
    '"\\u0000"',
    '"\\ud800"',
    '"\\u202e"',
    '"' + "x" * 100_000 + '"',
    f'"{MAILBOX}1@people.example"',
    f'"{MAILBOX}1%40people.example"',
    f'"{PARTNERO_KEY}"',
    f'["{KEYS[1]}"]',
    '"* * * * * *"',
    '"@every"',
    '"0 0 31 2 *"',
    '"999999d"',
    '"Mars/Base"',
    '"../../etc/passwd"',
    '"BTC"',
    '"hold"',
    '"USD "',
    "'unclosed",
    "= =",
    "",
]
OF_KEY = {"base_url": HOSTS, "url": STATES}
EXTRA = f"""
[notify]
heartbeat_url = "http://127.0.0.1:9/{TOKEN}?a=b"
urls = ["json://user:{PASSWORD}@127.0.0.1:9/{TOKEN}"]
[serve]
listen = "127.0.0.1:9464"
token = {{ env = "FUZZ_TOKEN" }}
"""
ADDRESSES = [
    f"https://127.0.0.1:9/{TOKEN}/../..",
    f"http://people.invalid/{TOKEN}",
    f"HTTP://user:{PASSWORD}@people.invalid/{TOKEN}",
    f"https://people.invalid:99999/{TOKEN}",
    f"https://[{TOKEN}",
    f"ftp://people.invalid/{TOKEN}",
    f"mailto://{MAILBOX}:{PASSWORD}@people.invalid",
    f"nosuchservice://{TOKEN}",
    f"slack://{TOKEN}",
    TOKEN,
]


def quoted(text: str) -> str:
    return f'"{text}"'


def _line(dice: random.Random, lines: list[str]) -> str:
    """Give one key another value."""
    place = dice.choice([n for n, line in enumerate(lines) if " = " in line])
    key = lines[place].partition(" = ")[0]
    values = VALUES
    if key in OF_KEY:
        values = [*map(quoted, OF_KEY[key]), *VALUES[:10]]
    elif key in ("api_key", "token"):
        values = [*SECRETS, *VALUES[:10]]
    elif key in ("heartbeat_url", "urls"):
        values = [*map(quoted, ADDRESSES), *(f"[{quoted(a)}]" for a in ADDRESSES)]
    value = dice.choice(values)
    if key == "requests_per_second" and value == '"hold"':
        value = "0"
    lines[place] = f"{key} = {value}"
    return f"{key} = {value[:80]}"


def _shape(dice: random.Random, lines: list[str]) -> str:
    """Rename, double, drop or add a line."""
    what = dice.choice(["rename", "double", "drop", "add", "head", "key"])
    keys = [
        n for n, line in enumerate(lines) if " = " in line and "base_url" not in line
    ]
    heads = [n for n, line in enumerate(lines) if line.startswith("[")]
    if what == "rename":
        place = dice.choice(keys)
        lines[place] = (
            dice.choice(["x", "é", "", f'"{PARTNERO_KEY}"', "a.b."]) + lines[place]
        )
    elif what == "double":
        place = dice.choice([*keys, *heads])
        lines.insert(dice.randrange(len(lines)), lines[place])
    elif what == "drop":
        lines.pop(place := dice.choice(keys))
    elif what == "head":
        place = dice.choice(heads)
        lines[place] = dice.choice(
            ["[pairs", "[[x]]", "[]", "[pairs.nowhere]", "[ pairs ]"]
        )
    elif what == "key":
        place = dice.choice(heads)
        lines.insert(place + 1, f"{'a.' * dice.choice([3, 3000])}b = 1")
    else:
        place = dice.randrange(len(lines))
        junk = [
            f"{PARTNERO_KEY}",
            "\0",
            "a = ",
            "key",
            "=",
            '"""',
            "'''",
            "\x1b[2J",
            "# \x7f",
        ]
        lines.insert(place, dice.choice(junk))
    return f"{what} at line {place + 1}: {lines[min(place, len(lines) - 1)][:80]!r}"


def _encoding(dice: random.Random, text: str) -> tuple[str, bytes]:
    raw = text.encode()
    place = dice.randrange(len(raw))
    forms = {
        "byte order mark": b"\xef\xbb\xbf" + raw,
        "utf-16": text.encode("utf-16"),
        "latin-1": text.replace("acme", "acmé").encode("latin-1"),
        "CRLF": raw.replace(b"\n", b"\r\n"),
        "CR": raw.replace(b"\n", b"\r"),
        "cut": raw[:place],
        "empty": b"",
        "NUL": raw[:place] + b"\0" + raw[place:],
        "twice": raw + raw,
        "huge": raw + b"# x\n" * 500_000,
        "JSON": json.dumps({"pairs": []}).encode(),
    }
    name = dice.choice(list(forms))
    return name, forms[name]


def configuration(seed: str, text: str) -> tuple[str, bytes]:
    """Return a configuration with something wrong with it, and in words what."""
    dice = random.Random(seed)  # noqa: S311 (repeatable)
    lines = (EXTRA + text).splitlines()
    changes = dice.choices([_line, _shape], [3, 1], k=dice.choice([1, 1, 1, 2, 3]))
    told = [change(dice, lines) for change in changes]
    whole = "\n".join(lines) + "\n"
    if dice.random() < 0.12:
        name, raw = _encoding(dice, EXTRA + text)
        return name, raw
    return "; ".join(told), whole.encode("utf-8", "surrogatepass")


def plan_file(seed: str, whole: bytes) -> tuple[str, bytes]:
    """Return a plan with something wrong with it, sealed anew or not."""
    dice = random.Random(seed)  # noqa: S311 (repeatable)
    place = dice.randrange(len(whole))
    if dice.random() < 0.2:
        forms = {
            f"cut at {place}": whole[:place],
            "empty": b"",
            "utf-16": whole.decode().encode("utf-16"),
            "byte order mark": b"\xef\xbb\xbf" + whole,
            f"byte at {place}": whole[:place] + b"\xff" + whole[place + 1 :],
            "deep": b"[" * 100_000 + b"]" * 100_000,
            "deep member": whole[:-2] + b',"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
            "digits": whole[:-2] + b',"version":' + b"9" * 6000 + b"}",
            "list": b"[1]",
            "scalar": b"null",
            "surrogate": whole.replace(b'"acme"', b'"\\ud800"'),
            "twice": whole + whole,
        }
        name = dice.choice(list(forms))
        return name, forms[name]
    draw, body, told = Draw(dice, MAILBOX, KEYS), json.loads(whole), []
    for _ in range(dice.choice([1, 1, 2, 4])):
        change = dice.choice([_value, _value, _value, _member, _rows])
        said, body = change(draw, body)
        told.append(said)
    if dice.random() < 0.6 and isinstance(body, dict) and not draw.raw:
        try:
            body["seal"] = seal(body)
        except (ValueError, RecursionError, TypeError):
            told.append("not sealed")
        else:
            told.append("sealed anew")
    return "; ".join(told), draw.text(body)
