"""The window of a key and the hints, beside a state in a file and on a server."""

import os
import sqlite3
import time
from contextlib import closing

import pytest
from sqlalchemy import text

from state import servers, sharing_server
from state.database import open_to_write
from state.kept import keep
from state.places import file_of
from state.sharing import Sharing, shared_beside
from state.sharing_file import NAME, SharedFile, folder_of, shared_beside_file
from state.sharing_server import SharedServer
from state.sliding import FLIGHT, Move, moved, turn
from state.unshared import KEPT, NotYet, Unshared

SPAN = 60_000_000


@pytest.fixture
def url(state_url):
    """A state that is there."""
    open_to_write(state_url).dispose()
    yield state_url
    if file_of(state_url) is None:
        servers.dispose(state_url)


@pytest.fixture
def beside(url):
    """Return what makes another process's view of what is shared."""
    made = []

    def another():
        path = file_of(url)
        made.append(SharedServer(url) if path is None else shared_beside_file(path))
        return made[-1]

    yield another
    for one in made:
        one.close()


def test_two_who_share_a_key_share_its_places(beside):
    one, other = beside(), beside()

    given = [(one, other)[n % 2].turn("k", 5, SPAN).place for n in range(6)]

    assert given == [*sorted(given[:5]), None]
    assert len(set(given)) == 6
    assert 0 < other.turn("k", 5, SPAN).wait <= SPAN
    assert one.turn("another", 5, SPAN).place is not None
    assert other.turn("k", 6, SPAN).place is not None


def test_a_place_is_free_again_after_its_span(beside):
    shared, span = beside(), 500_000
    assert shared.turn("k", 1, span).place is not None
    refused = shared.turn("k", 1, span)
    assert refused.place is None

    time.sleep(refused.wait / 1_000_000)

    assert shared.turn("k", 1, span).place is not None


