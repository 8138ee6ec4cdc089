"""What leaves the program, without whole e-mail addresses and without keys.

One function for every border: output, files, log, notices, pages. It may be applied
again to its own result. Every pattern here takes time in proportion to the text: the
text is anybody's.
"""

import re
from collections.abc import Mapping
from typing import Any

from mappings.known_secrets import Known

LONGEST_NAME = 20
HIDDEN = "***"
_secrets = Known()

_UNSEEN = "[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]{0,4}"
_AT = re.compile(
    _UNSEEN + r"(?:[ \t\u00a0]{0,4}[@\uff20\ufe6b][ \t\u00a0]{0,4}"
    r"|%(?:25){0,9}40|%EF%BC%A0|%u0040"  # in an address of the web
    r"|&(?:amp;){0,9}(?:\#0{0,9}64|\#x0{0,9}40|\#65312|\#xff20|commat);?"  # in HTML
    r"|\\(?:u0040|x40|U00000040|u\{0{0,6}40\}|100|uff20)"  # in a program's text
    r"|=40|\+AEA-"  # in a mail
    r")(?:&(?:amp;){0,9}\#8203;)?" + _UNSEEN,
    re.IGNORECASE,
)
_SUSPECT = re.compile("[@%&\\\\=+\uff20\ufe6b]|(?i:bearer|authorization|x-api-key)")
# Where a mailbox ends to the left; all else may stand in one.
_BEFORE = frozenset("<>\"'`,;:()[]|=&/\\?\u3000")
_DOT = (
    r"(?:[.\uff0e\u3002\uff61]|%(?:25){0,9}2E|%u002e|=2E"
    r"|&(?:amp;){0,9}(?:\#0{0,9}46|\#x0{0,9}2e|period);?"
    r"|\\(?:u002e|x2e|u\{0{0,6}2e\}|056))"
)
# Beyond ASCII whatever is seen or unseen: letters of some scripts are several signs.
_SIGN = (
    r"(?:[\w-]|[^\x00-\xa9\s\u3002\uff0e\uff61\uff20\ufe6b]"
    r"|\\{1,4}u(?!002e|0040|000a)[0-9a-f]{4})"
)
_DOMAIN = re.compile(
    rf"(?P<name>{_SIGN}+(?:{_DOT}{_SIGN}+)*)|\[(?:IPv6:)?[0-9A-Fa-f:.]{{2,60}}\]",
    re.IGNORECASE,
)
_DOTS = re.compile(_DOT, re.IGNORECASE)
_TOP = re.compile(r"(?:[^\W\d_]|[^\x00-\xa9]){2,}|xn--[\w-]+", re.IGNORECASE)
_NUMBERS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_MASKED = re.compile(r"[^*]?\*{3,}|\*+")
_QUOTED = re.compile(r"[^\"<>=:,{}\n]+")
_BEARER = re.compile(r"\b(bearer)(?:\s|%20|[+:=]){1,8}[^\s\"'<>,;&\\]+", re.IGNORECASE)
_HEADER = re.compile(
    r"\b((?:authorization|x-api-key)[\"'\\]{0,4}\s{0,4}[:=]\s{0,4}[\"'\\]{0,4})"
    r"(?:[a-z]{1,10}\s{1,4})?[^\s\"'<>,;&\\]+",
    re.IGNORECASE,
)


def hide(secret: str) -> None:
    """Remember a key of this process: from now on it stands in nothing that leaves."""
    if secret and secret != HIDDEN:
        _secrets.add(secret)


def masked(text: str, *, dotless: bool = False) -> str:
    """Return a text with keys as ``***`` and addresses as ``s***@example.com``.

    ``dotless`` takes ``user@host`` for an address, too, as in the text of a stranger.
    """
    if text in _secrets:
        return HIDDEN
    text = _secrets.without(text, HIDDEN)
    if not _SUSPECT.search(text):
        return text
    text = _HEADER.sub(rf"\1{HIDDEN}", text)
    text = _BEARER.sub(rf"\1 {HIDDEN}", text)
    return "".join(_without_addresses(text, dotless=dotless))


def masked_values(value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a document with each of its texts masked, so that it stays JSON."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {_name(name): masked_values(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked_values(inner) for inner in value]
    return value


def _name(name: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return the name of a member; those that we write ourselves are short words."""
    if isinstance(name, str) and name.isidentifier() and len(name) < LONGEST_NAME:
        return name
    return masked_values(name)


def _without_addresses(text: str, *, dotless: bool) -> list[str]:
    """Return the parts of a text, each of its addresses masked."""
    parts: list[str] = []
    done = 0
    for at in _AT.finditer(text):
        if at.start() < done:
            continue
        domain = _DOMAIN.match(text, at.end())
        if domain is None or not _is_domain(domain, dotless=dotless):
            continue
        begin = _beginning(text, done, at.start())
        name = text[begin : at.start()]
        if not name:
            continue
        if _MASKED.fullmatch(name):
            parts.append(text[done : domain.end()])
        else:
            parts += [text[done:begin], name.lstrip('"')[:1], f"{HIDDEN}@"]
            parts.append(domain.group())
        done = domain.end()
    return [*parts, text[done:]]


def _is_domain(match: re.Match[str], *, dotless: bool) -> bool:
    name = match["name"]
    if name is None or dotless:
        return True
    if _NUMBERS.fullmatch(name):
        return True
    labels = _DOTS.split(name)
    return len(labels) > 1 and _TOP.fullmatch(labels[-1]) is not None


def _beginning(text: str, least: int, end: int) -> int:
    """Return where the mailbox begins that ends here: a run, or a quoted name."""
    near = end
    while near > least and text[near - 1] == "\\":  # an escape that was escaped again
        near -= 1
    begin = _run(text, least, near)
    if begin < near:
        return begin
    if text[end - 1 : end] == '"':
        opening = text.rfind('"', max(least, end - 66), end - 1)
        if opening >= 0 and _QUOTED.fullmatch(text, opening + 1, end - 1):
            return _run(text, least, opening)
    return end


def _run(text: str, least: int, end: int) -> int:
    """Return where the run begins that ends here, of what may stand in a mailbox."""
    begin = end
    while begin > least and not (
        text[begin - 1].isspace()
        or (text[begin - 1] in _BEFORE and not _is_apostrophe(text, begin - 1))
    ):
        begin -= 1
    return begin


def _is_apostrophe(text: str, at: int) -> bool:
    """Say whether this is the sign in O'Brien: no quote has letters on both sides."""
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    return text[at] == "'" and len(around) == 2 and around.isalnum()
