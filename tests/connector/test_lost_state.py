"""A state that was there once must not be missing in silence."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing

import pytest


@pytest.fixture
def settled(place):
    place.settle(12, partners=3, coupons=2)
    return place


def marker(place):
    return place.folder / ".connector.toml.state"


def gone(place):
    place.database.unlink()


def empty(place):
    place.database.write_bytes(b"")


def fresh(place):
    """A database without a single table, as a new volume's tool may make it."""
    place.database.unlink()
    with closing(sqlite3.connect(place.database)) as opened:
        opened.execute("PRAGMA user_version = 7")
        opened.commit()


def elsewhere(place):
    place.configure(url='"sqlite:///other.db"')


def assert_refused(done, place, *words):
    assert done.code == 1
    assert done.document["status"] == "failed"
    for said in ("since 20", "Nothing was read or written", "--first", *words):
        assert said in done.document["error"]
    assert list(place.sandbox.requests) == []


def test_the_first_run_that_writes_leaves_a_marker_beside_the_configuration(place):
    assert place.json("plan").code == 0
    assert not marker(place).exists()

    place.json("sync")

    text = marker(place).read_text()
    assert "state = " in text
    assert "since = 20" in text
    assert stat.S_IMODE(marker(place).stat().st_mode) == 0o600


@pytest.mark.parametrize("lost", [gone, empty, fresh, elsewhere])
def test_no_run_begins_another_state_by_itself(settled, lost):
    """E27: a volume that is not mounted was begun anew, with exit 0."""
    lost(settled)

    assert_refused(settled.json("sync"), settled, "state restore FILE")
    assert_refused(settled.json("apply", "--yes"), settled, "apply --first")
    moved = ("migrate", "--from", "tolt", "--to", "partnero", "--yes")
    typed = "migrate --from tolt --to partnero --first"
    assert_refused(settled.json(*moved), settled, typed)
    assert not (settled.folder / "other.db").exists()


def test_what_a_person_says_begins_another_one_and_it_is_the_state_from_then_on(
    settled,
):
    settled.database.unlink()
    before = marker(settled).read_text()

    done = settled.json("sync", "--first")

    assert (done.code, done.document["plan"]["adopt"]) == (0, 12)
    assert settled.writes == []
    assert marker(settled).read_text() != before
    assert settled.json("sync").document["plan"]["adopt"] == 0


def test_a_marker_that_could_not_name_the_next_state_is_told_before_it_is_begun(
    settled, monkeypatch
):
    """A mounted folder with a marker in it: every later run would be refused."""
    settled.database.unlink()
    access = os.access
    monkeypatch.setattr(
        os,
        "access",
        lambda path, mode: path != settled.folder and access(path, mode),
    )

    done = settled.json("sync", "--first")

    assert (done.code, done.document["status"]) == (1, "failed")
    assert (
        f"Nothing was read or written. Remove it first: rm {marker(settled)}"
        in (done.document["error"])
    )
    assert list(settled.sandbox.requests) == []
    marker(settled).unlink()
    assert settled.json("sync").code == 0


def test_reading_commands_tell_it_in_one_line_and_go_on(settled):
    settled.database.unlink()

    planned = settled.json("plan")

    assert (planned.code, planned.document["summary"]["adopt"]) == (0, 12)
    told = [line for line in planned.err.splitlines() if "holds no state" in line]
    assert len(told) == 1
    assert settled.run("health").code == 1
    assert not settled.database.exists()


@pytest.mark.parametrize("command", ["check", "state check"])
def test_looking_after_it_says_what_is_missing_and_what_to_type(settled, command):
    settled.database.unlink()

    looked = settled.run(*command.split())

    assert looked.code == 1
    assert "FAIL" in looked.out
    assert "state restore FILE" in looked.out


def test_nothing_else_that_writes_into_the_state_begins_another_one(settled):
    settled.edit("tolt", "set_code", code="CODE000003", value=77)
    settled.database.unlink()

    decided = settled.json("decide", "CODE000003", "--keep")
    probed = settled.json("probe")
    pruned = settled.json("state", "prune")

    assert decided.code == 1
    assert "--first" in decided.document["error"]
    assert "--first" in probed.err
    assert pruned.document["runs"] == 0
    assert not settled.database.exists()


def test_a_state_that_is_put_back_is_the_state_again(settled):
    settled.run("state", "backup", "copy.db")
    settled.database.unlink()
    marker(settled).unlink()

    assert settled.run("state", "restore", "copy.db").code == 0

    assert marker(settled).exists()
    assert settled.json("sync").document["outcomes"] == []


def test_another_states_file_in_its_place_is_not_taken_for_it(settled):
    other = settled.folder / "sub"
    other.mkdir()
    text = settled.config.read_text()
    (other / "connector.toml").write_text(text)
    settled.run("--config", "sub/connector.toml", "sync")
    shutil.copy(other / "connector.db", settled.database)
    settled.sandbox.requests.clear()

    assert_refused(settled.json("sync"), settled, "another state")
    assert settled.json("sync", "--first").code == 0
    assert settled.json("sync").code == 0


