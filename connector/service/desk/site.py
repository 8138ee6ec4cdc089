"""The routes of the desk: who asks is judged first, then the page is made."""

from collections.abc import Awaitable, Callable, Container, Mapping

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.service.answers import HEADERS, Crowd, plain
from connector.service.desk import forms
from connector.service.desk.access import Refused, Role
from connector.service.desk.deciding import Deciding
from connector.service.desk.forms import Sent
from connector.service.desk.gate import Gate, Visitor
from connector.service.desk.known import Known
from connector.service.desk.looking import Looking
from connector.service.desk.paper import onward, page, script, style
from connector.service.desk.sessions import Link
from state.database import StateProblem

Look = Callable[[Request, Visitor], Response]
Change = Callable[[Request, Visitor, Sent], Response]


def app_of(desk: "Desk") -> Starlette:
    """Return the desk on its own, without what `run` serves beside it."""
    return Starlette(routes=desk.routes())


class Desk:
    """The pages of one server; ``link`` opens them, where one does."""

    def __init__(
        self,
        gate: Gate,
        known: Known,
        crowd: Crowd,
        *,
        running: Container[str] = (),
        link: Link | None = None,
        suggested: str = "",
    ) -> None:
        self.gate, self._crowd, self._link = gate, crowd, link
        self._looking = Looking(known, running)
        self._deciding = Deciding(gate, known, self._looking, suggested)

    def routes(self) -> list[Route]:
        looking = self._looking
        looks: Mapping[str, Look] = {
            "/": looking.overview,
            "/inbox": looking.inbox_page,
            "/report": looking.report_page,
            "/money": looking.money_page,
            "/history": looking.history_page,
            "/runs/{run}": looking.run_page,
        }
        changes: Mapping[str, Change] = {
            "/ask": self._deciding.ask,
            "/decide": self._deciding.decide,
            "/withdraw": self._deciding.withdraw,
        }
        among = self._crowd.among
        return [
            *[Route(path, among(self.look(do))) for path, do in looks.items()],
            *[
                Route(path, among(self.change(do)), methods=["POST"])
                for path, do in changes.items()
            ],
            Route("/open/{word}", among(self.open)),
            Route("/style.css", among(style)),
            Route("/desk.js", among(script)),
        ]

    # -- who asks -------------------------------------------------------------

    def look(self, show: Look) -> Callable[[Request], Response]:
        """Show a page to those who may see it."""

        def answered(request: Request) -> Response:
            visitor = self.gate.judge(request)
            if isinstance(visitor, Refused):
                return self.refused(request, visitor)
            try:
                return show(request, visitor)
            except StateProblem as error:
                return plain(f"{error}\n", 503)

        return answered

    def change(self, do: Change) -> Callable[[Request], Awaitable[Response]]:
        """Do what a form asks for, for those who may; others send no body at all."""

        async def answered(request: Request) -> Response:
            visitor = self.gate.judge(request, method="GET")
            if isinstance(visitor, Visitor) and not visitor.decides:
                visitor = self.gate.judge(request)
            if isinstance(visitor, Refused):
                return self.refused(request, visitor)
            sent = await forms.form_of(request)
            if isinstance(sent, Response):
                return sent
            return await run_in_threadpool(self._changed, do, request, sent)

        return answered

    def _changed(self, do: Change, request: Request, sent: Sent) -> Response:
        visitor = self.gate.judge(request, forms.first(sent, "form"))
        if isinstance(visitor, Refused):
            return self.refused(request, visitor)
        try:
            return do(request, visitor, sent)
        except StateProblem as error:
            return plain(f"{error}\n", 503)

    def refused(self, request: Request, refused: Refused) -> Response:
        """Say why there is no answer; a browser is asked for the token."""
        if refused.status == 403:
            return self._closed(request, refused)
        answer = plain(f"{refused.why}\n", refused.status)
        if refused.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="partnero-tolt"'
        return answer

    def _closed(self, request: Request, refused: Refused) -> Response:
        lines = [f"{refused.why[:1].upper()}{refused.why[1:]}."]
        if self._link is None:
            return page(
                request, "message", 403, heading="Not here", lines=lines, onward=""
            )
        lines.append(
            "The link is good once, and for ten minutes. For another one type: "
            "partnero-tolt review"
        )
        # A browser that was led here from elsewhere keeps its cookie back just once.
        came = request.headers.get("sec-fetch-site") == "cross-site"
        return page(
            request,
            "message",
            403,
            heading="This desk is closed here",
            lines=lines,
            onward="inbox" if came else "",
        )

    def open(self, request: Request) -> Response:
        """Let in whoever comes by the link, once; to look at it uses nothing up."""
        visitor = self.gate.judge(request)
        if isinstance(visitor, Refused) and visitor.status == 421:
            return self.refused(request, visitor)
        word, link = request.path_params["word"], self._link
        if link is not None and request.method == "HEAD" and link.fits(word):
            return Response(status_code=200, headers=HEADERS)
        if link is None or request.method == "HEAD" or not link.open(word):
            return self._closed(request, Refused(403, "this link is not good any more"))
        answer = onward(request, "")
        self.gate.keep(request, answer, self.gate.sessions.begin(Role.DECIDE))
        return answer
