"""probe: what the documentation leaves open, asked of a live programme."""

from collections.abc import Iterator
from contextlib import closing

from connector.commands.context import DONE, FAILED, Context, note, now
from connector.commands.memory import open_state
from connector.commands.probe import (
    ON_V1,
    POINTS,
    UNTOLD,
    Found,
    look_at_partnero,
    look_at_tolt,
    try_partnero,
    try_tolt,
)
from connector.config.clients import access_of
from connector.config.pair import Pair
from connector.errors import Misconfigured, Problem, SyncError
from connector.providers.http import ReadOnly
from connector.reports.documents import Document, titled
from connector.reports.safe import cell
from connector.run.idle import LEARNED
from connector.terminal.streams import aside
from mappings.canonical import Side
from mappings.moments import iso
from state.store import Store


def probe(context: Context, *, write: bool, own: bool) -> int:
    context.wants("text", "json")
    if write and not own:
        raise Misconfigured(
            "probe --write makes about 20 objects in the programme, whose names begin "
            "with PTPROBE, and not all can be removed. Use a programme that is thrown "
            "away, and say so: --write --i-own-this-programme"
        )
    if write:
        aside()
    pair = context.one_pair()
    client: type[ReadOnly] = ReadOnly
    if write:
        from connector.providers.writing import ReadWrite as client  # noqa: N813
    store = _store(pair)
    known = (store.fact(LEARNED) if store else None) or {}
    answers: list[Document] = []
    failures: list[str] = []
    with (
        closing(client(access_of(pair, Side.PARTNERO))) as left,
        closing(client(access_of(pair, Side.TOLT))) as right,
    ):
        for name, found in _asked(pair, left, right, write=write):
            try:
                for point, seen in found:
                    answers.append(_answer(pair, point, seen, known.get(point)))
            except SyncError as error:
                failures.append(f"{name} cannot be asked: {cell(str(error))}")
    if store is None:
        note("the answers could not be remembered: the state cannot be used")
    else:
        store.save_fact(LEARNED, known | {one["point"]: one["seen"] for one in answers})
    document = titled("probe", pair=pair.name, at=iso(now()), answers=answers)
    lines = [*map(_line, answers), *(f"FAIL {one}" for one in failures)]
    context.show(document | {"failures": failures}, "\n".join(lines))
    return FAILED if failures else DONE


def _store(pair: Pair) -> Store | None:
    """Return where the answers are remembered; None where nothing can be."""
    try:
        return open_state(pair.location, pair.name)
    except Problem as error:
        note(str(error))
        return None


def _asked(
    pair: Pair, left: ReadOnly, right: ReadOnly, *, write: bool
) -> Iterator[tuple[str, Found]]:
    program = pair.program_id
    yield "Partnero", look_at_partnero(left)
    yield "Tolt", look_at_tolt(right, pair.version, program)
    if write:
        yield "Partnero, by writing,", try_partnero(left)
        if pair.version == "v2":
            yield "Tolt, by writing,", try_tolt(right, program)


def _answer(pair: Pair, point: str, seen: str, before: str | None) -> Document:
    asked = POINTS[point]._asdict()
    if pair.version == "v1":
        asked["expected"] = ON_V1.get(point, asked["expected"])
    known = seen in (asked["expected"], UNTOLD)
    told = {"seen": seen, "as_expected": known, "before": before}
    return {"point": point, **asked, **told}


def _line(one: Document) -> str:
    said = cell(f"{one['point']}: {one['question']}: {one['seen']}")
    if one["before"] not in (None, one["seen"]):
        said += cell(f" (before: {one['before']})")
    if one["as_expected"]:
        return f"ok   {said}"
    told = f"expected {one['expected']}. Consequence: {one['consequence']}."
    return f"NOTE {said}, {told}"
