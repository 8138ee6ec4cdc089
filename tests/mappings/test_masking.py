"""No address and no key is whole in what leaves, whatever form it takes."""

import json
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from connector.providers.error_words import error_of
from connector.reports.markdown import plain
from connector.reports.safe import cell, inert, sheet_cell
from connector.terminal.log import redact
from mappings import masking
from mappings.canonical import is_address
from mappings.known_secrets import Known
from mappings.masking import hide, masked, masked_values

KEY = 'sk_live_9f8A/7+e"6=d5c4b3'


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    monkeypatch.setattr(masking, "_secrets", Known())
    hide(KEY)


FORMS = {
    "plain": "sam.secret@example.org",
    "in capitals": "SAM.SECRET@EXAMPLE.ORG",
    "in an address of the web": "sam.secret%40example.org",
    "escaped twice there": "sam.secret%2540example.org",
    "escaped three times": "sam.secret%252540example.org",
    "with its dots escaped": "sam%2Esecret%40example%2Eorg",
    "a decimal entity": "sam.secret&#64;example.org",
    "a decimal entity with zeros": "sam.secret&#0000064;example.org",
    "a decimal entity without its end": "sam.secret&#64example.org",
    "a hexadecimal entity": "sam.secret&#x40;example.org",
    "a hexadecimal entity in capitals": "sam.secret&#X0040;example.org",
    "a named entity": "sam.secret&commat;example.org",
    "an entity, escaped again": "sam.secret&amp;#64;example.org",
    "an entity, escaped twice again": "sam.secret&amp;amp;commat;example.org",
    "full width": "sam.secret\uff20example.org",
    "full width in an address": "sam.secret%EF%BC%A0example.org",
    "small": "sam.secret\ufe6bexample.org",
    "a dot of East Asia": "sam.secret@example\u3002org",
    "an escape of JSON": "sam.secret\\u0040example.org",
    "an escape of an escape": "sam.secret\\\\u0040example.org",
    "an escape of a program": "sam.secret\\x40example.org",
    "an octal escape": "sam.secret\\100example.org",
    "a newer escape": "sam.secret\\u{40}example.org",
    "quoted for a mail": "sam.secret=40example.org",
    "seven bits": "sam.secret+AEA-example.org",
    "with a tag": "sam.secret+news@example.org",
    "with an unseen sign": "sam.secret\u200b@\u200bexample.org",
    "as a link": "<a href='mailto:sam.secret@example.org'>",
    "in brackets": "Sam <sam.secret@example.org>,",
    "in a query": "https://x.example/?mail=sam.secret@example.org&a=b",
    "with a port behind": "https://sam.secret@example.org:443/",
    "at a number": "sam.secret@[192.0.2.1]",
    "of another script": "sam.secret@b\u00fccher.example",
    "as it is sent": "sam.secret@xn--bcher-kva.example",
    "with a quoted name": '"sam.secret of sales"@example.org',
    "after another": "ben@example.org;sam.secret@example.org",
    "with blanks around the sign": "sam.secret @ example.org",
    "with a blank that does not break": "sam.secret\u00a0@\texample.org",
    "at a newer number": "sam.secret@[IPv6:2001:db8::1]",
    "at a bare number": "sam.secret@192.0.2.1",
    "of a script with signs of several parts": "sam.secret@\u0926\u093e.\u092d\u093e",
    "with an accent of its own": "sam.secret@e\u0301cole.example",
    "with an unseen sign in the name": "sam.secret@exam\u00adple.org",
    "with a dot as an entity": "sam.secret&#64;example&#x2e;org",
    "with a dot as a named entity": "sam.secret&commat;example&period;org",
    "with a dot as a program writes it": "sam.secret\\x40example\\x2eorg",
    "an old escape": "sam.secret%u0040example.org",
    "with an apostrophe": "sam.o'secret@example.org",
    "twice": "sam.secret@example.org@example.org",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("around", ["{}", "it is {} .", "({})", '"{}"', "a:{},b"])
def test_no_form_of_an_address_is_whole(form, around):
    text = around.format(form)
    shown = masked(text)

    assert "secret" not in shown.lower()
    assert "***@" in shown
    assert masked(shown) == shown


def test_the_rest_of_a_text_stays_as_it_is():
    assert masked("Ask sam@example.com, or (ben@example.org).") == (
        "Ask s***@example.com, or (b***@example.org)."
    )


@pytest.mark.parametrize(
    "text",
    [
        "root@vm",
        "50 % off, 40%",
        "limit=40.50",
        "postgresql+psycopg://USER@HOST/DATABASE",
        "@example.com",
        "SAM20",
        "a = b & c; d\\e",
        "pkg@1.2.3",
        "partnero-tolt decide c_12ab --keep",
    ],
)
def test_what_is_no_address_is_left_alone(text):
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        f"The key {KEY} is not known",
        f"The key {KEY.upper()} is not known",
        "The key sk_live_9f8A%2F7%2Be%226%3Dd5c4b3 is not known",
        "The key sk_live_9f8A/7+e&quot;6=d5c4b3 is not known",
        'The key sk_live_9f8A/7+e\\"6=d5c4b3 is not known',
        f"Bearer {KEY}",
        f"authorization: bearer {KEY}",
        KEY,
    ],
)
def test_no_form_of_a_key_is_whole(text):
    shown = masked(text)

    assert "9f8a" not in shown.lower()
    assert "***" in shown
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer another-token-1",
        "{'authorization': 'Basic another-token-1'}",
        '{"Authorization":"another-token-1"}',
        "Proxy-Authorization=another-token-1",
        "X-Api-Key: another-token-1",
        "BEARER another-token-1",
        "Bearer%20another-token-1",
    ],
)
def test_what_authorises_is_never_repeated(text):
    assert "another-token" not in masked(text)


