"""Which kind of programme a Partnero key opens, as far as its answers show it.

Affiliate programmes alone have partners who are paid for promotion codes. In the other
two kinds the same paths take and return other fields. Where no kind is told it is
unknown, which is no reason to stop.
"""

import re
from typing import Literal

from mappings.shapes import has
from mappings.wire import Json, Row

Kind = Literal["refer-a-friend", "newsletter"]
"""The kinds that there are besides affiliate."""
_SAID_AS = ("type", "program_type", "programme_type", "kind")
_NAMES = ("name", "key", "slug", "value", "type")
_WORDS: tuple[tuple[str, Kind], ...] = (
    ("newsletter", "newsletter"),
    ("subscriber", "newsletter"),
    ("referafriend", "refer-a-friend"),
    ("referral", "refer-a-friend"),
    ("raf", "refer-a-friend"),
)
_FIELDS: tuple[tuple[Kind, frozenset[str]], ...] = (
    (
        "newsletter",
        frozenset(("subscriber", "referring_subscriber", "referred_subscribers")),
    ),
    ("refer-a-friend", frozenset(("referring_customer", "referred_customers"))),
)


def told_kind(*answers: Row) -> Kind | None:
    """Return the kind that an answer about the programme names, if it is not ours."""
    for answer in answers:
        for name in _SAID_AS:
            if kind := _named(answer.get(name)):
                return kind
    return None


def _named(stated: Json) -> Kind | None:
    if isinstance(stated, dict):
        return next(filter(None, (_named(stated.get(name)) for name in _NAMES)), None)
    word = (
        re.sub(r"[^a-z]", "", stated[:100].casefold())
        if isinstance(stated, str)
        else ""
    )
    for sign, kind in _WORDS:
        if word == sign or (len(sign) > len("raf") and word.startswith(sign)):
            return kind
    return None


def shown_kind(row: Json) -> Kind | None:
    """Return the kind whose fields a customer or a transaction has in place of ours."""
    if has(row, "partner"):
        return None
    shows = (kind for kind, names in _FIELDS if any(has(row, name) for name in names))
    return next(shows, None)
