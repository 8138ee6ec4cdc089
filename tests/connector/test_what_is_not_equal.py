"""Dead here and live there, looser there, another unit: told, never called equal."""


def exceptions(place, code):
    found = place.json("verify").document["exceptions"]
    return [one for one in found if one["code"] == code]


def test_a_code_that_expired_on_partnero_alone_is_no_equal_pair(place):
    """B12: it counted as in step, and the certificate called it equal."""
    place.settle()
    before = place.json("verify").document["equal"]
    place.edit("partnero", "set_code", code="ANNA10", expires="2022-05-01")

    proof = place.json("verify")
    report = place.run("plan").out

    assert proof.document["equal"] == before - 1
    (open_,) = exceptions(place, "ANNA10")
    assert (open_["reason"], open_["accepted"]) == ("dead_here_live_there", False)
    assert report.index("Matters most") < report.index("Needs a decision")
    assert "expired, last valid on 2022-05-01" in report


def test_a_death_on_one_side_can_be_accepted_by_name(place):
    place.settle()
    place.edit("partnero", "set_code", code="ANNA10", expires="2022-05-01")

    said = place.run("decide", "ANNA10", "--keep", "--by", "Ada", "--note", "a gift")
    (known,) = exceptions(place, "ANNA10")

    assert said.code == 0
    assert known["accepted"]
    assert (known["by"], known["note"]) == ("Ada", "a gift")


def test_an_accepted_limit_is_asked_about_again_when_it_changes(place):
    place.settle()
    place.edit("partnero", "set_code", code="ANNA10", redemption_limit=50)
    place.run("decide", "ANNA10", "--keep")
    place.run("sync")
    place.edit("partnero", "set_code", code="ANNA10", redemption_limit=60)
    place.run("sync")
    place.edit("partnero", "set_code", code="ANNA10", redemption_limit=50)

    waits = place.json("inbox", "--fresh").document["acceptable"]

    assert [one["kind"] for one in waits if one["code"] == "ANNA10"] == [
        "looser_on_tolt"
    ]


def test_an_expired_code_is_not_carried_and_is_no_exception(place):
    """B12: on Tolt it would come to life for ever."""
    row = {"code": "OLDONE", "coupon": "PCT10", "partner": "anna@example.com"}
    place.edit("partnero", "create_code", **row)
    place.edit("partnero", "set_code", code="OLDONE", expires="2022-05-01")

    ended = place.json("sync")
    proof = place.json("verify").document

    assert "OLDONE" not in ended.outcomes
    assert place.sandbox.world.tolt.codes_named("OLDONE") == []
    assert "OLDONE" in proof["dead"]
    assert exceptions(place, "OLDONE") == []


def test_an_amount_in_another_unit_comes_first_and_is_not_carried(place):
    place.settle()
    place.edit("partnero", "set_discount", coupon="FIX25", amount=2500)

    ended = place.json("sync")
    planned = place.json("plan").document

    held = [c for c in planned["changes"] if c["reason"] == "wrong_unit"]
    assert held
    assert {c["status"] for c in held} == {"held"}
    assert not {c["code"] for c in held} & set(ended.outcomes)
    assert "Perhaps the wrong unit" in place.run("plan").out
