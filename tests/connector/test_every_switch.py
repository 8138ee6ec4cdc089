"""Every switch of the stand-ins, at each of its values, while codes and sales move.

The rows come from the switches themselves: a new one is played at once, and fails here
by its name until it is at work in a story, or is named among those to which the program
gives no occasion. Whatever the reading, what a run brings about is compared with the
whole world: each thing comes once, to the right partner, with its money, or it waits.
"""

from collections import Counter
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from connector.sandbox.switches import Switches
from tests.standins.readings import CASES, Case
from tests.standins.town import COMES, rows_of, town
from tests.standins.twin import Twin

PUSH = 'redemptions = "both"\ncommissions = true'
BASE = {"tolt_rate_limit": 0, "tolt_v1_whole_rows": True}
"""What v1 leaves out by default has a row of its own."""
HINTS = get_type_hints(Switches)
NUMBERS: dict[str, list[Any]] = {
    "partnero_rate_limit": [5],
    "partnero_rate_window": [0.2],
    "partnero_log_limit": [1],
    "partnero_transactions_lag": [50.0],
    "tolt_rate_limit": [5],
    "tolt_rate_window": [0.2],
    "tolt_transactions_lag": [50.0],
    "tolt_duration": ["once"],
}
"""The values to play of a switch that is a number or any word."""
QUICK = """
partnero_redeem_race=True partnero_archived_counts=True partnero_keys=lower
partnero_redeem_lost_answer=True partnero_unique_transactions=True
partnero_unknown_customer=accept partnero_transactions_lag=50.0
tolt_charge_ids=lower tolt_inherit_code=False tolt_v1_unique_charges=True
""".split()
"""Where a sale could be counted or paid twice, or for somebody else."""


def _values(name: str) -> list[Any]:
    default, hint = getattr(Switches(), name), HINTS[name]
    if hint is bool:
        return [not BASE.get(name, default)]
    if get_origin(hint) is Literal:
        return [value for value in get_args(hint) if value != default]
    return NUMBERS.get(name, [])


PLAYED = [(name, value) for name in HINTS for value in _values(name)]
ROWS = [
    pytest.param(
        *(name, value, CASES.get((name, value), Case())),
        marks=[] if f"{name}={value}" in QUICK else [pytest.mark.slow],
        id=f"{name}={value}",
    )
    for name, value in PLAYED
]


@pytest.fixture
def settled(place, hurried):
    """Put the town of a case between the stand-ins, with a twin who compares."""

    def begin(case: Case, version: str, **played: Any) -> Twin:
        usual = Switches()
        usual.update({**BASE, **case.switches})
        place.sandbox.switches.update({**BASE, **case.switches, **played})
        place.inhabit(
            town(**case.world),
            api_version=f'"{version}"',
            base_url__1=f'"{place.sandbox.url}/tolt/{version}"',
            more=f"[pairs.policy]\n{PUSH}\n{case.policy}",
        )
        server = place.sandbox.server.config
        server.app = server.loaded_app = Twin(server.app, usual)
        case.before(place)
        return server.app

    return begin


def brought_about(place, case):
    """Do the runs of a case: how they end, what came and went, what the last wrote."""
    before, codes = rows_of(place.sandbox.world), []
    for number in range(len(case.exits)):
        written = len(place.writes)
        result = place.run("sync")
        codes.append(result.code)
        if number == 0:
            case.between(place)
    now = rows_of(place.sandbox.world)
    came, went = (_but(case.others, rows) for rows in (now - before, before - now))
    return result, (tuple(codes), came, went, place.writes[written:])


def _but(others, rows):
    return sorted(
        line for line in rows.elements() if not any(part in line for part in others)
    )


def expected(case):
    kept = [line for line in COMES if not any(part in line for part in case.waits)]
    return (
        case.exits,
        sorted([*_but(case.others, Counter(kept)), *case.instead]),
        [],
        [],
    )


def told(place, last):
    """Return what the plan that is made now says, and what the last run said."""
    plan = place.json("plan").documents
    lines = [last.out, last.err]
    for document in plan:
        lines += [
            " ".join((change["code"], *(change[name] for name in SAID)))
            for change in document.get("changes", ())
        ]
        lines += [finding["kind"] for finding in document.get("findings", ())]
    return "\n".join(lines)


SAID = ("action", "status", "reason")


@pytest.mark.whole
@pytest.mark.parametrize(("name", "value", "case"), ROWS)
def test_everything_comes_once_or_waits_with_a_word(place, settled, name, value, case):
    version = case.version or ("v1" if name.startswith("tolt_v1") else "v2")
    twin = settled(case, version, **{name: value})

    last, seen = brought_about(place, case)

    assert seen == expected(case)
    assert case.at_work(place, twin), f"{name} is not at work in this story"
    assert case.says or case.instead or not case.waits, "it waits without a word"
    said = told(place, last) if case.says else ""
    assert [word for word in case.says if word not in said] == []


@pytest.mark.whole
@pytest.mark.parametrize("version", ["v2", "v1"])
def test_as_it_is_documented_all_comes_and_no_answer_is_another(
    place, settled, version
):
    """Without this the answers of the twin, which prove a switch, would prove none."""
    twin = settled(Case(), version)

    _, seen = brought_about(place, Case())

    assert seen == expected(Case())
    assert (twin.differing, len(twin.struck)) == ([], 0)


def test_every_switch_and_every_case_is_played():
    assert [name for name in HINTS if not _values(name)] == []
    assert CASES.keys() - {*PLAYED} == set()
    assert {*QUICK} - {f"{name}={value}" for name, value in PLAYED} == set()
    assert {*BASE, *NUMBERS} - HINTS.keys() == set()
