"""The configured currency is held against Tolt's, wherever the answer is at hand."""

import re

import pytest

WHY = "whether Tolt's programme is in USD has not been asked yet"


@pytest.mark.parametrize("form", ["text", "markdown", "html", "csv"])
def test_a_first_plan_says_that_nobody_was_asked_and_what_asks(place, form):
    said = " ".join(place.run("plan", "--format", form).out.split())

    assert WHY.replace("'", "&#39;" if form == "html" else "'") in said or WHY in said
    assert "partnero-tolt check" in said


def test_the_document_says_it_until_a_run_has_asked(place):
    first = place.json("plan").document
    place.run("sync")
    second = place.json("plan").document

    assert first["currency_not_compared"].startswith(WHY)
    assert "currency_not_compared" not in second


def test_a_plan_without_a_currency_says_nothing_of_one(place):
    text = place.config.read_text().replace('currency = "USD"\n', "")
    place.config.write_text(text)

    assert "currency_not_compared" not in place.json("plan").document


def test_a_product_that_tells_none_is_told_of_as_such(place):
    listing = {"success": True, "has_more": False}
    program = {"id": f"prg_{place.world.tolt.program.uid}", "name": "Acme"}
    answer = {**listing, "data": [program]}
    place.fault(
        "status", path="/tolt/v2/programs", status=200, answer=answer, count=None
    )
    place.run("sync")

    planned = place.json("plan").document
    checked = place.json("check").document

    assert planned["currency_not_compared"] == (
        "Tolt does not tell whether its programme is in USD"
    )
    (said,) = [one for one in checked["checks"] if one["check"] == "tolt currency"]
    assert said["ok"]
    assert "is not told there; USD here cannot be compared" in said["said"]


@pytest.mark.parametrize("command", ["plan", "verify", "sync"])
def test_another_currency_than_was_told_before_is_refused(place, command):
    place.run("sync")
    place.sandbox.requests.clear()
    place.configure(currency='"EUR"')

    refused = place.json(command)

    assert refused.code == 2
    told = r"connector\.toml:\d+: pair acme: currency is EUR, but .* is in USD\."
    assert re.search(told, refused.err)
    assert place.writes == []


def test_with_a_new_key_the_answer_is_at_hand_and_compared(place, monkeypatch):
    """Who is behind a new key is asked; what it says of the currency counts."""
    place.run("sync")
    world = place.world.tolt
    place.world.organizations["tlt_new"] = world
    monkeypatch.setenv("TOLT_API_KEY", "tlt_new")
    world.program.currency = "EUR"

    refused = place.json("plan")

    assert refused.code == 2
    assert "Tolt's programme is in EUR" in refused.err