def test_a_value_that_equals_a_key_is_hidden_however_short_it_is():
    hide("k1")

    assert masked("k1") == "***"
    assert masked_values({"key": ["k1", 1, None, True]}) == {
        "key": ["***", 1, None, True]
    }
    assert masked("mark1ng") == "mark1ng"


def test_a_document_stays_json_and_keeps_what_is_no_text():
    document = {
        "sam.secret@example.org": 'a "b" sam.secret@example.org\n\\',
        "list": ["\nsam.secret@example.org", {"deep": (KEY, 1.5, None)}],
    }
    shown = json.loads(json.dumps(masked_values(document)))

    assert shown == {
        "s***@example.org": 'a "b" s***@example.org\n\\',
        "list": ["\ns***@example.org", {"deep": ["***", 1.5, None]}],
    }


PARTS = st.text(alphabet='ab.@%40&#64;\\u0"<>*=＠ \n+-', max_size=60)  # noqa: RUF001


@example('0"0"@0')
@given(PARTS)
def test_what_was_masked_once_stays_as_it_is(text):
    once = masked(text)
    assert masked(once) == once
    strict = masked(text, dotless=True)
    assert masked(strict, dotless=True) == strict


@given(st.text(alphabet="abc.+-_%'!#$", min_size=2, max_size=20), PARTS)
def test_no_mailbox_of_two_signs_and_more_is_left(name, around):
    address = f"zq{name}qz@example.org"
    assume(is_address(address))

    assert address not in masked(f"{around} {address} {around}")


@pytest.mark.parametrize("written", [plain, cell, inert, sheet_cell])
def test_what_a_format_made_of_a_text_is_masked_like_the_text(written):
    assert "secret" not in masked(written("sam.secret@example.org"))
    assert "secret" not in masked(written("sam.secret@exam\u00adple.org"))
    once = written(masked("sam.secret@example.org"))
    assert masked(once) == once


def test_the_log_holds_no_address_in_any_kind_of_value():
    event = {
        "error": ValueError("no sam.secret@example.org"),
        "list": ["sam.secret@example.org", {"sam.secret@example.org": b"x"}],
        "data": b"sam.secret@example.org",
        "count": 3,
        "none": None,
    }
    shown = redact(None, "warning", event)

    assert "secret" not in repr(shown)
    assert shown["count"] == 3
    assert shown["none"] is None


MUCH = 120_000
MEGABYTE = 1_000_000
HOSTILE = {
    "one word": "a",
    "signs": "@",
    "signs and letters": "a@",
    "a long name": "a.",
    "addresses": "a@b.cc",
    "addresses without an end": "x@a.",
    "backslashes": "\\",
    "escapes": "\\u0040",
    "ampersands": "&amp;",
    "zeros": "&#0",
    "percents": "%25",
    "bearers": "bearer ",
    "headers": "authorization: ",
    "quotes": '"',
    "quoted names": '"a"@b.cc',
    "quotes and signs": '" @x.y',
    "unseen": "\u200b",
    "brackets": "x@[1",
    "equal signs": "=40",
    "blanks": " ",
    "stars": "*@b.cc",
}
GENEROUS = 20
"""Seconds of computing, on a slow machine; what is quadratic takes minutes."""


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_a_long_text_takes_time_in_proportion(piece):
    text = piece * (MUCH // len(piece))
    begun = time.process_time()
    for written in (masked, cell, sheet_cell, plain):
        written(text)
    masked(f"bearer{text}@b.cc", dotless=True)

    assert time.process_time() - begun < GENEROUS


@pytest.mark.parametrize(
    "body",
    [
        {"message": "a" * MEGABYTE},
        {"error": {"message": "a@" * MEGABYTE, "type": "b" * MEGABYTE}},
        {"errors": {"a" * MEGABYTE: ["b@" * MEGABYTE]}},
        {"errors": [{"field": "a" * MEGABYTE, "message": "."}] * 3},
        {"message": {"a": [1] * MEGABYTE}},
    ],
    ids=["message", "error", "errors", "a list", "no text"],
)
def test_an_error_of_a_megabyte_is_cut_before_it_is_looked_at(body):
    begun = time.process_time()
    told, word = error_of(bytearray(json.dumps(body), "ascii"), "key_of_tolt")

    assert len(told) <= 300
    assert len(word) <= 300
    assert time.process_time() - begun < GENEROUS


def test_of_thousands_of_keys_each_is_hidden_and_nothing_else():
    """A job of three thousand pairs knows six thousand keys."""
    keys = [f"tlt_{number:06d}{chr(97 + number % 26) * 9}" for number in range(6000)]
    for key in keys:
        hide(key)

    for key in (keys[0], keys[4321].upper(), keys[-1]):
        assert masked(f"GET https://a.b/?k={key}&x=1") == "GET https://a.b/?k=***&x=1"
    assert masked("tlt_0 is none, tlt_000000 is none") == (
        "tlt_0 is none, tlt_000000 is none"
    )


def test_of_two_keys_that_begin_alike_the_longer_one_is_hidden_whole():
    hide("pk_acme_12")
    hide("pk_acme_1234567")

    assert masked("a pk_acme_1234567 b pk_acme_12 c") == "a *** b *** c"


def test_a_letter_that_is_two_when_it_is_small_moves_no_place():
    hide("pk_acme_12")

    assert masked("\u0130\u0130 pk_ACME_12!") == "\u0130\u0130 ***!"
