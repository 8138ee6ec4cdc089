"""The surroundings of a command: proxies and certificates."""

import pytest

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file")


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_loopback_is_asked_although_every_proxy_is_named(place):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        place.setenv(name, "socks5://127.0.0.1:9")

    assert place.run("plan").code == 0
    said = place.run("check")
    assert said.code == 0
    assert "proxy" not in said.out


@pytest.mark.parametrize("command", ["check", "plan", "sync"])
def test_a_socks_proxy_without_its_package_is_told_in_words(place, command):
    place.configure(base_url='"https://api.partnero.invalid/v1/"')
    place.setenv("ALL_PROXY", "socks5://user:pass-of-the-proxy@127.0.0.1:9")

    failed = place.run(command)

    assert failed.code == 2
    assert "ALL_PROXY" in failed.err
    assert "httpx[socks]" in failed.err
    assert "pass-of-the-proxy" not in failed.out + failed.err


@pytest.mark.usefixtures("hurried")
def test_check_says_which_proxy_is_taken(place):
    place.configure(base_url='"https://api.partnero.invalid/v1/"')
    place.setenv("HTTPS_PROXY", "http://user:pass-of-the-proxy@127.0.0.1:9")

    said = place.run("check")

    line = "Partnero is asked through the proxy http://127.0.0.1:9 (HTTPS_PROXY)"
    assert said.out.count(line) == 1
    assert "pass-of-the-proxy" not in said.out + said.err


def test_certificates_that_are_not_there_are_told_in_words(place):
    place.configure(base_url='"https://api.partnero.invalid/v1/"')
    place.setenv("SSL_CERT_FILE", "/nowhere/certificates.pem")

    failed = place.run("plan")

    assert failed.code == 2
    assert "SSL_CERT_FILE" in failed.err


@pytest.mark.parametrize(
    "url",
    [
        "https://sam:pass-of-sam@api.partnero.com/v1",
        "https://api.partnero.com/v1?key=pass-of-sam",
        "https://api.partnero.com/v1#pass-of-sam",
        "https://api.partner\u043e.com/pass-of-sam",
    ],
)
def test_an_address_with_more_than_a_place_is_refused_and_not_repeated(place, url):
    place.configure(base_url=f'"{url}"')

    failed = place.run("plan")

    assert failed.code == 2
    assert "base_url" in failed.err
    assert "pass-of-sam" not in failed.out + failed.err
