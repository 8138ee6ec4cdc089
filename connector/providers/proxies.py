"""Which proxy the environment names for an address; loopback knows none."""

from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from connector.errors import Misconfigured
from connector.providers.web_addresses import is_loopback

SOCKS = ("socks5", "socks5h")
SCHEMES = ("http", "https", *SOCKS)
PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy without its password, and the variable that names it."""

    scheme: str
    host: str
    port: int
    named_by: str
    auth: tuple[bytes, bytes] | None = field(default=None, repr=False)

    @property
    def place(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def proxy_of(url: str) -> Proxy | None:
    """Return the proxy for an address; Misconfigured where it cannot be used."""
    parts = urlsplit(url)
    if is_loopback(parts.hostname or ""):
        return None
    named = getproxies()
    for word in (parts.scheme, "all"):
        if named.get(word):
            if proxy_bypass(parts.netloc.rpartition("@")[2]):
                return None
            return _parsed(named[word].strip(), f"{word.upper()}_PROXY")
    return None


def _parsed(text: str, variable: str) -> Proxy:
    """Return what a variable names; its value may hold a password and is not told."""
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        scheme, host = parts.scheme, parts.hostname or ""
        port = parts.port or PORTS.get(scheme, 0)
        host.encode("ascii")
    except ValueError:
        scheme, host, port = "", "", 0
    if scheme not in SCHEMES or not host or not host.isprintable() or " " in host:
        raise Misconfigured(
            f"the environment variable {variable} is no proxy; allowed are "
            "http://HOST:PORT and https://HOST:PORT. Mend it, or leave this address "
            f"out of it: export NO_PROXY=..., or: unset {variable}"
        )
    auth = None
    if parts.username is not None:
        named = unquote(parts.username), unquote(parts.password or "")
        auth = named[0].encode(), named[1].encode()
    if scheme in SOCKS:
        _can_socks(variable)
    return Proxy(scheme, host, port, variable, auth)


def _can_socks(variable: str) -> None:
    if find_spec("socksio") is None:
        raise Misconfigured(
            f"the environment variable {variable} names a SOCKS proxy, which needs one "
            f"more package. Nothing was sent. Type: pip install 'httpx[socks]', or: "
            f"unset {variable}"
        )
