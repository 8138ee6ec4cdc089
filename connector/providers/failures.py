"""What a failed request is raised as: an error in the words of its cause."""

from collections.abc import Callable
from dataclasses import dataclass

from connector.engine.causes.requests import RequestFailed, Sent, UnusableAnswer
from connector.errors import SyncError, Unavailable, Uncertain
from connector.reports.messages.say import message
from mappings.tolerant_json import parse
from mappings.wire import Json


@dataclass(slots=True)
class Again(Exception):
    """This attempt failed and may be repeated; ``pause`` is what the server asks."""

    error: SyncError
    pause: float | None = None


def failed(kind: type[SyncError], cause: RequestFailed) -> SyncError:
    """Return an error in the words of its cause."""
    error = kind(message((cause,)))
    error.reason = cause.word
    return error


def broken(cause: RequestFailed) -> Exception:
    """Return the error for an exchange that ended without a usable answer."""
    if cause.sent.method == "GET":
        return Again(failed(Unavailable, cause))
    return failed(Uncertain, cause)


def decoded(
    sent: Sent, content: bytearray, read: Callable[[bytearray], Json] = parse
) -> Json:
    """Return what an answer says; where it is no JSON, it may be asked for again."""
    if sent.method != "GET" and not content.strip():
        return {}
    try:
        return read(content)
    except (ValueError, RecursionError):
        hint = "a web page" if is_page(content) else "no whole JSON"
        raise broken(UnusableAnswer(sent, hint)) from None


def is_page(content: bytearray) -> bool:
    """Say whether an answer is a web page."""
    return content[:100].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"
