"""What a request shows of who asks, taken from its headers for ``access`` to judge."""

import base64
import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from connector.reports.safe import cell
from connector.service.desk.access import (
    Asked,
    Refused,
    Role,
    Rules,
    Shown,
    judge,
    name_in,
)
from connector.service.desk.sessions import Session, Sessions

LONGEST_NAME = 80
"""Characters of a person's name."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, after it was judged: what they may do, and under which name.

    ``mark`` stands in each form they get; ``name`` is "" until they were asked for it,
    ``suggested`` beside the password, ``is_told`` says that a proxy vouches for it.
    ``is_script`` came by a bearer.
    """

    role: Role
    session: Session | None
    mark: str
    name: str = ""
    suggested: str = ""
    is_told: bool = False
    is_script: bool = False

    @property
    def decides(self) -> bool:
        return self.role is Role.DECIDE


class Gate:
    """Judges requests by the rules of one server."""

    def __init__(
        self,
        rules: Rules,
        *,
        cookie: str,
        user_header: str = "",
        public_url: str = "",
    ) -> None:
        self.rules, self.cookie = rules, cookie
        self.sessions = Sessions()
        self._user_header, self._public_url = user_header, public_url

    def judge(
        self, request: Request, form: str = "", *, method: str = ""
    ) -> Visitor | Refused:
        """Return who asks, or why they get no answer; ``method`` judges as another."""
        headers = request.headers
        shown = shown_in(headers.get("authorization", ""))
        session = self.sessions.find(request.cookies.get(self.cookie, ""))
        mark = self._mark(shown, session)
        asked = Asked(
            method or request.method,
            headers.get("host"),
            shown,
            session.role if session else None,
            headers.get("origin"),
            headers.get("sec-fetch-site"),
            form,
            mark,
        )
        role = judge(asked, self.rules)
        if isinstance(role, Refused):
            return role
        return self._visitor(request, role, session, shown, mark)

    def _visitor(
        self,
        request: Request,
        role: Role,
        session: Session | None,
        shown: Shown | None,
        mark: str,
    ) -> Visitor:
        told = self._told(request, role)
        return Visitor(
            role,
            session,
            mark,
            name=told or (session.name if session else ""),
            suggested=person(shown.user) if shown else "",
            is_told=bool(told),
            is_script=shown is not None and shown.kind == "bearer",
        )

    def _mark(self, shown: Shown | None, session: Session | None) -> str:
        if shown and shown.kind == "basic":
            return self.sessions.mark(f"basic {shown.token}")
        return self.sessions.mark(f"session {session.id}") if session else ""

    def _told(self, request: Request, role: Role) -> str:
        """Return the name that a proxy tells; of who may decide alone."""
        if not self._user_header or role is not Role.DECIDE:
            return ""
        return person(request.headers.get(self._user_header, ""))

    def keep(self, request: Request, response: Response, session: Session) -> None:
        """Give a browser the cookie of its session."""
        response.set_cookie(
            self.cookie,
            session.id,
            path="/",
            httponly=True,
            samesite="strict",
            secure=self._is_encrypted(request),
        )

    def _is_encrypted(self, request: Request) -> bool:
        """Say whether the browser reached us through the proxy's encryption."""
        if not self._public_url.startswith("https://"):
            return False
        by_its_name = name_in(request.headers.get("host")) in self.rules.names
        return by_its_name or request.headers.get("x-forwarded-proto") == "https"


def shown_in(header: str) -> Shown | None:
    """Return the token in a header Authorization; rubbish is a wrong one."""
    kind, _, value = header.partition(" ")
    match kind.lower():
        case "bearer":
            return Shown("bearer", value.strip())
        case "basic":
            return _password(value)
        case "":
            return None
        case _:
            return Shown("bearer", "")


def _password(value: str) -> Shown:
    try:
        user, _, password = base64.b64decode(value).decode().partition(":")
    except ValueError:  # no base64, or no text
        return Shown("basic", "")
    return Shown("basic", password, user)


def person(text: str) -> str:
    """Return a person's name as it can be kept: one line, without what is not seen."""
    return re.sub(r"\\u[0-9a-f]{4}", "", cell(text))[:LONGEST_NAME].strip()
