"""Who may see the desk, and decide there, as the configuration says."""

from urllib.parse import urlsplit

from connector.config.load import Config
from connector.errors import Misconfigured
from connector.providers.web_addresses import is_loopback
from connector.service.desk.access import Role, Rules, same
from connector.service.desk.gate import Gate

WILD = ("0.0.0.0", "::")  # noqa: S104 (compared with, not listened on)
"""Addresses that stand for every one that this machine has."""


def gate_of_job(config: Config) -> Gate:
    """Return who may do what on the pages of ``run``, as the section [serve] says."""
    section, folder = config.file.serve, config.location.folder
    token, view_token = (
        secret.read(folder, f"serve.{name}") if secret else ""
        for name, secret in (
            ("token", section.token),
            ("view_token", section.view_token),
        )
    )
    if token and same(token, view_token):
        raise Misconfigured(
            "serve.view_token: it is the same as serve.token: whoever may look could "
            "decide. Take two different ones"
        )
    host, port = section.address
    open_to_all = not (token or view_token) and is_loopback(host)
    rules = Rules(
        token,
        view_token,
        names=_names(host, section.public_url),
        any_number=host in WILD,
        origins=frozenset({section.public_url} if section.public_url else ()),
        everybody=Role.LOOK if open_to_all else Role.NOBODY,
    )
    return _gate(config, rules, port)


def gate_of_review(config: Config, port: int) -> Gate:
    """Return who may do what on the pages of ``review``: whoever has its link."""
    rules = Rules(names=frozenset(), password=False)
    return _gate(config, rules, port)


def _gate(config: Config, rules: Rules, port: int) -> Gate:
    section = config.file.serve
    return Gate(
        rules,
        # A browser sends the cookies of one port to all of them.
        cookie=f"partnero-tolt-{port}",
        user_header=section.user_header or "",
        public_url=section.public_url or "",
    )


def _names(host: str, public_url: str | None) -> frozenset[str]:
    public = urlsplit(public_url or "").hostname
    return frozenset(name.lower() for name in (host, public) if name)