def test_a_marker_that_cannot_be_read_still_says_that_there_was_a_state(settled):
    marker(settled).write_bytes(b"\xff\xfe rubbish")
    settled.database.unlink()

    refused = settled.json("sync")

    assert refused.code == 1
    assert "--first" in refused.document["error"]


def test_a_marker_is_no_way_into_another_file(place):
    target = place.folder / "target"
    target.write_text("mine")
    marker(place).symlink_to(target)

    place.json("sync", "--first")

    assert target.read_text() == "mine"
    assert not marker(place).is_symlink()


def test_where_no_marker_can_be_kept_check_says_what_guards_instead(place):
    read_only = place.folder / "mounted"
    read_only.mkdir()
    text = place.config.read_text()
    text = f'[state]\nurl = "sqlite:///{place.folder}/connector.db"\n{text}'
    text = text.replace('[state]\nurl = "sqlite:///connector.db"\n', "")
    (read_only / "connector.toml").write_text(text)
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    read_only.chmod(0o500)

    looked = place.run("--config", str(read_only / "connector.toml"), "check")
    synced = place.run("--config", str(read_only / "connector.toml"), "sync")

    assert "limits.sentinel guards" in looked.out
    assert synced.code == 0


# -- where the state lies ------------------------------------------------------------


def test_a_configuration_that_is_a_link_keeps_its_state_when_the_link_moves(settled):
    """Trial 15."""
    release = settled.folder / "releases/1"
    release.mkdir(parents=True)
    shutil.move(settled.config, release / "connector.toml")
    settled.config.symlink_to(release / "connector.toml")
    assert settled.json("sync").document["plan"]["adopt"] == 0
    following = settled.folder / "releases/2"
    shutil.copytree(release, following)
    settled.config.unlink()
    settled.config.symlink_to(following / "connector.toml")

    done = settled.json("sync")

    assert (done.code, done.document["plan"]["adopt"]) == (0, 0)


def test_a_state_that_lies_where_the_link_leads_is_named_and_not_begun_anew(settled):
    """Where earlier versions kept it."""
    release = settled.folder / "releases/1"
    release.mkdir(parents=True)
    for file in (settled.config, settled.database):
        shutil.move(file, release / file.name)
    marker(settled).unlink()
    settled.config.symlink_to(release / "connector.toml")

    done = settled.json("sync")

    assert done.code == 1
    assert f"mv {release / 'connector.db'} {settled.database}" in done.document["error"]
    assert list(settled.sandbox.requests) == []


def test_a_state_that_is_begun_behind_a_link_is_told_loudly(place):
    """Trial 15, for a folder: nothing beside the file stays when the link moves."""
    release = place.folder / "releases/1"
    release.mkdir(parents=True)
    shutil.move(place.config, release / "connector.toml")
    (place.folder / "current").symlink_to(release)

    looked = place.run("--config", "current/connector.toml", "check")
    synced = place.run("--config", "current/connector.toml", "sync")

    assert "only reached through a link" in looked.out
    assert "whole path into [state] url" in synced.err
    again = place.run("--config", "current/connector.toml", "sync")
    assert "link" not in again.err


def test_what_is_said_of_a_folder_names_no_whole_address(place):
    release = place.folder / "releases/1"
    release.mkdir(parents=True)
    shutil.move(place.config, release / "connector.toml")
    (place.folder / "sam.jones@people.example").symlink_to(release)

    synced = place.run("--config", "sam.jones@people.example/connector.toml", "sync")

    assert "only reached through" in synced.err
    assert "sam.jones" not in synced.err + synced.out


@pytest.mark.parametrize(
    "name",
    ["feature%2Fx", "a#b", "what?now", "two  blanks", "müller", "50%", "a&b=c;d"],
)
def test_the_state_lies_beside_the_configuration_whatever_the_folder_is_called(
    place, name
):
    """Trial 13."""
    folder = place.folder / name
    folder.mkdir()
    shutil.copy(place.config, folder)
    config = ("--config", f"{folder}/connector.toml")

    assert place.run(*config, "sync").code == 0

    assert (folder / "connector.db").stat().st_size > 0
    assert "remembers" in place.run(*config, "check").out
    strangers = {one.name for one in place.folder.iterdir()}
    assert strangers == {"connector.toml", name}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://state.db", "sqlite:///state.db"),
        ("sqlite:state.db", "sqlite:///FILE"),
        ("sqlite:///~/state.db", "~ is no folder"),
        ("sqlite:////var/lib/partnero/", "names a folder"),
        ("sqlite:///state.db?timeout=5", "takes no options"),
        ("sqlite:///..", "names a folder"),
    ],
)
def test_a_state_url_that_means_something_else_is_refused_in_words(place, url, words):
    """Trials 14 and 25."""
    place.configure(url=f'"{url}"')

    failed = place.run("sync")

    assert failed.code == 2
    assert words in failed.err


def test_a_state_url_that_is_a_folder_is_told_in_words(place):
    (place.folder / "state").mkdir()
    place.configure(url='"sqlite:///state"')

    for command in ("sync", "plan"):
        failed = place.json(command)
        assert failed.code == 1
        assert "is a folder" in failed.document["error"]
