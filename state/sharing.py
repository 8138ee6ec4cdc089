"""What all who use a key of a product share: the window of its requests, and hints.

It lies where the state lies, so that whoever uses the state shares it: in the state's
database on a server, in a private folder beside a state in a file. The windows lie in a
folder of the user as well, unless the state is on a server: two states with one key
share its rate, and so does who has no state yet. None of it is a memory that anything
rests on: where it cannot be used, ``Unshared`` says why, and each process goes on.
"""

import threading
from collections.abc import Sequence
from typing import Protocol

from state.places import file_of
from state.sharing_file import shared_beside_file, shared_of_user
from state.sliding import Move, Turn


class Shared(Protocol):
    """Where processes meet; each call may raise Unshared."""

    def turn(
        self,
        key: str,
        limit: int,
        span: int,
        flight: int = 0,
        moves: Sequence[Move] = (),
    ) -> Turn:
        """Take one of ``limit`` places in ``span`` microseconds, if one is free.

        It stands ``flight`` ahead, until it is moved; ``moves`` are done before.
        """

    def move(self, key: str, move: Move) -> None:
        """Let a place count as so many microseconds later, or as sooner."""

    def text(self, name: str) -> str:
        """Return a text that was kept under a name, or ""."""

    def keep(self, name: str, text: str) -> None:
        """Keep a text under a name, in the place of the one before."""

    def close(self) -> None:
        """Give back what is held open; whoever asks later opens it again."""


_OF_USER = ""
"""Stands for the folder of the user among the URLs of states."""
_all: dict[str, Shared] = {}
_users: dict[str, int] = {}
_lock = threading.Lock()


def shared_beside(url: str) -> Shared:
    """Return what is shared beside the state at this URL."""
    with _lock:
        return _all.get(url) or _all.setdefault(url, _made(url))


class Sharing:
    """One user of what is shared beside a state; the last one that ends closes it.

    ``windows`` are all places in which the window of a key is kept.
    """

    def __init__(self, url: str) -> None:
        self.shared = shared_beside(url)
        self._urls = (url,) if file_of(url) is None else (url, _OF_USER)
        self.windows = tuple(map(shared_beside, self._urls))
        self._ended = False
        with _lock:
            for one in self._urls:
                _users[one] = _users.get(one, 0) + 1

    def close(self) -> None:
        with _lock:
            if self._ended:
                return
            self._ended = True
            for url, shared in zip(self._urls, self.windows, strict=True):
                _users[url] -= 1
                if not _users[url]:
                    shared.close()


def _made(url: str) -> Shared:
    if url == _OF_USER:
        return shared_of_user()
    if path := file_of(url):
        return shared_beside_file(path)
    from state.sharing_server import SharedServer

    return SharedServer(url)
