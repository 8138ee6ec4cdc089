"""Where a key may travel: decided from the parsed address, with a proxy or without."""

import json
import ssl
import subprocess

import pytest

from connector.config.clients import proxies_told
from connector.errors import Misconfigured, Unreachable
from connector.providers.http import Access, Patience, ReadOnly, ping
from connector.providers.proxies import proxy_of
from connector.providers.web_addresses import check_base_url, check_heartbeat, normal
from tests.providers.raw import answering, ok, raw

QUICK = Patience(deadline=5, attempts=1, first_pause=0.001)
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUEST_METHOD")
SECRET = "hunter2-and-more"
REFUSED = {
    "a user": f"https://sam:{SECRET}@api.example/v1",
    "a user alone": f"https://{SECRET}@api.example/v1",
    "a query": f"https://api.example/v1?token={SECRET}",
    "an empty query": "https://api.example/v1?",
    "a fragment": f"https://api.example/v1#{SECRET}",
    "blanks in front": f" https://api.example/{SECRET}",
    "a blank inside": f"https://api.example /{SECRET}",
    "a line end": f"https://api.example/\n{SECRET}",
    "a tab in the scheme": f"ht\ttps://api.example/{SECRET}",
    "a null": f"https://api.example/\x00{SECRET}",
    "a backslash": f"https:\\\\api.example\\{SECRET}",
    "a backslash in the host": f"https://api.example\\@evil.example/{SECRET}",
    "letters that look alike": f"https://api.partner\u043e.com/{SECRET}",
    "full-width letters": f"https://\uff41pi.example/{SECRET}",
    "an ideographic dot": f"https://api\u3002example/{SECRET}",
    "an escaped host": f"https://api%2eexample/{SECRET}",
    "a port too many": f"https://api.example:99999/{SECRET}",
    "a port of words": f"https://api.example:{SECRET}/",
    "an empty port": f"https://api.example:/{SECRET}",
    "port 0": f"https://api.example:0/{SECRET}",
    "no host": f"https:///{SECRET}",
    "no slashes": f"https:api.example/{SECRET}",
    "no scheme": f"api.example/{SECRET}",
    "another scheme": f"ftp://127.0.0.1/{SECRET}",
    "half an IPv6": f"https://[::1/{SECRET}",
    "a zone": f"http://[fe80::1%25eth0]/{SECRET}",
    "a long label": "https://" + "a" * 64 + f".example/{SECRET}",
    "an empty label": f"https://api..example/{SECRET}",
    "a short loopback": f"http://127.1/{SECRET}",
    "a hexadecimal loopback": f"http://0x7f.0.0.1/{SECRET}",
    "a loopback in one number": f"http://2130706433/{SECRET}",
    "a loopback by its first label": f"http://127.0.0.1.example/{SECRET}",
    "http": f"HTTP://api.example/{SECRET}",
    "a megabyte": "https://api.example/" + SECRET * 70_000,
}


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED)
def test_an_address_that_is_no_plain_one_is_refused_and_not_repeated(url):
    told = check_base_url(url)

    assert told
    assert SECRET not in told
    assert len(told) < 100


@pytest.mark.parametrize(
    "url",
    ["https://api.partnero.com/v1/", "HTTPS://API.example:8443/V1", "http://[::1]:1/x"],
)
def test_a_plain_address_is_taken_in_its_one_spelling(url):
    assert check_base_url(url) is None
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    assert normal(url) == f"{scheme.lower()}://{host.lower()}{slash}{path}"


def test_a_heartbeat_may_have_a_query():
    assert check_heartbeat("https://hc.example/ping/1?job=2") is None
    assert check_heartbeat("http://hc.example/ping") is not None


@pytest.fixture(scope="module")
def unknown(tmp_path_factory):
    """Return a TLS server's side whose certificate nobody has signed."""
    folder = tmp_path_factory.mktemp("tls")
    pem = folder / "own.pem"
    made = subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
            *("-subj", "/CN=127.0.0.1", "-keyout", pem, "-out", folder / "cert.pem"),
        ],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("there is no openssl here")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", pem)
    return context


