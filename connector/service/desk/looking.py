"""The pages that only show: overview, inbox, report, money, history, one run."""

from collections.abc import Callable, Container, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from connector.reports.ages import said_age
from connector.reports.runs import recorded
from connector.service.desk import inbox, report
from connector.service.desk.gate import Visitor
from connector.service.desk.inbox_view import Filter, view
from connector.service.desk.known import Known, Past, Seen
from connector.service.desk.pairs_view import near, page_of
from connector.service.desk.paper import page
from connector.service.health import Standing
from mappings.moments import instant, iso

FEW = 50
"""Pairs that one page is about; of a fleet it shows those, and the one asked for."""
SHOWN = 10
"""Runs of a pair on the overview."""
RUNS = 50
"""Runs on the first page of the history."""
MOST_RUNS = 2000
NO_MONEY = {"not_compared": "", "totals": ()}
"""What is said of the money before anything was compared."""


class Some(NamedTuple):
    """The pairs that a page is about, and how many of a fleet it leaves out."""

    names: Sequence[str]
    left: int


Order = Callable[[Sequence[Standing]], Sequence[Standing]]


class Summary(NamedTuple):
    """One pair on the overview; ``past`` is read where there is but one pair."""

    name: str
    standing: Standing
    due: str
    is_running: bool
    open: int
    reasons: Sequence[tuple[str, str, int]]
    cause: str
    past: Sequence[Past]


