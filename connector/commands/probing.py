"""probe: what the documentation leaves open, asked of a live programme."""

from collections.abc import Mapping
from typing import Any

from connector.commands.context import DONE, FAILED, Context, note, now
from connector.commands.watch import Stores
from connector.connect import access_of, keys_of
from connector.errors import Misconfigured
from connector.look import iso
from connector.probe import (
    Answer,
    all_of,
    look_at_partnero,
    look_at_tolt,
    try_partnero,
    try_tolt,
)
from connector.providers.http import ReadOnly
from connector.quick import LEARNED
from connector.reports.safe import cell
from mappings.canonical import Side


def probe(context: Context, *, write: bool, own: bool) -> int:
    """Ask each open point, print what was found, and remember the answers."""
    context.wants("text", "json")
    if write and not own:
        raise Misconfigured(
            "probe --write makes about 20 objects in the programme, whose names begin "
            "with PTPROBE, and not all can be removed. Use a programme that is thrown "
            "away, and say so: --write --i-own-this-programme"
        )
    config = context.config()
    pair = context.one_pair(config)
    keys = keys_of(config, pair)
    client: type[ReadOnly] = ReadOnly
    if write:
        from connector.providers.writing import ReadWrite as client  # noqa: N813
    left = client(access_of(pair, keys, Side.PARTNERO))
    right = client(access_of(pair, keys, Side.TOLT))
    version, program = pair.tolt.api_version, pair.tolt.program_id
    looks = {
        "partnero": lambda: look_at_partnero(left),
        "tolt": lambda: look_at_tolt(right, version, program),
    }
    if write:
        looks["partnero.write"] = lambda: try_partnero(left)
        if version == "v2":
            looks["tolt.write"] = lambda: try_tolt(right, program)
    answers = list(all_of(looks))
    left.close()
    right.close()
    store = Stores(config.state_url)(pair.name)
    known = (store.fact(LEARNED) if store else None) or {}
    _show(context, pair.name, answers, known)
    if store is not None:
        learned = known | {one.point: one.seen for one in answers}
        store.save_fact(LEARNED, learned)
    else:
        note("the answers could not be remembered: the state cannot be used")
    return FAILED if any(one.point in looks for one in answers) else DONE


def _show(
    context: Context, pair: str, answers: list[Answer], known: Mapping[str, Any]
) -> None:
    document = {
        "format": "partnero-tolt/probe",
        "version": 1,
        "pair": pair,
        "at": iso(now()),
        "answers": [
            {
                "point": one.point,
                "question": one.question,
                "expected": one.expected,
                "seen": one.seen,
                "as_expected": one.as_expected,
                "consequence": one.consequence,
                "before": known.get(one.point),
            }
            for one in answers
        ],
    }
    context.show(document, "\n".join(cell(_line(one, known)) for one in answers))


def _line(one: Answer, known: Mapping[str, Any]) -> str:
    word = "ok  " if one.as_expected else "NOTE"
    said = f"{word} {one.point}: {one.question}: {one.seen}"
    before = known.get(one.point, one.seen)
    said += f" (before: {before})" if before != one.seen else ""
    if one.as_expected:
        return said
    return f"{said}, expected {one.expected}. Consequence: {one.consequence}."
