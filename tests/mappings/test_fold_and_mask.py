"""Texts are folded for matching only; e-mail addresses are masked for people."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.canonical import fold, fold_email, is_address, mask

FIXED = settings(derandomize=True, deadline=None, max_examples=300)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("SAM20", "sam20", id="C1 letter case"),
        pytest.param("  SAM20\t", "SAM20", id="B15 blanks around"),
        pytest.param("SAM20\u00a0", "SAM20", id="a hard blank behind"),
        pytest.param("caf\u00e9", "cafe\u0301", id="composed and decomposed"),
        pytest.param("\uff33\uff21\uff2d", "sam", id="full width"),
        pytest.param("\ufb01x", "FIX", id="a ligature"),
        pytest.param("stra\u00dfe", "STRASSE", id="C10 German sharp s"),
        pytest.param("STRA\u1e9eE", "strasse", id="C10 German capital sharp s"),
        pytest.param("I", "i", id="C10 I and i without a locale"),
        pytest.param("\u03a3", "\u03c2", id="Greek final sigma"),
    ],
)
def test_these_texts_are_the_same_key(left, right):
    assert fold(left) == fold(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("\u0131", "i", id="C10 Turkish dotless i is not i"),
        pytest.param("\u0130", "i", id="C10 Turkish dotted I is not i"),
        pytest.param("SAM 20", "SAM20", id="a blank inside"),
        pytest.param("SAM-20", "SAM_20", id="another sign"),
        pytest.param("O", "0", id="letter and digit"),
        pytest.param("\u00e9", "e", id="an accent is a letter of its own"),
    ],
)
def test_these_texts_are_different_keys(left, right):
    assert fold(left) != fold(right)


@FIXED
@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@FIXED
@given(st.text(st.characters(max_codepoint=127)))
def test_plain_texts_fold_as_all_texts_do(text):
    assert fold(text) == unicodedata.normalize("NFKC", text).casefold().strip()


@FIXED
@given(st.text(), st.sampled_from(("", " ", "\t", "\n", "\u00a0")))
def test_neither_blanks_around_nor_the_normal_form_make_another_key(text, blank):
    composed = unicodedata.normalize("NFC", text)
    decomposed = unicodedata.normalize("NFD", text)

    assert fold(blank + composed + blank) == fold(decomposed)


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        pytest.param("sam@example.com", "s***@example.com", id="an address"),
        pytest.param("s@example.com", "s***@example.com", id="one letter"),
        pytest.param("@example.com", "***@example.com", id="no name"),
        pytest.param("sam", "***", id="no address at all"),
        pytest.param("", "unknown e-mail", id="empty"),
        pytest.param(None, "unknown e-mail", id="absent"),
    ],
)
def test_an_address_shows_one_letter_and_the_domain(email, shown):
    assert mask(email) == shown


@FIXED
@given(st.from_regex(r"[a-z][a-z.+]{3,20}@[a-z]{2,8}\.com", fullmatch=True))
def test_a_masked_address_never_holds_the_name(email):
    assert email.split("@")[0] not in mask(email)


@pytest.mark.parametrize(
    "text", ["sam@ex.org", "SAM@ex.org", " Sam@EX.org\t", "sam@ex.org\r\n"]
)
def test_blanks_and_ascii_case_alone_make_no_two_mailboxes(text):
    assert fold_email(text) == "sam@ex.org"


@pytest.mark.parametrize(
    "text",
    ["\uff33am@ex.org", "sam@ex.org\u00a0", "\u017fam@ex.org", "sam@e\u00dfx.org"],
)
def test_everything_else_makes_two_mailboxes(text):
    assert fold_email(text) not in {"sam@ex.org", "sam@essx.org"}
    assert fold_email(fold_email(text)) == fold_email(text)


@pytest.mark.parametrize(
    "text", ["a@b.c", " sam+x@mail.ex.org ", "stra\u00dfe@b\u00fccher.example"]
)
def test_a_mailbox_is_an_address(text):
    assert is_address(text)
