"""What reading a configuration says of what is wrong: at once, in place, no secret.

Everything here is one call of ``load`` on a file; nothing is asked of anybody.
"""

import os
import textwrap
import threading

import pytest

from connector.config.load import load
from connector.config.resolve import aliases_of, keys_of
from connector.errors import Misconfigured
from mappings.masking import masked

PAIR = """\
[[pairs]]
name = "acme"
currency = "USD"
[pairs.partnero]
api_key = { env = "PARTNERO_API_KEY" }
[pairs.tolt]
api_key = { env = "TOLT_API_KEY" }
program_id = "prg_x"
"""
KEYS = (
    "tlt_live_sesame",
    "pk_sesame",
    "sk_live_sesame7",
    "aB3dE5gH7jK9mN1pQ3sT5sesame",
    "12|aB3dE5gH7jK9mN1pQ3sT5sesame",
    "550e8400-e29b-41d4-a716-sesame4400",
    "eyJhbGciOiJSUzI1NiJ9.eyJzZXNhbWUi.sesame",
)


@pytest.fixture
def said(tmp_path, monkeypatch):
    """Return what ``load`` says of a file, under its name alone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTNERO_API_KEY", "a")
    monkeypatch.setenv("TOLT_API_KEY", "b")

    def load_and_listen(text, name="connector.toml"):
        path = tmp_path / name
        content = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(content)
        with pytest.raises(Misconfigured) as refused:
            load(path)
        return str(refused.value).replace(f"{tmp_path}/", "")

    return load_and_listen


def loaded(tmp_path, text):
    path = tmp_path / "connector.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path)


def all_files(folder, *, keys=True):
    """Read the configuration, and what it names."""
    config = load(folder / "connector.toml")
    if keys:
        keys_of(config, config.file.pairs[0])
    aliases_of(config, config.file.pairs[0])


# --- in place ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('[pairs.policy]\ndelete = "maybe"', ":10: pair acme: policy.delete: "),
        ("[pairs.policy]\n\n# why\ndeletes = 1", ":12: pair acme: policy.deletes: "),
        ("[pairs.limits]\nshare = 7", ":10: pair acme: limits.share: "),
        ("[pairs.coupons.map]\n'percent:20' = 'X'", ":10: pair acme: coupons.map."),
        ("[notify]\nurls = [\n 'a',\n 3,\n]", ":10: notify.urls[1]: "),
        ("[serve]\nlisten = '''\nh:1'''\ntoken = {}", ":12: serve.token: "),
        ("[notify]\nurls = ['\\u0000']\nurl = 1", ":11: notify.url: unknown key"),
        ("[[pairs]]\nname = 'beta'", ":9: pair beta: tolt: is missing"),
        ("[[pairs]]\n[pairs.tolt]\nx = 1", ":11: pair number 2: tolt.x: unknown key"),
    ],
)
def test_a_problem_is_told_with_its_line_its_pair_and_its_key(said, more, told):
    assert f"connector.toml{told}" in said(PAIR + more)


def test_a_line_is_the_statements_own_however_the_file_is_written(said):
    """Windows' line ends, a byte order mark, a text that looks like TOML, an array."""
    text = f'timezone = """\\\nUTC"""\n{PAIR}[pairs.policy]\ncreate = "yes"\n'
    text += '[notify]\nurls = [\n"""\n[pairs.policy]\nupdate = "yes"\n""",\n]\n'

    told = said(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    assert "connector.toml:12: pair acme: policy.create: " in said(
        text.replace('urls = [\n"""\n[pairs.policy]\nupdate = "yes"\n""",\n]', "")
    )
    assert "connector.toml:14: notify.urls[0]: control characters" in told


def test_everything_that_is_wrong_is_told_at_once_in_lines_of_its_own(said):
    wrong = "[pairs.limits]\ncreates = -1\nshare = 9\n[pairs.policy]\ndead = 'x'\n"

    told = said(f"{PAIR}{wrong}[notice]\n{PAIR.replace('acme', 'beta')}{wrong}")

    lines = told.splitlines()
    assert len(lines) == 7
    assert sum("pair acme: " in line for line in lines) == 3
    assert sum("pair beta: " in line for line in lines) == 3
    assert all(line.startswith("connector.toml:") for line in lines)
    assert "notice: unknown key (did you mean 'notify'?)" in told


def test_a_file_full_of_faults_is_told_of_within_bounds(said):
    rows = "\n".join(f"x{n} = 1" for n in range(5000))

    told = said(f"{PAIR}[pairs.policy]\n{rows}\n")

    assert len(told.splitlines()) == 101
    assert told.endswith("and 4900 more")


# --- secrets ----------------------------------------------------------------------

PLACES = {
    "itself": PAIR.replace('{ env = "TOLT_API_KEY" }', '"KEY"'),
    "in a list": PAIR.replace('{ env = "TOLT_API_KEY" }', '["KEY"]'),
    "in a list of tables": PAIR.replace('{ env = "TOLT_API_KEY" }', '[{env="KEY"}]'),
    "another table": PAIR.replace("{ env = ", "{ value = ").replace(
        "TOLT_API_KEY", "KEY"
    ),
    "the name of a variable": PAIR.replace("TOLT_API_KEY", "KEY"),
    "as a table's key": PAIR.replace('{ env = "TOLT_API_KEY" }', '{ "KEY" = true }'),
    "as a table of tables": PAIR.replace(
        '{ env = "TOLT_API_KEY" }', '{ env = { "KEY" = "KEY" } }'
    ),
    "unknown key": PAIR + '[pairs.policy]\napi = "KEY"',
    "misspelt key": PAIR.replace('api_key = { env = "TOLT_API_KEY" }', 'apikey="KEY"'),
    "misspelt section": PAIR + '[pairs.partnerro]\napi_key = "KEY"',
    "section named by it": PAIR + '["KEY"]\nx = 1',
    "key of a section": PAIR + '[pairs.policy]\n"KEY" = "auto"',
    "a word of a policy": PAIR + '[pairs.policy]\ncreate = "KEY"',
    "a conflict's field": PAIR + '[pairs.policy.conflicts]\n"KEY" = "tolt"',
    "a number's place": PAIR + '[pairs.limits]\ncreates = "KEY"',
    "a schedule": PAIR.replace('name = "acme"', 'name = "acme"\nschedule = "KEY"'),
    "a time zone": PAIR.replace('name = "acme"', 'name = "acme"\ntimezone = "KEY"'),
    "a currency": PAIR.replace('"USD"', '"KEY"'),
    "a date": PAIR + '[pairs.policy]\nredemptions_since = "KEY"',
    "a duration": PAIR + '[pairs.coupons]\nduration = "KEY"',
    "a duration's unit": PAIR + '[pairs.coupons]\nduration = { "KEY" = 1 }',
    "a duration's count": PAIR + '[pairs.coupons]\nduration = { months = "KEY" }',
    "a coupon": PAIR + '[pairs.coupons.map]\n"KEY" = "X"',
    "a coupon of no table": PAIR + '[pairs.coupons]\nmap = ["KEY"]',
    "a version": PAIR.replace("[pairs.tolt]", '[pairs.tolt]\napi_version = "KEY"'),
    "a base address": PAIR.replace(
        "[pairs.tolt]", '[pairs.tolt]\nbase_url = "http://api.example/KEY"'
    ),
    "a base address's port": PAIR.replace(
        "[pairs.tolt]", '[pairs.tolt]\nbase_url = "https://api.example:KEY/v2"'
    ),
    "no base address": PAIR.replace("[pairs.tolt]", '[pairs.tolt]\nbase_url = "KEY"'),
    "the user of a base address": PAIR.replace(
        "[pairs.tolt]", '[pairs.tolt]\nbase_url = "http://KEY:KEY@api.example/v2"'
    ),
    "the query of a base address": PAIR.replace(
        "[pairs.tolt]", '[pairs.tolt]\nbase_url = "http://api.example/v2?key=KEY"'
    ),
    "a heartbeat's path": PAIR + '[notify]\nheartbeat_url = "http://ping.example/KEY"',
    "a heartbeat's list": PAIR + '[notify]\nheartbeat_url = ["https://p.example/KEY"]',
    "notices": PAIR + '[notify]\nurls = "slack://KEY/KEY"',
    "a notice": PAIR + '[notify]\nurls = [{ url = "mailto://me:KEY@example.com" }]',
    "an address to listen at": PAIR + '[serve]\nlisten = "KEY"',
    "a host to listen at": PAIR + '[serve]\nlisten = "KEY:80"',
    "a token": PAIR + '[serve]\ntoken = "KEY"',
    "a webhook": PAIR + '[pairs.webhooks]\ntolt = "KEY"',
    "a state": PAIR + '[state]\nurl = "KEY"',
    "a state of another kind": PAIR + '[state]\nurl = "mysql://me:KEY@h/d"',
    "a state's port": PAIR + '[state]\nurl = "postgresql+psycopg://u@h:KEY/d"',
    "twice": PAIR + '["KEY"]\n["KEY"]',
    "no TOML": PAIR + 'x = "KEY',
    "no TOML, a bare word": PAIR + "x = KEY",
    "no TOML, no value": PAIR + "KEY",
    "no TOML, a section": PAIR + "[KEY",
    "no TOML, one key twice": PAIR + '[policy]\n"KEY" = 1\n"KEY" = 2',
    "no TOML, into a value": PAIR + '"KEY" = 1\n["KEY".x]',
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("place", PLACES)
def test_a_key_is_never_repeated_wherever_it_was_put(said, place, key):
    told = said(PLACES[place].replace("KEY", key, 3).replace("KEY", key))

    assert "sesame" not in told
    assert "connector.toml" in told


@pytest.mark.parametrize(
    "value", ["4242424242424242", "4.2424242", "1942-04-24", "04:24:42", "[[4242]]"]
)
@pytest.mark.parametrize(
    "place", ["TOLT", "pairs.webhooks]\ntolt", "serve]\ntoken", "notify]\nurls"]
)
def test_a_key_that_is_no_text_is_never_repeated(said, value, place):
    if place == "TOLT":
        told = said(PAIR.replace('{ env = "TOLT_API_KEY" }', value))
    else:
        told = said(f"{PAIR}[{place} = {value}")

    assert "42" not in told


@pytest.mark.parametrize(
    "name", ["PARTNERO_API_KEY", "PARTNERO_API_KEY_FOR_EU_2", "TLT_KEY", "tolt.key"]
)
def test_the_name_of_a_variable_is_no_key(tmp_path, monkeypatch, name):
    config = loaded(tmp_path, PAIR.replace("TOLT_API_KEY", name))
    monkeypatch.setenv("PARTNERO_API_KEY", "a")
    monkeypatch.delenv(name, raising=False)

    with pytest.raises(Misconfigured, match=f"the environment variable {name} is not"):
        keys_of(config, config.file.pairs[0])


@pytest.mark.parametrize("key", KEYS)
def test_a_pair_that_is_asked_for_by_a_key_is_not_named(tmp_path, key):
    config = loaded(tmp_path, PAIR)

    with pytest.raises(Misconfigured) as refused:
        config.pair(key)

    assert "sesame" not in str(refused.value)
    assert "there are: acme" in str(refused.value)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("line", ["{}", "{},", "partnero_email,{}\na,b", "{},tolt_id"])
def test_a_key_in_an_alias_file_is_not_repeated(tmp_path, key, line):
    config = loaded(tmp_path, PAIR + "[pairs.partners]\naliases = 'aliases.csv'")
    (tmp_path / "aliases.csv").write_text(line.format(key))

    with pytest.raises(Misconfigured) as refused:
        aliases_of(config, config.file.pairs[0])

    assert "sesame" not in str(refused.value)
    assert "aliases.csv:1: pair acme: partners.aliases: " in str(refused.value)


@pytest.mark.parametrize(
    "line",
    [
        "[notify]\nheartbeat_url = 'https://ping.example/KEY/start'",
        "[notify]\nurls = ['slack://T0/KEY/x']",
        "[notify]\nurls = ['mailtos://me:KEY@example.com?to=you']",
        "[state]\nurl = 'postgresql+psycopg://me:KEY@127.0.0.1/d'",
        "[state]\nurl = 'postgresql+psycopg://127.0.0.1/d?password=KEY'",
    ],
)
def test_a_token_in_an_address_stands_in_nothing_that_leaves(tmp_path, line):
    token = f"aB3dE5gH7jK9mN1pQ3sT{len(line)}"

    loaded(tmp_path, PAIR + line.replace("KEY", token))

    assert masked(f"no answer from {token}") == "no answer from ***"


# --- files that are something else ------------------------------------------------


def make(path, kind):
    match kind:
        case "a folder":
            path.mkdir()
        case "a pipe":
            os.mkfifo(path)
        case "a device":
            path.symlink_to("/dev/zero")
        case "huge":
            path.touch()
            os.truncate(path, 10**9)
        case "UTF-16":
            path.write_bytes(PAIR.encode("utf-16"))
        case "UTF-16 without a mark":
            path.write_bytes(PAIR.encode("utf-16-le"))
        case "Latin-1":
            path.write_bytes(PAIR.replace("acme", "é").encode("latin-1"))
        case "NUL":
            path.write_bytes(b"a\0b")


KINDS = {
    "a folder": "it is a folder",
    "a pipe": "a pipe or a device",
    "a device": "a pipe or a device",
    "huge": "it is larger than",
    "UTF-16": "it is UTF-16; save it as UTF-8",
    "UTF-16 without a mark": "UTF-16; save it as UTF-8",
    "Latin-1": "perhaps Latin-1",
    "NUL": "it is no text",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("file", ["connector.toml", "tolt.key", "aliases.csv"])
def test_what_is_no_text_file_is_told_in_words_and_never_waited_for(
    tmp_path, monkeypatch, kind, file
):
    monkeypatch.setenv("PARTNERO_API_KEY", "a")
    text = PAIR.replace('env = "TOLT_API_KEY"', 'file = "tolt.key"')
    text += "[pairs.partners]\naliases = 'aliases.csv'\n"
    if file != "connector.toml":
        (tmp_path / "connector.toml").write_text(text)
    make(tmp_path / file, kind)
    ended = []

    def read():
        with pytest.raises(Misconfigured) as refused:
            all_files(tmp_path, keys=file == "tolt.key")
        ended.append(str(refused.value))

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    reading.join(30)

    (told,) = ended
    assert f"{file} cannot be read: " in told
    assert KINDS[kind] in told


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * 5000, "", "~/tolt.key"])
def test_a_path_that_no_file_can_have_is_told_in_words(tmp_path, monkeypatch, name):
    monkeypatch.setenv("PARTNERO_API_KEY", "a")
    escaped = name.replace("\0", "\\u0000").replace("\ud800", "\\uD800")
    text = PAIR.replace('env = "TOLT_API_KEY"', f'file = "{escaped}"')

    with pytest.raises(Misconfigured):
        load(tmp_path / (name or "nothing"))
    (tmp_path / "connector.toml").write_text(text)
    with pytest.raises(Misconfigured, match=r"connector\.toml"):
        all_files(tmp_path)


def test_a_byte_order_mark_is_read_over(tmp_path):
    assert loaded(tmp_path, b"\xef\xbb\xbf" + PAIR.encode()).file.pairs[0].name == (
        "acme"
    )


# --- a usable key -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('"tlt_sesame"', "holds quotes"),
        ("'tlt_sesame'", "holds quotes"),
        ("“tlt_sesame”", "holds quotes"),
        ("`tlt_sesame`", "holds quotes"),
        ('{"api_key": "tlt_sesame"}', "holds quotes"),
        ("TOLT_API_KEY=tlt_sesame", "holds NAME=KEY"),
        ("export TOLT_API_KEY=tlt_sesame", "holds NAME=KEY"),
        ("Bearer tlt_sesame", "holds no key"),
        ("tlt_sesame\npk_sesame", "holds no key"),
        ("tlt_sesam\u00e9", "holds no key"),
        ("", "holds no key"),
        ("\n \n", "holds no key"),
    ],
)
def test_a_key_file_that_holds_more_than_a_key_is_told_in_words(
    tmp_path, monkeypatch, content, why
):
    monkeypatch.setenv("PARTNERO_API_KEY", "a")
    text = PAIR.replace('env = "TOLT_API_KEY"', 'file = "tolt.key"')
    config = loaded(tmp_path, text)
    (tmp_path / "tolt.key").write_text(content, encoding="utf-8")

    with pytest.raises(Misconfigured, match=why) as refused:
        keys_of(config, config.file.pairs[0])

    assert "sesam" not in str(refused.value)
    assert ":7: pair acme: tolt.api_key: " in str(refused.value)


