"""probe: what the documentation leaves open, asked of a live programme."""

from collections.abc import Iterator, Mapping
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
    store = _store(pair)
    known = store.facts.probed() if store else {}
    answers, failures = _answers(pair, known, write=write)
    if store is None:
        note("the answers could not be remembered: the state cannot be used")
    else:
        learned = {answer["point"]: answer["seen"] for answer in answers}
        store.facts.save_probed(known | learned)
    document = titled("probe", pair=pair.name, at=iso(now()), answers=answers)
    lines = [*map(_line, answers), *(f"FAIL {failure}" for failure in failures)]
    context.show(document | {"failures": failures}, "\n".join(lines))
    return FAILED if failures else DONE


def _answers(
    pair: Pair, known: Mapping[str, str], *, write: bool
) -> tuple[list[Document], list[str]]:
    """Ask both products; what cannot be asked of one is a failure."""
    client: type[ReadOnly] = ReadOnly
    if write:
        from connector.providers.writing import ReadWrite as client  # noqa: N813
    answers: list[Document] = []
    failures: list[str] = []
    with (
        closing(client(access_of(pair, Side.PARTNERO))) as left,
        closing(client(access_of(pair, Side.TOLT))) as right,
    ):
        for name, points in _asked(pair, left, right, write=write):
            try:
                for point, seen in points:
                    answers.append(_answer(pair, point, seen, known.get(point)))
            except SyncError as error:
                failures.append(f"{name} cannot be asked: {cell(str(error))}")
    return answers, failures


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
    answer = {"seen": seen, "as_expected": known, "before": before}
    return {"point": point, **asked, **answer}


def _line(answer: Document) -> str:
    text = cell(f"{answer['point']}: {answer['question']}: {answer['seen']}")
    if answer["before"] not in (None, answer["seen"]):
        text += cell(f" (before: {answer['before']})")
    if answer["as_expected"]:
        return f"ok   {text}"
    expected, consequence = answer["expected"], answer["consequence"]
    return f"NOTE {text}, expected {expected}. Consequence: {consequence}."