def test_a_place_that_is_moved_counts_as_late_even_when_it_counted_no_more(beside):
    one, other = beside(), beside()
    place = one.turn("k", 1, 1).place
    assert place is not None
    time.sleep(0.001)
    assert one.turn("k", 1, 1).place is not None  # the first one is dropped

    one.move("k", Move(place, SPAN // 2))

    assert other.turn("k", 2, SPAN).place is None


def test_a_request_that_is_under_way_counts_as_new_for_all(beside):
    one, other = beside(), beside()
    place = one.turn("k", 1, 1, FLIGHT).place

    assert other.turn("k", 1, 1).place is None
    one.move("k", Move(place, -FLIGHT))
    assert other.turn("k", 1, 1).place is not None


def test_what_is_moved_with_the_next_turn_is_moved_before_it(beside):
    one, other = beside(), beside()
    place = one.turn("k", 1, 1, FLIGHT).place
    late = Move(place, SPAN - FLIGHT)

    assert one.turn("k", 1, SPAN, moves=[late]).place is None
    assert other.turn("k", 1, SPAN).place is None  # it is kept all the same
    assert one.turn("k", 1, 1, moves=[Move(place + late.by, -SPAN)]).place is not None


def test_a_clock_that_was_set_back_does_not_stop_the_pace(beside):
    one, other = beside(), beside()
    for _ in range(2):
        place = one.turn("k", 2, 1_000_000).place
        one.move("k", Move(place, 3_600_000_000))

    assert other.turn("k", 2, 1_000_000).place is not None


def test_a_text_replaces_the_one_before_it_for_all(beside):
    one, other = beside(), beside()

    assert one.text("k.rate") == ""
    one.keep("k.rate", "2.5")
    other.keep("k.rate", "5")

    assert one.text("k.rate") == "5"
    assert one.text("other.rate") == ""


def test_rows_that_nobody_uses_are_forgotten(beside, url):
    shared = beside()
    shared.turn("old", 1, SPAN)
    shared.turn("new", 1, SPAN)
    shared.keep("old", "1")
    shared.keep("new", "1")
    _age(url, {"key_window": ("key", "old"), "hint": ("name", "old")})
    shared.close()

    another = beside()

    assert another.turn("new", 1, SPAN).place is None
    assert (another.text("old"), another.text("new")) == ("", "1")
    assert _names(url, "key_window", "key") == ["new"]
    assert _names(url, "hint", "name") == ["new"]


def test_the_last_user_of_what_is_shared_closes_it(url):
    first, second = Sharing(url), Sharing(url)
    assert first.shared is second.shared is shared_beside(url)
    first.shared.turn("k", 1, SPAN)

    first.close()
    first.close()
    assert _is_open(first.shared)
    second.close()

    assert not _is_open(first.shared)
    assert first.shared.turn("k", 1, SPAN).place is None  # opened anew
    first.shared.close()


def _is_open(shared):
    if isinstance(shared, SharedFile):
        return shared._opened is not None
    return shared._engine.pool.checkedin() > 0


def _age(url, rows):
    for table, (column, name) in rows.items():
        old = f"used - {KEPT[table] + 60} * CAST(1000000 AS BIGINT)"
        where = f"WHERE {column} = '{name}'"
        _changed(url, f"UPDATE {table} SET used = {old} {where}")  # noqa: S608


def _changed(url, statement):
    path = file_of(url)
    if path is None:
        with servers.opened(url).begin() as connection:
            connection.execute(text(statement))
        return
    with closing(sqlite3.connect(folder_of(path) / NAME)) as opened, opened:
        opened.execute(statement)


def _names(url, table, column):
    query = f"SELECT {column} FROM {table} ORDER BY {column}"  # noqa: S608
    path = file_of(url)
    if path is None:
        with servers.opened(url).connect() as connection:
            return list(connection.execute(text(query)).scalars())
    with closing(sqlite3.connect(folder_of(path) / NAME)) as opened:
        return [row[0] for row in opened.execute(query)]


# --- beside a file -----------------------------------------------------------------


@pytest.fixture
def state(tmp_path):
    path = tmp_path / "connector.db"
    path.touch()
    return path


def refused(state):
    with pytest.raises(Unshared) as told:
        shared_beside_file(state).turn("k", 1, SPAN)
    return str(told.value)


def test_before_a_state_there_is_nothing_and_nothing_is_made(tmp_path):
    with pytest.raises(NotYet):
        shared_beside_file(tmp_path / "connector.db").turn("k", 1, SPAN)

    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_private_and_the_same_by_every_name_of_the_state(state):
    link = state.with_name("link.db")
    link.symlink_to(state)
    named, linked = shared_beside_file(state), shared_beside_file(link)

    assert named.turn("k", 1, SPAN).place is not None
    assert linked.turn("k", 1, SPAN).place is None
    folder = state.with_name(".connector.db-pace")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}
    named.close()
    linked.close()


def test_the_files_of_an_earlier_version_go(state):
    former = state.with_name("connector.db-0123456789.windows")
    another = state.with_name("another.db-0123456789.windows")
    for path in (former, another):
        path.touch()

    shared = shared_beside_file(state)
    shared.text("k")
    shared.close()

    assert (former.exists(), another.exists()) == (False, True)


def a_link(folder, aside):
    aside.mkdir(mode=0o700)
    folder.symlink_to(aside)


def a_file(folder, _aside):
    folder.write_text("")


def open_to_all(folder, _aside):
    folder.mkdir()
    folder.chmod(0o777)


def no_database(folder, _aside):
    folder.mkdir(mode=0o700)
    (folder / NAME).write_text("no database" * 100)


def another_program(folder, _aside):
    folder.mkdir(mode=0o700)
    with closing(sqlite3.connect(folder / NAME)) as opened, opened:
        opened.execute("CREATE TABLE key_window (key TEXT, taken TEXT, used INTEGER)")
        opened.execute("INSERT INTO key_window VALUES ('k', 'soon', 9e18)")


@pytest.mark.parametrize(
    "planted", [a_link, a_file, open_to_all, no_database, another_program]
)
def test_a_folder_that_may_be_anybodys_is_done_without(state, planted):
    aside, folder = state.with_name("aside"), folder_of(state)
    planted(folder, aside)

    assert str(folder) in refused(state)
    assert not aside.exists() or list(aside.iterdir()) == []


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_root_makes_it_for_the_user_whose_state_it_is(state):
    os.chown(state, 12345, 12345)

    shared = shared_beside_file(state)
    shared.turn("k", 1, SPAN)

    folder = folder_of(state)
    assert {one.stat().st_uid for one in (folder, *folder.iterdir())} == {12345}
    shared.close()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_a_third_user_is_done_without(state):
    folder = folder_of(state)
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)

    assert "another user" in refused(state)