def test_quotes_around_the_value_of_a_variable_are_told_in_words(tmp_path, monkeypatch):
    monkeypatch.setenv("PARTNERO_API_KEY", "a")
    monkeypatch.setenv("TOLT_API_KEY", '"tlt_sesame"')
    config = loaded(tmp_path, PAIR)

    with pytest.raises(Misconfigured, match="TOLT_API_KEY holds quotes"):
        keys_of(config, config.file.pairs[0])


# --- values that no setting can have ----------------------------------------------

TOLT = "[pairs.tolt]"
RATE = f"{TOLT}\nrequests_per_second = "
STATE = "[state]\nurl = "
NAME = 'name = "acme"'
BAD = {
    "a rate of 1e-300": PAIR.replace(TOLT, RATE + "1e-300"),
    "a rate of inf": PAIR.replace(TOLT, RATE + "inf"),
    "a rate of nan": PAIR.replace(TOLT, RATE + "nan"),
    "a rate of -0.0": PAIR.replace(TOLT, RATE + "-0.0"),
    "a rate of true": PAIR.replace(TOLT, RATE + "true"),
    "a rate as a list": PAIR.replace(TOLT, RATE + "[5]"),
    "a rate of 4,000 digits": PAIR.replace(TOLT, RATE + "9" * 4000),
    "a number of 5,000 digits": PAIR.replace(TOLT, RATE + "9" * 5000),
    "a limit of 4,000 digits": PAIR + "[pairs.limits]\ncreates = " + "9" * 4000,
    "a limit of true": PAIR + "[pairs.limits]\ndeletes = true",
    "a limit of inf": PAIR + "[pairs.limits]\ncreates = inf",
    "a share of nan": PAIR + "[pairs.limits]\nshare = nan",
    "a share of true": PAIR + "[pairs.limits]\nshare = true",
    "a share of -1e-300": PAIR + "[pairs.limits]\nshare = -1e-300",
    "a pause of nan": PAIR + "[pairs.limits]\nsettle_seconds = nan",
    "a jitter of true": PAIR.replace(NAME, NAME + "\njitter = true"),
    "a duration of true": PAIR + "[pairs.coupons]\nduration = true",
    "a duration of 0": PAIR + "[pairs.coupons]\nduration = { months = 0 }",
    "a duration of true months": PAIR + "[pairs.coupons]\nduration = {months = true}",
    "a duration of two units": PAIR + "[pairs.coupons]\nduration = {days=1,months=1}",
    "a duration of many digits": (
        PAIR + "[pairs.coupons]\nduration = {days=" + "9" * 400 + "}"
    ),
    "a duration as a list": PAIR + "[pairs.coupons]\nduration = [[], {}]",
    "a percentage of 1e-300": PAIR + "[pairs.coupons.map]\n'percentage:1e-300' = 'X'",
    "a percentage of 101": PAIR + "[pairs.coupons.map]\n'percentage:101' = 'X'",
    "a percentage of nan": PAIR + "[pairs.coupons.map]\n'percentage:nan' = 'X'",
    "an amount of -1": PAIR + "[pairs.coupons.map]\n'fixed:-1' = 'X'",
    "an amount of 5,000 digits": (
        PAIR + f"[pairs.coupons.map]\n'fixed:{'9' * 5000}' = 'X'"
    ),
    "a currency of 1 MB": PAIR.replace("USD", "U" * 900_000),
    "a currency of one letter": PAIR.replace("USD", "ß"),
    "a currency in other letters": PAIR.replace("USD", "\uff35\uff33\uff24"),
    "a currency with NUL": PAIR.replace("USD", "US\\u0000"),
    "a currency as a number": PAIR.replace('"USD"', "840"),
    "no unit": PAIR.replace("USD", "XXX"),
    "a date of 5": PAIR + "[pairs.policy]\nredemptions_since = 5",
    "a date of inf": PAIR + "[pairs.policy]\nredemptions_since = inf",
    "a date of 0": PAIR + "[pairs.policy]\nredemptions_since = 0",
    "a time as a date": PAIR + "[pairs.policy]\nredemptions_since = 10:00:00",
    "a date of no month": PAIR + "[pairs.policy]\nredemptions_since = '2026-13-01'",
    "a date that is none": PAIR + "[pairs.policy]\nredemptions_since = 2026-02-30",
    "a date of year 0": PAIR + "[pairs.policy]\nredemptions_since = 0000-01-01",
    "a time zone outside": PAIR.replace(NAME, NAME + "\ntimezone = '../../passwd'"),
    "a time zone as a folder": PAIR.replace(NAME, NAME + "\ntimezone = 'Europe'"),
    "no time zone": PAIR.replace(NAME, NAME + "\ntimezone = ''"),
    "a long time zone": PAIR.replace(NAME, NAME + f"\ntimezone = '{'a' * 5000}'"),
    "an unknown time zone": PAIR.replace(NAME, NAME + "\ntimezone = 'Mars/Base'"),
    "31 February": PAIR.replace(NAME, NAME + "\nschedule = '0 0 31 2 *'"),
    "30 February": PAIR.replace(NAME, NAME + "\nschedule = '5 4 30 2 *'"),
    "31 of short months": PAIR.replace(NAME, NAME + "\nschedule = '0 0 31 4,6,9,11 *'"),
    "six fields": PAIR.replace(NAME, NAME + "\nschedule = '0 */15 * * * *'"),
    "four fields": PAIR.replace(NAME, NAME + "\nschedule = '* * * *'"),
    "@reboot": PAIR.replace(NAME, NAME + "\nschedule = '@reboot'"),
    "a schedule of digits": PAIR.replace(
        NAME, NAME + f"\nschedule = '{'9' * 5000} * * * *'"
    ),
    "other digits": PAIR.replace(NAME, NAME + "\nschedule = '٣ * * * *'"),
    "a last Sunday of none": PAIR.replace(NAME, NAME + "\nschedule = '0 0 L-1 * 9L'"),
    "a schedule of steps": PAIR.replace(NAME, NAME + "\nschedule = 'L/2 * * * 1#2/3'"),
    "a base port too high": PAIR.replace(
        TOLT, TOLT + '\nbase_url = "https://h.example:99999/v2"'
    ),
    "a base port that is none": PAIR.replace(
        TOLT, TOLT + '\nbase_url = "https://h.example:http/v2"'
    ),
    "a base port of 0": PAIR.replace(TOLT, TOLT + '\nbase_url = "https://h:0/v2"'),
    "half an IPv6 address": PAIR.replace(TOLT, TOLT + '\nbase_url = "https://[::1/v2"'),
    "no host": PAIR.replace(TOLT, TOLT + '\nbase_url = "https:///v2"'),
    "a blank in it": PAIR.replace(TOLT, TOLT + '\nbase_url = "https://a b/v2"'),
    "a line break in it": PAIR.replace(
        TOLT, TOLT + '\nbase_url = "https://h.example\\n/v2"'
    ),
    "no name of a host": PAIR.replace(
        TOLT, TOLT + '\nbase_url = "https://ü..example/v2"'
    ),
    "a version as a list": PAIR.replace(TOLT, TOLT + '\napi_version = ["v2"]'),
    "a version as a table": PAIR.replace(TOLT, TOLT + "\napi_version = { v = 2 }"),
    "a version as a number": PAIR.replace(TOLT, TOLT + "\napi_version = 2"),
    "a port to listen at": PAIR + '[serve]\nlisten = "127.0.0.1:99999"',
    "no port to listen at": PAIR + '[serve]\nlisten = "127.0.0.1"',
    "half a host": PAIR + '[serve]\nlisten = "[::1:80"',
    "a path to listen at": PAIR + '[serve]\nlisten = "127.0.0.1:80/status"',
    "a user to listen at": PAIR + '[serve]\nlisten = "me:pw@127.0.0.1:80"',
    "a number to listen at": PAIR + "[serve]\nlisten = 9464",
    "a state's port": PAIR + STATE + '"postgresql+psycopg://h:99999/d"',
    "a state's port in words": PAIR + STATE + '"postgresql+psycopg://h:port/d"',
    "a state's password with @": (
        PAIR + STATE + '"postgresql+psycopg://u:p@ss:w@rd@h:1/d"'
    ),
    "a state with a slash too few": PAIR + STATE + '"sqlite://state.db"',
    "a state with two slashes too few": PAIR + STATE + '"sqlite:/state.db"',
    "a state at home": PAIR + STATE + '"sqlite:///~/state.db"',
    "a state that is a folder": PAIR + STATE + '"sqlite:///states/"',
    "a state that is this folder": PAIR + STATE + '"sqlite:///."',
    "a state with NUL": PAIR + STATE + '"sqlite:///a\\u0000b"',
    "a state as a list": PAIR + STATE + "[]",
    "a key file with NUL": PAIR.replace('env = "TOLT_API_KEY"', 'file = "a\\u0000b"'),
    "a key in no place": PAIR.replace('{ env = "TOLT_API_KEY" }', "{}"),
    "a variable with =": PAIR.replace("TOLT_API_KEY", "A=B"),
    "a variable without a name": PAIR.replace("TOLT_API_KEY", ""),
    "a variable as a number": PAIR.replace('"TOLT_API_KEY"', "5"),
    "pairs as a table": "[pairs]\nname = 'acme'",
    "pairs as a number": "pairs = 3",
    "pairs of numbers": "pairs = [1, [], 'x', true]",
    "a pair's name as a list": PAIR.replace('"acme"', '["acme"]'),
    "100,000 brackets": "x = " + "[" * 100_000,
    "100,000 whole brackets": "x = " + "[" * 100_000 + "]" * 100_000,
    "100,000 tables": "x = " + "{a=" * 100_000,
    "a key of 100,000 parts": ".".join("a" * 100_000) + " = 1",
    "a section of 100,000 parts": "[" + ".".join("a" * 100_000) + "]",
    "a key of 900 parts": PAIR + ".".join("a" * 900) + " = 1",
    "300 brackets": PAIR + "x = " + "[" * 300 + "]" * 300,
    "10 MB": "#" * 10**7,
    "half a character": PAIR + 'x = "\\uD800"',
    "NUL in a key": PAIR + '"a\\u0000b" = 1',
    "an escape in a name": PAIR.replace('"acme"', '"\\u001b[31m"'),
}


