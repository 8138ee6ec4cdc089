"""What the section [serve] makes of who may do what."""

import pytest

from connector.commands.gates import gate_of_job, gate_of_review
from connector.config.load import load
from connector.errors import Misconfigured
from connector.service.desk.access import Role

PAIR = """
[[pairs]]
name = "acme"
partnero.api_key = { env = "X" }
tolt.api_key = { env = "X" }
tolt.program_id = "prg_1"
"""


@pytest.fixture
def configured(tmp_path, monkeypatch):
    monkeypatch.setenv("DECIDE", "decide-it")
    monkeypatch.setenv("LOOK", "look-at-it")

    def made(section: str):
        path = tmp_path / "connector.toml"
        path.write_text(f"[serve]\n{section}\n{PAIR}", encoding="utf-8")
        return load(path)

    return made


TOKEN, VIEW = 'token = { env = "DECIDE" }', 'view_token = { env = "LOOK" }'


@pytest.mark.parametrize(
    ("section", "everybody"),
    [
        pytest.param('listen = "127.0.0.1:9464"', Role.LOOK, id="loopback, no token"),
        pytest.param(f'listen = "127.0.0.1:9464"\n{TOKEN}', Role.NOBODY, id="token"),
        pytest.param(
            f'listen = "127.0.0.1:9464"\n{VIEW}', Role.NOBODY, id="view token"
        ),
        pytest.param(f'listen = "0.0.0.0:9464"\n{TOKEN}', Role.NOBODY, id="beyond"),
    ],
)
def test_who_shows_nothing_may_look_on_loopback_where_there_is_no_token(
    configured, section, everybody
):
    assert gate_of_job(configured(section)).rules.everybody is everybody


def test_both_tokens_are_read_and_never_shown(configured):
    rules = gate_of_job(configured(f'listen = "10.0.0.9:1"\n{TOKEN}\n{VIEW}')).rules

    assert (rules.token, rules.view_token) == ("decide-it", "look-at-it")
    assert rules.names == {"10.0.0.9"}
    assert "-it" not in repr(rules)


def test_two_tokens_of_one_value_are_refused_wherever_they_lie(configured, monkeypatch):
    monkeypatch.setenv("LOOK", "decide-it")

    with pytest.raises(Misconfigured, match="whoever may look could decide"):
        gate_of_job(configured(f'listen = "127.0.0.1:9464"\n{TOKEN}\n{VIEW}'))


def test_the_address_of_a_proxy_is_a_name_and_an_origin_of_ours(configured):
    section = f'listen = "0.0.0.0:9464"\n{TOKEN}\npublic_url = "https://Desk.example"'
    rules = gate_of_job(configured(section)).rules

    assert rules.names == {"0.0.0.0", "desk.example"}  # noqa: S104
    assert rules.origins == {"https://desk.example"}
    assert rules.any_number


def test_review_knows_its_link_alone_whatever_is_configured(configured):
    section = f'listen = "0.0.0.0:9464"\n{TOKEN}\n{VIEW}'
    rules = gate_of_review(configured(section), 9999).rules

    assert (rules.token, rules.view_token, rules.everybody) == ("", "", Role.NOBODY)
    assert not rules.password
    assert not rules.any_number
