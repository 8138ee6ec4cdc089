"""What each dialect can express and change: a test for each action and field."""

from decimal import Decimal

import pytest

from mappings import partnero_bodies, tolt
from mappings.canonical import FIELDS, Fixed, Percentage, Unreadable, Values
from mappings.capability import CAPABILITIES
from mappings.discounts import raises_discount
from mappings.fields import why_inexpressible

PERCENT_20 = Percentage(Decimal(20))


@pytest.mark.parametrize(
    ("dialect", "field", "able"),
    [
        ("partnero", "code", False),
        ("partnero", "discount", False),
        ("partnero", "partner", True),
        ("tolt-v2", "code", True),
        ("tolt-v2", "discount", True),
        ("tolt-v2", "partner", False),
        ("tolt-v1", "code", False),
        ("tolt-v1", "discount", True),
        ("tolt-v1", "partner", False),
    ],
)
def test_a_field_is_updatable_only_where_the_documentation_says_so(
    dialect, field, able
):
    assert (field in CAPABILITIES[dialect].updates) is able


@pytest.mark.parametrize("dialect", CAPABILITIES)
def test_every_dialect_says_of_every_field_whether_it_can_be_changed(dialect):
    can = CAPABILITIES[dialect]

    assert can.updates | can.fixed == set(FIELDS)
    assert not can.updates & can.fixed


@pytest.mark.parametrize(
    ("text", "dialect", "why"),
    [
        pytest.param("SAM-20_x", "partnero", "", id="every allowed sign"),
        pytest.param(" SAM20 ", "partnero", "", id="blanks around are trimmed"),
        pytest.param("A" * 100, "partnero", "", id="100 characters"),
        pytest.param("A" * 101, "partnero", "101 characters", id="C8 101 characters"),
        pytest.param("SAM 20", "partnero", "are refused", id="C8 a blank"),
        pytest.param("J\u00dcRI", "partnero", "are refused", id="C8 an umlaut"),
        pytest.param("\U0001f389", "partnero", "are refused", id="C8 an emoji"),
        pytest.param("A/B", "partnero", "are refused", id="C8 a slash"),
        pytest.param("SAM\n20", "partnero", "are refused", id="a line feed inside"),
        pytest.param("", "partnero", "0 characters", id="empty"),
        pytest.param("  ", "partnero", "0 characters", id="only blanks"),
        pytest.param("\U0001f389 /\u00fc", "tolt-v2", "", id="Tolt takes any sign"),
        pytest.param("A" * 255, "tolt-v2", "", id="255 characters"),
        pytest.param("A" * 256, "tolt-v2", "256 characters", id="256 characters"),
        pytest.param("A" * 256, "tolt-v1", "256 characters", id="256 in v1"),
    ],
)
def test_a_text_is_expressible_or_the_rule_is_named(text, dialect, why):
    said = why_inexpressible(Values(text, PERCENT_20, None), CAPABILITIES[dialect])

    assert said == why if not why else why in said


@pytest.mark.parametrize(
    ("discount", "dialect", "why"),
    [
        pytest.param(PERCENT_20, "partnero", "", id="percent"),
        pytest.param(Percentage(Decimal("12.25")), "tolt-v2", "", id="two decimals"),
        pytest.param(
            Percentage(Decimal("33.333")),
            "tolt-v2",
            "more than 2 decimals",
            id="C14 v2",
        ),
        pytest.param(
            Percentage(Decimal("33.333")),
            "tolt-v1",
            "more than 2 decimals",
            id="C14 v1",
        ),
        pytest.param(
            Percentage(Decimal("33.333")), "partnero", "", id="C14 exact on Partnero"
        ),
        pytest.param(Fixed(100_000_000, "USD"), "tolt-v2", "", id="the largest"),
        pytest.param(
            Fixed(100_000_001, "USD"),
            "tolt-v2",
            "above the largest",
            id="one cent more",
        ),
        pytest.param(Fixed(1_000_000, "JPY"), "tolt-v2", "", id="the largest in yen"),
        pytest.param(
            Fixed(1_000_001, "JPY"), "tolt-v2", "above the largest", id="one yen more"
        ),
        pytest.param(Fixed(100_000_001, "USD"), "tolt-v1", "", id="v1 names no limit"),
        pytest.param(
            Fixed(10**15 + 1, "KWD"),
            "partnero",
            "above the largest",
            id="more digits than a JSON number keeps",
        ),
        pytest.param(None, "partnero", "states no discount", id="no discount"),
        pytest.param(
            Unreadable("no currency is configured", "25"),
            "tolt-v2",
            "no currency",
            id="C12 no currency",
        ),
    ],
)
def test_a_discount_is_expressible_or_the_reason_is_named(discount, dialect, why):
    said = why_inexpressible(Values("SAM20", discount, None), CAPABILITIES[dialect])

    assert said == why if not why else why in said


@pytest.mark.parametrize(
    ("before", "after", "raises"),
    [
        pytest.param(PERCENT_20, Percentage(Decimal(25)), True, id="more percent"),
        pytest.param(PERCENT_20, Percentage(Decimal(15)), False, id="less percent"),
        pytest.param(PERCENT_20, PERCENT_20, False, id="the same"),
        pytest.param(Fixed(1, "USD"), Fixed(2, "USD"), True, id="more money"),
        pytest.param(Fixed(2, "USD"), Fixed(1, "USD"), False, id="less money"),
        pytest.param(Fixed(2, "USD"), Fixed(1, "EUR"), True, id="another currency"),
        pytest.param(PERCENT_20, Fixed(1, "USD"), True, id="another kind"),
        pytest.param(None, PERCENT_20, True, id="from nothing"),
        pytest.param(None, None, False, id="nothing at all"),
        pytest.param(PERCENT_20, Unreadable("why", "x"), True, id="into the unknown"),
    ],
)
def test_customers_get_more_off_unless_it_is_surely_less(before, after, raises):
    assert raises_discount(before, after) is raises


@pytest.mark.parametrize(
    ("dialects", "written"),
    [
        pytest.param(("partnero",), partnero_bodies.UPDATES, id="Partnero"),
        pytest.param(("tolt-v1", "tolt-v2"), tolt.UPDATES, id="Tolt"),
    ],
)
def test_what_can_be_changed_is_what_there_is_a_body_for(dialects, written):
    """A field that a product is said to change is never an empty request."""
    able = frozenset().union(*(CAPABILITIES[dialect].updates for dialect in dialects))

    assert able == written.keys()
