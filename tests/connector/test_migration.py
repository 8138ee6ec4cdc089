"""The one-off: killed twice, it still ends in a certificate without exceptions."""

import json
import os
import re
import subprocess
import sys
import time

import pytest

from connector.sandbox import seed
from connector.sandbox.server import Sandbox

RATE = re.compile(r"requests_per_second = \d+")


@pytest.fixture
def moving(tmp_path):
    """Return a function that makes a migration's folder, and its running command."""
    opened = []

    def prepare(codes, source):
        alone = {f"only_{source}": 1.0}
        sandbox = Sandbox(
            world=seed.big(codes, **alone), switches={"tolt_rate_limit": 0}
        ).start()
        opened.append(sandbox)
        text = RATE.sub("requests_per_second = 5000", sandbox.config_text())
        text += "\n[pairs.limits]\nsettle_seconds = 0.5\n"
        (tmp_path / "connector.toml").write_text(text, encoding="utf-8")
        return sandbox

    yield prepare
    for sandbox in opened:
        sandbox.stop()


def command(sandbox, folder, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "connector", "--format", "json", *arguments],
        cwd=folder,
        env={**os.environ, **sandbox.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def kill_after(sandbox, process, writes):
    while process.poll() is None and len(sandbox.requests.writes) < writes:
        time.sleep(0.005)
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("partnero", "tolt"),
        pytest.param("tolt", "partnero", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize(
    "codes",
    [
        pytest.param(60, id="60 codes"),
        pytest.param(5000, id="5000 codes", marks=pytest.mark.slow),
    ],
)
def test_a_migration_that_is_killed_twice_ends_in_a_clean_certificate(
    moving, tmp_path, source, target, codes
):
    sandbox = moving(codes, source)
    wanted = ("migrate", "--from", source, "--to", target, "--yes")
    for share in (4, 2):
        kill_after(sandbox, command(sandbox, tmp_path, *wanted), codes // share)

    ended = command(sandbox, tmp_path, *wanted)
    out, err = ended.communicate()

    assert ended.returncode == 0, err.decode()[-2000:]
    certificate = json.loads(out)["certificate"]
    assert (certificate["equal"], certificate["exceptions"]) == (codes, [])
    assert certificate["complete"]
    created = [
        request
        for request in sandbox.requests.writes
        if request.path.endswith("promotion-codes") and 200 <= request.status < 300
    ]
    assert len(created) == codes


def test_a_migration_does_nothing_to_the_side_that_it_comes_from(moving, tmp_path):
    sandbox, out = moving(20, "tolt"), tmp_path / "certificate.html"

    wanted = ("migrate", "--from", "tolt", "--to", "partnero", "--yes")
    ended = command(sandbox, tmp_path, *wanted, "--out", str(out))
    ended.communicate()

    assert ended.returncode == 0
    assert {r.path.split("/")[1] for r in sandbox.requests.writes} == {"partnero"}
    assert "20 codes are equal on both sides" in out.read_text(encoding="utf-8")


def test_the_same_side_twice_is_a_usage_error(moving, tmp_path):
    sandbox = moving(3, "tolt")

    ended = command(
        sandbox, tmp_path, "migrate", "--from", "tolt", "--to", "tolt", "--yes"
    )
    _, err = ended.communicate()

    assert ended.returncode == 2
    assert b"two different sides" in err
