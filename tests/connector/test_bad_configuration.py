"""A configuration that cannot work: what is said, and that nothing was asked or lost.

Every message names the file, the key and what is allowed; exit code 2.
"""

import pytest

from connector.providers.http import check_base_url
from tests.harness.place import OF_EACH_RUN


def assert_refused(place, *said, command=("sync",)):
    """The program says this, has sent no request, and left the state alone."""
    before = place.database.read_bytes() if place.database.exists() else None

    failed = place.run(*command, "--format", "json")

    assert failed.code == 2
    assert failed.out == ""
    assert "connector.toml" in failed.err
    for one in said:
        assert one in failed.err
    assert "Traceback" not in failed.err
    assert len(place.sandbox.requests) == 0
    assert (place.database.read_bytes() if place.database.exists() else None) == before


@pytest.mark.parametrize(
    ("more", "path", "near"),
    [
        ("[pairs.policy]\ncreates = 'auto'", "pair acme: policy.creates", "'create'"),
        ("[pairs.coupons]\ndurations = 'once'", "coupons.durations", "'duration'"),
        ("[notify]\nurl = []", "notify.url", "'urls'"),
        ("[states]\nurl = 'x'", "states", "'state'"),
        ("[pairs.partners]\nalias = 'x'", "pair acme: partners.alias", "'aliases'"),
    ],
    ids=["policy", "coupons", "notify", "section", "partners"],
)
def test_an_unknown_key_is_an_error_with_the_nearest_name(place, more, path, near):
    """I3."""
    place.configure(more=more)

    assert_refused(place, path, "unknown key", f"did you mean {near}")


def test_an_unknown_key_beside_api_keys_names_what_is_known(place):
    place.configure(api_key='{ environment = "PARTNERO_API_KEY" }')

    assert_refused(place, "pair acme: partnero.api_key")


def test_every_problem_is_said_at_once(place):
    place.configure(currency='"XAU"', limits="deletes = -1")

    assert_refused(place, "pair acme: currency", "pair acme: limits.deletes")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("api_key", '"pk_live_in_the_file"', '{ env = "NAME" }'),
        ("api_key", '{ env = "A", file = "b" }', '{ file = "PATH" }'),
        ("currency", '"XAU"', "XAU has no minor unit"),
        ("currency", '"ZZZ"', "allowed is a currency of ISO 4217, like USD"),
        ("api_version", '"v3"', "'v1' or 'v2'"),
        ("base_url", '"http://api.partnero.com/v1"', "must be https"),
        ("base_url", '"ftp://127.0.0.1/v1"', "no web address"),
        ("requests_per_second", "0", "equal to 0.01"),
        ("program_id", '""', "at least 1 character"),
        ("name", '"a b"', "letters, digits, _ . -"),
        ("name", '"acme"\ndirection = "sideways"', "'to-partnero'"),
        ("name", '"acme"\nschedule = "often"', "five cron fields"),
    ],
)
def test_a_value_that_is_not_allowed_names_what_is(place, key, value, said):
    """I6: an http address on a foreign host is refused."""
    place.configure(**{key: value})

    assert_refused(place, f"{key if 'acme' not in value else 'pair acme: '}", said)


@pytest.mark.parametrize(
    ("version", "url", "right"),
    [
        ("v2", "https://api.tolt.com/v1", 'api_version = "v1"'),
        ("v2", "https://proxy.example/tolt/V1/", 'api_version = "v1"'),
        ("v1", "https://platform.tolt.com/v2", 'api_version = "v2"'),
        ("v1", "http://127.0.0.1:1/v2/", "(https://api.tolt.com/v1)"),
    ],
)
@pytest.mark.parametrize("command", ["check", "plan", "sync"])
def test_the_address_of_one_version_for_the_other_is_refused(
    place, version, url, right, command
):
    place.configure(api_version=f'"{version}"', base_url__1=f'"{url}"')

    assert_refused(
        place,
        "pair acme: tolt: base_url is that of",
        f'api_version is "{version}"',
        right,
        command=(command,),
    )


@pytest.mark.parametrize("command", ["check", "plan", "sync"])
def test_answers_of_the_other_version_are_found_before_the_first_write(place, command):
    answer = {"success": True, "has_more": False, "total_count": 0, "data": []}
    listing = r"/tolt/v2/promotion-codes\?"
    place.fault("status", path=listing, status=200, answer=answer, count=None)

    failed = place.run(command)

    assert failed.code == 1
    assert "answers as v1 of its API does" in failed.out + failed.err
    assert place.writes == []


