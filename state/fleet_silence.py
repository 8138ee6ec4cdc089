"""Which pairs of a fleet may be silent: one question, whatever their number is."""

from typing import NamedTuple

from sqlalchemy import Engine, and_, func, or_, select

from state import fleet_tables as f
from state import tables as t
from state.every_pair import reading
from state.fleet import SECOND, moment

UNDER_WAY = 600
"""Seconds for which a claimed pair is waited for: its pass will say what is wrong."""


class Quiet(NamedTuple):
    """A pair whose last success is too long ago, or that never had one.

    ``since`` is when that success ended, or when the pair was imported; ISO 8601.
    """

    pair: str
    section: str
    since: str


def quiet(engine: Engine, now: str, most: int, after: str = "") -> list[Quiet]:
    """Return pairs that are stale by what is kept of them; ``now`` is ISO 8601.

    They come by name, so many at a time: the next ones are ``after`` the last of these.
    A pair that is paused, or whose pass is under way, is not meant.
    """
    pair, kept = f.FLEET_PAIR.c, t.STANDING.c
    success = func.coalesce(kept.success, "")
    both = f.FLEET_PAIR.outerjoin(t.STANDING, kept.pair == pair.pair)
    with reading(engine, "the fleet") as connection:
        recent = moment(connection) - UNDER_WAY * SECOND
        stale = or_(success == "", and_(kept.stale_at != "", kept.stale_at <= now))
        idle = or_(pair.queued.is_(None), pair.queued < recent)
        since = func.coalesce(func.nullif(kept.success, ""), pair.imported_at)
        asked = select(pair.pair, pair.section, since).select_from(both)
        asked = asked.where(~pair.paused, idle, stale, pair.pair > after)
        asked = asked.order_by(pair.pair).limit(most)
        return [Quiet(*row) for row in connection.execute(asked)]