# --- on a server -------------------------------------------------------------------


@pytest.fixture
def server(postgres):
    url = postgres.state()
    shared = SharedServer(url)
    yield shared, url
    servers.dispose(url)


def test_a_restart_of_the_server_is_not_noticed(server, postgres):
    shared, _ = server
    assert shared.turn("k", 5, SPAN).place is not None

    postgres.stop()
    postgres.start()

    assert shared.turn("other", 1, SPAN).place is not None


def test_who_makes_one_pass_after_the_other_keeps_the_connections(server):
    shared, url = server
    keep(servers.opened(url))
    shared.turn("k", 5, SPAN)

    shared.close()

    assert shared._engine.pool.checkedin() == 1


def test_a_server_that_is_away_is_asked_again_only_after_a_while(
    server, postgres, monkeypatch
):
    shared, _ = server
    postgres.stop()
    with pytest.raises(Unshared):
        shared.turn("k", 5, SPAN)
    postgres.start()

    with pytest.raises(Unshared):
        shared.turn("k", 5, SPAN)
    monkeypatch.setattr(shared, "_away_until", 0.0)
    assert shared.turn("k", 5, SPAN).place is not None


def test_a_database_without_a_state_and_an_older_one_share_nothing_yet(postgres):
    empty, older = postgres.database(), postgres.state()
    with servers.opened(older).begin() as connection:
        connection.execute(text("DROP TABLE key_window, hint"))

    for url in (empty, older):
        with pytest.raises(NotYet):
            SharedServer(url).turn("k", 1, SPAN)
        servers.dispose(url)


def test_a_row_that_somebody_else_keeps_locked_is_not_waited_for_long(
    server, monkeypatch
):
    monkeypatch.setattr(sharing_server, "PAUSE", 0.0)
    shared, url = server
    shared.turn("k", 5, SPAN)
    with servers.quick(url).connect() as connection:
        connection.exec_driver_sql("SET lock_timeout = '50ms'")

    with servers.opened(url).begin() as another:
        another.execute(text("SELECT * FROM key_window FOR UPDATE"))
        with pytest.raises(Unshared, match="lock"):
            shared.turn("k", 5, SPAN)
        assert shared.turn("other", 5, SPAN).place is not None

    assert shared.turn("k", 5, SPAN).place is not None


# --- the window itself -------------------------------------------------------------


def test_there_are_never_more_places_in_any_span_than_are_allowed():
    taken, given = [], []
    for now in range(0, 1000, 7):
        found = turn(taken, now, 3, 100, 0)
        taken = found.kept
        given += [] if found.place is None else [found.place]

    assert max(sum(at <= one < at + 100 for one in given) for at in given) == 3
    assert len(given) >= 27


def test_who_waits_as_long_as_told_gets_a_place():
    taken = [0, 10, 30]
    told = turn(taken, 40, 3, 100, 0)

    assert (told.place, told.wait) == (None, 60)
    assert turn(told.kept, 40 + told.wait, 3, 100, 0).place == 100
    assert turn(told.kept, 99, 3, 100, 0).place is None


def test_a_request_that_is_under_way_counts_until_it_is_moved():
    first = turn([], 0, 1, 100, 5000)

    assert (first.place, turn(first.kept, 150, 1, 100, 0).place) == (5000, None)
    assert turn(moved(first.kept, Move(5000, -5000)), 150, 1, 100, 0).place == 150


def test_a_time_far_ahead_is_dropped_and_a_place_is_moved():
    assert turn([FLIGHT + 500], 100, 1, 100, 0).place == 100
    assert moved([1, 2, 2], Move(2, 50)) == [1, 2, 52]
    assert moved([1], Move(2, 50)) == [1, 52]
