"""Where the configuration lies, and with it the state.

A relative path in the file is relative to the file itself. Only the state's is
relative to where the file was named: a link to it that moves with each release must
not take the state away.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from state.places import SQLITE, file_of, url_of


@dataclass(frozen=True, slots=True)
class Location:
    """The configuration's path as it was named, and the state's URL as it says it."""

    path: Path
    url: str

    @property
    def folder(self) -> Path:
        """The folder of the file itself."""
        return self.path.resolve().parent

    @property
    def home(self) -> Path:
        """The folder in which the file was named, whatever it is a link to."""
        return self.path.absolute().parent

    def beside(self, file: str) -> Path:
        """Return a file that the configuration names, as its folder was named."""
        near = self.path.parent
        return (near if near.resolve() == self.folder else self.folder) / file

    @property
    def folder_as_named(self) -> Path:
        """The folder of the file, whole, by the links by which it was named."""
        return self.home if self.home.resolve() == self.folder else self.folder

    @property
    def state_url(self) -> str:
        """The state's URL, a relative file made absolute."""
        return self._state_in(self.home)

    @property
    def left_behind(self) -> Path | None:
        """The state's file where the link to this file leads, if it is another one."""
        there = file_of(self._state_in(self.folder))
        return None if there == file_of(self.state_url) else there

    @property
    def moves(self) -> bool:
        """Whether the state lies in a folder that is only reached through a link."""
        relative = self._state_in(self.home) != self._state_in(Path("/"))
        return relative and self.home.resolve() != self.home

    def _state_in(self, folder: Path) -> str:
        if not self.url.startswith(SQLITE) or self.url.startswith(SQLITE + "/"):
            return self.url
        return url_of(folder / unquote(self.url.removeprefix(SQLITE)))
