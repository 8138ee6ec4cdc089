"""Where results are written to: never over what this program itself rests on.

One function decides, one writes. A file appears whole or not at all.
"""

from collections.abc import Iterator
from pathlib import Path

from connector.config import marker
from connector.config.load import Config
from connector.config.secret import Secret
from connector.errors import Failed, Misconfigured
from state import files
from state.places import files_of

DATABASE = b"SQLite format 3\0"


def refuse_own(config: Config, path: Path | None, option: str = "--out") -> None:
    """Refuse a result's file that is one of our own, however it is spelled."""
    if path is None:
        return
    own = dict(own_files(config))
    taken = files.same_as(path, own)
    if taken is not None:
        raise Misconfigured(
            f"{option} {path} is {own[taken]}. Nothing was read or written. Name "
            "another file."
        )
    if is_database(path):
        raise Misconfigured(
            f"{option} {path} is a database, perhaps the copy of a state. Nothing was "
            "read or written. Name another file."
        )


def is_database(path: Path) -> bool:
    """Say whether a file is SQLite's: nothing that is written here ever is."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as opened:
            return opened.read(len(DATABASE)) == DATABASE
    except OSError:
        return False


def own_files(config: Config) -> Iterator[tuple[Path, str]]:
    """Yield each file that this program rests on, and what it is."""
    location = config.location
    for file in config.places.files:
        yield file, "the configuration, or a part of it"
    yield marker.place(location), "the marker of this configuration's state"
    for file in files_of(location.state_url):
        yield file, "the state, or a part of it"
    for pair in config.file.pairs:
        if pair.partners.aliases is not None:
            yield location.folder / pair.partners.aliases, f"{pair.name}'s alias file"
        keys = (pair.partnero.api_key, pair.tolt.api_key)
        for secret in (*keys, pair.webhooks.partnero, pair.webhooks.tolt):
            yield from _key_file(config, secret, pair.name)
    for token in (config.file.serve.token, config.file.serve.view_token):
        yield from _key_file(config, token, "the web server")


def _key_file(
    config: Config, secret: Secret | None, whose: str
) -> Iterator[tuple[Path, str]]:
    if secret is not None and secret.file is not None:
        yield config.location.folder / secret.file, f"a file with a key of {whose}"


def write_file(path: Path, text: str) -> None:
    """Write a result to a file; Failed where that cannot be done."""
    try:
        files.write_result(path, text + "\n")
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}") from None