@pytest.mark.parametrize(
    ("more", "path", "said"),
    [
        ("[pairs.policy]\nreplace = 'auto'", "policy.replace", "'hold' or 'never'"),
        (
            "[pairs.policy]\ncreate = 'yes'",
            "policy.create",
            "'auto', 'hold' or 'never'",
        ),
        ("[pairs.policy]\nconflicts = { price = 'tolt' }", "conflicts", "'discount'"),
        ("[pairs.coupons]\nduration = 'ever'", "coupons.duration: 'ever' is", '"once"'),
        (
            "[pairs.coupons]\nduration = { months = 0 }",
            "coupons.duration: {'months': 0} is no duration",
            "from 1 up",
        ),
        (
            "[pairs.coupons]\nduration = { month = 1 }",
            "coupons.duration: {'month': 1} is no duration",
            "{ months = 1 }",
        ),
        (
            "[pairs.coupons]\nmap = { 'percent:20' = 'X' }",
            "coupons.map",
            "percentage:20",
        ),
    ],
    ids=["replace", "create", "conflicts", "word", "months", "month", "coupon map"],
)
def test_a_policy_that_is_not_allowed_names_what_is(place, more, path, said):
    place.configure(more=more)

    assert_refused(place, path, said)


@pytest.mark.parametrize(
    ("limits", "said"),
    [("share = 1.5", "less than or equal to 1"), ("creates = 'all'", "whole number")],
)
def test_a_limit_that_is_not_allowed_names_what_is(place, limits, said):
    place.configure(limits=limits)

    assert_refused(place, "pair acme: limits", said)


def test_a_key_in_the_file_itself_is_refused_and_not_repeated(place):
    """I1: the message does not show the key that it refuses."""
    place.configure(api_key='"pk_live_very_secret"')

    failed = place.run("plan")

    assert failed.code == 2
    assert "a key in the file itself is refused" in failed.err
    assert "very_secret" not in failed.err


def test_a_missing_environment_variable_is_named(place, monkeypatch):
    monkeypatch.delenv("TOLT_API_KEY")

    assert_refused(
        place,
        "pair acme: tolt.api_key",
        "TOLT_API_KEY is not set",
        "export TOLT_API_KEY=",
    )


def test_an_empty_environment_variable_counts_as_missing(place, monkeypatch):
    monkeypatch.setenv("TOLT_API_KEY", "  ")

    assert_refused(place, "TOLT_API_KEY is not set")


def test_a_key_may_stand_in_a_file_of_its_own(place, monkeypatch):
    key = place.folder / "tolt.key"
    key.write_text(place.sandbox.environment["TOLT_API_KEY"] + "\n")
    monkeypatch.delenv("TOLT_API_KEY")
    place.configure(api_key__1='{ file = "tolt.key" }')

    assert place.run("plan").code == 0
    key.unlink()
    place.sandbox.requests.clear()
    assert_refused(place, "pair acme: tolt.api_key", "tolt.key", "cannot be read")


@pytest.mark.parametrize("key", [b"\n", b"two words", b"\xff\xfe\x00", "ключ".encode()])
def test_a_key_file_without_a_usable_key_is_refused_before_any_request(place, key):
    (place.folder / "tolt.key").write_bytes(key)
    place.configure(api_key__1='{ file = "tolt.key" }')

    assert_refused(place, "pair acme: tolt.api_key", "tolt.key")


def test_a_key_file_may_begin_with_a_byte_order_mark(place):
    key = place.sandbox.environment["TOLT_API_KEY"]
    (place.folder / "tolt.key").write_text(f"\ufeff{key}\r\n", encoding="utf-8")
    place.configure(api_key__1='{ file = "tolt.key" }')

    assert place.run("plan").code == 0


@pytest.mark.parametrize("host", ["127.0.0.2", "[::1]", "localhost"])
def test_http_is_allowed_on_every_loopback_address(host):
    assert check_base_url(f"http://{host}:8080/v1") is None


@pytest.mark.parametrize("host", ["127.evil.example", "localhost.example", "10.0.0.1"])
def test_http_is_refused_where_a_host_only_looks_like_loopback(host):
    assert "https" in (check_base_url(f"http://{host}/v1") or "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "pairs"),
        ("pairs = []", "pairs"),
        ("[[pairs]\nname=", "cannot be read"),
        ("[[pairs]]\nname = 'acme'", "pair acme: tolt: is missing"),
    ],
    ids=["empty", "no pair", "no TOML", "half a pair"],
)
def test_a_file_without_a_pair_in_it_is_refused(place, text, said):
    place.config.write_text(text)

    assert_refused(place, said)


