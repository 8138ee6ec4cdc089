"""Names beside masked e-mails: where somebody wants them, and nowhere else."""

import html
import json

import pytest

NAMES = "[report]\nnames = true\n"
FORMATS = ("text", "json", "markdown", "html", "csv")


@pytest.fixture
def strange(place):
    """Zoe is on Partnero alone, and a code of hers waits for her."""
    place.settle()
    row = {"email": "zoe@example.com", "name": "Zoe", "surname": "Quill"}
    place.edit("partnero", "create_partner", **row)
    code = {"code": "ZOE10", "coupon": "PCT10", "partner": "zoe@example.com"}
    place.edit("partnero", "create_code", **code)
    return place


def test_a_name_is_in_no_format_unless_it_is_asked_for(strange):
    for form in FORMATS:
        assert "Quill" not in strange.run("plan", "--format", form).out


def unescaped(text):
    """Undo what the formats do with a quote and an asterisk."""
    plain = html.unescape(text.replace("\\u0022", '"').replace("&#8203;", ""))
    plain = plain.replace("\\", "")
    return " ".join(plain.replace('""', '"').split())


@pytest.mark.parametrize("form", FORMATS)
def test_a_name_stands_beside_the_masked_address_where_it_is_asked_for(strange, form):
    strange.configure(NAMES)

    said = strange.run("plan", "--format", form)

    flat = unescaped(said.out)
    assert '"Zoe Quill" z***@example.com (prt_' in flat
    assert "zoe@" not in said.out
    assert "Quill" not in said.err


def test_a_name_is_in_the_inbox_the_certificate_and_what_explains_a_code(strange):
    strange.configure(NAMES)

    proof = strange.run("verify", "--out", "certificate.html")
    told = [proof.out, strange.run("explain", "ZOE10").out]
    told.append((strange.folder / "certificate.html").read_text("utf-8"))

    assert all("Zoe Quill" in " ".join(text.split()) for text in told)


def test_a_hostile_name_is_inert_and_is_nobody_elses_address(strange):
    name = '=1+1" <b>x</b>\x1b[31m ben@example.com (prt_1)\u202e' + "y" * 80
    strange.edit("partnero", "set_partner", email="zoe@example.com", name=name)
    strange.configure(NAMES)

    for form in FORMATS:
        said = strange.run("plan", "--format", form).out
        assert "\x1b" not in said
        assert "\u202e" not in said
        assert "ben@example.com" not in said
        assert "<b>x" not in said
        assert "y" * 70 not in said
    plan = strange.json("plan").document
    (zoe,) = [one for one in plan["changes"] if one["code"] == "ZOE10"]
    assert "(prt_1)" not in json.dumps(zoe)
