"""The worked examples of docs/policies.md, each played on the stand-ins."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.connector.conftest import place, sandbox  # noqa: F401

PAGE = (Path(__file__).parents[1] / "docs" / "policies.md").read_text(encoding="utf-8")
CODE = "ANNA10"
EDITS = {
    "gives it 15 per cent on Tolt": [("tolt", "set_code", {"value": "15"})],
    "gives it to another partner on Partnero": [
        ("partnero", "move_partner", {"partner": "ben@example.com"})
    ],
    "gives it to another partner on Tolt": [
        ("tolt", "move_partner", {"partner": "ben@example.com"})
    ],
    "gives it 20 per cent on Partnero": [
        ("partnero", "move_coupon", {"coupon": "PCT20"})
    ],
    "gives it 20 per cent on Partnero and 15 on Tolt": [
        ("partnero", "move_coupon", {"coupon": "PCT20"}),
        ("tolt", "set_code", {"value": "15"}),
    ],
    "deletes it on Tolt": [("tolt", "delete_code", {})],
}


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading."""
    section = PAGE.partition(f"## {heading}")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line[:2] == "| "][1:]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def policy(cell: str) -> str:
    return "" if cell == "nothing" else cell.strip("`")


def said(document: dict, code: str) -> set[str]:
    """Return what a plan proposes for a code, as the page words it."""
    mine = [c for c in document["changes"] if c["code"] == code]
    told = {f"{c['action']} on {c['target']}: {c['status']}" for c in mine}
    return {text for text in told if not text.startswith("adopt")}


def looks() -> dict[str, dict[str, str]]:
    """Return, by policy, what the plan says about which code."""
    wanted: dict[str, dict[str, str]] = defaultdict(dict)
    for line, code, _, result in rows("A first look"):
        wanted[policy(line)][code.strip("`")] = result
    return wanted


LOOKS = looks()
AFTER = [(policy(line), did, result) for line, did, result in rows("After both sides")]


def holds(document: dict, code: str, result: str) -> bool:
    found = said(document, code)
    return not found if result == "nothing is proposed" else result in found


@pytest.mark.parametrize(
    "lines", [pytest.param(p, marks=pytest.mark.slow if p else ()) for p in LOOKS]
)
def test_a_first_look_says_what_the_page_says(place, lines):  # noqa: F811
    place.configure(policy=lines)

    document = place.json("plan").document

    wrong = {
        code: said(document, code)
        for code, result in LOOKS[lines].items()
        if not holds(document, code, result)
    }
    assert wrong == {}


@pytest.mark.slow
@pytest.mark.parametrize(("lines", "did", "result"), AFTER)
def test_after_both_agreed_the_plan_says_what_the_page_says(
    place,  # noqa: F811
    lines,
    did,
    result,
):
    place.sync()
    for side, action, options in EDITS[did]:
        place.edit(side, action, code=CODE, **options)
    place.configure(policy=lines)

    document = place.json("plan").document

    assert holds(document, CODE, result), said(document, CODE)


def test_every_key_of_the_page_is_a_key_of_the_policy():
    from connector.config.pair_sections import PolicySection

    named = re.findall(r"`(\w+) = ", PAGE)

    assert len(named) > 10
    assert set(named) <= {*PolicySection.model_fields, "direction"}
