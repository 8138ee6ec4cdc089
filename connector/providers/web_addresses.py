"""Addresses that a key may be sent to, decided from their parsed form alone.

What is wrong with one is said without repeating it: it may hold a password.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

_VISIBLE = re.compile(r"[!-~]+")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]*|[0-9]+")
LONGEST = 2000
LONGEST_NAME = 253


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine itself."""
    number = _number(host)
    return host.lower() == "localhost" if number is None else number.is_loopback


def check_base_url(url: str) -> str | None:
    """Say what is wrong with a base URL, or None: https, or http on loopback."""
    parts = _parsed(url)
    if isinstance(parts, str):
        return parts
    if "@" in parts.netloc:
        return "holds a user or a password; an address has none, keys have their own"
    if "?" in url or "#" in url:
        return "ends in a query or a fragment; a base address has neither"
    return _readable(parts)


def check_heartbeat(url: str) -> str | None:
    """Say what is wrong with an address that is only called; it may have a query."""
    parts = _parsed(url)
    return parts if isinstance(parts, str) else _readable(parts)


def check_origin(url: str) -> str | None:
    """Say what is wrong with the origin of pages: a host, and nothing behind it."""
    parts = _parsed(url)
    if isinstance(parts, str):
        return parts
    if "@" in parts.netloc:
        return "holds a user or a password"
    if parts.path not in ("", "/") or "?" in url or "#" in url:
        return "has something behind its host"
    return None


def normal(url: str) -> str:
    """Return a checked address with scheme and host in their one spelling."""
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}{at}{place.lower()}"))


def _readable(parts: SplitResult) -> str | None:
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        return "must be https: what is sent to it would travel readable"
    return None


def _parsed(url: str) -> SplitResult | str:
    """Return the parts of a web address, or why it is none."""
    if len(url) > LONGEST or not _VISIBLE.fullmatch(url) or "\\" in url:
        return "is no web address: a blank, a backslash or a strange character is in it"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "is no web address: its host or its port cannot be read"
    if parts.scheme not in ("http", "https") or "//" not in url.partition(":")[2][:2]:
        return "is no web address; it begins with https://"
    if not _is_host(host) or port == 0 or parts.netloc.endswith(":"):
        return "is no web address: its host or its port cannot be read"
    return parts


def _is_host(host: str) -> bool:
    """Say whether this is a name, or a number in the only form that all read alike."""
    if _number(host) is not None:
        return "%" not in host
    labels = host.removesuffix(".").split(".")
    named = all(_LABEL.fullmatch(label) for label in labels)
    # 127.1, 0x7f.1 and 2130706433 are addresses to some programs, names to others.
    return named and len(host) <= LONGEST_NAME and not _NUMBER.fullmatch(labels[-1])


def _number(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
