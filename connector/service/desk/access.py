"""May this request do that? Decided from values alone: no request, no clock in here.

Three things are asked, in this order: was the server asked under a name of its own,
who is asking, and, where something is to be changed, does the request come from a page
of ours. A web page of somebody else can make a browser send a request with all that the
browser keeps for us, a cookie or a password: it cannot give it our origin, and does not
know the token in our forms. A bearer is sent by nobody who does not hold it.
"""

import hmac
from dataclasses import dataclass, field
from enum import IntEnum
from ipaddress import ip_address
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from connector.providers.web_addresses import is_loopback

READING = ("GET", "HEAD")
OWN_SITE = "same-origin"


class Role(IntEnum):
    """What somebody may do; each may what the one before it may."""

    NOBODY = 0
    LOOK = 1
    DECIDE = 2


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may do what here, and under which names this server is asked.

    ``names`` are host names beside those of this very machine, ``any_number`` says that
    every address made of numbers is one: nobody can borrow those. ``origins`` are those
    of a proxy. ``everybody`` is what one may who shows nothing. ``password`` says
    whether a browser shall ask for one.
    """

    token: str = field(default="", repr=False)
    view_token: str = field(default="", repr=False)
    names: frozenset[str] = frozenset()
    any_number: bool = False
    origins: frozenset[str] = frozenset()
    everybody: Role = Role.NOBODY
    password: bool = True


class Shown(NamedTuple):
    """A token that came in the header Authorization, how, and beside which name."""

    kind: Literal["bearer", "basic"]
    token: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as it matters here; None is a header that did not come.

    ``host`` is the whole of that header, ``session`` what its cookie is good for, None
    without a cookie that is known. ``form`` is the token that came in the form,
    ``expected`` the one that stands in the forms of this browser.
    """

    method: str
    host: str | None
    shown: Shown | None = None
    session: Role | None = None
    origin: str | None = None
    site: str | None = None
    form: str = field(default="", repr=False)
    expected: str = field(default="", repr=False)


class Refused(NamedTuple):
    """The status of the answer, and why."""

    status: int
    why: str


def judge(asked: Asked, rules: Rules) -> Role | Refused:
    """Return what the one who asks may do, or why the request is not answered."""
    if not is_ours(asked.host, rules):
        return Refused(421, "not by this name")
    role = role_of(asked, rules)
    if role is Role.NOBODY:
        return _unknown(asked, rules)
    if asked.method in READING:
        return role
    if role is not Role.DECIDE:
        return Refused(403, "you may look here, and not decide")
    return _changing(asked, rules)


def role_of(asked: Asked, rules: Rules) -> Role:
    """Return who asks: a token that is shown counts before a session does."""
    if asked.shown is not None:
        for token, role in ((rules.token, Role.DECIDE), (rules.view_token, Role.LOOK)):
            if token and same(asked.shown.token, token):
                return role
        return rules.everybody
    return rules.everybody if asked.session is None else asked.session


def _unknown(asked: Asked, rules: Rules) -> Refused:
    if not rules.password:
        return Refused(403, "this desk is opened by its link alone")
    wrong = "wrong" if asked.shown else "missing"
    return Refused(401, f"the token is {wrong}")


def _changing(asked: Asked, rules: Rules) -> Role | Refused:
    """Let through what comes from a page of ours, or from who needs no page."""
    free = (
        asked.shown is not None
        and asked.shown.kind == "bearer"
        and asked.session is None
    )
    told = asked.origin is not None or asked.site is not None
    if (told or not free) and not is_own(asked, rules):
        return Refused(
            403, "this did not come from a page of this desk: nothing was changed"
        )
    if not free and not (asked.expected and same(asked.form, asked.expected)):
        return Refused(
            403, "this page is too old, or not of this desk: nothing was changed"
        )
    return Role.DECIDE


def is_own(asked: Asked, rules: Rules) -> bool:
    """Say whether a request comes from a page of this server.

    A browser tells its origin, or that it is no other site, or both; what it tells must
    all be so. It tells the origin as ``null`` where it keeps it to itself.
    """
    if asked.site is not None and asked.site != OWN_SITE:
        return False
    if asked.origin is None or asked.origin == "null":
        return asked.site == OWN_SITE
    if asked.origin in rules.origins:
        return True
    scheme, _, rest = asked.origin.partition("://")
    return scheme in ("http", "https") and rest.lower() == (asked.host or "").lower()


def is_ours(host: str | None, rules: Rules) -> bool:
    """Say whether this is a name of ours: any other may be one that was borrowed."""
    name = name_in(host)
    if not name:
        return False
    return (
        is_loopback(name)
        or name in rules.names
        or (rules.any_number and _is_number(name))
    )


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def name_in(host: str | None) -> str:
    """Return the name in a header Host, in small letters; "" where it is rubbish."""
    try:
        return urlsplit(f"//{host or ''}").hostname or ""
    except ValueError:
        return ""


def same(one: str, other: str) -> bool:
    """Compare two secrets; how long it takes says nothing about them."""
    return hmac.compare_digest(one.encode(), other.encode())
