"""What is kept for next time is believed within bounds, whoever wrote it."""

import pytest

from connector.providers.adaptive import Adaptive
from connector.providers.kept import KeptThere
from connector.providers.listing import MOST, Windows
from connector.providers.pace import Unhurried
from state.sharing import Sharing
from tests.harness.kept import Kept

HINTS = {
    "a year of windows": "\n".join(
        f"2026-{month:02d}-{day:02d}T{hour:02d}:00:00Z"
        for month in range(1, 13)
        for day in range(1, 29)
        for hour in range(24)
    ),
    "one window too many": "\n".join(
        f"2026-01-{day:02d}" for day in range(1, MOST + 2)
    ),
    "one time again and again": "2026-01-01T00:00:00Z\n" * 4,
    "times that fall": "2026-01-02T00:00:00Z\n2026-01-01T00:00:00Z",
    "with and without a zone": "2026-01-01T00:00:00Z\n2026-01-02T00:00:00",
    "no time": "2026-01-01T00:00:00Z\nsoon",
    "no text": "\udcff\udcfe",
    "a megabyte": "2" * 1_000_000,
}


@pytest.fixture
def there(tmp_path):
    (tmp_path / "connector.db").touch()
    sharing = Sharing(f"sqlite:///{tmp_path / 'connector.db'}")
    yield KeptThere(sharing.shared, "k.windows")
    sharing.close()


@pytest.mark.parametrize("hint", HINTS.values(), ids=HINTS)
def test_a_planted_hint_makes_one_walk(hint):
    assert Windows(Kept(hint)).spans() == []


def test_no_hint_makes_more_windows_than_are_meant():
    kept = Kept()
    starts = [
        f"2026-01-{day:02d}T{hour:02d}:00:00Z"
        for day in range(1, 29)
        for hour in range(24)
    ]
    Windows(kept).remember(starts)

    assert 2 <= len(Windows(kept).spans()) <= MOST + 1


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-inf", "1e400", "-5", "0", "", "fast", "9" * 5000]
)
def test_a_planted_pace_stays_within_its_bounds(text):
    pace = Adaptive(5.0, Unhurried(), Kept(text))

    assert 0.2 <= pace.rate <= 5.0


def test_a_text_is_kept_beside_the_state_and_read_to_its_bound(there):
    assert there.read(10) == ""
    there.write("123456")
    assert there.read(6) == "123456"
    assert there.read(5) == ""
    there.write("\N{PARTY POPPER}")
    assert there.read(6) == ""


def test_without_a_state_nothing_is_kept_and_nothing_is_made(tmp_path):
    sharing = Sharing(f"sqlite:///{tmp_path / 'connector.db'}")
    kept = KeptThere(sharing.shared, "k.windows")

    kept.write("1")

    assert kept.read(6) == ""
    assert list(tmp_path.iterdir()) == []
