"""May this request do that? A table, without a server."""

import pytest

from connector.service.desk.access import (
    Asked,
    Refused,
    Role,
    Rules,
    Shown,
    is_ours,
    judge,
)
from connector.service.desk.gate import person, shown_in

BOTH = Rules(token="decide-it", view_token="look-at-it")
OPEN = Rules(everybody=Role.LOOK)
LINKED = Rules(password=False)
PROXIED = Rules(
    token="decide-it",
    names=frozenset({"desk.example.com"}),
    origins=frozenset({"https://desk.example.com"}),
)
HERE = "127.0.0.1:9464"
OURS = "http://127.0.0.1:9464"
BEARER, BASIC = Shown("bearer", "decide-it"), Shown("basic", "decide-it")
VIEWS = Shown("basic", "look-at-it")
FORM = {"form": "f0rm", "expected": "f0rm"}


def told(rules, method="GET", host=HERE, **more):
    verdict = judge(Asked(method, host, **more), rules)
    return verdict.status if isinstance(verdict, Refused) else verdict


@pytest.mark.parametrize(
    ("rules", "more", "expected"),
    [
        pytest.param(BOTH, {}, 401, id="nothing is shown"),
        pytest.param(BOTH, {"shown": BEARER}, Role.DECIDE, id="the token as a bearer"),
        pytest.param(BOTH, {"shown": BASIC}, Role.DECIDE, id="the token as a password"),
        pytest.param(BOTH, {"shown": VIEWS}, Role.LOOK, id="the view token"),
        pytest.param(BOTH, {"shown": Shown("basic", "")}, 401, id="no password"),
        pytest.param(BOTH, {"shown": Shown("bearer", "x")}, 401, id="another token"),
        pytest.param(BOTH, {"session": Role.NOBODY}, 401, id="a cookie that is no key"),
        pytest.param(
            Rules(), {"shown": Shown("basic", "")}, 401, id="no tokens at all"
        ),
        pytest.param(OPEN, {}, Role.LOOK, id="loopback without a token"),
        pytest.param(OPEN, {"shown": BEARER}, Role.LOOK, id="a token nobody asked for"),
        pytest.param(LINKED, {}, 403, id="review without its link"),
        pytest.param(LINKED, {"shown": BASIC}, 403, id="review knows no token"),
        pytest.param(LINKED, {"session": Role.DECIDE}, Role.DECIDE, id="by the link"),
        pytest.param(OPEN, {"host": "evil.example"}, 421, id="a borrowed name"),
        pytest.param(
            BOTH,
            {"host": "evil.example", "shown": BEARER},
            421,
            id="a borrowed name with the token",
        ),
    ],
)
def test_who_may_look(rules, more, expected):
    assert told(rules, **more) == expected


SAME = {"origin": OURS}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param(SAME | FORM, Role.DECIDE, id="from a page of ours"),
        pytest.param({"site": "same-origin"} | FORM, Role.DECIDE, id="no origin told"),
        pytest.param(
            {"origin": "null", "site": "same-origin"} | FORM,
            Role.DECIDE,
            id="an origin that is kept back",
        ),
        pytest.param(SAME, 403, id="without the form's token"),
        pytest.param(SAME | {"expected": "f0rm"}, 403, id="an empty token"),
        pytest.param(SAME | FORM | {"form": "x"}, 403, id="another token"),
        pytest.param(FORM, 403, id="nothing told of where it comes from"),
        pytest.param({"origin": "null"} | FORM, 403, id="an origin that is hidden"),
        pytest.param(
            {"origin": "https://evil.example"} | FORM, 403, id="another site's page"
        ),
        pytest.param(
            {"origin": "https://evil.example", "site": "same-origin"} | FORM,
            403,
            id="headers that contradict each other",
        ),
        pytest.param(
            SAME | {"site": "cross-site"} | FORM, 403, id="the browser says another"
        ),
        pytest.param(
            {"origin": "http://127.0.0.1:8080", "site": "same-site"} | FORM,
            403,
            id="another server of this machine",
        ),
        pytest.param({"site": "none"} | FORM, 403, id="typed into the address bar"),
    ],
)
def test_what_comes_by_a_cookie_or_a_password_has_to_come_from_our_own_page(
    more, expected
):
    for rules, by in (
        (BOTH, {"shown": BASIC}),
        (LINKED, {"session": Role.DECIDE}),
        (BOTH, {"shown": BEARER, "session": Role.DECIDE}),
    ):
        assert told(rules, "POST", **more, **by) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({"shown": BEARER}, Role.DECIDE, id="a script with the token"),
        pytest.param(
            {"shown": BEARER, "origin": "https://evil.example"},
            403,
            id="a browser for which a proxy shows the token",
        ),
        pytest.param({"shown": VIEWS} | SAME | FORM, 403, id="the view token"),
        pytest.param({"shown": Shown("bearer", "look-at-it")}, 403, id="by a script"),
        pytest.param({"shown": Shown("bearer", "x")}, 401, id="a wrong token"),
        pytest.param({} | SAME | FORM, 401, id="nothing shown"),
        pytest.param({"session": Role.LOOK} | SAME | FORM, 403, id="a looking session"),
    ],
)
def test_who_may_decide(more, expected):
    assert told(BOTH, "POST", **more) == expected


def test_without_a_token_nobody_decides():
    assert told(OPEN, "POST", **SAME, **FORM) == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_whatever_only_reads_is_asked_for_no_form(method):
    assert told(BOTH, method, shown=BASIC) == 403
    assert told(BOTH, "HEAD", shown=BASIC) is Role.DECIDE


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        pytest.param("desk.example.com", "https://desk.example.com", Role.DECIDE),
        pytest.param(HERE, "https://desk.example.com", Role.DECIDE, id="renamed"),
        pytest.param("DESK.example.com", "https://desk.example.com", Role.DECIDE),
        pytest.param("desk.example.com", "https://evil.example", 403),
        pytest.param("evil.example", "https://desk.example.com", 421),
        pytest.param(HERE, "https://desk.example.com.evil.example", 403),
    ],
)
def test_behind_a_proxy_its_address_is_ours(host, origin, expected):
    verdict = told(PROXIED, "POST", host, shown=BASIC, origin=origin, **FORM)

    assert verdict == expected


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("localhost", True),
        ("LOCALHOST:1", True),
        ("[::1]:9464", True),
        ("127.0.0.5", True),
        ("10.0.0.9:9464", True),
        ("desk.example.com:443", True),
        ("evil.example", False),
        ("127.0.0.1.evil", False),
        ("localhost.evil", False),
        ("[", False),
        ("[::1", False),
        ("", False),
        (None, False),
    ],
)
def test_the_names_of_this_server(host, ours):
    rules = Rules(names=frozenset({"desk.example.com"}), any_number=True)

    assert is_ours(host, rules) is ours


def test_an_address_of_numbers_is_a_name_of_ours_only_where_all_are_listened_on():
    assert not is_ours("10.0.0.9", Rules())


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("Bearer  a ", Shown("bearer", "a")),
        ("basic dTpw", Shown("basic", "p", "u")),
        ("Basic \xe9", Shown("basic", "")),
        ("Basic =====", Shown("basic", "")),
        ("Negotiate x", Shown("bearer", "")),
    ],
)
def test_what_is_shown_is_a_bearer_or_a_password_and_rubbish_is_a_wrong_one(
    header, expected
):
    assert shown_in(header) == expected


def test_a_name_is_one_line_of_what_can_be_seen():
    assert person(" Sam\r\n\x1b[31m Doe\u202e ") == "Sam [31m Doe"
    assert len(person("x" * 500)) == 80