@pytest.mark.parametrize("case", BAD)
def test_a_value_that_cannot_be_is_a_sentence_in_its_place(said, case):
    """Nothing but Misconfigured leaves ``load``: SIGHUP rests on it."""
    told = said(BAD[case])

    assert told.startswith("connector.toml")
    assert len(told) < 3000
    assert [line for line in told.splitlines() if not line.isprintable()] == []
    assert "\0" not in told
    assert "\x1b" not in told


@pytest.mark.parametrize(
    "text",
    [
        'schedule = "0 0 29 2 *"',
        'schedule = "0 0 L * *"',
        'schedule = "@weekly"',
        'schedule = "0 0 31 2 1"',
        'timezone = "Europe/Berlin"',
    ],
)
def test_a_schedule_that_comes_seldom_is_one(tmp_path, text):
    assert loaded(tmp_path, PAIR.replace(NAME, f"{NAME}\n{text}")).file.pairs


@pytest.mark.parametrize(
    "text",
    [
        PAIR.replace(TOLT, RATE + "0.01"),
        PAIR.replace(TOLT, RATE + "10000"),
        PAIR + "[pairs.policy]\nredemptions_since = 2026-01-31",
        PAIR + "[pairs.policy]\nredemptions_since = '2026-01-31'",
        PAIR + "[pairs.limits]\nshare = 1\ncreates = 0",
        PAIR + STATE + '"postgresql+psycopg://user:s%40f%2Fe@db.example:5432/d?x=1"',
        PAIR + STATE + '"postgresql+psycopg:///d?host=/run/postgresql"',
        PAIR + STATE + '"sqlite:////var/lib/feature%2Fx/#1 ü/state.db"',
        PAIR + '[serve]\nlisten = "[::1]:9464"',
        PAIR.replace("USD", "kwd"),
    ],
)
def test_what_worked_goes_on_to_work(tmp_path, text):
    assert loaded(tmp_path, text).file.pairs[0].name == "acme"


def test_the_program_says_the_same_as_the_reading(place):
    place.config.write_text(textwrap.dedent(PAIR) + "x = 1\ny = 'tlt_live_sesame'\n")

    failed = place.process("plan", "--format", "json")

    assert failed.code == 2
    assert failed.out == ""
    assert "connector.toml:9: pair acme: tolt.x: unknown key" in failed.err
    assert "connector.toml:10: pair acme: tolt.y: unknown key" in failed.err
    assert "sesame" not in failed.err
