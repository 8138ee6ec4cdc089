"""What no call of the program may do, whatever it was told: one sentence each."""

import base64
import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from tests.fuzz.trial import KEYS, MAILBOX, Effects, Trial
from tests.harness.program import Said

DOCUMENTED = {0, 1, 2, 3, 4, 5, 6, 130, 143}
PASSWORD = "qzxpassword7c1e"
TOKEN = "qzxtoken9d2f7b31c05e8a44"
SECRETS = (*(key.partition("_")[2][:14] for key in KEYS), PASSWORD, TOKEN)
IN_BASE64 = tuple(base64.b64encode(key.encode()).decode()[:16] for key in KEYS)
HOSTS = r"(people\.example|nchen\.example|xn--mnchen|localhost|\[127)"
ADDRESS = re.compile(rf"{MAILBOX}[^\n]{{0,25}}?{HOSTS}")
BARE = re.compile("|".join([rf"{MAILBOX}\w*@", *SECRETS]).encode())
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")


def decoded(text: str) -> str:
    """Undo one layer of every encoding that a reader might undo."""
    if "\\u" in text:
        text = ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    text = unquote(text) if "%" in text else text
    text = html.unescape(text) if "&" in text else text
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return INVISIBLE.sub("", text.replace("=40", "@"))


def readings(text: str) -> Iterator[str]:
    """Yield a text as it is and as somebody would read it who decodes it."""
    for _ in range(4):
        yield text.casefold()
        if (again := decoded(text)) == text:
            return
        text = again


def leaks(text: str) -> Iterator[str]:
    """Yield keys and whole addresses that stand in a text, in whatever form."""
    for reading in readings(text):
        for secret in (*SECRETS, *IN_BASE64):
            if secret.casefold() in reading:
                yield f"a key: {around(reading, secret.casefold())}"
        if found := ADDRESS.search(reading):
            yield f"an address: {around(reading, found[0])}"


def around(text: str, part: str) -> str:
    place = text.index(part)
    return repr(text[max(0, place - 60) : place + 60])


def documents(text: str) -> list[object]:
    """Return the JSON documents of an output, one after another."""
    decoder, left, found = json.JSONDecoder(), text.strip(), []
    while left:
        document, end = decoder.raw_decode(left)
        found.append(document)
        left = left[end:].strip()
    return found


def complaints(
    said: Said, *, json_wanted: bool, files: Iterable[tuple[str, bytes]] = ()
):
    """Yield what is wrong with how one call ended and with what it let out."""
    if said.raised is not None:
        yield f"it raised {said.raised!r:.200}"
        return
    if said.code not in DOCUMENTED:
        yield f"exit code {said.code!r}"
    if "Traceback" in said.out + said.err or "a bug" in said.out + said.err:
        yield "it shows a traceback"
    if json_wanted and said.code != 2:
        yield from _bad_document(said)
    for where, text in (("stdout", said.out), ("stderr", said.err)):
        yield from (f"{where} shows {leak}" for leak in set(leaks(text)))
    for name, content in files:
        # A database is searched as it is: what encodes text for people is not in it.
        binary = b"\0" in content
        found = () if binary else leaks(content.decode("utf-8", "replace"))
        yield from (f"the file {name} holds {leak}" for leak in set(found))
        if binary and BARE.search(content.lower()):
            yield f"the file {name} holds a key or an address"


def _bad_document(said: Said) -> Iterator[str]:
    try:
        found = documents(said.out)
    except ValueError as error:
        yield f"standard output is no JSON: {error}"
        return
    if not found:
        yield "there is no document"


def overreach(trial: Trial, expected: Effects) -> Iterator[str]:
    """Yield each effect that the unspoilt world would not have seen."""
    seen = Effects.of(trial)
    for name in ("codes", "sales", "people"):
        before = getattr(trial.untouched, name) | getattr(expected, name)
        for one, times in (getattr(seen, name) - before).items():
            yield f"{name}: {one} is there {times} times too often"
    gone = trial.untouched.codes & expected.codes
    yield from (f"{one} is gone" for one in gone - seen.codes)
    for write in sorted(seen.writes - expected.writes):
        yield f"it sent {write}"