@pytest.mark.parametrize("scheme", ["https", "HTTPS", "hTTpS"])
def test_a_key_goes_to_nobody_whose_certificate_is_not_known(unknown, scheme):
    with raw(answering(ok(b"{}")), context=unknown) as served:
        url = served.url.replace("http:", f"{scheme}:")
        client = ReadOnly(Access("Tolt", url, "key_of_tolt", patience=QUICK))
        with pytest.raises(Unreachable, match=r"(?i)certificate"):
            client.get("test")
        client.close()

    assert served.heard == []


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY", "http_proxy"])
@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:1", "[::1]", "LOCALHOST"])
def test_loopback_knows_no_proxy(monkeypatch, variable, host):
    monkeypatch.setenv(variable, "http://proxy.example:3128")

    assert proxy_of(f"http://{host}/v1") is None


def test_a_key_for_loopback_does_not_pass_by_a_proxy(monkeypatch):
    with raw(answering(ok(b"{}"))) as proxy, raw(answering(ok(b"[]"))) as served:
        for name in ("HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        client = ReadOnly(Access("Tolt", served.url, "key_of_tolt", patience=QUICK))
        assert client.get("test") == []
        client.close()
        assert ping(served.url) is None

    assert proxy.heard == []
    assert len(served.heard) == 2


def test_another_address_passes_by_the_proxy_and_no_key_with_it(monkeypatch):
    """The proxy is told the host alone; the key travels inside TLS, or not at all."""
    refusal = b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"
    with raw(answering(refusal)) as proxy:
        named = proxy.url.replace("http://", "http://us%40er:pass%2Fword@")
        monkeypatch.setenv("HTTPS_PROXY", named)
        access = Access("Tolt", "https://api.example/v2", "key_of_tolt", patience=QUICK)
        client = ReadOnly(access)
        with pytest.raises(Unreachable, match="407"):
            client.get("test")
        client.close()

    (asked,) = proxy.heard
    assert asked.startswith(b"CONNECT api.example:443 ")
    assert b"key_of_tolt" not in asked
    assert b"Basic dXNAZXI6cGFzcy93b3Jk" in asked


def test_no_proxy_is_honoured_and_the_proxy_is_told_without_its_password(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{SECRET}@proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example, .local")
    found = proxy_of("https://api.example/v2")

    assert proxy_of("https://api.inside.example/v2") is None
    assert found is not None
    assert found.place == "http://proxy.example:3128"
    assert SECRET not in repr(found)
    (told,) = proxies_told({"Tolt": "https://api.example/v2", "X": "http://[::1]/"})
    assert told == (
        "Tolt is asked through the proxy http://proxy.example:3128 (HTTPS_PROXY)"
    )


@pytest.mark.parametrize(
    "value",
    [
        f"socks5://user:{SECRET}@proxy.example:1080",
        f"socks4://proxy.example/{SECRET}",
        f"http://proxy.example:{SECRET}",
        f"http://proxy.ex\u00e4mple/{SECRET}",
        f"http://[::1/{SECRET}",
        "http://",
        f"://{SECRET}",
    ],
)
def test_a_proxy_that_cannot_be_used_is_told_in_words(monkeypatch, value):
    monkeypatch.setenv("ALL_PROXY", value)

    with pytest.raises(Misconfigured) as told:
        ReadOnly(Access("Tolt", "https://api.example/v2", "key", patience=QUICK))

    assert "ALL_PROXY" in str(told.value)
    assert SECRET not in str(told.value)
    assert "ALL_PROXY" in (ping("https://api.example/v2") or "")


@pytest.mark.parametrize("text", [None, "", "no certificate at all"])
def test_a_certificate_file_that_is_none_is_told_in_words(monkeypatch, tmp_path, text):
    named = tmp_path / "certificates.pem"
    if text is not None:
        named.write_text(text)
    monkeypatch.setenv("SSL_CERT_FILE", str(named))

    with pytest.raises(Misconfigured, match="SSL_CERT_FILE"):
        ReadOnly(Access("Tolt", "https://api.example/v2", "key", patience=QUICK))
    assert "SSL_CERT_FILE" in (ping("https://api.example/v2") or "")


def test_a_netrc_is_never_read(monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login sam password {SECRET}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with raw(answering(ok(json.dumps({}).encode()))) as served:
        assert ping(served.url) is None

    assert b"authorization" not in served.heard[0].lower()


def test_a_redirect_is_not_followed():
    with raw(answering(ok(b"{}"))) as other:
        away = b"HTTP/1.1 307 Away\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n"
        with raw(answering(away % other.url.encode())) as served:
            assert ping(served.url) == "it answered 307"
    assert other.heard == []
