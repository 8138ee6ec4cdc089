"""Deciding on the pages: what was selected is asked about once more, then stored.

Nothing in here asks a product. Answers are taken by the last complete look, each by
itself, and carried out by the next run.
"""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from connector.service.desk import forms, inbox
from connector.service.desk.access import Role
from connector.service.desk.forms import News, Sent
from connector.service.desk.gate import Gate, Visitor
from connector.service.desk.known import Chosen, Known, Not, Word
from connector.service.desk.looking import Looking
from connector.service.desk.paper import onward
from state.model import Take


class Deciding:
    """What may be changed, by a visitor who decides.

    ``suggested`` is offered to those who have no name yet.
    """

    def __init__(
        self, gate: Gate, known: Known, looking: Looking, suggested: str = ""
    ) -> None:
        self._gate, self._known, self._looking = gate, known, looking
        self._suggested = suggested

    def ask(self, request: Request, visitor: Visitor, sent: Sent) -> Response:
        """Ask once more about what was selected: what will happen, what is lost."""
        take = inbox.take_in(forms.first(sent, "take"))
        chosen = forms.chosen_in(sent)
        if take is None or not chosen:
            return self._said(
                request,
                visitor,
                "Nothing was selected",
                ["Select what you want to decide about, and then what is right."],
            )
        return self._question(request, visitor, self._about(chosen, take))

    def _about(self, chosen: list[Chosen], take: Take) -> inbox.Question:
        pairs = [name for name in self._known.names if name in dict(chosen)]
        return inbox.question(self._looking.items(pairs), chosen, take)

    def _question(
        self,
        request: Request,
        visitor: Visitor,
        question: inbox.Question,
        wrong: str = "",
        note: str = "",
    ) -> Response:
        return self._looking.shown(
            request,
            visitor,
            "ask",
            422 if wrong else 200,
            here="inbox",
            question=question,
            wrong=wrong,
            note=note,
            suggested=visitor.suggested or self._suggested,
        )

    def decide(self, request: Request, visitor: Visitor, sent: Sent) -> Response:
        """Store what was decided; each that is not as it was shown is refused alone."""
        take, chosen = inbox.take_in(forms.first(sent, "take")), forms.chosen_in(sent)
        if take is None or not chosen:
            return self._said(request, visitor, "Nothing was selected", [])
        asked = self._about(chosen, take)
        moved = asked.moved(forms.seen_in(sent))
        question = asked.without(moved)
        chosen = [one for one in chosen if one not in {item.chosen for item in moved}]
        note, by = forms.note_in(sent), _name(visitor, sent)
        if wrong := _wrong(question, sent, by):
            return self._question(request, visitor, question, wrong, note)
        became = self._known.decide(chosen, Word(take, by, note))
        refused = [*(_moved(item) for item in moved), *became.refused]
        news = forms.decided_news(replace(became, refused=refused))
        return self._told(request, visitor, by, news)

    def withdraw(self, request: Request, visitor: Visitor, sent: Sent) -> Response:
        """Take decisions back that no run has carried out yet."""
        became = self._known.withdraw(forms.chosen_in(sent))
        return self._told(request, visitor, visitor.name, forms.withdrawn_news(became))

    def _told(
        self, request: Request, visitor: Visitor, by: str, news: News
    ) -> Response:
        """Go back to the inbox, where it is told; who keeps no cookie is told here."""
        session = visitor.session
        if session is None and visitor.is_script:
            lines = [news.title, *(f"{one.code}: {one.why}" for one in news.refused)]
            return self._said(request, visitor, "Done", lines, 200)
        session = session or self._gate.sessions.begin(Role.NOBODY)
        session.news = news
        if not visitor.is_told:
            session.name = by
        answer = onward(request, "inbox")
        self._gate.keep(request, answer, session)
        return answer

    def _said(
        self,
        request: Request,
        visitor: Visitor,
        heading: str,
        lines: list[str],
        status: int = 422,
    ) -> Response:
        values: dict[str, Any] = {"heading": heading, "lines": lines, "onward": "inbox"}
        return self._looking.shown(
            request, visitor, "message", status, here="inbox", **values
        )


def _name(visitor: Visitor, sent: Sent) -> str:
    """Return who decides: whom a proxy vouches for, or who was typed."""
    typed = forms.name_in(sent)
    return visitor.name if visitor.is_told else typed or visitor.name


def _wrong(question: inbox.Question, sent: Sent, by: str) -> str:
    """Say what is missing before anything is stored; "" where nothing is."""
    if question.destroyed and forms.first(sent, "sure") != "yes":
        return "Something is deleted for good. Say that you have read what is lost."
    return "" if by else "Say who decides."


def _moved(item: inbox.Item) -> Not:
    why = "what would happen is not what was shown to you: select it once more"
    return Not(item.pair, item.id, item.code, why)
