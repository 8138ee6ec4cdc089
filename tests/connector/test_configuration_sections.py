"""What the sections of the file mean for a pair, once the file is read."""

import pytest

from connector.config.load import load
from connector.config.resolve import keys_of, pair_of
from connector.errors import Misconfigured

ONE = """\
[[pairs]]
name = "acme"
[pairs.partnero]
api_key = { env = "PARTNERO_API_KEY" }
[pairs.tolt]
api_key = { env = "TOLT_API_KEY" }
program_id = "prg_x"
"""
TWO = ONE + ONE.replace("acme", "beta").replace("prg_x", "prg_y")


@pytest.fixture
def loaded(tmp_path):
    def load_text(text):
        path = tmp_path / "connector.toml"
        path.write_text(text)
        return load(path)

    return load_text


@pytest.fixture
def refused(loaded):
    def listen(text):
        with pytest.raises(Misconfigured) as error:
            loaded(text)
        return str(error.value)

    return listen


# --- notices, per pair ------------------------------------------------------------

TOLD = """\
[notify]
heartbeat_url = "https://ping.example/all"
urls = ["json://everybody"]
digest = "weekly"
"""


def test_a_pair_is_told_of_as_the_file_says(loaded):
    config = loaded(TOLD + ONE)

    assert config.file.pairs[0].notify == config.file.notify
    assert config.file.pairs[0].notify.digest == "weekly"


def test_what_a_pair_says_of_its_notices_goes_before_the_file_key_by_key(loaded):
    own = '[pairs.notify]\nurls = ["json://one"]\ndigest = "never"\n'

    acme, beta = loaded(TOLD + ONE + own + TWO[len(ONE) :]).file.pairs

    assert list(acme.notify.urls) == ["json://one"]
    assert acme.notify.digest == "never"
    assert acme.notify.heartbeat_url == "https://ping.example/all"
    assert list(beta.notify.urls) == ["json://everybody"]


def test_a_pair_may_have_no_heartbeat_where_the_file_has_one(loaded):
    own = '[pairs.notify]\nheartbeat_url = ""\n'

    assert loaded(TOLD + ONE + own).file.pairs[0].notify.heartbeat_url is None


def test_nothing_said_of_notices_is_a_daily_digest_to_nobody(loaded):
    notify = loaded(ONE).file.pairs[0].notify

    assert (notify.digest, list(notify.urls)) == ("daily", [])


def test_a_digest_of_another_word_is_refused_in_both_places(refused):
    said = refused(f'{ONE}[pairs.notify]\ndigest = "hourly"\n[notify]\ndigest = "x"\n')

    assert ":9: pair acme: notify.digest: " in said
    assert "connector.toml:11: notify.digest: " in said
    assert "'never', 'daily' or 'weekly'" in said


def test_who_hears_of_a_pair_makes_no_other_plan(loaded, monkeypatch):
    monkeypatch.setenv("PARTNERO_API_KEY", "a")
    monkeypatch.setenv("TOLT_API_KEY", "b")
    plain, told = loaded(ONE), loaded(TOLD + ONE)

    digests = {
        pair_of(one, one.file.pairs[0], keys_of(one, one.file.pairs[0])).digest
        for one in (plain, told)
    }

    assert len(digests) == 1


# --- reports, and the pages -------------------------------------------------------


@pytest.mark.parametrize(("more", "shown"), [("", False), ("names = true", True)])
def test_names_are_shown_only_where_the_file_says_so(loaded, monkeypatch, more, shown):
    monkeypatch.setenv("PARTNERO_API_KEY", "a")
    monkeypatch.setenv("TOLT_API_KEY", "b")
    config = loaded(f"{ONE}[report]\n{more}\n")
    section = config.file.pairs[0]

    assert pair_of(config, section, keys_of(config, section)).names is shown


def test_the_pages_have_two_tokens_a_header_and_an_address(loaded):
    serve = loaded(
        ONE + '[serve]\nlisten = "0.0.0.0:80"\ntoken = { env = "A" }\n'
        'view_token = { file = "b" }\nuser_header = "X-Forwarded-User"\n'
        'public_url = "https://Desk.Example:8443/"\n'
    ).file.serve

    assert serve.view_token is not None
    assert serve.view_token.file == "b"
    assert serve.user_header == "X-Forwarded-User"
    assert serve.public_url == "https://desk.example:8443"


@pytest.mark.parametrize("word", ["token", "view_token"])
def test_beyond_this_machine_one_of_two_tokens_is_enough(loaded, word):
    text = f'[serve]\nlisten = "0.0.0.0:80"\n{word} = {{ env = "A" }}\n'

    assert loaded(ONE + text).file.serve.address == ("0.0.0.0", 80)  # noqa: S104


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('view_token = "abc"', "serve.view_token: a key in the file itself"),
        ('view_token = { env = "A" }\ntoken = { env = "A" }', "are the same"),
        ('user_header = "X Y"', "no name of a header"),
        ('user_header = "Cookie"', "has another meaning"),
        ('public_url = "desk.example"', "begins with https://"),
        ('public_url = "https://desk.example/pages"', "has something behind its host"),
        ('public_url = "https://me:sesame@desk.example"', "holds a user"),
        ('listen = "0.0.0.0:80"', "needs token"),
    ],
)
def test_what_the_pages_cannot_be_given_is_told_in_place(refused, line, why):
    said = refused(f"{ONE}[serve]\n{line}\n")

    assert "connector.toml:" in said
    assert "serve" in said
    assert why in said
    assert "sesame" not in said
