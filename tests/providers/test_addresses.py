"""Nothing that a path would eat is ever asked for, changed or deleted."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connector.engine.acts import Want
from connector.errors import Rejected, Unclear
from connector.providers.addresses import LONGEST, path_to
from connector.providers.http import Access, Patience
from connector.providers.partnero_writing import PartneroWriter
from connector.providers.sales_writing import PartneroSalesWriter, ToltChargesWriter
from connector.providers.tolt_writing import ToltWriter
from connector.providers.writing import ReadWrite
from mappings.canonical import Percentage, PromoCode, Values
from tests.sampling import every
from tests.standins.front import Sandbox
from tests.standins.spoiler import spoiling

EATEN = [
    *("", ".", "..", "...", "/", "a/b", "../x", "a/..", "\\", "a\\b", "..\\x"),
    *("%2e", "%2E%2e", "%252e%252e", "a%2fb", "%5c", "a%252Fb", "%", "%00"),
    *(" SAM", "SAM ", "\u00a0SAM", "SAM\n", "a\tb", "a\x00b", "\x7f", "a\x85b", "\r\n"),
    *("..;x", ";x", ".;a=b", "\ud83d", "a\udc80", "x" * (LONGEST + 1), "é" * LONGEST),
]
OWN = ["SAM20", "a.b", ".a", "a..b", "a?b", "a#b", "50%", "100%25", "a b", "ÉTÉ", "a;b"]
OWN += ["?", "#", "-SAM", "~", "a:b", "@", "sam@ex.org", "x" * 255, "\U0001f389", "a+b"]


@pytest.mark.parametrize("name", [one for one in EATEN if one != "%"], ids=ascii)
def test_what_leads_elsewhere_has_no_address(name):
    with pytest.raises(Unclear, match="was not asked for"):
        path_to("promotion-codes", name)


@given(st.text(max_size=20) | st.text("./\\%2efEF;? #", max_size=8))
@example("%2e%2e%2f")
def test_an_address_is_of_one_record_whoever_reads_it(name):
    """Decoded as often as anybody likes, it stays one segment that is no dots."""
    from urllib.parse import unquote

    import httpx

    try:
        path = path_to("c", name)
    except Unclear:
        return
    sent = httpx.URL(f"https://api.example/v1/{path}").raw_path.decode()
    assert sent == f"/v1/{path}"
    assert unquote(path.removeprefix("c/")) == name
    while path:
        segments = path.split("/")
        assert len(segments) == 2
        assert segments[1].strip(".") != ""
        path = "" if unquote(path) == path else unquote(path)


@pytest.fixture(scope="module")
def between():
    with Sandbox() as sandbox, spoiling(sandbox.url) as spoiler:
        spoiler.keys = sandbox.environment
        yield spoiler


def writers(spoiler):
    patience = Patience(deadline=5, attempts=1)
    left, right = (
        ReadWrite(Access(name, spoiler.url + path, key, patience=patience))
        for name, path, key in (
            ("Partnero", "/partnero/v1", spoiler.keys["PARTNERO_API_KEY"]),
            ("Tolt", "/tolt/v2", spoiler.keys["TOLT_API_KEY"]),
        )
    )
    of_tolt = ToltWriter(right, version="v2", program_id="prg_a", currency="USD")
    return PartneroWriter(left, currency="USD"), of_tolt


@pytest.mark.parametrize("name", every(4, [*EATEN, *OWN], ascii))
def test_every_request_is_about_its_own_record_or_is_not_sent(between, name):
    left, right = writers(between)
    from_left, from_right = PartneroSalesWriter(left), ToltChargesWriter(right)
    code = PromoCode(name, "X", Values("x", Percentage(5), "p"))
    want = Want(Values("X", Percentage(5), "p"), frozenset({"discount"}))
    asks = [
        *(left.get, left.copy, left.coupon, left.partner, left.marks),
        *(right.get, right.copy, right.partner, from_right.charge),
        *(from_right.customer, from_left.numbered, from_left.log_of),
        lambda name: right.update(name, want, None),
        lambda _name: right.delete(code),
        lambda name: from_right.set_code(name, "X"),
    ]
    between.asked.clear()

    for ask in asks:
        with suppress(Unclear, Rejected):
            ask(name)

    if name in OWN:
        assert len(between.asked) == len(asks)
    for line in between.asked:
        method, _, path = line.partition(" ")
        segments = path.split("/")[3:]
        assert len(segments) == 2, line
        assert path_to(segments[0], name) == "/".join(segments), line
        assert method in ("GET", "PUT", "DELETE")
    for writer in (left, right):
        writer.close()
