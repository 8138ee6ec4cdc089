"""What ``check`` says of the file: one line for each thing that is good or wrong."""

from collections.abc import Iterator
from typing import NamedTuple

from connector.config import extras
from connector.config.load import Config
from connector.config.schema import File
from connector.config.secret import Secret
from connector.config.zones import NO_DATABASE, has_database
from connector.errors import Misconfigured
from connector.service.notify import check_addresses


class Check(NamedTuple):
    """What was looked at, whether it is good, and what is said of it."""

    check: str
    ok: bool
    said: str


Checks = Iterator[Check]


def of_file(config: Config) -> Checks:
    """Yield what is to be said of the configuration as a whole."""
    count = len(config.file.pairs)
    pairs = "" if count == 1 else f", with {count} pairs"
    yield Check("config", True, f"is well-formed{pairs}")
    for warning in config.warnings:
        yield Check("config", True, f"warning: {warning}")
    if not has_database():
        yield Check("time zones", True, f"are UTC alone: {NO_DATABASE}")
    for extra, key in _needed(config.file):
        there = extras.is_there(extra)
        words = f"{extra} is there, which {key} needs"
        if not there:
            words = f"{extra} is missing, which {key} needs. "
            words += f"Type: {extras.install(extra)}"
        yield Check("extra", there, words)
    yield from _notices(config)
    serve = config.file.serve
    named = {"serve.token": serve.token, "serve.view_token": serve.view_token}
    for key, secret in named.items():
        where = config.places.named(tuple(key.split(".")))
        yield from of_secret(config, secret, where, key)


def _needed(file: File) -> Iterator[tuple[str, str]]:
    """Yield each extra that a configuration needs, with the key that needs it."""
    if file.notify.urls:
        yield "notify", "notify.urls"
    elif any(pair.notify.urls for pair in file.pairs):
        yield "notify", "pairs.notify.urls"
    if file.serve.listen is not None:
        yield "serve", "serve.listen"
    if file.state.url.startswith("postgresql"):
        yield "postgres", "state.url"


def _notices(config: Config) -> Checks:
    """Yield what is wrong with the addresses of notices; nothing where all is well."""
    told = {tuple(pair.notify.urls) for pair in config.file.pairs if pair.notify.urls}
    if not told or not extras.is_there("notify"):
        return
    for urls in sorted(told):
        try:
            check_addresses(urls)
        except Misconfigured as error:
            yield Check("notify", False, str(error))


def of_secret(config: Config, secret: Secret | None, where: str, key: str) -> Checks:
    """Yield whether a secret that is named can be read; nothing where none is."""
    if secret is None:
        return
    try:
        secret.read(config.location.folder, where)
    except Misconfigured as error:
        yield Check("secrets", False, str(error))
    else:
        yield Check("secrets", True, f"{key} is set")
