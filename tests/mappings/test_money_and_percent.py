"""Discounts are exact, canonical, and print the same bytes whenever they are equal."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iso4217 import Currency

from mappings.canonical import (
    HUNDREDTHS,
    Fixed,
    Percentage,
    Unreadable,
    exponent,
    fixed_major,
    fixed_minor,
    normal,
    percentage,
    plain,
    plain_major,
)
from mappings.discounts import discount_text, parse_discount

FIXED = settings(derandomize=True, deadline=None, max_examples=200)
CURRENCIES = st.sampled_from(("JPY", "USD", "KWD"))


@pytest.mark.parametrize(
    ("currency", "places"),
    [
        pytest.param("JPY", 0, id="yen has none"),
        pytest.param("USD", 2, id="dollar has two"),
        pytest.param("KWD", 3, id="dinar has three"),
    ],
)
def test_a_currency_knows_its_decimals(currency, places):
    assert exponent(currency) == places


@pytest.mark.parametrize("currency", sorted(HUNDREDTHS))
def test_frequent_currencies_have_the_decimals_of_iso_4217(currency):
    assert Currency(currency).exponent == exponent(currency)


@pytest.mark.parametrize("currency", ["XAU", "NOPE"])
def test_a_currency_without_minor_units_is_refused_by_name(currency):
    with pytest.raises(ValueError, match=currency):
        exponent(currency)


@pytest.mark.parametrize(
    ("major", "currency", "minor", "shown"),
    [
        pytest.param("25.00", "USD", 2500, "25.00 USD", id="C11 dollars with cents"),
        pytest.param("25", "USD", 2500, "25.00 USD", id="C11 dollars without cents"),
        pytest.param("25.5", "USD", 2550, "25.50 USD", id="one decimal"),
        pytest.param("2.5E+1", "USD", 2500, "25.00 USD", id="exponent notation"),
        pytest.param("0", "USD", 0, "0.00 USD", id="nothing off"),
        pytest.param("0.01", "USD", 1, "0.01 USD", id="one cent"),
        pytest.param("500", "JPY", 500, "500 JPY", id="C13 yen is never divided"),
        pytest.param("500.00", "JPY", 500, "500 JPY", id="C13 yen with empty decimals"),
        pytest.param("1.234", "KWD", 1234, "1.234 KWD", id="dinar with three decimals"),
        pytest.param("1.2", "KWD", 1200, "1.200 KWD", id="dinar with one decimal"),
    ],
)
def test_major_units_become_exact_minor_units(major, currency, minor, shown):
    amount = fixed_major(Decimal(major), currency)

    assert amount == Fixed(minor, currency)
    assert str(amount) == shown


@pytest.mark.parametrize(
    ("major", "currency"),
    [
        pytest.param("25.001", "USD", id="C14 three decimals of a dollar"),
        pytest.param("0.5", "JPY", id="C13 half a yen"),
        pytest.param("1.2345", "KWD", id="four decimals of a dinar"),
        pytest.param("-1", "USD", id="negative"),
        pytest.param("NaN", "USD", id="not a number"),
        pytest.param("Infinity", "USD", id="endless"),
        pytest.param("25.00000000000000000000000000001", "USD", id="below the context"),
        pytest.param("25", None, id="C12 no currency"),
    ],
)
def test_an_amount_that_is_not_exact_is_unreadable_never_rounded(major, currency):
    assert isinstance(fixed_major(Decimal(major), currency), Unreadable)


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        pytest.param("2500", "USD", Fixed(2500, "USD"), id="C11 cents"),
        pytest.param("2500.0", "USD", Fixed(2500, "USD"), id="empty decimals"),
        pytest.param("500", "JPY", Fixed(500, "JPY"), id="C13 yen"),
        pytest.param("1", "KWD", Fixed(1, "KWD"), id="one fils"),
    ],
)
def test_minor_units_are_taken_as_they_are(minor, currency, expected):
    assert fixed_minor(Decimal(minor), currency) == expected


@pytest.mark.parametrize(
    ("minor", "currency"),
    [
        pytest.param("2500.5", "USD", id="half a cent"),
        pytest.param("-1", "USD", id="negative"),
        pytest.param("NaN", "USD", id="not a number"),
        pytest.param("-Infinity", "USD", id="endless"),
        pytest.param("2500", None, id="C12 no currency"),
    ],
)
def test_minor_units_that_are_no_amount_are_unreadable(minor, currency):
    assert isinstance(fixed_minor(Decimal(minor), currency), Unreadable)


def test_a_huge_amount_keeps_every_digit():
    """More digits than the default decimal context carries."""
    amount = fixed_major(Decimal("12345678901234567890123456789.01"), "USD")

    assert amount == Fixed(1234567890123456789012345678901, "USD")
    assert str(amount) == "12345678901234567890123456789.01 USD"


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        pytest.param("20", "20%", id="B15 whole"),
        pytest.param("20.00", "20%", id="B15 trailing zeros"),
        pytest.param("2E+1", "20%", id="B15 exponent"),
        pytest.param("0", "0%", id="nothing off"),
        pytest.param("-0", "0%", id="minus nothing"),
        pytest.param("-0.00", "0%", id="minus nothing with decimals"),
        pytest.param("100", "100%", id="all off"),
        pytest.param("33.333", "33.333%", id="C14 three decimals are kept"),
        pytest.param("1E-12", "0.000000000001%", id="tiny"),
    ],
)
def test_a_percentage_is_exact_and_has_one_notation(stated, shown):
    percentage.cache_clear()

    assert str(percentage(Decimal(stated))) == shown


@pytest.mark.parametrize("stated", ["-1", "100.01", "1E+9", "NaN", "Infinity"])
def test_what_is_no_share_of_a_price_is_no_percentage(stated):
    assert isinstance(percentage(Decimal(stated)), Unreadable)


@pytest.mark.parametrize("first", ["120", "120.00"])
@pytest.mark.parametrize("second", ["120", "120.00"])
def test_equal_unreadable_percentages_print_alike_whichever_came_first(first, second):
    percentage.cache_clear()
    percentage(Decimal(first))

    assert str(percentage(Decimal(second))).startswith("120 ")


def test_an_unreadable_discount_says_what_it_was_and_why():
    refused = fixed_major(Decimal(25), None)

    assert str(refused) == "25 (no currency is configured)"


def test_a_percentage_never_equals_a_fixed_amount():
    assert percentage(Decimal(20)) != fixed_major(Decimal(20), "USD")


def test_amounts_of_two_currencies_are_different():
    assert fixed_minor(Decimal(500), "USD") != fixed_minor(Decimal(500), "JPY")


@FIXED
@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_any_decimal_is_a_percentage_or_unreadable(stated):
    if stated.is_snan():
        return

    assert isinstance(percentage(stated), Percentage | Unreadable)


@FIXED
@given(st.integers(0, 10**40), CURRENCIES)
def test_minor_units_survive_the_way_through_major_units(minor, currency):
    major = plain_major(minor, currency)

    assert fixed_major(Decimal(major), currency) == Fixed(minor, currency)


@FIXED
@given(st.decimals(0, 100, places=6), st.integers(0, 8))
def test_equal_percentages_print_equal_bytes(amount, zeros):
    padded = Decimal(f"{amount:f}" + "0" * zeros)

    assert percentage(amount) == percentage(padded)
    assert str(percentage(amount)) == str(percentage(padded))
    assert normal(normal(amount)).as_tuple() == normal(padded).as_tuple()


@FIXED
@given(st.decimals(allow_nan=False, allow_infinity=False, places=8))
def test_the_plain_notation_means_the_same_number_and_is_stable(number):
    text = plain(number)

    assert Decimal(text) == number
    assert "E" not in text
    assert plain(Decimal(text)) == text


@FIXED
@given(
    st.one_of(
        st.decimals(0, 100, places=4).map(percentage),
        st.builds(Fixed, st.integers(0, 10**30), CURRENCIES),
    )
)
def test_a_discount_survives_its_stored_form(discount):
    assert parse_discount(discount_text(discount)) == discount


@pytest.mark.parametrize("discount", [None, Unreadable("why", "raw")])
def test_what_is_no_discount_is_stored_as_nothing(discount):
    assert discount_text(discount) == ""
    assert parse_discount("") is None


def test_a_stored_form_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="no stored discount"):
        parse_discount("bogo:1")
