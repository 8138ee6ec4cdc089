"""What a form has sent, read within bounds; and the words that are told afterwards."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from connector.reports.safe import cell
from connector.service.answers import body_of, plain
from connector.service.desk.gate import person
from connector.service.desk.known import Became, Chosen, Not

LARGEST = 512 * 1024
"""Bytes of a form: a page of the inbox, all of it selected, takes a tenth."""
FIELDS = 5000
KIND = "application/x-www-form-urlencoded"
LONGEST_NOTE = 500
Sent = Mapping[str, Sequence[str]]


async def form_of(request: Request) -> Sent | Response:
    """Return the fields of a form, or the answer to what is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != KIND:
        return plain(f"a form is sent as {KIND}\n", 415)
    body = await body_of(request, LARGEST)
    if isinstance(body, Response):
        return body
    try:
        return parse_qs(
            body.decode(),
            keep_blank_values=True,
            max_num_fields=FIELDS,
            errors="strict",
        )
    except ValueError:
        return plain("this form cannot be understood\n", 400)


def first(sent: Sent, name: str) -> str:
    return next(iter(sent.get(name, ())), "")


def chosen_in(sent: Sent) -> list[Chosen]:
    """Return what was selected: one by one, or as all of a group that was shown."""
    keys = list(sent.get("pick", ()))
    for group in sent.get("all", ()):
        keys += sent.get(f"in-{group}", ())
    return [Chosen(*_parts(key)) for key in dict.fromkeys(keys)]


def seen_in(sent: Sent) -> Mapping[Chosen, str]:
    """Return the marks of what the page has said that would happen, one by one."""
    marks = (text.rpartition(" ") for text in sent.get("saw", ()))
    return {Chosen(*_parts(key)): mark for key, _, mark in marks}


def _parts(key: str) -> tuple[str, str]:
    pair, _, id_ = key.partition(" ")
    return pair, id_


def note_in(sent: Sent) -> str:
    return cell(first(sent, "note"))[:LONGEST_NOTE]


def name_in(sent: Sent) -> str:
    return person(first(sent, "by"))


class News(NamedTuple):
    """What became of what somebody did, told on the next page."""

    title: str
    text: str = ""
    refused: Sequence[Not] = ()


def decided_news(became: Became) -> News:
    """Say how many decisions were stored."""
    count = became.taken
    if not count:
        return News("Nothing was stored.", refused=became.refused)
    noun = "decision is" if count == 1 else "decisions are"
    title = f"{count} {noun} stored."
    return News(title, "The next run carries them out.", became.refused)


def withdrawn_news(became: Became) -> News:
    count = became.taken
    noun = "decision is" if count == 1 else "decisions are"
    return News(f"{count} {noun} taken back.", refused=became.refused)
