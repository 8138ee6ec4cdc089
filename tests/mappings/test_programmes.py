"""Which kind of programme an answer shows: one that is not told is unknown."""

import pytest

from mappings.programmes import shown_kind, told_kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"type": "affiliate"}, None),
        ({"type": "Affiliate Program"}, None),
        ({"type": "loyalty"}, None),
        ({}, None),
        ({"type": None}, None),
        ({"type": 3}, None),
        ({"type": []}, None),
        ({"type": "newsletter"}, "newsletter"),
        ({"type": "NEWSLETTER_REFERRAL"}, "newsletter"),
        ({"program_type": "newsletter-program"}, "newsletter"),
        ({"type": "refer-a-friend"}, "refer-a-friend"),
        ({"type": "refer_a_friend"}, "refer-a-friend"),
        ({"type": "Refer a Friend"}, "refer-a-friend"),
        ({"type": "ReferAFriend"}, "refer-a-friend"),
        ({"kind": "referral"}, "refer-a-friend"),
        ({"type": "raf"}, "refer-a-friend"),
        ({"type": {"name": "Refer-a-friend"}}, "refer-a-friend"),
    ],
)
def test_a_kind_is_known_however_it_is_spelled(answer, kind):
    assert told_kind(answer) == kind


def test_whoever_says_it_is_heard():
    assert told_kind({"name": "Acme"}, {"type": "newsletter"}) == "newsletter"


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"key": "c1", "partner": "prt_1"}, None),
        ({"key": "c1", "partner": None, "referring_customer": None}, None),
        ({"key": "c1"}, None),
        ({"id": "c1", "key": "r1", "referring_customer": None}, "refer-a-friend"),
        ({"id": "c1", "referring_customer": {"id": "c0"}}, "refer-a-friend"),
        ({"key": "t1", "subscriber": {"email": "a@example.com"}}, "newsletter"),
    ],
)
def test_a_row_shows_the_kind_by_its_fields(row, kind):
    assert shown_kind(row) == kind
