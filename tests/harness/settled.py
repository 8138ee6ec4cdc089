"""Worlds in step: what a first run makes of one is kept for the tests after it."""

from dataclasses import dataclass
from typing import Any

from connector.sandbox import seed
from connector.sandbox.world import World
from state.files import PRIVATE
from tests.harness.ground import Ground
from tests.harness.place import Place


@dataclass(frozen=True)
class Settled:
    """Both sides and the files of the folder, as the run left them."""

    world: World
    files: dict[str, bytes]


_settled: dict[Any, Settled] = {}


def settle(place: Place, codes: int = 0, **shape: Any) -> None:
    """Bring the small world in step by a first run, or a big one of so many codes.

    Nothing of a state names the address of a side or its own folder, so a test goes on
    where the run of an earlier one ended.
    """
    if codes:
        place.inhabit(seed.big(codes, **shape))
    url = place.sandbox.url
    configured = place.config.read_text(encoding="utf-8").replace(url, "")
    known = codes, *sorted(shape.items()), configured
    if not settled_before(place, known):
        assert place.run("sync").code == 0
        keep(place, known)
    place.sandbox.requests.clear()
    place.sandbox.mark()


def settled_before(ground: Ground, known: Any) -> bool:
    """Go on where an earlier test was, if it kept that."""
    if known not in _settled:
        return False
    ground.sandbox.site.world = copied(_settled[known].world)
    for name, content in _settled[known].files.items():
        path = ground.folder / name
        path.touch(PRIVATE)
        path.write_bytes(content)
    return True


def keep(ground: Ground, known: Any) -> None:
    """Keep what there is now for the tests after this one."""
    _settled[known] = Settled(copied(ground.world), _files(ground))


def copied(world: World) -> World:
    """Return a copy that goes on counting where the world is."""
    copy = world.snapshot()
    copy.counter = world.counter
    return copy


def _files(ground: Ground) -> dict[str, bytes]:
    """Return what lies beside the configuration; the pace of the keys begins anew."""
    files = [path for path in ground.folder.iterdir() if path.is_file()]
    return {path.name: path.read_bytes() for path in files if path != ground.config}