def test_a_file_that_is_no_text_is_refused(place):
    place.config.write_bytes(b"\xff\xfe\x00")

    assert_refused(place, "cannot be read")


def test_two_pairs_of_one_name_are_refused(place):
    place.add_pair()
    place.config.write_text(place.config.read_text().replace('"beta"', '"acme"'))

    assert_refused(place, "two pairs are named acme")


@pytest.mark.parametrize("row", ["a@example.com", "a@example.com,", ",a@example.com"])
def test_an_alias_file_with_half_a_line_is_refused(place, row):
    (place.folder / "aliases.csv").write_text(f"partnero_email,tolt_email\n{row}\n")
    place.configure(more='[pairs.partners]\naliases = "aliases.csv"')

    failed = place.run("sync")

    assert failed.code == 2
    assert "aliases.csv:2: pair acme: partners.aliases: each line" in failed.err
    assert "partnero_email,tolt_email" in failed.err
    assert "a@example.com" not in failed.err
    assert place.writes == []


def test_a_missing_alias_file_is_named_with_the_key_that_asks_for_it(place):
    place.configure(more='[pairs.partners]\naliases = "aliases.csv"')

    assert_refused(
        place, "pair acme: partners.aliases: ", "aliases.csv cannot be read: No such"
    )


def test_an_alias_file_joins_what_no_rule_would(place):
    before = place.json("plan").document["summary"]["held"]
    (place.folder / "aliases.csv").write_text(
        "partnero_email,tolt_email\ntina@partnero.example,tina@tolt.example\n"
    )
    place.configure(more='[pairs.partners]\naliases = "aliases.csv"')

    assert place.json("plan").document["summary"]["held"] == before - 1


def test_an_alias_of_nobody_is_a_finding_where_that_side_was_read(place, hurried):
    (place.folder / "aliases.csv").write_text("nobody@partnero.example,part_nobody\n")
    place.configure(more='[pairs.partners]\naliases = "aliases.csv"')

    whole = place.json("plan").document["findings"]
    place.fault("html", path="/tolt/v2/partners", count=None)
    half = place.json("plan").document["findings"]

    told = [one["message"] for one in whole if one["kind"] == "alias_unknown"]
    assert len(told) == 2
    line = "n***@partnero.example,part_nobody (line 1)"
    assert f"aliases.csv has the line {line}" in told[0]
    assert "Partnero has no partner" in told[0]
    assert "Tolt has no partner" in told[1]
    assert "remove the line" in told[0]
    left = [one["message"] for one in half if one["kind"] == "alias_unknown"]
    assert left == told[:1]


def test_a_currency_that_is_not_tolts_stops_a_run_before_it_writes(place):
    """The amounts of two currencies are never compared as numbers."""
    place.configure(currency='"EUR"')

    failed = place.json("sync")

    assert failed.code == 2
    assert failed.out == ""
    assert "currency is EUR" in failed.err
    assert "USD" in failed.err
    assert place.writes == []
    assert place.json("check").code == 1


def test_a_currency_that_is_changed_later_is_compared_as_well(place):
    """The stored bases are amounts of the first currency."""
    assert place.run("sync").code == 0
    before = place.tables(but=OF_EACH_RUN)
    place.configure(currency='"EUR"')

    failed = place.json("sync")

    assert failed.code == 2
    assert "currency is EUR" in failed.err
    assert place.tables(but=OF_EACH_RUN) == before


def test_without_a_currency_amounts_wait_and_percentages_go_on(place):
    """C12."""
    text = place.config.read_text().replace('currency = "USD"\n', "")
    place.config.write_text(text)
    place.edit("tolt", "create_code", code="AMOUNT", partner="anna@example.com")
    place.edit("tolt", "set_code", code="AMOUNT", type="fixed", value=500)

    synced = place.json("sync")

    planned = place.json("plan").document["changes"]
    reasons = {change["code"]: change["reason"] for change in planned}
    assert synced.code == 0
    assert synced.outcomes["ONLYTOLT20"] == "confirmed"
    assert reasons["AMOUNT"] == reasons["FIXED25"] == "currency_unknown"


def test_a_rate_above_the_documented_one_is_honoured_with_a_warning(place):
    warned = place.run("plan")

    assert warned.code == 0
    assert "requests_per_second is 5000; Tolt documents 25" in warned.err