class Looking:
    """What can be looked at, for a visitor who may."""

    def __init__(self, known: Known, running: Container[str]) -> None:
        self.known, self._running = known, running

    # -- pages ----------------------------------------------------------------

    def overview(self, request: Request, visitor: Visitor) -> Response:
        asked = request.query_params
        number = _number(asked.get("page", ""), 1)
        view = page_of(self.known.standings(), asked.get("q", ""), number)
        alone = view.total == 1
        return self.shown(
            request,
            visitor,
            "overview",
            here="",
            now=iso(datetime.now(UTC)),
            view=view,
            stale=view.stale,
            pairs=[self._summary(each, alone=alone) for each in view.rows],
            waits=view.waits,
        )

    def inbox_page(self, request: Request, visitor: Visitor) -> Response:
        names, asked = self.known.names, request.query_params
        wanted = Filter(
            self._pair(request),
            asked.get("reason", ""),
            " ".join(asked.get("q", "").split()),
            _number(asked.get("page", ""), 1),
        )
        some = self._some(wanted.pair, _waiting_first)
        seen = {name: self.known.seen(name) for name in some.names}
        shown = view(seen, wanted)
        looks = [(name, *_look(seen[name])) for name in some.names]
        return self.shown(
            request,
            visitor,
            "inbox",
            view=shown,
            names=names,
            some=some,
            near=self._near(request),
            looks=[one for one in looks if wanted.pair in ("", one[0])],
            parts_of=inbox.PARTS,
            takes=inbox.TAKES,
        )

    def report_page(self, request: Request, visitor: Visitor) -> Response:
        some = self._some(self._pair(request), _stale_first)
        reports = [
            report.report_of(
                name,
                self.known.run_document(name),
                self.items([name]),
                self.known.last_reading(name).findings,
            )
            for name in some.names
        ]
        return self._chosen(request, visitor, "report", some, reports=reports)

    def money_page(self, request: Request, visitor: Visitor) -> Response:
        some = self._some(self._pair(request), _stale_first)
        ledgers = [
            (
                name,
                *_look(self.known.seen(name)),
                NO_MONEY | {**self.known.last_reading(name).money},
            )
            for name in some.names
        ]
        return self._chosen(request, visitor, "money", some, ledgers=ledgers)

    def history_page(self, request: Request, visitor: Visitor) -> Response:
        some, most = self._some(self._pair(request), _latest_first), _most(request)
        past = [each for name in some.names for each in self.known.runs(name, most + 1)]
        past.sort(key=lambda each: each.run.started_at, reverse=True)
        more = min(most * 2, MOST_RUNS) if len(past) > most and most < MOST_RUNS else 0
        past = past[:most]
        return self._chosen(request, visitor, "history", some, past=past, more=more)

    def run_page(self, request: Request, visitor: Visitor) -> Response:
        document = self.known.run(request.path_params["run"])
        if document is None:
            heading = "There is no such run"
            lines = ["It may have been forgotten: old runs are, after a while."]
            return self.shown(
                request,
                visitor,
                "message",
                404,
                heading=heading,
                lines=lines,
                onward="history",
            )
        return self.shown(
            request,
            visitor,
            "run",
            here="history",
            run=document,
            cause=report.cause_of(document),
            entries=report.journal_of(document),
        )

    # -- what they are made of ------------------------------------------------

    def items(self, names: Sequence[str]) -> list[inbox.Item]:
        """Return everything that waits in these pairs."""
        return [
            item
            for name in names
            for item in inbox.items_of(name, self.known.seen(name))
        ]

    def shown(
        self,
        request: Request,
        visitor: Visitor,
        name: str,
        status: int = 200,
        **values: Any,  # noqa: ANN401 (what a template is given)
    ) -> Response:
        """Return a page with what stands on every one of them."""
        news = None
        if visitor.session is not None:
            news, visitor.session.news = visitor.session.news, None
        names = self.known.names
        common = {"visitor": visitor, "several": len(names) > 1, "news": news}
        if "waits" not in values:
            values["waits"] = self.known.waits()
        return page(request, name, status, **(common | values))

    def _chosen(
        self,
        request: Request,
        visitor: Visitor,
        name: str,
        some: Some,
        **values: Any,  # noqa: ANN401 (the same)
    ) -> Response:
        values |= {"names": self.known.names, "pair": self._pair(request)}
        values |= {"some": some, "near": self._near(request)}
        return self.shown(request, visitor, name, **values)

    def _some(self, pair: str, order: Order) -> Some:
        """Return which pairs a page is about: the one asked for, or all, or a few."""
        names = self.known.names
        if pair or len(names) <= FEW:
            return Some([pair] if pair else names, 0)
        first = order(self.known.standings())
        return Some([one.pair for one in first[:FEW]], max(0, len(first) - FEW))

    def _near(self, request: Request) -> Sequence[str]:
        """Return the pairs that may be meant, where no pair is named as was typed."""
        typed = request.query_params.get("pair", "")
        return () if self._pair(request) else near(self.known.names, typed)

    def _pair(self, request: Request) -> str:
        """Return the pair that is asked for, "" for all; a part of one name will do."""
        asked = request.query_params.get("pair", "")
        if asked in self.known.names:
            return asked
        meant = near(self.known.names, asked)
        return meant[0] if len(meant) == 1 else ""

    def _summary(self, standing: Standing, *, alone: bool) -> Summary:
        name, kept, last = standing.pair, standing.kept, standing.last
        past = self.known.runs(name, SHOWN) if alone else ()
        cause = (recorded(last) or "") if last else ""
        return Summary(
            name,
            standing,
            iso(standing.due) if standing.due else "",
            standing.running is not None or name in self._running,
            kept.waits,
            inbox.titled(kept.reasons),
            next((one.cause for one in past if last and one.run.id == last.id), cause),
            past,
        )


def _waiting_first(known: Sequence[Standing]) -> Sequence[Standing]:
    """Return the pairs in which something waits, those with the most first."""
    return sorted((one for one in known if one.kept.waits), key=lambda o: -o.kept.waits)


def _stale_first(known: Sequence[Standing]) -> Sequence[Standing]:
    return sorted(known, key=lambda one: not one.stale)


def _latest_first(known: Sequence[Standing]) -> Sequence[Standing]:
    """Return the pairs with a run, the one that began last first."""
    ran = [one for one in known if one.kept.started_at]
    return sorted(ran, key=lambda one: one.kept.started_at, reverse=True)


def _look(seen: Seen) -> tuple[str, str]:
    """Return when both sides of a pair were last seen, and how long that is ago."""
    if not seen.as_of:
        return "", ""
    seconds = (datetime.now(UTC) - instant(seen.as_of)).total_seconds()
    return seen.as_of, said_age(max(0, int(seconds)))


def _number(text: str, otherwise: int) -> int:
    """Return a number that stands in an address, if it is one."""
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    return int(text) if is_number else otherwise


def _most(request: Request) -> int:
    asked = _number(request.query_params.get("most", ""), RUNS)
    return min(max(1, asked), MOST_RUNS)
